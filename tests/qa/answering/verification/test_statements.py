"""From what a model wrote to what the archive says."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answering.sentence import Sentence
from qa.answering.verification import Refused, Verified, figure_status, verify
from qa.language.figures import find_figures
from qa.models.base import Statement
from qa.question import Question
from tests.support.evidence import sentence

HARBOUR = "How many ships came to the harbour?"


def _verify(
    text: str, cites: tuple[int, ...], question: str, *texts: str, short: str | None = None
) -> Verified | None:
    return _passed(
        Statement(text, cites, short),
        question,
        [sentence(n, text) for n, text in enumerate(texts, start=1)],
    )


def _passed(statement: Statement, question: str, evidence: Sequence[Sentence]) -> Verified | None:
    found = verify(statement, Question.parse(question), evidence)
    if isinstance(found, Refused):
        assert found.faults
        return None
    return found


def _numbers(supported: Verified | None) -> list[int]:
    assert supported is not None
    return [item.n for item in supported.sentences]


# verify: sentences


def test_a_statement_rests_on_the_sentences_that_it_cites() -> None:
    supported = _verify(
        "Five ships came on Monday.",
        (2,),
        HARBOUR,
        "Trains ran.",
        "On Monday five ships came to the harbour.",
        short="five",
    )
    assert _numbers(supported) == [2]
    assert supported is not None
    assert supported.text == "Five ships came on Monday."
    assert supported.span is not None
    assert supported.span.text == "five"


def test_invented_numbers_in_cites_fall_away() -> None:
    supported = _verify(
        "Five ships came on Monday.", (99, 1, 0), HARBOUR, "On Monday five ships came."
    )
    assert _numbers(supported) == [1]


def test_a_statement_whose_cites_are_all_invented_is_given_the_sentence_that_says_it() -> None:
    supported = _verify(
        "Five ships came on Monday.", (99,), HARBOUR, "Trains ran.", "On Monday five ships came."
    )
    assert _numbers(supported) == [2]


def test_a_statement_without_a_marker_is_given_the_sentence_that_says_it() -> None:
    supported = _verify(
        "Five ships came on Monday.", (), HARBOUR, "Trains ran.", "On Monday five ships came."
    )
    assert _numbers(supported) == [2]


def test_a_cited_sentence_that_says_something_else_falls_away() -> None:
    supported = _verify(
        "Five ships came on Monday.",
        (1, 2),
        HARBOUR,
        "Trains ran late.",
        "On Monday five ships came.",
    )
    assert _numbers(supported) == [2]


@pytest.mark.parametrize("cites", [(), (1,), (99,)])
def test_a_claim_that_no_sentence_supports_is_dropped(cites: tuple[int, ...]) -> None:
    assert (
        _verify("Zebras escaped from the zoo.", cites, "What happened?", "Ships came on Monday.")
        is None
    )


@pytest.mark.parametrize("cites", [(), (1,)])
def test_nothing_is_supported_without_evidence(cites: tuple[int, ...]) -> None:
    assert _verify("Five ships came.", cites, HARBOUR) is None


@pytest.mark.parametrize("cites", [(), (1,)])
@pytest.mark.parametrize(
    "text", ["The mayor did resign.", "No, the mayor did not resign.", "The mayor resigned."]
)
def test_a_statement_in_the_question_s_own_words_still_needs_a_sentence_that_speaks_of_it(
    text: str, cites: tuple[int, ...]
) -> None:
    assert _verify(text, cites, "Did the mayor resign?", "The weather was fine.") is None


@pytest.mark.parametrize("text", ["Yes, the mayor resigned.", "The mayor resigned."])
def test_a_yes_with_the_sentence_that_decides_it_is_supported(text: str) -> None:
    assert _numbers(
        _verify(text, (1,), "Did the mayor resign?", "The mayor resigned on Monday.")
    ) == [1]


@pytest.mark.parametrize("text", ["", " ", "."])
def test_a_statement_that_says_nothing_is_dropped(text: str) -> None:
    assert _verify(text, (1,), HARBOUR, "Five ships came.") is None


def test_a_short_answer_that_no_cited_sentence_holds_is_left_out() -> None:
    supported = _verify(
        "Five ships came on Monday.", (1,), HARBOUR, "On Monday five ships came.", short="six ships"
    )
    assert supported is not None
    assert supported.span is None


def test_the_model_s_confidence_is_handed_on() -> None:
    supported = _passed(
        Statement("Five ships came.", (1,), None, 0.25), HARBOUR, [sentence(1, "Five ships came.")]
    )
    assert supported is not None
    assert supported.confidence == 0.25


# verify: figures

AID = "How much aid did the island get?"

HELD = [
    ("The island got $200m in aid.", "The island got USD 200 million in aid."),
    ("The island got USD 200 million in aid.", "The island got $200m in aid."),
    ("The island got 200 million dollars in aid.", "The island got some $200,000,000 in aid."),
    ("The island got €3bn in aid.", "The island got 3 billion euros in aid."),
    ("The island got aid for six months.", "The island got aid for 6 months."),
    ("The island got aid on 5 May 2021.", "The island got aid on May 5, 2021."),
    ("The island got half of it, 50 percent, as aid.", "The island got half of it, 50 %, as aid."),
    ("The island got 1,200 tents as aid.", "The island got twelve hundred tents as aid."),
]


@pytest.mark.parametrize(("text", "source"), HELD)
def test_a_figure_is_held_by_value(text: str, source: str) -> None:
    supported = _verify(text, (1,), AID, source)
    assert supported is not None
    assert len(supported.figures) == 1
    figure, holder = supported.figures[0]
    assert holder is not None
    assert holder.n == 1
    assert figure_status(figure, holder, Question.parse(AID)) == "supported"


INVENTED = [
    ("The island got $300m in aid.", "The island got $200m in aid."),
    ("The island got $200bn in aid.", "The island got $200m in aid."),
    ("The island got $200 in aid.", "The island got $200m in aid."),
    ("The island got $3 in aid.", "The island got $3.5 million in aid."),
    ("The island got $20 in aid.", "The island got $200 in aid."),
    ("The island got USD 200 million in aid.", "The island got EUR 200 million in aid."),
    ("The island got €200m in aid.", "The island got $200m in aid."),
    ("The island got 5 boats as aid.", "The island got 15 boats as aid."),
    ("The island got 5 boats as aid.", "The island got 5,000 boats as aid."),
    ("The island got 2 boats as aid.", "The island got boats as aid in 2022."),
    ("The island got 51 boats as aid.", "The island got 51.3 % of its boats as aid."),
    ("The island got six boats as aid.", "The island got sixty boats as aid."),
    ("The island got 2 boats as aid.", "The island got 2–3 boats as aid."),
    ("The island got aid for six months.", "The island got aid for six weeks."),
    ("The island got aid on May 5, 2021.", "The island got aid on May 6, 2021."),
    ("The island got aid on May 5, 2021.", "The island got aid in 2021."),
    ("The island got aid on May 5, 2021.", "The island got aid in May 2021."),
    ("The island got aid after it won 5-0.", "The island got aid after it won 3-2."),
]


@pytest.mark.parametrize(("text", "source"), INVENTED)
def test_a_statement_with_an_invented_figure_is_dropped(text: str, source: str) -> None:
    assert _verify(text, (1,), AID, source) is None


def test_a_less_precise_date_than_the_sentence_s_is_held() -> None:
    supported = _verify(
        "The island got aid in May 2021.", (1,), AID, "The island got aid on May 5, 2021."
    )
    assert _numbers(supported) == [1]


def test_a_figure_that_only_another_sentence_holds_takes_the_statement_down() -> None:
    assert (
        _verify(
            "The island got tents, food and $200m in aid.",
            (1,),
            AID,
            "The island got tents and food in aid.",
            "Parliament set aside USD 200 million.",
        )
        is None
    )


def test_each_part_of_a_statement_may_rest_on_a_sentence_of_its_own() -> None:
    supported = _verify(
        "The island got tents and food in aid, and parliament set aside $200m.",
        (1, 2),
        AID,
        "The island got tents and food in aid.",
        "Parliament set aside USD 200 million.",
    )
    assert _numbers(supported) == [1, 2]
    assert supported is not None
    assert [holder.n for _, holder in supported.figures if holder is not None] == [2]


def test_a_figure_of_the_question_is_derived_and_one_of_nowhere_is_unsupported() -> None:
    question = "Why did 40 ships stay in the harbour?"
    supported = _verify(
        "The 40 ships stayed because of a storm.",
        (1,),
        question,
        "Because of a storm the ships stayed.",
    )
    assert supported is not None
    ((figure, holder),) = supported.figures
    assert holder is None
    assert figure_status(figure, None, Question.parse(question)) == "derived"
    assert figure_status(find_figures("41")[0], None, Question.parse(question)) == "unsupported"


def test_a_relative_day_in_a_sentence_is_read_against_its_article_s_date() -> None:
    item = sentence(1, "The island got aid on Tuesday.", published_at="2022-03-16")
    right = Statement("The island got aid on March 15, 2022.", (1,))
    assert _numbers(_passed(right, AID, [item])) == [1]
    wrong = Statement("The island got aid on March 14, 2022.", (1,))
    assert _passed(wrong, AID, [item]) is None


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_count_passes_exactly_when_the_sentence_holds_it(said: int, written: int) -> None:
    supported = _verify(
        f"The island got {said:,} tents as aid.",
        (1,),
        AID,
        f"The island got {written:,} tents as aid.",
    )
    assert (supported is not None) == (said == written)


def test_a_figure_is_read_where_it_stands() -> None:
    """ "266 days" alone is a duration; before "old" it is an age. Word for word, it is what the
    sentence says it is.
    """
    supported = _verify(
        "266 days", (1,), "How old is the dog?", "The dog is 30 years and 266 days old."
    )
    assert supported is not None
    assert [
        (figure.value, holder.n if holder else None) for figure, holder in supported.figures
    ] == [("266", 1)]


@pytest.mark.parametrize("cut", ["six", "26 million"])
def test_a_cut_figure_is_still_refused(cut: str) -> None:
    assert (
        _verify(cut, (1,), HARBOUR, "Twenty-six ships and 1.26 million crates came to the harbour.")
        is None
    )


# verify: dates that only the question names

MEETING = "Summarize the meeting of the ministers in January 2022."


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        ("in January 2022", True),  # as precise as the question
        ("in 2022", True),
        ("on January 20, 2022", False),  # the sentence says the 19th: invented
        ("on January 19, 2022", True),
    ],
)
def test_a_date_more_precise_than_the_question_is_not_derived_from_it(
    said: str, passes: bool
) -> None:
    source = "The ministers met on January 19, 2022 and discussed trade."
    text = f"The ministers met {said} and discussed trade."
    supported = _verify(text, (1,), MEETING, source)
    assert (supported is not None) == passes


def test_a_year_that_an_undated_report_lacks_is_not_held_by_it() -> None:
    source = "The ministers met on January 19 and discussed trade."
    text = "The ministers met on January 19, 2022 and discussed trade."
    assert _verify(text, (1,), "Whom did the ministers meet?", source) is None


# verify: short answers, verdicts, what is said about the question


@pytest.mark.parametrize(
    ("short", "question", "fits"),
    [
        ("five", HARBOUR, True),
        ("Monday", HARBOUR, False),  # no number
        ("harbour", HARBOUR, False),
        ("Monday", "When did five ships come?", True),
        ("came", "Where did five ships come?", False),
        ("ships", "What came on Monday?", True),
        ("the", "What came on Monday?", False),
    ],
)
def test_a_short_answer_is_of_the_kind_asked_for(short: str, question: str, fits: bool) -> None:
    text = "On Monday five ships came to the harbour."
    supported = _verify(text, (1,), question, text, short=short)
    assert supported is not None
    assert (supported.span is not None) == fits


@pytest.mark.parametrize(
    ("said", "source", "passes"),
    [
        ("Yes, the mayor resigned.", "The mayor resigned on Monday.", True),
        ("No, the mayor resigned.", "The mayor resigned on Monday.", False),
        ("No, the mayor did not resign.", "The mayor did not resign.", True),
        ("Yes, the mayor did not resign.", "The mayor did not resign.", False),
    ],
)
def test_a_yes_or_no_agrees_with_the_sentence(said: str, source: str, passes: bool) -> None:
    supported = _verify(said, (1,), "Did the mayor resign?", source)
    assert (supported is not None) == passes


def test_a_yes_before_the_answer_to_another_question_falls_away() -> None:
    text = "On Monday five ships came to the harbour."
    supported = _verify(f"Yes, {text}", (1,), HARBOUR, text)
    assert supported is not None
    assert (supported.text, supported.verdict) == (text, None)


@pytest.mark.parametrize(
    ("source", "code"),
    [
        ("Police do not yet know how the fire started.", "reports_say_unknown"),
        ("The fire started in the kitchen.", None),
    ],
)
def test_a_model_s_word_that_nobody_knows_needs_a_sentence_that_says_so(
    source: str, code: str | None
) -> None:
    given = Statement(source, (1,), code="reports_say_unknown")
    supported = _passed(given, "How did the fire start?", [sentence(1, source)])
    assert supported is not None
    assert supported.code == code


def test_a_judge_may_veto_what_the_rules_let_pass() -> None:
    text = "Five ships came on Monday."
    given = Statement("On Monday five ships came.", (1,))
    found = verify(
        given, Question.parse(HARBOUR), [sentence(1, text)], lambda _premise, _claim: True
    )
    assert isinstance(found, Refused)
