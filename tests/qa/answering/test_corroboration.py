"""Who else reports a sentence, who says it, and how many independent sources there are."""

import pytest

from qa.answer import Citation, OtherReport
from qa.answering.corroboration import (
    has_words,
    independent_sources,
    names_speaker,
    other_reports,
    same_words,
)
from qa.language.limits import publisher_key
from qa.types import Article, Hit, Passage, ReportedBy, Scores, StoredArticle

QUOTE = "Kordovia sent four ships to Hask."


def passage(article_id: str, text: str, source: str | None = None) -> Passage:
    article = Article(id=article_id, text=text, source=source)
    return Passage(1, StoredArticle(1, "v", article), 0, len(text))


def hit(article_id: str, *copies: ReportedBy) -> Hit:
    return Hit(1, 1.0, Scores(), passage(article_id, QUOTE), copies)


def citation(article_id: str, source: str | None, quote: str = QUOTE) -> Citation:
    return Citation(
        n=1,
        article_id=article_id,
        version="v",
        title=None,
        source=source,
        url=None,
        published_at=None,
        passage_id=1,
        quote=quote,
        start=0,
        end=len(quote),
    )


def test_another_article_with_the_same_words_is_another_report() -> None:
    passages = [
        passage("own", QUOTE),
        passage("copy", "HASK -- Kordovia sent  four ships to Hask, and left.", "Hill Times"),
        passage("copy", QUOTE, "Hill Times"),
        passage("changed", "Kordovia sent five ships to Hask."),
        passage("longer", "Kordovia sent four shipsful to Hask."),
    ]
    found = other_reports(QUOTE, hit("own"), passages)
    assert [(report.article_id, report.source) for report in found] == [("copy", "Hill Times")]


def test_a_short_sentence_may_be_about_somebody_else() -> None:
    assert other_reports("He resigned.", hit("own"), [passage("other", "He resigned.")]) == ()


@pytest.mark.parametrize(
    ("cited", "count"),
    [
        ([], 0),
        ([("a", "Gazette", "One."), ("b", "Gazette", "Two.")], 1),
        ([("a", "Gazette", "One."), ("b", "Herald", "Two.")], 2),
        ([("a", None, "One."), ("b", None, "Two.")], 2),
        ([("a", None, "One."), ("a", None, "Two.")], 1),
        ([("a", "Gazette", "One ship."), ("b", "Herald", "one  ship")], 1),
    ],
)
def test_a_source_counts_once_and_so_do_copies(
    cited: list[tuple[str, str | None, str]], count: int
) -> None:
    citations = [citation(article_id, source, quote) for article_id, source, quote in cited]
    assert independent_sources(citations) == count


def test_the_names_of_one_publisher_count_once() -> None:
    cited = [
        ("a", "The Gazette", "One."),
        ("b", "gazette.example", "Two."),
        ("c", "Post", "Three."),
    ]
    citations = [citation(article_id, source, quote) for article_id, source, quote in cited]
    aliases = {"gazette.example": "Gazette"}
    assert independent_sources(citations, lambda name: publisher_key(name, aliases)) == 2
    assert independent_sources(citations, lambda name: publisher_key(name, {})) == 3


def test_copies_of_the_article_come_before_reports_with_the_same_words() -> None:
    copy = ReportedBy("copy", "Hill Times")
    passages = [passage("same-words", QUOTE), passage("copy", QUOTE, "Hill Times")]
    found = other_reports(QUOTE, hit("own", copy), passages)
    assert [(one.article_id, one.source, one.same_story) for one in found] == [
        ("copy", "Hill Times", True),
        ("same-words", None, False),
    ]


@pytest.mark.parametrize(("same_story", "count"), [(True, 1), (False, 2)])
def test_copies_of_a_story_are_one_source_whatever_is_quoted(same_story: bool, count: int) -> None:
    other = OtherReport(article_id="b", source="Herald", same_story=same_story)
    one = citation("a", "Gazette", "One.").model_copy(update={"also_reported_by": (other,)})
    assert independent_sources([one, citation("b", "Herald", "Two.")]) == count


def test_a_speaker_must_be_named_by_the_article() -> None:
    article = Article(id="a", title="Lund speaks", text="“It is safe,” Ada  Lind said.")
    assert names_speaker(article, "Ada Lind")
    assert names_speaker(article, "Lund")
    assert not names_speaker(article, "Ada Lindgren")
    assert not names_speaker(article, "Lind Ada")
    assert not names_speaker(article, "…")


def test_words_are_compared_whole_and_without_signs() -> None:
    assert has_words("The ship, 'Orre', sank.", "ship Orre sank")
    assert not has_words("The shipyard sank.", "ship")
    assert same_words("Yes: it did!", "yes it did")
    assert not same_words("it did", "it did not")
