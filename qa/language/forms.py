"""The form of answer that a question wants, read off its words. Pure functions."""

import re

from qa.language.kinds import kind_of
from qa.types import Aspect, Form

_BRIEF = re.compile(
    r"(?:what (?:do|did) (?:we|you|they) know|summari[sz]e|sum up|brief me"
    r"|give me an? (?:brief|overview|summary)|tell me (?:all )?about|what is known)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?:name|list)\b"
    r"|(?:what|which) (?:\w+ ){0,3}?(?:are|were|have|do|did) (?:\w+ ){0,4}?(?:all|some)\b"
    r"|(?:who|what) (?:are|were) the\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(r"why\b|(?:for )?what reasons?\b|what (?:\w+ )?(?:cause|led)", re.IGNORECASE)
_MANNER = re.compile(
    r"how (?:do|does|did|is|are|was|were|has|have|had|can|could|will|would|should|might)\b",
    re.IGNORECASE,
)
_SPEECH = re.compile(
    r"what (?:do|does|did|has|have|had) .*"
    r"\b(?:say|said|tell|told|think|announce|warn|claim|argue)\b"
    r"|how (?:do|does|did|has|have) .*\b(?:respond|react|describe|explain|justify)\w*\b",
    re.IGNORECASE,
)
_EVENT = re.compile(
    r"what (?:happened|happens|is happening|has happened|went wrong)\b", re.IGNORECASE
)


def form_of(question: str) -> Form:
    """The form that the question's words ask for; "short" where they do not say."""
    text = question.strip()
    if _BRIEF.match(text):
        return "brief"
    if kind_of(text) == "boolean":
        return "yes_no"
    if aspect_of(text) is not None:
        return "sentences"
    return "list" if _LIST.match(text) else "short"


def aspect_of(question: str) -> Aspect | None:
    """What whole sentences are to tell; None for a question that other forms answer."""
    text = question.strip()
    if _SPEECH.match(text):
        return "speech"
    if _CAUSE.match(text):
        return "cause"
    if _MANNER.match(text):
        return "manner"
    return "event" if _EVENT.match(text) else None
