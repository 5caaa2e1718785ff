"""Whole sentences that answer: why, how, what was said, what happened."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.evidence import share_of_best
from qa.answering.features import SentenceFeatures
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence, Span
from qa.language.dates import CALENDAR_WORDS
from qa.language.periods import AskedTime
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.question import Question
from qa.types import Aspect

_CUES: dict[Aspect, re.Pattern[str]] = {
    "cause": re.compile(
        r"\b(?:because|due to|owing to|thanks to|as a result|caused|causing|causes?|led to"
        r"|leading to|blamed?|blaming|after|amid|in order to|so that|reasons?|prompted|since|citing"
        r"|stems? from|to (?:avoid|prevent|protect|ensure|help|keep|stop|allow|make)"
        r"|over (?:the|concerns?))\b",
        re.IGNORECASE,
    ),
    "manner": re.compile(
        r"\b(?:by \w+ing|using|through|via|with (?:the|a|an)|when|after|allow(?:s|ed)?|works?)\b",
        re.IGNORECASE,
    ),
    "speech": re.compile(
        r"[\"“”]|\b(?:said|says?|told|added|announced|wrote|warned|claimed|argued|called|accus\w+"
        r"|according to|insist\w+|promis\w+|pledg\w+|urg\w+|tweeted|describ\w+|stat(?:ed|ing))\b",
        re.IGNORECASE,
    ),
}
_SAYS = "said|says|added|wrote|warned|claimed|argued|tweeted|insists|insisted"
_SAYS_OF = "told|announced|called|accused|admitted|denied"  # what follows is not who speaks
_SPEAKER = re.compile(
    rf"(?:(?:(?<=[,.?!”\"’'] )(?:{_SAYS})|\baccording to)\s+"
    r"(?P<behind>(?:[\w.’'-]+\s+){0,4}?[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*)"
    r"|(?P<before>[A-Z][\w’'-]+(?:\s+[A-Z][\w’'-]+)*|[Hh]e|[Ss]he|[Tt]hey)"
    rf"(?:,[^,]{{3,60}},)?\s+(?:(?:also|ha[sd]|\w+ly)\s+)?(?:{_SAYS}|{_SAYS_OF})\b)"
)
_ASKED_SPEAKER = re.compile(
    r"\bwhat (?:else )?(?:did|do|does|has|have|is|was|were)\s+(?P<name>[^,?]+?)\s+(?:\w+ly\s+)?"
    r"(?:announce|argue|call|claim|say|said|saying|tell|think|told|tweet|warn|write)\w*\b",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s(?:[IVX]+|[JS]r)$")  # "Elizabeth II" is "Elizabeth" too
_BY_LINE = re.compile(r"(?:By|BY)(?:[ \t]+[A-Z][\w.’'-]*){1,4}")
_PRONOUNS = frozenset({"he", "she", "they", "it"})


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with its score as an answer."""

    sentence: Sentence
    features: SentenceFeatures
    score: float
    confidence: float


def tell(question: Question, evidence: Sequence[Sentence]) -> list[Statement]:
    """One to three whole sentences that answer, the surest first; [] without evidence."""
    ranked = [item for item in rank(question, evidence) if _tells(item.sentence.text)]
    if question.aspect == "definition":
        ranked = _defining(question, ranked)
    elif question.aspect == "speech":
        ranked = _said_by_asked(question, ranked)
    if not ranked:
        return []
    best = ranked[0]
    chosen = [best]
    for other in ranked[1:]:
        sure = other.confidence >= tuning.MORE_SENTENCES * best.confidence
        if len(chosen) == tuning.MOST_SENTENCES or not sure:
            break
        if all(not repeats(other.sentence, item.sentence) for item in chosen):
            chosen.append(other)
    return [statement_of(question, item.sentence, item.confidence) for item in chosen]


def _defining(question: Question, ranked: Sequence[Told]) -> list[Told]:
    """The sentences with the word that is to be explained, first those that say what it is: "Roe, a
    sailor", "Roe was". Not those about what somebody has: "Roe's ship".
    """
    asked = _NUMBERED.sub("", question.text.rstrip("?!. "))
    last = asked.rsplit(maxsplit=1)[-1]
    word = re.escape(last)
    if last[0].islower():
        word = f"{re.escape(last.removesuffix('s'))}(?:e?s)?"
    written_so = last[0].isupper() and any(last in told.sentence.text for told in ranked)
    ignored = re.NOFLAG if written_so else re.IGNORECASE
    named = re.compile(rf"\b{word}\b(?![’']s)", ignored)
    explained = re.compile(
        rf"\b{word}(?:,? (?:is|was|are|were)|(?:,|\s[(–—-]) ?(?:an?|the|who|which))\b"
        rf"|\({word}\)",
        ignored,
    )
    found = [told for told in ranked if named.search(told.sentence.text)]
    return sorted(found, key=lambda told: explained.search(told.sentence.text) is None)


