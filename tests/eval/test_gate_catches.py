"""The gate of CI: a change for the worse is caught, the same system again never."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from eval.cases import load_cases
from eval.compare import load
from eval.gates import failed, load_gates
from eval.run import run_cases
from eval.summary import Comparable
from eval.targets import local
from eval.targets.local import LocalTarget, temporary_archive
from qa.answering import evidence
from qa.answering.sentence import Sentence
from qa.question import Question
from qa.retrieval import hybrid as retriever
from qa.settings import Settings
from qa.types import Hit

ROOT = Path(__file__).parents[2]
BASELINES = ROOT / "eval" / "baselines"
ARCHIVE = ROOT / "eval" / "data" / "archive"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    settings = Settings.load(cache_dir=tmp_path_factory.mktemp("cache"))
    with temporary_archive(settings, ARCHIVE / "articles.jsonl") as chosen:
        yield chosen


def rankings(settings: Settings) -> Comparable:
    with LocalTarget.opened(settings, retrieval_only=True) as target:
        return run_cases(
            load_cases(ARCHIVE / "cases.jsonl"), target, cases_name="archive"
        ).comparable("this run")


def complaints(run: Comparable) -> list[str]:
    gates = load_gates(BASELINES / "retrieval-gates.toml")
    return failed(gates, run, load(BASELINES / "archive-retrieval.json"))


@contextmanager
def one_hit() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "DEPTH", 1)
        yield


@contextmanager
def no_fusion() -> Iterator[None]:
    fuse = retriever.fuse
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retriever, "fuse", lambda dense, _: fuse(dense, [], 1.0))
        yield


@pytest.mark.parametrize("worse", [one_hit, no_fusion])
def test_a_worse_retrieval_is_caught(
    archive: Settings, worse: Callable[[], AbstractContextManager[None]]
) -> None:
    with worse():
        lines = complaints(rankings(archive))
    assert any(line.startswith("GATE hit@5") for line in lines), lines


def test_ten_runs_of_the_same_system_raise_no_alarm(archive: Settings) -> None:
    for _ in range(10):
        assert complaints(rankings(archive)) == []


def test_wrong_evidence_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst sentences in place of the best, on every third short case of the sample corpus."""
    select = evidence.select

    def worst(
        question: Question,
        hits: Sequence[Hit],
        limit: int,
        readings: evidence.Readings | None = None,
    ) -> list[Sentence]:
        ranked = select(question, hits, 10_000, readings)
        return [
            replace(item, n=n)
            for n, item in enumerate(reversed(ranked[len(ranked) // 2 :]), start=1)
        ][:limit]

    monkeypatch.setattr(evidence, "select", worst)
    settings = Settings.load(cache_dir=tmp_path / "cache")
    with (
        temporary_archive(settings, None) as chosen,
        LocalTarget.opened(chosen, retrieval_only=False) as target,
    ):
        short = [case for case in load_cases(None) if case.form is None]
        run = run_cases(short[::3], target, cases_name="sample").comparable("this run")
    whole = load(BASELINES / "sample.json")
    baseline = replace(
        whole, scores={case: scores for case, scores in whole.scores.items() if case in run.scores}
    )
    lines = failed(load_gates(BASELINES / "gates.toml"), run, baseline)
    assert any(line.startswith("GATE F1") for line in lines), lines
