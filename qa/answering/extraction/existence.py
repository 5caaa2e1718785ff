"""Yes or no to a question whether there was any: "Was anyone hurt?", "Were there survivors?"."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from qa import tuning
from qa.answering.extraction.figure_verdicts import Decided
from qa.answering.sentence import Sentence
from qa.answering.verification.text import content_keys, key, synonyms
from qa.language.kinds import asking
from qa.language.unknowns import is_left_open
from qa.question import Question
from qa.types import instant

_ANY = re.compile(
    r"\b(?:any(?:one|body|thing)?|there)\s+(?:(?:an?|any|been|else|got|get|reported)\s+)*"
    r"(?P<thing>[^\W\d_]+)",
    re.IGNORECASE,
)
# What there was none of, without an adjective, which would say that there was something else ("no
# serious injuries"), and not as a part of a noun: "no tsunami warning" leaves a tsunami possible.
_LISTED = r"[\w-]+(?:(?:,\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+)[\w-]+)*"
_END_OF_NOUN = (
    r"(?=\s*(?:[^\w\s-]|$)|\s+(?:after|among|at|been|by|during|existed?|for|from|ha[sd]|have|in|is|are"
    r"|of|on|over|since|to|was|were|when|\w+ed)\b)"
)
_NONE = re.compile(
    rf"\bno\s+(?!one\b)(?:(?:immediate|initial)\s+)?(?:reports?\s+of\s+)?(?P<things>{_LISTED})"
    rf"{_END_OF_NOUN}"
    rf"|\b(?:no\s?-?one|nobody)\s+(?:(?:had|has|have|was|were|been|is)\s+)*(?P<done>{_LISTED})",
    re.IGNORECASE,
)
_ASKS_FOR_DEED = re.compile(r"any(?:one|body)\b", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:if|unless|whether)\b", re.IGNORECASE)
_DOUBTED = re.compile(
    r"\b(?:not|no|none|nobody|never|without|if|unless|whether|may|might|could|would|should|will"
    r"|alleg\w+|claim\w*|den(?:y|ied|ies|ying)|fear\w*|possibl[ey]|likely)\b|n[’']t\b|\?",
    re.IGNORECASE,
)


def by_existence(question: Question, evidence: Sequence[Sentence]) -> Decided | None:
    """The verdict of the newest sentence that says whether there was any of the thing.

    No, where it denies the thing ("No deaths or injuries were reported") and speaks of most of what
    else is asked. Yes, to "anyone" alone, where it has all that is asked and no word of doubt: a
    cure that is looked for is none. None without such one.
    """
    asked = _ANY.search(asking(question.text))
    if asked is None:
        return None
    things = synonyms(key(asked["thing"].lower()))
    rest = content_keys(question.text) - content_keys(asked.group())
    found: list[tuple[Sentence, float, bool]] = []
    for item in evidence:
        own = content_keys(item.text)
        if not rest or not things & own:
            continue
        share = len(rest & (own | content_keys(item.article.title or ""))) / len(rest)
        if share >= tuning.SPOKEN_OF and _denies(item.text, things):
            found.append((item, share, False))
        elif rest <= own and not _DOUBTED.search(item.text) and not is_left_open(item.text):
            found.append((item, 1.0, True))
    newest = max(found, key=lambda one: (_moment(one[0]), -one[0].n), default=None)
    if newest is None or (newest[2] and not _ASKS_FOR_DEED.match(asked.group())):
        return None
    item, share, value = newest
    return Decided(item, value, None, round(share, 4))


def _denies(text: str, things: AbstractSet[str]) -> bool:
    """Whether the text says that there was none of the things: "no deaths or injuries"."""
    return not _CONDITION.search(text) and any(
        things & content_keys(denied["things"] or denied["done"]) for denied in _NONE.finditer(text)
    )


def _moment(item: Sentence) -> float:
    return instant(item.published_at) if item.published_at is not None else float("-inf")
