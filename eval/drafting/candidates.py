"""Questions from the sentences of an archive's articles, from all parts of it."""

import hashlib
import re
from collections.abc import Iterator

from eval.drafting.left_out import LeftOut
from eval.drafting.sayings import saying
from qa.answering.suggestions import Candidate, made_from
from qa.archive.snapshot import Snapshot
from qa.language.sentences import sentences, trimmed
from qa.language.words import content_stems
from qa.types import Filters, StoredArticle

MOST_READ = 1500  # articles; of a larger archive every n-th is read
SENTENCES = 100  # of each article; 30 give half as many questions, no better ones
_PAGE = 200
_FEWEST_STEMS = 4
_ONLY_A_PLACE = re.compile(r"How many [a-z -]+ in (?:the )?(?:[A-Z][\w’'-]* ?)+\?$")
_BACKWARDS = re.compile(r"\b(?:in|on|at|from|during|of) that\b")


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


def candidates_of(stored: StoredArticle, left_out: LeftOut) -> list[Candidate]:
    """The questions that an article's sentences answer, by rules; none for another language."""
    name = stored.article.id
    if not _is_english(stored):
        left_out.note(name, "language")
        return []
    made = [*made_from(stored, SENTENCES), *_sayings(stored)]
    clear = [one for one in made if _is_clear(one)]
    if not clear:
        left_out.note(name, "unclear" if made else "no question")
    return clear


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
    """Return False for a question or an answer that is too little without the report."""
    question, answer = candidate.question, candidate.answer
    start, end = candidate.span
    sentence = candidate.stored.article.text[start:end]
    if _BACKWARDS.search(question) or sentence.endswith(("...", "…")):  # cut off
        return False
    match candidate.kind:
        case "when":  # "Friday" is a day only beside the report's date
            return re.search(r"\d", answer) is not None
        case "who":  # of "Ada Lind and Boris Falk" one is half an answer
            return f"and {answer}" not in sentence
        case "how much":  # by something a share rises each day, and the question has no day
            return not question.startswith("By how much")
        case "how many":  # "How many points did Burke score?" in which game?
            stems = content_stems(question)
            return len(stems) >= _FEWEST_STEMS and not _ONLY_A_PLACE.match(question)
    return True


def _all(snapshot: Snapshot) -> Iterator[StoredArticle]:
    after = 0
    while page := snapshot.articles(Filters(), _PAGE, after):
        yield from page
        after = page[-1].key


def _shuffled(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
