"""`dateline eval`: exit codes, one line for what is wrong, files that others can use."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from qa.ingest.apply import Progress
from tests.support.archives import write
from tests.support.cli import LocalCli

ARTICLES = [
    {
        "id": "relief",
        "text": "The council pledged USD 40 million in relief.",
        "published_at": "2024-03-04",
    },
    {
        "id": "mayor",
        "text": "Elena Voss resigned as mayor of Hask on Friday.",
        "published_at": "2024-03-08",
    },
]
CASES: list[dict[str, Any]] = [
    {
        "id": "sum",
        "question": "How much relief was pledged?",
        "answers": ["$40m"],
        "answerable": True,
        "relevant": ["relief"],
        "tags": ["money"],
    },
    {
        "id": "who",
        "question": "Who resigned as mayor?",
        "answers": ["Elena Voss"],
        "answerable": True,
        "relevant": ["mayor"],
    },
    {"id": "none", "question": "Who won the regatta?", "answerable": False},
]
ANSWERS: list[dict[str, Any]] = [
    {"id": "sum", "answer": "USD 40 million", "confidence": 0.9},
    {"id": "who", "answer": "the council", "confidence": 0.8},
    {"id": "none", "answer": None},
]


@pytest.fixture
def files(cli: LocalCli) -> dict[str, Path]:
    folder = cli.folder
    return {
        "articles": write(folder / "articles.jsonl", *ARTICLES),
        "cases": write(folder / "cases.jsonl", *CASES),
        "answers": write(folder / "answers.jsonl", *ANSWERS),
    }


def scored(cli: LocalCli, files: dict[str, Path], out: str, *more: str, code: int = 0) -> Path:
    path = cli.folder / out
    words = ("eval", "score", files["answers"], "--cases", files["cases"], "--out", path)
    cli(*words, *more, code=code)
    return path


def test_another_system_is_scored_reported_and_compared(
    cli: LocalCli, files: dict[str, Path]
) -> None:
    first = scored(cli, files, "first.json")
    write(files["answers"], *[ANSWERS[0], ANSWERS[1] | {"answer": "Elena Voss"}, ANSWERS[2]])
    second = scored(cli, files, "second.json")
    compared = json.loads(cli("eval", "compare", first, second, "--json").stdout)
    (f1,) = [change for change in compared["changes"] if change["metric"] == "exact match"]
    assert (f1["first"], f1["second"], f1["wins"], f1["losses"]) == (0.0, 0.5, 1, 0)
    assert "who: 0.00 → 1.00" in cli("eval", "compare", first, second).stdout
    beside = cli.folder / "beside.html"
    cli("eval", "compare", first, second, "--html", beside)
    assert '<b class="right">won</b>' in beside.read_text("utf-8")
    page, summary = cli.folder / "page.html", cli.folder / "summary.json"
    cli("eval", "report", second, "--html", page, "--summary", summary, "--baseline", first)
    assert "Elena Voss" in page.read_text()
    assert "Elena" not in summary.read_text()
    assert "| exact match | 0.500 |" in cli("eval", "report", second).stdout
    for option in ("--html", "--summary", "--markdown"):
        assert "overwritten" in cli.refused("eval", "report", second, option, second)
    assert "needs a run file" in cli.refused("eval", "compare", second, summary, "--html", beside)
    assert "--metric nosuch" in cli.refused("eval", "compare", first, second, "--metric", "nosuch")
    # a summary is as good a baseline as the run itself
    assert cli("eval", "compare", summary, second).stdout == cli(
        "eval", "compare", second, second
    ).stdout.replace("second.json → ", "summary.json → ")


def test_a_replay_gives_the_same_numbers_and_refuses_other_cases(
    cli: LocalCli, files: dict[str, Path]
) -> None:
    run = scored(cli, files, "run.json")
    again = json.loads(cli("eval", "replay", run, "--cases", files["cases"], "--json").stdout)
    stored = json.loads(run.read_text())["summary"]
    assert again["summary"]["metrics"] == stored["metrics"]
    write(files["cases"], CASES[0])
    assert "other cases" in cli.refused("eval", "replay", run, "--cases", files["cases"])


def test_a_gate_that_fails_is_exit_code_1_with_a_line(
    cli: LocalCli, files: dict[str, Path]
) -> None:
    gates = write(
        cli.folder / "gates.toml",
        "[[gate]]\nmetric = 'figure match'\nat_least = 1",
        "[[gate]]\nmetric = 'F1'\nat_least = 0.9",
    )
    words = ("eval", "score", files["answers"], "--cases", files["cases"], "--gate", gates)
    warning, line, cases = cli(*words, code=1).stderr.splitlines()
    assert warning == (
        "warning: over fewer than 20 cases a gate passes and fails by chance: F1 (2)"
    )
    assert (line, cases) == ("GATE F1: 0, below the required 0.9", "  2 out of bounds: sum, who")
    baseline = scored(cli, files, "before.json")
    write(gates, "[[gate]]\nmetric = 'F1'\nnot_worse = true")
    cli("eval", "compare", baseline, baseline, "--gate", gates)
    assert "--baseline" in cli(*words, code=2).stderr


def test_cases_that_fail_are_exit_code_3_and_the_rest_goes_on(
    cli: LocalCli, files: dict[str, Path]
) -> None:
    write(files["answers"], *ANSWERS[:2])
    done = cli("eval", "score", files["answers"], "--cases", files["cases"], code=3)
    assert "3 cases, 1 failures" in done.stdout
    assert "FAILED none: answers.jsonl has no answer to this case" in done.stdout


def test_a_case_file_is_checked(cli: LocalCli, files: dict[str, Path]) -> None:
    assert cli("eval", "check", files["cases"]).stdout == "3 cases, 0 faults\n"
    write(
        files["cases"],
        CASES[0],
        CASES[0],
        {"id": "x", "question": "Who?", "answers": [5], "answerable": True},
        "{",
    )
    assert cli("eval", "check", files["cases"], code=1).stdout.splitlines() == [
        "line 2: the id 'sum' is already on line 1",
        "line 3: answers.0: Input should be a valid string",
        "line 4: invalid JSON: Expecting property name enclosed in double quotes",
        "1 cases, 3 faults",
    ]
    files["cases"].write_text("")
    assert "has no cases" in cli("eval", "check", files["cases"], code=1).stdout


def test_a_benchmark_is_imported(cli: LocalCli) -> None:
    rows = [
        {
            "user_input": "Who resigned?",
            "reference": "Elena Voss",
            "reference_contexts": [ARTICLES[1]["text"]],
        }
    ]
    source = write(cli.folder / "set.jsonl", *rows)
    assert (
        "1 articles" in cli("eval", "import", "ragas", source, "--into", cli.folder / "out").stdout
    )
    assert cli("eval", "check", cli.folder / "out" / "cases.jsonl").stdout == "1 cases, 0 faults\n"
    assert "already exists" in cli.refused(
        "eval", "import", "ragas", source, "--into", cli.folder / "out"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("replay run.json", "run.json"),
        ("run --url http://127.0.0.1:1 --articles articles.jsonl", "--url cannot be combined"),
        ("run --url http://127.0.0.1:1", "no Dateline service at"),
        ("run --in-flight 4", "--url"),
        ("run --out cases.jsonl --cases cases.jsonl", "would be overwritten"),
        ("score answers.jsonl --out answers.jsonl", "would be overwritten"),
        ("score answers.jsonl --retrieval-only", "No such option"),
        ("score answers.jsonl --out .", "directory"),
        ("run --articles articles.jsonl --data-dir x", "--articles cannot be combined"),
        (
            "check cases.jsonl --articles articles.jsonl --data-dir x",
            "--articles cannot be combined",
        ),
        ("run --gate nowhere.toml", "nowhere.toml"),
        ("run --baseline nowhere.json", "nowhere.json"),
        ("run --cases nowhere.jsonl", "nowhere.jsonl"),
        ("score nowhere.jsonl", "nowhere.jsonl"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(
    cli: LocalCli, files: dict[str, Path], words: str, says: str
) -> None:
    assert says in cli.refused("eval", *words.split())


def test_a_file_to_write_needs_a_name(cli: LocalCli, files: dict[str, Path]) -> None:
    words = ("eval", "score", files["answers"], "--cases", files["cases"])
    assert "needs the name" in cli.refused(*words, "--out", "")


def test_a_finished_run_is_never_replaced(cli: LocalCli, files: dict[str, Path]) -> None:
    run = scored(cli, files, "run.json")
    before = run.read_bytes()
    for command in (("score", files["answers"]), ("run", "--articles", files["articles"])):
        told = cli.refused("eval", *command, "--cases", files["cases"], "--out", run)
        assert "run.json exists: name another file with --out" in told
    assert run.read_bytes() == before
    assert [path.name for path in run.parent.glob("run.json*")] == ["run.json"]


def test_what_is_slow_before_the_first_case_shows_progress(
    cli: LocalCli, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[int] = []

    @contextmanager
    def watching() -> Iterator[Callable[[Progress], None]]:
        yield lambda done: stored.append(done.articles)

    monkeypatch.setattr("api.cli.evaluate.ingest_progress", watching)
    write(files["cases"], *CASES[1:])
    for command in (
        ("check", files["cases"]),
        ("run", "--cases", files["cases"], "--retrieval-only"),
    ):
        stored.clear()
        cli("eval", *command, "--articles", files["articles"])
        assert max(stored) == len(ARTICLES), command


def test_cases_of_another_corpus_are_refused(cli: LocalCli, files: dict[str, Path]) -> None:
    write(files["cases"], CASES[0] | {"relevant": ["elsewhere"]})
    words = ("--cases", files["cases"], "--articles", files["articles"], "--retrieval-only")
    assert "another corpus" in cli.refused("eval", "run", *words)


def test_a_second_file_of_cases_is_refused(cli: LocalCli, files: dict[str, Path]) -> None:
    words = ("--cases", files["cases"], "--cases", files["cases"])
    assert "give one file, not 2" in cli.refused("eval", "run", *words)


def test_a_fresh_archive_is_asked_in_process_and_two_runs_are_identical_but_for_the_time(
    cli: LocalCli, files: dict[str, Path]
) -> None:
    runs = []
    for name in ("one.json", "two.json"):
        out = cli.folder / name
        cli("eval", "run", "--cases", files["cases"], "--articles", files["articles"], "--out", out)
        runs.append(json.loads(out.read_text()))
    assert [result["case"]["id"] for result in runs[0]["results"]] == ["sum", "who", "none"]
    assert runs[0]["summary"]["metrics"]["figure match"]["mean"] == 1.0
    assert runs[0]["header"]["target"]["models"]["reader"]["sha256"]
    assert untimed(runs[0]) == untimed(runs[1])
    assert str(cli.folder) not in json.dumps(runs[0]["header"])


def untimed(content: Any) -> Any:
    timing = (
        "seconds",
        "cpu_seconds",
        "cpu_s",
        "timings_ms",
        "started_at",
        "time_s",
        "latency_s",
        "stages_ms",
        "last_ingested_at",
    )
    if isinstance(content, dict):
        return {name: untimed(value) for name, value in content.items() if name not in timing}
    return [untimed(item) for item in content] if isinstance(content, list) else content
