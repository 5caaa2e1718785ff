"""Runs: kept whole, resumed where they stopped, scored again, identical when nothing changed."""

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcomes import KeptHit, Outcome, kept_answer
from eval.replay import replay_run
from eval.run import Run, run_cases
from eval.run_file import RunWriter, open_run
from eval.targets import TargetFailed
from qa.errors import BadInput

CASES = [
    EvalCase(id=f"c{n}", question=f"How many ships came on day {n}?", answers=(str(n),), answerable=True,
             relevant=(f"a{n}",), tags=("even",) if n % 2 == 0 else ())
    for n in range(6)
]  # fmt: skip


class Parrot:
    """Says the right answer, but to the cases that it was told to fail or to err on."""

    def __init__(
        self,
        *,
        wrong: Collection[str] = (),
        failing: Collection[str] = (),
        has: Collection[str] = (),
    ) -> None:
        self.wrong, self.failing, self.has = wrong, failing, has
        self.asked: list[str] = []

    def describe(self) -> Mapping[str, Any]:
        return {"kind": "parrot", "settings": {}, "models": {}, "corpus": {"fingerprint": "f"}}

    def ask(self, case: EvalCase) -> Outcome:
        self.asked.append(case.id)
        if case.id in self.failing:
            raise TargetFailed("it is on strike", 2)
        said = "nine thousand" if case.id in self.wrong else case.answers[0]
        hits = (
            KeptHit.model_validate(
                {"article": {"id": case.relevant[0]}, "passage": {"text": f"{said} came"}}
            ),
        )
        return Outcome(
            hits=hits, answer=kept_answer({"answer": said, "confidence": 0.9}), seconds=0.01
        )

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        return set(self.has) & set(article_ids) if self.has else None


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


def test_failures_are_counted_apart_and_in_no_mean(tmp_path: Path) -> None:
    summary = run(Parrot(failing={"c2", "c3"})).summary
    assert (summary["cases"], summary["failures"], summary["retries"]) == (6, 2, 4)
    assert (summary["metrics"]["F1"]["mean"], summary["metrics"]["F1"]["n"]) == (1.0, 4)
    assert summary["blame"] == {"failed": 2}
    assert summary["failed"] == [{"id": name, "error": "it is on strike"} for name in ("c2", "c3")]
    assert summary["by_tag"]["even"]["F1"] == {"mean": 1.0, "n": 2}


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    out, partial = tmp_path / "run.json", tmp_path / "run.json.partial"

    class Stops(Parrot):
        def ask(self, case: EvalCase) -> Outcome:
            if case.id == "c3":
                raise KeyboardInterrupt
            return super().ask(case)

    with pytest.raises(KeyboardInterrupt):
        run(Stops(wrong={"c1"}), out=out)
    assert partial.exists()
    with partial.open("a") as file:
        file.write(',{"case":{"id":"c3","que')  # cut in the middle of a write
    again = Parrot(wrong={"c1"})
    resumed = run(again, out=out)
    assert again.asked == ["c3", "c4", "c5"]
    straight = run(Parrot(wrong={"c1"}))
    assert _untimed(resumed.summary) == _untimed(straight.summary)
    assert len(json.loads(out.read_text())["results"]) == 6


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


def test_several_in_flight_change_nothing_but_the_time() -> None:
    assert _untimed(run(Parrot(wrong={"c4"}), in_flight=4).summary) == _untimed(
        run(Parrot(wrong={"c4"})).summary
    )


def test_cases_of_another_corpus_are_refused_and_missing_articles_are_blamed() -> None:
    with pytest.raises(BadInput, match="another corpus"):
        run(Parrot(has={"zzz"}))
    done = run(Parrot(has={"a0"}, wrong={"c1"}))
    assert done.header["relevant_not_ingested"] == 5
    assert done.summary["blame"] == {"not ingested": 1}


def test_a_replay_scores_the_same_without_asking(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    done = run(Parrot(wrong={"c1"}, failing={"c2"}), out=out)
    again = replay_run(open_run(out), CASES, "f")
    assert _untimed(again.summary) == _untimed(done.summary)
    with pytest.raises(BadInput, match="other cases"):
        replay_run(open_run(out), CASES[:5], None)
    with pytest.raises(BadInput, match="another corpus"):
        replay_run(open_run(out), None, "g")


def test_a_replay_refuses_a_run_whose_cases_were_changed(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    run(Parrot(), out=out)
    out.write_text(out.read_text().replace('"answers":["3"]', '"answers":["4"]'))
    with pytest.raises(BadInput, match="it was changed"):
        replay_run(open_run(out), None, None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "no run file"),
        ("[1, 2]", "no run file"),
        (
            '{"header": {"kind": "dateline run", "format": 99},\n"results": [\n],\n"summary": {}}\n',
            "format 99",
        ),
        ('{"header": nonsense\n', "damaged"),
        ('{"header": {"kind": "dateline run", "format": 1},\n"results": [\n', "cut short"),
        (
            '{"header": {"kind": "dateline run", "format": 1},\n"results": [\n],\n"summary": {"a"}}\n',
            "damaged",
        ),
        (
            '{"header": {"kind": "dateline run", "format": 1},\n"results": [\n],\n"summary": {}}\n',
            "damaged",
        ),
        ('{"header": [],\n"results": [\n],\n"summary": {}}\n', "no run file"),
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


def test_ten_thousand_cases_stream(tmp_path: Path) -> None:
    """What is held of a case is numbers: its text is on the disk, so longer texts take no more memory."""
    import tracemalloc

    cases = [
        EvalCase(id=f"c{n}", question="Why?", answers=("so",), answerable=True, relevant=(f"a{n}",))
        for n in range(10_000)
    ]
    peaks = []
    for sentences in (1, 200):
        text = "A long passage of the archive. " * sentences

        class Long(Parrot):
            def ask(self, case: EvalCase, text: str = text) -> Outcome:
                return Outcome(
                    hits=(
                        KeptHit.model_validate({"article": {"id": "a"}, "passage": {"text": text}}),
                    )
                )

        out = tmp_path / f"run-{sentences}.json"
        tracemalloc.start()
        run(Long(), cases, out=out)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert out.stat().st_size > 60_000_000
    assert peaks[1] < 1.05 * peaks[0]
    assert sum(1 for _ in open_run(out).results()) == 10_000


def _untimed(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in summary.items()
        if name not in ("time_s", "latency_s", "stages_ms")
    }
