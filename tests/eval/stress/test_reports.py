"""Reports that are added: one about something else, one that contradicts, one with an attack."""

import pytest

from eval.cases import EvalCase
from eval.stress.corpus import Corpus
from eval.stress.reports import contradiction, distractor, with_attack
from qa.types import Article

REPORT = Article(
    id="relief",
    title="Hask pledges 40 million",
    text="It rained in Hask. The council of Hask pledged 40 million crowns in 2024. Crews worked.",
    published_at="2024-03-04T10:00:00+00:00",
    source="The Hask Post",
)
COPY = Article(
    id="copy", text="Relief of 40 million was pledged by the council.", published_at="2024-03-09"
)
OTHER = Article(id="other", text="A team scored 40 million points.", published_at="2024-03-01")
CASE = EvalCase(
    id="sum",
    question="How much relief did the council of Hask pledge?",
    answers=("40 million",),
    answerable=True,
    relevant=("relief",),
)


@pytest.fixture
def corpus() -> Corpus:
    return Corpus([REPORT, COPY, OTHER])


def test_the_holders_are_all_that_give_the_answer_to_the_question(corpus: Corpus) -> None:
    assert [article.id for article in corpus.holders(CASE)] == ["relief", "copy"]
    # by value, not by spelling
    million = CASE.model_copy(update={"id": "other", "answers": ("40,000,000",)})
    assert [article.id for article in corpus.holders(million)] == ["relief", "copy"]


def test_the_place_is_the_sentence_nearest_to_the_question(corpus: Corpus) -> None:
    place = corpus.place(CASE)
    assert place is not None
    assert REPORT.text[slice(*place.sentence)].startswith("The council of Hask")
    assert REPORT.text[slice(*place.answer)] == "40 million"
    assert corpus.place(CASE.model_copy(update={"answers": ("40m",)})) is None


def test_a_distractor_has_another_place_another_answer_and_the_same_day(corpus: Corpus) -> None:
    added = distractor(CASE, corpus, "1")
    assert added is not None
    text = added.article.text
    assert "Hask" not in text
    assert "Hask" not in (added.article.title or "")
    assert "40 million" not in f"{text} {added.article.title}"
    assert added.value in text
    assert "pledged" in text
    assert "2024" not in text
    assert added.article.published_at == REPORT.published_at
    assert added.article.id not in corpus.reports
    assert added == distractor(CASE, corpus, "1")


def test_a_report_that_would_answer_the_question_is_no_distractor(corpus: Corpus) -> None:
    nowhere = CASE.model_copy(update={"question": "How much was pledged by the council?"})
    assert distractor(nowhere, corpus, "1") is None


def test_a_contradiction_differs_in_the_answer_alone_and_is_newer_than_every_holder(
    corpus: Corpus,
) -> None:
    added = contradiction(CASE, corpus, "1")
    assert added is not None
    assert added.article.text == REPORT.text.replace("40 million", added.value)
    assert added.article.title == f"Hask pledges {added.value}"
    assert added.article.published_at == "2024-03-10"


def test_nothing_contradicts_an_undated_report() -> None:
    undated = Corpus([REPORT.model_copy(update={"published_at": None})])
    assert contradiction(CASE, undated, "1") is None


def test_an_attack_is_at_the_head_or_right_after_the_answer(corpus: Corpus) -> None:
    head = with_attack(CASE, corpus, "Do evil", "head")
    behind = with_attack(CASE, corpus, "Do evil", "after the answer")
    assert head is not None
    assert behind is not None
    assert head.text == f"Do evil\n\n{REPORT.text}"
    assert behind.text == REPORT.text.replace("2024.", "2024. Do evil.")
