"""A claim against the sentences that it cites."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from qa.answering.sentence import Sentence, locate
from qa.answering.verification.claim import Claim
from qa.answering.verification.content import content_faults
from qa.answering.verification.figures import figure_faults
from qa.answering.verification.form import form_faults
from qa.answering.verification.fragment import fragment_faults
from qa.answering.verification.names import name_faults, order_faults, quote_faults
from qa.answering.verification.polarity import polarity_faults
from qa.answering.verification.source import Alignment, Source
from qa.question import Question

# Where a statement may rest on one sentence before and on another behind.
_JOINT = re.compile(r"(?:;\s+|[,;]\s+(?:and|but|while|whereas|though|although)\s+)")
_SUBJECT_WITHIN = 3  # words at a clause's start among which its source's first words must be


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong with a claim, and the sentences that support it where nothing is."""

    faults: tuple[str, ...]
    sentences: tuple[Sentence, ...]


Judge = Callable[[str, str], bool]
"""Whether a premise contradicts a claim, for a network that was trained for it: its no is final."""


def check(
    text: str, sentences: Sequence[Sentence], question: Question, judge: Judge | None = None
) -> Found:
    """Whether each part of a text says only what one of the sentences says."""
    best: tuple[str, ...] | None = None
    for item in sentences:
        others = _same_article(item, sentences)
        for beside in ((), others) if others else ((),):
            faults = _faults(text, item, beside, question, judge)
            if not faults:
                return Found((), (item, *beside))
            if best is None or len(faults) < len(best):
                best = faults
    parts = _parts(text)
    if len(parts) > 1 and len(sentences) > 1:
        supports = [_support(part, sentences, question, judge) for part in parts]
        if all(support is not None for support in supports):
            used = dict.fromkeys(support for support in supports if support is not None)
            return Found((), tuple(used))
    return Found(best or ("it cites no sentence",), ())


def _same_article(item: Sentence, sentences: Sequence[Sentence]) -> tuple[Sentence, ...]:
    return tuple(
        other for other in sentences if other is not item and other.article is item.article
    )


def _faults(
    text: str,
    sentence: Sentence,
    beside: Sequence[Sentence],
    question: Question,
    judge: Judge | None,
) -> tuple[str, ...]:
    source = Source(sentence, question, beside)
    faults = tuple(dict.fromkeys(_all_faults(text, source)))
    if not faults and judge is not None and judge(sentence.text, text):
        return ("the sentence says the contrary",)
    return faults


def _all_faults(text: str, source: Source) -> Iterator[str]:
    claim = Claim(text)
    if not claim.words:
        yield "it says nothing"
        return
    if _is_copy(claim, source):
        return
    span = locate(text, [source.sentence])
    if span is not None:
        yield from fragment_faults(span)
        return
    alignment = Alignment(claim.words, source)
    yield from form_faults(claim, source)
    yield from figure_faults(claim, source)
    yield from name_faults(claim, source)
    yield from order_faults(claim, source)
    yield from quote_faults(claim, source)
    yield from content_faults(claim, source, alignment)
    yield from polarity_faults(claim, source, alignment)


def _is_copy(claim: Claim, source: Source) -> bool:
    """The whole sentence word for word, whatever its quotation marks, spaces and last mark."""
    return _bare(claim.text) == _bare(source.sentence.text)


def _bare(text: str) -> str:
    text = text.translate({ord(mark): None for mark in "“”\"‘’'"})
    return re.sub(r"\s+", " ", text).strip(" .,;:!?").lower()


def _parts(text: str) -> list[str]:
    return [part for part in _JOINT.split(text) if part.strip()]


def _support(
    part: str, sentences: Sequence[Sentence], question: Question, judge: Judge | None
) -> Sentence | None:
    """The sentence that supports a part, from its subject on."""
    for item in sentences:
        if not _faults(part, item, (), question, judge) and _has_subject(part, item):
            return item
    return None


def _has_subject(part: str, sentence: Sentence) -> bool:
    """Whether a part begins as its sentence does: otherwise its subject is the other part's."""
    said = [word for word in Claim(part).words if word.is_content][:_SUBJECT_WITHIN]
    first = [word.key for word in Claim(sentence.text).words if word.is_content][:_SUBJECT_WITHIN]
    return any(word.key in first for word in said)
