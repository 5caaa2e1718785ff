"""From verified statements to an answer."""

from hypothesis import given, settings
from hypothesis import strategies as st

from qa.answering.sentence import Span
from qa.answering.shaping import cite
from qa.answering.verification import Verified, verify
from qa.models.base import Statement
from qa.question import Question
from tests.support.evidence import sentence


def test_a_citation_is_the_exact_quote_at_its_offsets() -> None:
    item = sentence(
        3,
        "Five ships 😀 came.",
        before="Intro 👩‍👩‍👧. ",
        behind=" The end.",
        published_at="2022-03-16",
        title="Ships",
    )
    made = cite(7, item, Span(item, item.start, item.start + 4))
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
    made = cite(1, sentence(1, "Five ships came."))
    assert (made.answer_start, made.answer_end) == (None, None)


def test_a_repeated_quote_is_cited_where_its_sentence_stands() -> None:
    item = sentence(1, "Ships came. ", before="Ships came. ", behind="Ships came.")
    made = cite(1, item)
    assert (made.start, made.end) == (12, 24)


@settings(deadline=None)
@given(st.text(), st.text(min_size=1), st.text())
def test_every_citation_quotes_its_article_whatever_the_text(
    before: str, text: str, behind: str
) -> None:
    def clean(part: str) -> str:
        return part.encode("utf-8", "replace").decode()

    item = sentence(1, clean(text), before=clean(before), behind=clean(behind))
    made = cite(1, item)
    assert made.quote == clean(text) == item.hit.passage.article.text[made.start : made.end]


def test_the_place_of_the_short_answer_is_the_one_that_was_chosen() -> None:
    """Not the first occurrence of its words: twelve were hurt, and twelve others killed."""
    text = "The fire hurt 12 people on Monday and killed 12 others."
    question = Question.parse("How many were killed?")
    evidence = [sentence(1, text)]
    span = Span(evidence[0], 45, 47)
    statement = Statement(span.text, (1,), confidence=0.9, span=span)
    verified = verify(statement, question, evidence)
    assert isinstance(verified, Verified)
    assert verified.span is span
    made = cite(1, evidence[0], verified.span)
    assert (made.answer_start, made.answer_end) == (45, 47)