def _said_by_asked(question: Question, ranked: list[Told]) -> list[Told]:
    """Without what others say, where it is asked what somebody by name says, and enough is left."""
    asked = _ASKED_SPEAKER.search(question.text)
    names = question.names & frozenset(content_stems(asked["name"])) if asked else frozenset()
    kept = [told for told in ranked if not _is_another(told.sentence.text, names)]
    return kept if kept and kept[0].confidence >= (question.min_confidence or 0.0) else ranked


def _is_another(text: str, names: frozenset[str]) -> bool:
    """Whether somebody else than these is named as who says it."""
    speaker = speaker_of(text)
    if not names or speaker is None or not speaker[0].isupper():  # "said the president"
        return False
    return names.isdisjoint(content_stems(speaker))


def _tells(text: str) -> bool:
    """Whether a sentence says something: it is no question, date or by-line above a report."""
    words = re.findall(r"\w+", text.lower())
    is_date = all(word.isdigit() or word in CALENDAR_WORDS for word in words)
    text = text.strip()
    return not (is_date or text.endswith("?") or _BY_LINE.fullmatch(text))


def statement_of(question: Question, item: Sentence, confidence: float) -> Statement:
    """The whole sentence as a statement, its deciding clause as the span."""
    return Statement(
        " ".join(item.text.split()),
        (item.n,),
        confidence=confidence,
        span=deciding(item),
        speaker=speaker_of(item.text) if question.aspect == "speech" else None,
    )


def rank(question: Question, evidence: Sequence[Sentence]) -> list[Told]:
    """The sentences that were read closely, best answer first; ties by number."""
    fit = scorer().sentences
    _, top = highest(evidence)
    read = [item for item in evidence if item.closer]
    time = AskedTime.read(question.text, question.now)
    described = [describe(question, item, top, time) for item in read]
    scores = [fit.score(features) for features in described]
    found = [
        Told(item, features, score, fit.calibration.confidence(score))
        for item, features, score in zip(read, described, scores, strict=True)
    ]
    return sorted(found, key=lambda told: (-told.score, told.sentence.n))


def highest(evidence: Sequence[Sentence]) -> tuple[float, float]:
    """The highest scores of sentences and of hits, which the features are measured against."""
    best = max((item.score for item in evidence), default=1.0)
    top = max((item.hit.score for item in evidence), default=1.0)
    return best or 1.0, top or 1.0


def describe(question: Question, item: Sentence, top: float, time: AskedTime) -> SentenceFeatures:
    """What speaks for a sentence; ``top`` is the highest score of a hit."""
    cue = _CUES.get(question.aspect) if question.aspect is not None else None
    span = deciding(item)
    odds = item.odds(span.start, span.end) if span is not None else None
    return SentenceFeatures(
        read=odds or 0.0,
        around=item.closer[0].relevance if item.closer else 0.0,
        passage=item.reading.relevance if item.reading is not None else 0.0,
        found=share_of_best(item.hit.score, top),
        cue=float(cue is not None and cue.search(item.text) is not None),
        missed=time.missed(item.published_at),
    )


def deciding(item: Sentence) -> Span | None:
    """The clause that the reader marks in a sentence; None where it marks none."""
    if item.reading is None:
        return None
    for reading in (*item.closer[::-1], item.reading):
        for start, end, _ in reading.best(item.start, item.end, 1):
            return Span(item, start, end)
    return None


def speaker_of(text: str) -> str | None:
    """Who says what a sentence quotes, in its words; None where it gives no name."""
    match = _SPEAKER.search(text)
    if match is None:
        return None
    name = " ".join((match["behind"] or match["before"]).split())
    return None if name.lower() in _PRONOUNS else name


def repeats(one: Sentence, other: Sentence) -> bool:
    """Whether two sentences say the same, judged by their content words."""
    shared = len(one.stems & other.stems)
    return shared >= tuning.SAME_WORDS * max(1, min(len(one.stems), len(other.stems)))
