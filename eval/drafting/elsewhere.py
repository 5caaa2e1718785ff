"""What other reports say to a drafted question: the same, something else, or nothing."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from eval.metrics import occurs
from qa.answering.suggestions import Candidate
from qa.archive.snapshot import Snapshot
from qa.language.sentences import sentences
from qa.language.words import content_stems
from qa.retrieval.hybrid import search_words
from qa.types import Filters, Passage

_PASSAGES = 20  # in which an answer is looked for
_SAME = 0.75  # share of a question's words; a sentence with so many is about the same
_NEAR = 0.6  # with so many it may be
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """``same``: other articles that hold the answer. ``differs``: one that may answer otherwise."""

    same: tuple[str, ...]
    differs: str | None


def look_elsewhere(snapshot: Snapshot, candidate: Candidate, filters: Filters) -> Elsewhere:
    """What other articles than the candidate's own say."""
    stems = set(content_stems(candidate.question))
    own = candidate.stored.article.id
    same: dict[str, None] = {}
    differs = None
    for passage in _passages(snapshot, candidate.question, filters):
        name = passage.article.id
        if name == own:
            continue
        for sentence in _sentences(passage):
            if share(stems, sentence) < _SAME:
                continue
            if not candidate.answer or occurs([candidate.answer], sentence):
                same[name] = None
            else:
                differs = name
    return Elsewhere(tuple(same), differs)


def may_answer(snapshot: Snapshot, candidate: Candidate, filters: Filters) -> bool:
    """Return True if what may be seen under ``filters`` could hold an answer."""
    stems = set(content_stems(candidate.question))
    words = f"{candidate.question} {candidate.answer}"
    for passage in _passages(snapshot, words, filters):
        if candidate.answer and occurs([candidate.answer], passage.text):
            if share(stems, passage.text) >= _HALF:
                return True
        elif any(share(stems, sentence) >= _NEAR for sentence in _sentences(passage)):
            return True
    return False


def occur_together(snapshot: Snapshot, name: str, question: str, filters: Filters) -> bool:
    """Return True if a passage has the name and most other words of the question."""
    stems, named = set(content_stems(question)), set(content_stems(name))
    for passage in _passages(snapshot, question, filters):
        found = set(content_stems(passage.text))
        if named <= found and share(stems - named, passage.text) >= _HALF:
            return True
    return False


def share(stems: Collection[str], text: str) -> float:
    """The share of the stems that occur in a text; 0 without any."""
    if not stems:
        return 0.0
    return len(set(stems) & set(content_stems(text))) / len(stems)


def _passages(snapshot: Snapshot, words: str, filters: Filters) -> list[Passage]:
    ranked = snapshot.lexical(search_words(words), _PASSAGES, filters)
    return snapshot.passages([identity for identity, _ in ranked])


def _sentences(passage: Passage) -> Iterator[str]:
    for start, end in sentences(passage.text, passage.article.language):
        yield passage.text[start:end]
