"""The choice among spans: what is offered, what lifts it, and that it is always text of its
sentence.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answering import evidence
from qa.answering.choice import candidates, choose
from qa.answering.sentence import Sentence
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle
from tests.support.fakes import ScriptedReader

WHO = Question.parse("Who resigned from the council?")
TOLL = Question.parse("How many people did the flood kill?")


def sentences(
    question: Question, reader: ScriptedReader | None, *reports: tuple[str, str | None]
) -> list[Sentence]:
    hits = []
    for number, (text, published_at) in enumerate(reports, start=1):
        article = Article(id=f"a{number}", text=text, published_at=published_at)
        hits.append(
            Hit(
                number,
                1.0,
                Scores(),
                Passage(number, StoredArticle(number, "v", article), 0, len(text)),
            )
        )
    readings = evidence.Readings(reader, question.text) if reader is not None else None
    return evidence.select(question, hits, 20, readings)


def test_what_the_reader_marks_is_chosen() -> None:
    text = "Piet Maas stayed while Elena Voss resigned from the council."
    for name, other in (("Elena Voss", "Piet Maas"), ("Piet Maas", "Elena Voss")):
        found = sentences(WHO, ScriptedReader({name: 8.0, other: -8.0}), (text, None))
        choice = choose(WHO, found)
        assert choice is not None
        assert choice.span.text == name


def test_the_reader_offers_phrases_that_no_rule_knows() -> None:
    question = Question.parse("Why was the bridge closed?")
    found = sentences(
        question,
        ScriptedReader({"rust in its cables": 9.0}),
        ("It closed for rust in its cables.", None),
    )
    choice = choose(question, found)
    assert choice is not None
    assert choice.span.text == "rust in its cables"


def test_of_figures_for_the_same_thing_the_latest_is_taken() -> None:
    reader = ScriptedReader({"17": 8.0, "23": 6.0, "400": 7.0})
    found = sentences(
        TOLL,
        reader,
        ("The flood killed 17 people.", "2024-03-04"),
        ("The flood killed 23 people.", "2024-03-06"),
        ("The flood killed 400 sheep.", "2024-03-07"),
    )
    choice = choose(TOLL, found)
    assert choice is not None
    assert (choice.span.text, choice.span.sentence.article.id) == ("23", "a2")


def test_a_later_final_toll_is_the_answer_whatever_the_reader_thinks_of_it() -> None:
    """It counts the same in words, so it is as sure as the figure that it replaces."""
    question = Question.parse("How many people did the flood in Hask kill?", min_confidence=0.3)
    reader = ScriptedReader({"17": 8.0, "23": -6.0, "14": -6.0})
    found = sentences(
        question,
        reader,
        ("The Hask flood killed 17 people.", "2024-03-04"),
        ("In Hask the coroner confirmed a final toll of 23.", "2024-03-21"),
        ("Hask will rebuild 14 houses that the flood of March took.", "2024-04-02"),
    )
    older = next(item for item in candidates(question, found) if item.span.text == "17")
    choice = choose(question, found)
    assert choice is not None
    assert (choice.span.text, choice.confidence) == ("23", older.confidence)
    assert [item.span.text for item in choice.comparison.other_days] == ["17"]


def test_the_toll_of_another_event_is_not_an_update() -> None:
    question = Question.parse("How many people did the flood in Hask kill?", min_confidence=0.3)
    found = sentences(
        question,
        ScriptedReader({"17": 8.0, "23": -6.0}),
        ("The Hask flood killed 17 people.", "2024-03-04"),
        ("In Brast the coroner confirmed a final toll of 23.", "2024-03-21"),
    )
    choice = choose(question, found)
    assert choice is not None
    assert choice.span.text == "17"


def test_the_confidence_is_that_of_the_span_that_answers() -> None:
    """However sure the reader is of an older figure, the newer one is as sure as the reader is of
    it.
    """
    confidences = {}
    for old_odds in (9.0, 6.0):
        found = sentences(
            TOLL,
            ScriptedReader({"17": old_odds, "23": 5.0}),
            ("The flood killed 17 people.", "2024-03-04"),
            ("The flood killed 23 people.", "2024-03-06"),
        )
        choice = choose(TOLL, found)
        assert choice is not None
        assert choice.span.text == "23"
        own = next(item for item in candidates(TOLL, found) if item.span.text == "23")
        assert choice.confidence == own.confidence
        confidences[old_odds] = choice.confidence
    assert len(set(confidences.values())) == 1


def test_a_newer_figure_that_is_too_unsure_does_not_replace_an_older_one() -> None:
    reader = ScriptedReader({"17": 8.0, "23": 3.0})
    reports = (
        ("The flood killed 17 people.", "2024-03-04"),
        ("The flood killed 23 people.", "2024-03-06"),
    )
    chosen = {}
    for threshold in (0.0, 0.99):
        question = Question.parse(TOLL.text, min_confidence=threshold)
        choice = choose(question, sentences(question, reader, *reports))
        assert choice is not None
        chosen[threshold] = (choice.span.text, len(choice.comparison.other_days))
    assert chosen == {0.0: ("23", 1), 0.99: ("17", 1)}


def test_other_articles_second_the_same_words() -> None:
    reader = ScriptedReader({"Elena Voss": 0.0})
    found = sentences(
        WHO, reader, ("Elena Voss resigned.", None), ("It was Elena Voss.", None), ("Nobody.", None)
    )
    named = [item for item in candidates(WHO, found) if item.span.text == "Elena Voss"]
    seconded = {item.span.sentence.article.id: item.features.seconded for item in named}
    assert seconded == {"a1": pytest.approx(0.5), "a2": pytest.approx(0.5)}


def test_a_passage_that_lacks_the_questions_names_is_told_from_one_that_has_them() -> None:
    question = Question.parse("How much aid did Germany announce in 2024?")
    found = sentences(
        question,
        None,
        ("Norway announced $5m of aid.", "2024-03-04"),
        ("Germany gave $7m of aid.", None),
    )
    spans = {item.span.text: item.features for item in candidates(question, found)}
    assert (spans["$5m"].named, spans["$7m"].named) == (
        0.5,
        0.5,
    )  # the year of the one, the name of the other
    assert (
        spans["$5m"].context > spans["$7m"].context > 0
    )  # aid, announced and 2024; aid and Germany
    plain = candidates(Question.parse("How much aid was announced?"), found)
    assert {item.features.named for item in plain} == {1.0}


def test_the_surer_the_reader_the_surer_the_choice() -> None:
    confidences = []
    for odds in (-6.0, 0.0, 6.0):
        choice = choose(
            WHO,
            sentences(WHO, ScriptedReader({"Elena Voss": odds}), ("Elena Voss resigned.", None)),
        )
        assert choice is not None
        confidences.append(choice.confidence)
    assert 0 < confidences[0] < confidences[1] < confidences[2] < 1


def test_nothing_is_chosen_from_nothing() -> None:
    assert choose(WHO, []) is None
    question = Question.parse("How much did it cost?")
    assert choose(question, sentences(question, None, ("Nobody knows.", None))) is None


@settings(max_examples=60, deadline=None)
@given(
    st.text(min_size=1, max_size=200),
    st.text(max_size=40),
    st.sampled_from([WHO, TOLL, Question.parse("What is it?"), Question.parse("When?")]),
)
def test_a_choice_is_text_of_its_sentence(text: str, said: str, question: Question) -> None:
    reader = ScriptedReader({said[:5] or "x": 5.0})
    choice = choose(question, sentences(question, reader, (text, None)))
    if choice is not None:
        assert choice.span.text
        assert choice.span.text in choice.span.sentence.text
        assert 0 <= choice.confidence <= 1


def test_negative_scores_of_a_reranker_lift_nothing() -> None:
    assert [evidence.share_of_best(score, 2.0) for score in (2.0, 1.0, -3.0)] == [1.0, 0.5, 0.0]
    assert [evidence.share_of_best(score, -1.0) for score in (-1.0, -5.0)] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("marked", "text", "whole"),
    [
        ("six", "Twenty-six people were saved from the flood.", "Twenty-six"),
        ("1.85", "The flood cut off 1.85 million people.", "1.85 million"),
        (
            "40,000 and 60,000",
            "The flood moved between 40,000 and 60,000 people.",
            "between 40,000 and 60,000",
        ),
        (
            "2,000",
            "The flood took more than 2,000 people.",
            "2,000",
        ),  # the bound is no part of the value
    ],
)
def test_a_figure_is_never_cut_to_another_value(marked: str, text: str, whole: str) -> None:
    """What cuts one would be dropped by the check of figures, and the question left without an
    answer.
    """
    found = sentences(TOLL, ScriptedReader({marked: 9.0}), (text, None))
    texts = {item.span.text for item in candidates(TOLL, found)}
    assert whole in texts
    assert marked == whole or marked not in texts


def test_the_year_of_a_date_may_stand_alone() -> None:
    question = Question.parse("In which year was the dam built?")
    found = sentences(
        question, ScriptedReader({"1994": 9.0}), ("The dam was built on 3 May 1994.", None)
    )
    choice = choose(question, found)
    assert choice is not None
    assert choice.span.text == "1994"
