"""From what a model wrote to what the archive says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answering.verification import Supported, citation, figure_status, locate, verify
from qa.language.figures import find_figures
from qa.models.base import Statement
from qa.types import Article, Hit, Passage, Scores, Sentence, StoredArticle

HARBOUR = "How many ships came to the harbour?"


def _sentence(
    n: int,
    text: str,
    *,
    before: str = "",
    behind: str = "",
    published_at: str | None = None,
    title: str | None = None,
) -> Sentence:
    """A sentence of its own article, with other text around it."""
    article = Article(
        id=f"article-{n}",
        title=title,
        text=before + text + behind,
        published_at=published_at,
        source="Gazette",
        url=f"u{n}",
    )
    passage = Passage(100 + n, StoredArticle(10 + n, f"version-{n}", article), 0, len(article.text))
    return Sentence(n, Hit(1, 1.0, Scores(), passage), len(before), len(before) + len(text))


def _verify(
    text: str, cites: tuple[int, ...], question: str, *texts: str, short: str | None = None
) -> Supported | None:
    return verify(
        Statement(text, cites, short),
        question,
        [_sentence(n, text) for n, text in enumerate(texts, start=1)],
    )


def _numbers(supported: Supported | None) -> list[int]:
    assert supported is not None
    return [item.n for item in supported.sentences]


# citation


def test_a_citation_is_the_exact_quote_at_its_offsets() -> None:
    item = _sentence(
        3,
        "Five ships 😀 came.",
        before="Intro 👩‍👩‍👧. ",
        behind=" The end.",
        published_at="2022-03-16",
        title="Ships",
    )
    made = citation(7, item, (item.start, item.start + 4))
    article = item.hit.passage.article
    assert article.text[made.start : made.end] == made.quote == "Five ships 😀 came."
    assert made.answer_start is not None
    assert article.text[made.answer_start : made.answer_end] == "Five"
    assert (made.n, made.article_id, made.version, made.passage_id) == (
        7,
        "article-3",
        "version-3",
        103,
    )
    assert (made.title, made.source, made.url, made.published_at) == (
        "Ships",
        "Gazette",
        "u3",
        "2022-03-16",
    )


def test_a_citation_without_a_short_answer_has_no_place_for_it() -> None:
    made = citation(1, _sentence(1, "Five ships came."))
    assert (made.answer_start, made.answer_end) == (None, None)


def test_a_repeated_quote_is_cited_where_its_sentence_stands() -> None:
    item = _sentence(1, "Ships came. ", before="Ships came. ", behind="Ships came.")
    made = citation(1, item)
    assert (made.start, made.end) == (12, 24)


@settings(deadline=None)
@given(st.text(), st.text(min_size=1), st.text())
def test_every_citation_quotes_its_article_whatever_the_text(
    before: str, text: str, behind: str
) -> None:
    def clean(part: str) -> str:
        return part.encode("utf-8", "replace").decode()

    item = _sentence(1, clean(text), before=clean(before), behind=clean(behind))
    made = citation(1, item)
    assert made.quote == clean(text) == item.hit.passage.article.text[made.start : made.end]


# locate


@pytest.mark.parametrize(
    ("short", "text", "found"),
    [
        ("five ships", "On Monday five ships came.", "five ships"),
        ("FIVE ships", "On Monday Five Ships came.", "Five Ships"),
        ("five  ships", "On Monday five\n ships came.", "five\n ships"),
        ("$3.5 million", "It cost $3.5 million.", "$3.5 million"),
        ("51.3 %", "Turnout was 51.3 % there.", "51.3 %"),
        ("(AP)", "KYIV (AP) - Ships came.", "(AP)"),
        ("U.S.", "The U.S. sent ships.", "U.S."),
        ("200", "Of 1,200 ships, 200 came.", "200"),
        ("3", "It rose by 3.5 and then by 3.", "3"),
    ],
)
def test_a_short_answer_is_found_where_it_stands(short: str, text: str, found: str) -> None:
    item = _sentence(1, text, before="Before. ")
    at = locate(short, [item])
    assert at is not None
    where, start, end = at
    assert where is item
    assert item.hit.passage.article.text[start:end] == found
    assert item.start <= start < end <= item.end
    if short in ("200", "3"):
        assert start - item.start == text.rindex(short), "not inside a longer number"


@pytest.mark.parametrize(
    ("short", "text"),
    [
        ("art", "The party won."),
        ("five", "Twenty-fivefold."),
        ("5", "In 15 ships."),
        ("5", "In 2015."),
        ("200", "Some 1,200 ships came."),
        ("3", "It rose by 3.5 per cent."),
        ("$3", "It cost $3.5 million."),
        ("5", "It rose by 3.5 per cent."),
        ("", "Ships came."),
        ("   ", "Ships came."),
        ("trains", "Ships came."),
    ],
)
def test_a_short_answer_that_is_not_there_is_not_found(short: str, text: str) -> None:
    assert locate(short, [_sentence(1, text)]) is None


def test_a_short_answer_is_located_in_its_sentence_and_not_before_it() -> None:
    item = _sentence(1, "Later five came.", before="At first five came. ")
    at = locate("five", [item])
    assert at is not None
    assert at[1:] == (26, 30)  # "At first five came. " is 20 characters, "Later " six


def test_the_first_sentence_that_has_the_short_answer_wins() -> None:
    items = [_sentence(1, "Ships came."), _sentence(2, "Five came."), _sentence(3, "Five left.")]
    at = locate("five", items)
    assert at is not None
    assert at[0].n == 2


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=40))
def test_what_is_located_is_the_short_answer_but_for_case_and_white_space(
    short: str, text: str
) -> None:
    item = _sentence(1, text, before="Before. ")
    at = locate(short, [item])
    if at is not None:
        found = item.hit.passage.article.text[at[1] : at[2]]
        assert len(found.split()) == len(short.split())
        assert item.start <= at[1] < at[2] <= item.end


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
    assert (supported.text, supported.short) == ("Five ships came on Monday.", "five")


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
    assert supported.short is None


def test_the_model_s_confidence_is_handed_on() -> None:
    supported = verify(
        Statement("Five ships came.", (1,), None, 0.25), HARBOUR, [_sentence(1, "Five ships came.")]
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
    assert figure_status(figure, holder, AID) == "supported"


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


def test_a_figure_that_another_sentence_holds_brings_that_sentence_along() -> None:
    supported = _verify(
        "The island got tents, food and $200m in aid.",
        (1,),
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
    assert figure_status(figure, None, question) == "derived"
    assert figure_status(find_figures("41")[0], None, question) == "unsupported"


def test_a_relative_day_in_a_sentence_is_read_against_its_article_s_date() -> None:
    item = _sentence(1, "The island got aid on Tuesday.", published_at="2022-03-16")
    right = verify(Statement("The island got aid on March 15, 2022.", (1,)), AID, [item])
    assert _numbers(right) == [1]
    assert verify(Statement("The island got aid on March 14, 2022.", (1,)), AID, [item]) is None


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
    """ "266 days" alone is a duration; before "old" it is an age. Word for word, it is what the sentence says it is."""
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
