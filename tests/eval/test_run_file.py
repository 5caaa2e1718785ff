"""Run files: complete, resumed where they stopped, refused when damaged."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run import Run, replay, run_cases
from eval.run_file import RunWriter, open_run
from qa.errors import BadInput
from tests.support.targets import Parrot, hits_of

CASES = [
    EvalCase(
        id=f"c{n}",
        question=f"How many ships came on day {n}?",
        answers=(str(n),),
        answerable=True,
        relevant=(f"a{n}",),
        tags=("even",) if n % 2 == 0 else (),
    )
    for n in range(6)
]


def run(target: Parrot, cases: Sequence[EvalCase] = CASES, **more: Any) -> Run:
    return run_cases(cases, target, cases_name="cases.jsonl", **more)


def test_a_run_file_is_json_and_holds_every_case(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = run(Parrot(wrong={"c1"}, failing={"c2"}), out=out)
    content = json.loads(out.read_text())
    assert [result["case"]["id"] for result in content["results"]] == [case.id for case in CASES]
    assert content["summary"] == done.summary
    assert not (tmp_path / "run.json.partial").exists()
    stored = open_run(out)
    assert stored.summary == done.summary
    assert [result.right for result in stored.results()] == [True, False, None, True, True, True]


def test_a_partial_file_of_another_run_is_refused_and_kept(tmp_path: Path) -> None:
    out, partial = tmp_path / "run.json", tmp_path / "run.json.partial"
    for content in ("nonsense\n", '{"header": {"kind": "other"},\n"results": [\n', '{"other": 1}'):
        partial.write_text(content)
        with pytest.raises(BadInput, match="another run"):
            run(Parrot(), out=out)
        assert partial.read_text() == content


@pytest.mark.parametrize("cut", [0, 10, 60, "line", "second"])
def test_a_partial_file_cut_before_its_first_case_is_begun_anew(
    tmp_path: Path, cut: int | str
) -> None:
    out, partial = tmp_path / "run.json", tmp_path / "run.json.partial"
    run(Parrot(), out=out)
    lines = out.read_bytes().splitlines(keepends=True)
    begun = {"line": lines[0], "second": lines[0] + lines[1][:5]}
    partial.write_bytes(out.read_bytes()[:cut] if isinstance(cut, int) else begun[cut])
    again = Parrot()
    run(again, out=out)
    assert len(again.asked) == 6
    assert len(json.loads(out.read_text())["results"]) == 6


def test_two_runs_do_not_write_one_file(tmp_path: Path) -> None:
    out = tmp_path / "run.json"

    class Second(Parrot):
        def ask(self, case: EvalCase) -> Outcome:
            with pytest.raises(BadInput, match="another run is writing"):
                run(Parrot(), out=out)
            return super().ask(case)

    run(Second(), CASES[:1], out=out)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_run_file_with_a_gap_is_damaged(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    run(Parrot(), out=out)
    lines = out.read_text().splitlines(keepends=True)
    for damaged in (lines[:4] + lines[5:], [*lines[:4], "garbage\n", *lines[5:]]):
        out.write_text("".join(damaged))
        with pytest.raises(BadInput, match="damaged"):
            list(open_run(out).results())


@pytest.mark.parametrize("key", ["cases", "target", "dateline"])
@pytest.mark.parametrize("value", [None, [], 5])
def test_a_header_that_lacks_something_is_damaged(tmp_path: Path, key: str, value: object) -> None:
    out = tmp_path / "run.json"
    run(Parrot(), out=out)
    first, _, rest = out.read_text().partition("\n")
    header = json.loads(first.removeprefix('{"header": ').removesuffix(","))
    out.write_text('{"header": ' + json.dumps({**header, key: value}) + ",\n" + rest)
    with pytest.raises(BadInput, match=f"damaged: {key}"):
        open_run(out)


def test_a_full_disk_is_one_line(tmp_path: Path) -> None:
    writer = RunWriter(tmp_path / "run.json", {"kind": "k"})

    class Full:
        def write(self, _: str) -> None:
            raise OSError(28, "No space left on device")

        close = flush = lambda self: self.write("")

    def on_a_full_disk() -> None:
        with writer:
            assert writer._file is not None
            writer._file.close()
            writer._file = Full()  # type: ignore[assignment]  # writes and closes is all that is asked of it
            writer.finish({})

    with pytest.raises(BadInput, match="No space left"):
        on_a_full_disk()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "not a run file"),
        ("[1, 2]", "not a run file"),
        (
            (
                '{"header": {"kind": "dateline run", "format": 99},\n'
                '"results": [\n],\n"summary": {}}\n'
            ),
            "format 99",
        ),
        ('{"header": nonsense\n', "damaged"),
        ('{"header": {"kind": "dateline run", "format": 1},\n"results": [\n', "cut short"),
        (
            (
                '{"header": {"kind": "dateline run", "format": 1},\n'
                '"results": [\n],\n"summary": {"a"}}\n'
            ),
            "damaged",
        ),
        (
            '{"header": {"kind": "dateline run", "format": 1},\n"results": [\n],\n"summary": {}}\n',
            "damaged",
        ),
        ('{"header": [],\n"results": [\n],\n"summary": {}}\n', "not a run file"),
    ],
)
def test_what_is_no_whole_run_file_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(BadInput, match=says):
        open_run(path)


def test_a_run_file_cut_in_half_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    run(Parrot(), out=out)
    content = out.read_bytes()
    for length in range(0, len(content) - 1, 97):
        out.write_bytes(content[:length])
        with pytest.raises(BadInput):
            open_run(out)


def test_a_run_file_of_many_cases_streams(tmp_path: Path) -> None:
    """Only numbers are held of a case, so longer texts take no more memory."""
    import tracemalloc

    cases = [
        EvalCase(id=f"c{n}", question="Why?", answers=("so",), answerable=True, relevant=(f"a{n}",))
        for n in range(100)
    ]
    peaks = []
    for sentences in (1, 1000):
        text = "A long passage of the archive. " * sentences

        class Long(Parrot):
            def ask(self, case: EvalCase, text: str = text) -> Outcome:
                return Outcome(hits=hits_of(("a", text)))

        out = tmp_path / f"run-{sentences}.json"
        tracemalloc.start()
        run(Long(), cases, out=out)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert out.stat().st_size > 3_000_000
    assert peaks[1] < 1.05 * peaks[0]
    assert sum(1 for _ in open_run(out).results()) == 100


def test_a_run_file_of_format_1_is_read_and_scored_as_before() -> None:
    """`format-1.json` was written by the version before; its scores are those of that version."""
    stored = open_run(Path(__file__).parent / "format-1.json")
    board = replay(stored).board.comparable("again", stored.header, stored.summary)
    results = {result.case.id: result for result in stored.results()}
    assert len(results) == 6
    for case, result in results.items():
        before = {name: score for name, score in result.scores.items() if score is not None}
        again = {name: score for name, score in board.scores[case].items() if name in before}
        assert again == before, case
    declined = results["declined"].outcome
    assert declined is not None
    assert (declined.said, declined.best, declined.confidence) == (None, "Ada Lind", 0.25)
    answered = results["dated"].outcome
    assert answered is not None
    assert answered.quotes[0].before == "The old bridge was closed. "
    assert answered.timings_ms == {"retrieve": 12.5}
