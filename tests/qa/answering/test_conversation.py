"""A follow-up question is asked as one that can be answered alone."""

from collections.abc import Sequence

import pytest

from qa.answering.conversation import LEANT_ON, completed, standalone, whole_question
from qa.errors import AnswerModelTimeout, BadInput
from qa.question import LONGEST_QUESTION

FIRST = "How much aid was announced?"


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("And who announced it?", f"who announced it? ({FIRST})"),
        ("Who announced it?", f"Who announced it? ({FIRST})"),  # a pronoun
        ("But why?", f"why? ({FIRST})"),
        ("When?", f"When? ({FIRST})"),  # too little to be found by
        ("Who won the election in Kordova?", "Who won the election in Kordova?"),
    ],
)
def test_a_question_leans_on_the_one_before_when_it_cannot_do_without(
    question: str, whole: str
) -> None:
    assert standalone(question, [FIRST]) == whole


def test_a_chain_of_follow_ups_reaches_back_to_the_first_question_that_needs_no_other() -> None:
    earlier = ["Who won the election in Kordova?", FIRST, "Who announced it?"]
    assert standalone("And when?", earlier) == f"when? (Who announced it? ({FIRST}))"


def test_without_earlier_questions_it_stays_as_it_is() -> None:
    assert standalone("And when?", []) == whole_question("And when?", []) == "And when?"


def test_as_many_of_the_latest_questions_are_kept_as_fit() -> None:
    long = "Why did " + "it " * 600
    whole = whole_question("And when?", [long, long, "Who announced it?"])
    assert len(whole) <= LONGEST_QUESTION
    assert whole.startswith("when? (Who announced it? (Why did it it")
    assert whole.count("Why did") == 1


def test_no_more_than_the_last_few_are_leant_on() -> None:
    earlier = [f"Why did it {word}?" for word in ("sink", "burn", "fall", "stop", "leak", "turn")]
    whole = whole_question("And when?", earlier)
    assert whole.count("Why did it") == LEANT_ON
    assert "burn" not in whole


def test_an_earlier_question_without_words_is_passed_over() -> None:
    assert whole_question("And when?", ["How much?", "", " "]) == "when? (How much?)"
    assert whole_question("And when?", [" "]) == "And when?"


def test_an_earlier_question_that_is_too_long_is_passed_over() -> None:
    assert whole_question("And when?", ["x" * (LONGEST_QUESTION + 1)]) == "And when?"


@pytest.mark.parametrize("question", ["", " ", "x" * (LONGEST_QUESTION + 1)])
def test_an_empty_or_overlong_question_is_refused(question: str) -> None:
    with pytest.raises(BadInput):
        whole_question(question, [FIRST])


# A model that rewrites

ABOUT = "Which minister visited Kyiv?"


class Rewriter:
    """Says what it was given to say."""

    def __init__(self, said: str | Exception) -> None:
        self._said = said
        self.asked = 0

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        self.asked += 1
        if isinstance(self._said, Exception):
            raise self._said
        return self._said


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ("When did the minister leave Kyiv?", "When did the minister leave Kyiv?"),
        ("When did the\nminister leave Kyiv?", "When did the minister leave Kyiv?"),
        ("When did Blinken leave Kyiv?", None),  # a name of its own
        ("When was the minister in Kyiv?", None),  # "leave" is lost
        ("And when did he leave?", None),  # nothing was completed
        ("", None),
        (AnswerModelTimeout("late"), None),
    ],
)
def test_a_model_s_question_counts_if_all_its_words_are_the_user_s(
    said: str | Exception, whole: str | None
) -> None:
    by_rule = f"when did he leave? ({ABOUT})"
    assert completed("And when did he leave?", [ABOUT], Rewriter(said)) == (whole or by_rule)


def test_a_question_that_needs_no_other_is_not_rewritten() -> None:
    model = Rewriter("Who won in Kyiv?")
    question = "Who won the election in Kordova?"
    assert completed(question, [ABOUT], model) == question
    assert model.asked == 0


def test_without_such_a_model_the_rule_decides() -> None:
    assert completed("When?", [FIRST], object()) == f"When? ({FIRST})"
