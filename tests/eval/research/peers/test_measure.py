"""One system through a corpus: a fake one, in a process of its own as the real ones are."""

import sys
from pathlib import Path

import pytest

from eval.cases import EvalCase
from eval.research.peers.corpus import Corpus
from eval.research.peers.measure import Amounts, Measured, evenly, measure, ranking
from eval.research.peers.process import PeerProcess
from eval.research.peers.wire import Found, Row
from qa.types import Article
from tests.support.peers import FAULT, REASON

TEXTS = {
    "ferry": "The ferry left the harbour of Luwuk.",
    "mine": "The mine at Rona closed.",
    "later": "The ferry left the harbour of Ternate.",
}
PUBLISHED = {"ferry": 100.0, "mine": 200.0, "later": 200_000.0}
CORPUS = Corpus(
    "fake",
    tuple(Article(id=name, text=text) for name, text in TEXTS.items()),
    tuple(Row(f"{name}#0", name, "", text, PUBLISHED[name]) for name, text in TEXTS.items()),
    (
        # "later" has one word more of the question, but was published after its date.
        EvalCase(
            id="1",
            question="Which harbour had the ferry of Ternate left?",
            answers=("Luwuk",),
            answerable=True,
            relevant=("ferry",),
            as_of="1970-01-01",
        ),
        EvalCase(
            id="2", question="What closed?", answers=("mine",), answerable=True, relevant=("mine",)
        ),
        EvalCase(id="3", question="Who won the harbour cup?", answerable=False),
    ),
)

EVERYTHING = Amounts()


def measured(folder: Path, fault: str = "", amounts: Amounts = EVERYTHING) -> Measured:
    (folder / "run").mkdir()
    environment = {FAULT: fault}
    python = Path(sys.executable)
    with PeerProcess(python, "tests.support.peers", folder / "log", environment) as peer:
        return measure(peer, CORPUS, folder / "run", Path("encoder"), amounts)


def test_a_system_is_measured(tmp_path: Path) -> None:
    found = measured(tmp_path)
    assert (found.description.version, found.passages) == ("Fake 1", 3)
    # Case 1 finds "later" first and "ferry" second, case 2 "mine"; the unanswerable counts nowhere.
    assert found.bare.ranking == {
        "hit@1": 0.5,
        "hit@5": 1,
        "answer in passage@1": 0.5,
        "answer in passage@5": 1,
    }
    assert found.dated is not None
    assert found.dated.ranking["hit@1"] == 1
    assert found.bare.p50_ms > 0
    assert found.disk_mb == pytest.approx(0.5)  # what it wrote, not what it was given
    assert found.resident_mb > 5
    assert found.peak_mb >= 5


def test_answers_are_judged_as_any_evaluation_judges_them(tmp_path: Path) -> None:
    """The fake answers Luwuk to both questions about a harbour, and declines the other."""
    answers = measured(tmp_path).answers
    assert answers is not None
    assert answers.asked == 3
    assert (answers.right, answers.declined, answers.wrong) == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_a_deleted_article_that_is_still_found_is_counted(tmp_path: Path) -> None:
    assert measured(tmp_path).deletes.gone == 3
    (tmp_path / "stale").mkdir()
    stale = measured(tmp_path / "stale", "stale").deletes
    assert (stale.tried, stale.gone) == (3, 0)


def test_only_as_many_are_answered_and_deleted_as_asked(tmp_path: Path) -> None:
    found = measured(tmp_path, amounts=Amounts(answers=1, deletes=2))
    assert found.answers is not None
    assert (found.answers.asked, found.deletes.tried) == (1, 2)


def test_a_system_without_dates_and_answers_is_asked_for_neither(tmp_path: Path) -> None:
    found = measured(tmp_path, "mute")
    assert (found.dated, found.answers, found.description.answers) == (None, None, REASON)


def test_rankings_count_articles_at_their_first_hit_and_answers_by_passage() -> None:
    case = CORPUS.cases[0]
    hits = [
        Found("later", "The harbour of Ternate."),
        Found("later", "Nothing."),
        Found("ferry", "It left Luwuk."),
    ]
    assert ranking(case, hits) == {
        "hit@1": 0,
        "hit@5": 1,
        "answer in passage@1": 0,
        "answer in passage@5": 1,
    }
    assert set(ranking(CORPUS.cases[2], hits).values()) == {None}


def test_a_share_of_the_cases_is_spread_over_all_of_them() -> None:
    cases = [CORPUS.cases[0].model_copy(update={"id": str(number)}) for number in range(10)]
    assert [case.id for case in evenly(cases, 4)] == ["0", "2", "5", "7"]
    assert evenly(cases, 10) == cases
