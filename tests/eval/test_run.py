"""Runs: every case asked once, failures apart, the same numbers when scored again."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run import Run, replay, run_cases
from eval.run_file import open_run
from qa.errors import BadInput
from tests.support.targets import Parrot

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
    again = replay(open_run(out), CASES, "f")
    assert _untimed(again.summary) == _untimed(done.summary)
    with pytest.raises(BadInput, match="other cases"):
        replay(open_run(out), CASES[:5], None)
    with pytest.raises(BadInput, match="another corpus"):
        replay(open_run(out), None, "g")


def test_a_replay_refuses_a_run_whose_cases_were_changed(tmp_path: Path) -> None:
    out = tmp_path / "run.json"
    run(Parrot(), out=out)
    out.write_text(out.read_text().replace('"answers":["3"]', '"answers":["4"]'))
    with pytest.raises(BadInput, match="was changed"):
        replay(open_run(out), None, None)


def _untimed(summary: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in summary.items()
        if name not in ("time_s", "latency_s", "stages_ms")
    }
