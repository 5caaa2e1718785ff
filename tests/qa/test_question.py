"""A question is valid by construction: what cannot be asked is refused when it is parsed."""

from typing import Any

import pytest

from qa.errors import BadInput
from qa.question import LONGEST_FILTER, LONGEST_QUESTION, MOST_HITS, Question
from qa.types import Filters


def test_a_question_is_parsed_into_its_parts() -> None:
    filters = Filters(sources=("Herald",), as_of="2024-05-01")
    question = Question.parse(
        "How many Kordovan soldiers were killed on 4 March 2022?", filters, k=5, min_confidence=0.2
    )
    assert question.text == "How many Kordovan soldiers were killed on 4 March 2022?"
    assert (question.kind, question.form) == ("number", "short")
    assert question.asked == {"kordovan", "soldier"}
    assert question.names == {"kordovan", "4", "march", "2022"}
    assert question.stems == ("kordovan", "soldier", "kill", "4", "march", "2022")
    assert [(figure.kind, figure.value) for figure in question.figures] == [("date", "2022-03-04")]
    assert (question.filters, question.k, question.min_confidence) == (filters, 5, 0.2)


def test_without_options_everything_visible_is_searched_for_ten_passages() -> None:
    question = Question.parse("Who resigned?")
    assert (question.filters, question.k, question.min_confidence) == (Filters(), 10, None)


def test_a_question_of_yes_or_no_has_that_form() -> None:
    question = Question.parse("Did the mayor resign?")
    assert (question.kind, question.form) == ("boolean", "yes_no")


def test_equal_questions_are_equal_values() -> None:
    assert Question.parse("Who resigned?") == Question.parse("Who resigned?")
    assert hash(Question.parse("Who resigned?")) == hash(Question.parse("Who resigned?"))


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_an_empty_question_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="the question is empty"):
        Question.parse(text)


def test_an_overlong_question_is_refused_with_its_length() -> None:
    Question.parse("x" * LONGEST_QUESTION)
    with pytest.raises(BadInput, match="has 2,001 characters; the limit is 2,000"):
        Question.parse("x" * (LONGEST_QUESTION + 1))


def test_an_unknown_form_is_refused_with_the_known_ones() -> None:
    form: Any = "poem"
    known = "short, sentences, yes_no, list, brief"
    with pytest.raises(BadInput, match=f"form is 'poem'; it must be one of {known}"):
        Question.parse("Who?", form=form)


@pytest.mark.parametrize("k", [-1, 0, MOST_HITS + 1])
def test_a_k_out_of_bounds_is_refused(k: int) -> None:
    with pytest.raises(BadInput, match=f"k is {k}; it must be from 1 to 1000"):
        Question.parse("Who?", k=k)


@pytest.mark.parametrize("k", [1, MOST_HITS])
def test_a_k_at_a_bound_is_accepted(k: int) -> None:
    assert Question.parse("Who?", k=k).k == k


@pytest.mark.parametrize("name", ["as_of", "published_from", "published_to"])
def test_a_date_that_cannot_be_read_is_refused_by_the_name_of_its_filter(name: str) -> None:
    filters: dict[str, Any] = {name: "soon"}
    with pytest.raises(BadInput, match=f"{name} is 'soon'; expected an ISO 8601 date"):
        Question.parse("Who?", Filters(**filters))


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    period = Filters(published_from="2024-03-02", published_to="2024-03-01")
    with pytest.raises(BadInput, match="published_from is 2024-03-02, which is after"):
        Question.parse("Who?", period)


def test_a_period_of_one_day_reaches_to_its_end() -> None:
    period = Filters(published_from="2024-03-01T18:00", published_to="2024-03-01")
    assert Question.parse("Who?", period).filters == period


@pytest.mark.parametrize("name", ["sources", "languages"])
def test_an_overlong_value_of_a_filter_is_refused(name: str) -> None:
    filters: dict[str, Any] = {name: ("a", "x" * (LONGEST_FILTER + 1))}
    with pytest.raises(BadInput, match=f"a value of {name} has 501 characters; the limit is 500"):
        Question.parse("Who?", Filters(**filters))
