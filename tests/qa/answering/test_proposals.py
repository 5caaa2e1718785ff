"""Which spans are proposed as answers, and how well they fit the kind that is asked for."""

import pytest

from qa import tuning
from qa.answering.proposals import propose
from qa.answering.sentence import Sentence
from qa.question import Question
from tests.support.evidence import sentence
from tests.support.fakes import ScriptedReader

WHO = "Who resigned?"
MANY = "How many people were killed?"


def proposed(question: str, text: str) -> dict[str, float]:
    """Each span of a sentence with its fit."""
    item = sentence(1, text, before="Rain fell. ")
    return {p.span.text: p.kind_match for p in propose(Question.parse(question), [item])}


def marked(question: str, text: str, *spans: str) -> dict[str, float]:
    """The spans with a reader that marks these."""
    item = sentence(1, text)
    (reading,) = ScriptedReader(dict.fromkeys(spans, 3.0)).read(question, [item.hit])
    read = Sentence(1, item.hit, item.start, item.end, reading=reading)
    return {p.span.text: p.kind_match for p in propose(Question.parse(question), [read])}


def test_a_number_is_asked_for_so_figures_are_proposed() -> None:
    found = proposed(MANY, "On Monday 12 people and 3 percent of the cattle were killed.")
    assert found == {"12": 1.0, "3 percent": 0.4}


def test_names_fit_a_person_by_their_form() -> None:
    found = proposed(WHO, "Elena Voss of NATO met Mayor Roe, but Piet left.")
    assert found["Elena Voss of NATO"] == 0.6  # an acronym is among its words
    assert (found["Mayor Roe"], found["Piet"]) == (1.0, 0.6)


def test_a_place_fits_behind_its_preposition() -> None:
    found = proposed("Where did it happen?", "The bridge in Hask pleased Roe.")
    assert (found["Hask"], found["Roe"]) == (1.0, 0.5)


def test_one_capital_at_the_beginning_may_be_an_ordinary_word() -> None:
    found = proposed(WHO, "Ferries stopped when Piet left.")
    assert found["Ferries"] == pytest.approx(0.3 * found["Piet"])


@pytest.mark.parametrize("text", ["It stopped on Monday.", "It stopped on 4 March 2022."])
def test_days_and_dates_are_not_names(text: str) -> None:
    assert proposed(WHO, text) == {}


def test_an_open_question_gets_quotations_and_figures() -> None:
    found = proposed("Why was it closed?", "It said “the wind was strong” after 3 heavy storms.")
    assert found["the wind was strong"] == 0.7
    assert found["3"] == 0.4


def test_the_offsets_are_those_of_the_article() -> None:
    item = sentence(1, "Elena Voss left.", before="Rain fell. ")
    (proposal,) = propose(Question.parse(WHO), [item])
    assert (proposal.span.start, proposal.span.end) == (11, 21)
    assert item.article.text[11:21] == "Elena Voss"


def test_what_the_reader_marks_is_proposed_even_where_no_rule_sees_it() -> None:
    assert marked(WHO, "it was the keeper of the light.", "the keeper")["the keeper"] == (
        tuning.MARKED_MATCH
    )


def test_a_mark_never_cuts_a_figure_to_another_value() -> None:
    found = marked(MANY, "It killed twenty-six people.", "six")
    assert "twenty-six" in found
    assert "six" not in found


def test_a_mark_around_a_figure_is_of_its_kind() -> None:
    assert marked("How far was it?", "It was 40 kilometres away.", "40 kilometres")


@pytest.mark.parametrize(
    ("text", "mark", "proposed"),
    [
        ("Fewer than 100 people were killed.", "Fewer", False),
        ("Fewer than 100 people were killed.", "Fewer than 100", True),
        ("Dozens were killed.", "Dozens", True),
        ("Nobody was killed.", "Nobody", True),
        ("The miners were killed.", "The miners", False),
    ],
)
def test_where_a_number_is_asked_for_a_mark_without_one_is_no_answer(
    text: str, mark: str, proposed: bool
) -> None:
    assert (mark in marked(MANY, text, mark)) is proposed


def test_each_span_is_proposed_once_with_its_best_fit() -> None:
    item = sentence(1, "“Elena Voss” left.")
    spans = [p.span for p in propose(Question.parse(WHO), [item])]
    assert len(spans) == len(set(spans))
    assert proposed(WHO, "“Elena Voss” left.")["Elena Voss"] == 1.0


PLANNED = "The flight was supposed to take three months, and it took 155 days."


@pytest.mark.parametrize(
    ("question", "spans"),
    [
        ("How long did the flight take?", {"155 days"}),
        ("How long was the flight supposed to take?", {"three months", "155 days"}),
        ("How long will the flight take?", {"three months", "155 days"}),
    ],
)
def test_what_was_only_planned_is_no_answer_to_what_was(question: str, spans: set[str]) -> None:
    assert set(proposed(question, PLANNED)) == spans
