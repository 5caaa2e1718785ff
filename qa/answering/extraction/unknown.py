"""Reports that say themselves that something is not known."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from qa import tuning
from qa.answering.evidence import rarity
from qa.answering.sentence import Sentence
from qa.answering.verification.text import meanings, source_words, words
from qa.language.unknowns import leaves_open, subject_left_open
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question


def said_to_be(
    question: Question, evidence: Sequence[Sentence], confidence: float
) -> Statement | None:
    """The sentence that says that what is asked is not known, where one speaks of it more than of
    anything else and no answer is surer than ``confidence``; None otherwise.
    """
    if confidence >= tuning.SURE_DESPITE_PLAINLY_UNKNOWN:
        return None
    asked = [word.key for word in words(question.text) if word.is_content]
    spoken_words = [_meant(item.text) for item in evidence]
    weights = rarity(asked, spoken_words)
    best: tuple[float, Sentence] | None = None
    for item, own_words in zip(evidence, spoken_words, strict=True):
        named = leaves_open(item.text, question.text, question.kind, question.aspect)
        if named is False or not _is_about(question, item):
            continue
        if named is None and not _asks_for_subject(asked, item.text):
            continue
        own = _share(weights, own_words)
        around = _share(weights, own_words | _meant(_around(item)))
        plain = named and own >= tuning.UNKNOWN_PLAINLY
        outweighed = confidence >= tuning.SURE_DESPITE_UNKNOWN and not plain
        share = (own + around) / 2
        if _speaks_of(own, around, named=bool(named)) and not outweighed:
            best = max(best or (share, item), (share, item), key=lambda pair: pair[0])
    if best is None:
        return None
    share, item = best
    text = " ".join(item.text.split())
    sure = round(max(confidence, share), 4)
    return Statement(text, (item.n,), confidence=sure, code="reports_say_unknown")


def _speaks_of(own: float, around: float, *, named: bool) -> bool:
    """Whether the sentence itself has enough of the question's words; or it names what is asked,
    in a passage that has most of them.
    """
    if own >= tuning.UNKNOWN_SPOKEN_OF:
        return True
    return named and around >= tuning.UNKNOWN_AROUND


def _asks_for_subject(asked: Sequence[str], text: str) -> bool:
    """Whether the question has a word of what the sentence says is not known, if it names that."""
    subject = subject_left_open(text)
    return subject is None or not _meant(subject).isdisjoint(asked)


def _is_about(question: Question, item: Sentence) -> bool:
    """Whether its passage or title has a name of the question, if that has any."""
    return not question.names or not question.names.isdisjoint(content_stems(_around(item)))


def _around(item: Sentence) -> str:
    return f"{item.article.title or ''}. {item.hit.passage.text}"


def _meant(text: str) -> frozenset[str]:
    """The keys of a text's words, of their synonyms, and of what is more general."""
    return frozenset(same for word in source_words(text) for same in meanings(word.key))


def _share(weights: dict[str, float], found: AbstractSet[str]) -> float:
    total = sum(weights.values()) or 1.0
    return sum(weight for word, weight in weights.items() if word in found) / total
