"""Who else reports a cited sentence, who says it, and how many independent sources there are. Pure
functions.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from qa.answer import Citation, OtherReport
from qa.types import Article, Hit, Passage

_WORD = re.compile(r"\w+")
_FEWEST_WORDS = 5  # "He resigned." in two reports may be about two people


def has_words(text: str, words: str) -> bool:
    """Return True if the text has these words in order; case, signs and spaces are ignored."""
    return f" {normalised(words)} " in f" {normalised(text)} "


def same_words(one: str, other: str) -> bool:
    """Return True if the texts differ in case, signs and white space at most."""
    return normalised(one) == normalised(other)


def names_speaker(article: Article, speaker: str) -> bool:
    """Return True if the article names the speaker."""
    return bool(normalised(speaker)) and has_words(
        f"{article.title or ''}\n{article.text}", speaker
    )


def other_reports(quote: str, hit: Hit, passages: Iterable[Passage]) -> tuple[OtherReport, ...]:
    """The copies of the hit's article, earliest first; then the other articles whose passages have
    the quote's words, in the order of the passages.
    """
    found = {copy.article_id: copy for copy in OtherReport.copies_of(hit)}
    wanted = f" {normalised(quote)} "
    if len(wanted.split()) < _FEWEST_WORDS:
        return tuple(found.values())
    for passage in passages:
        article = passage.article
        if article.id == hit.passage.article.id or article.id in found:
            continue
        if wanted in f" {normalised(passage.text)} ":
            found[article.id] = OtherReport(article_id=article.id, source=article.source)
    return tuple(found.values())


def independent_sources(citations: Sequence[Citation], key: Callable[[str], str] = str) -> int:
    """How many sources the citations come from; an article without one counts by itself.

    Copies of a story count once, and so do the same words, whoever prints them, and sources with
    one ``key``: the names of one publisher.
    """
    sources: set[str | tuple[str, str]] = set()
    texts: set[str] = set()
    copies: set[str] = set()
    count = 0
    for citation in citations:
        named = citation.source
        source = key(named) if named else ("article", citation.article_id)
        text = normalised(citation.quote)
        if source not in sources and text not in texts and citation.article_id not in copies:
            count += 1
        sources.add(source)
        texts.add(text)
        copies.update(item.article_id for item in citation.also_reported_by if item.same_story)
    return count


def normalised(text: str) -> str:
    """The words of a text, without case, signs and white space."""
    return " ".join(_WORD.findall(text.casefold()))
