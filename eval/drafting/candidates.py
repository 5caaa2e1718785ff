"""Questions from the sentences of an archive's articles, from all parts of it."""

import hashlib
import re
from collections.abc import Iterator

from eval.drafting.sayings import saying
from qa.answering.suggestions import Candidate, made_from
from qa.archive.snapshot import Snapshot
from qa.language.sentences import sentences, trimmed
from qa.types import Filters, StoredArticle

MOST_READ = 1500  # articles; of a larger archive every n-th is read
SENTENCES = 30  # of each article: what matters comes first
_PAGE = 200


def spread(snapshot: Snapshot, most: int = MOST_READ) -> Iterator[StoredArticle]:
    """Up to ``most`` articles from all over the archive, in an order that is always the same."""
    if snapshot.counts().articles <= most:
        yield from sorted(_all(snapshot), key=lambda stored: _shuffled(stored.article.id))
        return
    last = snapshot.numbers()["versions"]
    step = max(1, last // most)
    places = sorted(range(0, last, step), key=lambda place: _shuffled(str(place)))
    seen: set[int] = set()
    for place in places:
        for stored in snapshot.articles(Filters(), 1, place):
            if stored.key not in seen:
                seen.add(stored.key)
                yield stored


def candidates_of(stored: StoredArticle) -> list[Candidate]:
    """The questions that an article's sentences answer, by rules; none for another language."""
    found = [one for one in made_from(stored, SENTENCES) if _is_clear(one)]
    if found or _is_english(stored):
        found += _sayings(stored)
    return found


def _sayings(stored: StoredArticle) -> Iterator[Candidate]:
    text = stored.article.text
    for span in sentences(text, stored.article.language)[:SENTENCES]:
        start, end = trimmed(text, span)
        made = saying(text[start:end])
        if made is not None:
            yield Candidate(made.question, made.answer, made.kind, stored, (start, end))


def _is_english(stored: StoredArticle) -> bool:
    language = stored.article.language
    return language is None or language.lower().startswith("en")


def _is_clear(candidate: Candidate) -> bool:
    """Return True unless the answer is a day that only the report's own date explains."""
    return candidate.kind != "when" or re.search(r"\d", candidate.answer) is not None


def _all(snapshot: Snapshot) -> Iterator[StoredArticle]:
    after = 0
    while page := snapshot.articles(Filters(), _PAGE, after):
        yield from page
        after = page[-1].key


def _shuffled(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
