"""Cases under changes: an archive that stays as it is, failures apart, shares with intervals."""

from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.stress.laboratory import laboratory
from eval.stress.run import Finding, comparable, run_trials, sample, summarise
from eval.stress.trials import KINDS
from eval.summary import value_of
from eval.targets.base import TargetFailed
from eval.targets.local import temporary_archive
from qa.bootstrap import open_archive
from qa.settings import Settings
from tests.support.stress import CASE, CORPUS, said


def cases(count: int) -> list[EvalCase]:
    return [CASE.model_copy(update={"id": str(number)}) for number in range(count)]


def finding(case: str, *, as_must: bool | None, **fields: Any) -> Finding:
    known: dict[str, Any] = {"kind": "typos", "must": "stay right", "relevant": (), "question": "?"}
    return Finding(case=case, change="", as_must=as_must, **{**known, **fields})


class Scripted:
    """A laboratory whose answers are given, by the question."""

    corpus = CORPUS

    def __init__(self, answers: dict[str, Outcome], default: Outcome | None) -> None:
        self._answers, self._default = answers, default

    def ask(self, case: EvalCase, *_: Any) -> Outcome:
        outcome = self._answers.get(case.question, self._default)
        if outcome is None:
            raise TargetFailed("timeout")
        return outcome


def test_the_sample_is_drawn_by_the_seed_in_the_order_of_the_cases() -> None:
    drawn = sample(cases(30), 5, 1)
    assert [int(case.id) for case in drawn] == sorted(int(case.id) for case in drawn)
    assert drawn == sample(cases(30), 5, 1) != sample(cases(30), 5, 2)
    assert len(sample(cases(3), 9, 1)) == len(sample(cases(3), None, 1)) == 3


def test_an_outage_is_a_failure_and_in_no_share() -> None:
    right = said("40 million")
    found = list(run_trials([CASE], Scripted({CASE.question: right}, None), ["typos"], 1))  # type: ignore[arg-type]
    assert [(item.error, item.as_must) for item in found] == [("timeout", None)] * 2
    summary = summarise(found)
    assert summary["failures"] == 2
    assert summary["kinds"]["typos"]["as it must"]["mean"] is None
    first = list(run_trials([CASE], Scripted({}, None), ["typos"], 1))  # type: ignore[arg-type]
    assert [item.error for item in first] == ["timeout"] * 2


def test_shares_have_an_interval_over_cases_not_over_changes() -> None:
    # two cases, one always wrong: however many changes, the interval is all there is
    found = [finding(case, as_must=case == "a") for case in "ab" for _ in range(50)]
    row = summarise(found)["kinds"]["typos"]
    assert (row["cases"], row["changes"]) == (2, 100)
    assert row["as it must"] == {"mean": 0.5, "n": 100, "low": 0.0, "high": 1.0}
    assert row["consistent"]["mean"] is None


def test_gates_read_the_shares_by_kind_and_over_all() -> None:
    numbers = comparable(summarise([finding("a", as_must=True), finding("b", as_must=False)]))
    assert value_of(numbers.summary, "as it must") == 0.5
    assert value_of(numbers.summary, "as it must", "typos") == 0.5
    assert value_of(numbers.summary, "failures") == 0


@pytest.fixture
def settings(model_cache: Path, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "mine", cache_dir=model_cache)


def test_the_archive_stays_as_it_is_and_a_run_can_be_repeated(settings: Settings) -> None:
    rows = [
        report.article.model_dump(include={"id", "text", "published_at"})
        for report in CORPUS.reports.values()
    ]
    with temporary_archive(settings, rows) as mine:
        with open_archive(mine) as archive, archive.snapshot() as snapshot:
            before = snapshot.fingerprint(), snapshot.generation
        with laboratory(mine) as opened:
            assert opened.corpus.reports.keys() == CORPUS.reports.keys()
            with opened.changed([CORPUS.reports["copy"].article], ["copy", "relief"]) as target:
                assert target.ingested(["copy", "relief", "newest"]) == {"copy", "newest"}
            with opened.changed([], ["newest"]) as target:
                assert target.ingested(["copy", "relief", "newest"]) == {"copy", "relief"}
            found = list(run_trials([CASE], opened, KINDS, 1))
            again = list(run_trials([CASE], opened, KINDS, 1))
        with open_archive(mine) as archive, archive.snapshot() as snapshot:
            assert (snapshot.fingerprint(), snapshot.generation) == before
    assert found == again
    assert [item.error for item in found] == [None] * len(found)
    gone = [item.as_must for item in found if item.kind in ("report removed", "as_of before")]
    assert gone == [True, True]
