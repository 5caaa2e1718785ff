"""Reports that say themselves that something is not known."""

import re
from collections.abc import Sequence

from qa import tuning
from qa.answering.evidence import rarity
from qa.answering.sentence import Sentence
from qa.models.base import Statement
from qa.question import Question

_NOT = r"(?:not|never)\s+(?:yet\s+|immediately\s+|publicly\s+|been\s+|be\s+|so far\s+)*"
_TOLD = (
    r"(?:know[ns]?|clear|said|say|saying|shared?|disclosed?|gi(?:ve|ven|ving)|released?|revealed?"
    r"|identif(?:y|ied)|named?|comment(?:ed)?|figured? out|determined?|established|confirmed?"
    r"|specif(?:y|ied)|explain(?:ed)?|provided?|announced?|decided?|found|made public"
    r"|have the data)"
)
_UNKNOWN = re.compile(
    rf"\b(?:unknown|unclear|undisclosed|undetermined|unanswered|{_NOT}{_TOLD}"
    rf"|\w+n[’']t\s+(?:yet\s+|immediately\s+|been\s+)*{_TOLD}"
    r"|(?:declined?|refused?|declining|refusing)\s+to\s+(?:say|comment|name|identify|give|disclose"
    r"|discuss)"
    r"|too (?:early|soon) to (?:say|tell|know)|remains? to be seen|remains? a mystery"
    r"|no (?:one knows|motive|cause|details?|word|immediate|official (?:cause|word)|information)"
    r"|yet to (?:be )?(?:said?|say|determined?|named?|disclosed?|decided?|announced?|identified)"
    r"|(?:still )?under investigation|open question)\b",
    re.IGNORECASE,
)


def is_left_open(text: str) -> bool:
    """Return True if a sentence says that something is not known, or not said."""
    return _UNKNOWN.search(text) is not None


def said_to_be(
    question: Question, evidence: Sequence[Sentence], confidence: float
) -> Statement | None:
    """The sentence that says that what is asked is not known, where one speaks of it more than of
    anything else and no answer is surer than ``confidence``; None otherwise.
    """
    if confidence >= tuning.SURE_DESPITE_UNKNOWN:
        return None
    weights = rarity(question.stems, [item.stems for item in evidence])
    total = sum(weights.values()) or 1.0
    best: tuple[float, Sentence] | None = None
    for item in evidence:
        if not is_left_open(item.text):
            continue
        spoken = sum(weight for word, weight in weights.items() if word in item.stems) / total
        around = (
            sum(weight for word, weight in weights.items() if word in item.stems_with_title) / total
        )
        share = (spoken + around) / 2
        if spoken >= tuning.UNKNOWN_SPOKEN_OF and (best is None or share > best[0]):
            best = (share, item)
    if best is None:
        return None
    share, item = best
    text = " ".join(item.text.split())
    sure = round(max(confidence, share), 4)
    return Statement(text, (item.n,), confidence=sure, code="reports_say_unknown")
