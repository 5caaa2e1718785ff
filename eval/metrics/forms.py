"""What each form of answer is measured by: cited sentences, listed items, a verdict."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from eval.cases import GoldSpan
from eval.metrics.answers import occurs
from qa.answer import Answer, Citation

_VERDICT = re.compile(r"\W*(yes|no)\s*(?:[,.;:!–—-]|$)", re.IGNORECASE)
_DENIAL = re.compile(r"\b(?:no|not|never|none|nobody|nothing|neither|\w+n['’]t)\b", re.IGNORECASE)


class Shares(NamedTuple):
    """Recall, precision and their harmonic mean (van Rijsbergen, 1979)."""

    recall: float
    precision: float

    @property
    def f1(self) -> float:
        """2PR / (P + R); 0 where both are 0."""
        total = self.recall + self.precision
        return 2 * self.recall * self.precision / total if total else 0.0


def shares_half(article_id: str, start: int, end: int, gold: GoldSpan) -> bool:
    """Return True if ``[start, end)`` and the gold sentence share half of the shorter one or more.

    In code points of the same article. A place without length shares nothing.
    """
    if article_id != gold.article_id or end <= start:
        return False
    shared = min(end, gold.end) - max(start, gold.start)
    return 2 * shared >= min(end - start, gold.end - gold.start)


def _overlaps(citation: Citation, gold: GoldSpan) -> bool:
    return shares_half(citation.article_id, citation.start, citation.end, gold)


def cites_gold(citations: Sequence[Citation], gold: Sequence[GoldSpan]) -> float | None:
    """1 if any citation overlaps a gold sentence (`shares_half`), else 0; 0 without citations.

    None without gold, and where no citation has a place: a system that quotes, but does not say
    where, cannot be scored by places.
    """
    if not gold or (citations and not any(item.end > item.start for item in citations)):
        return None
    return float(any(_overlaps(citation, span) for citation in citations for span in gold))


def brief_shares(
    citations: Sequence[Citation], gold: Sequence[GoldSpan], relevant: Sequence[str]
) -> Shares | None:
    """Recall: (gold sentences that are cited) / (gold). Precision: (sound citations) / (citations).

    A citation is sound if it overlaps a gold sentence or is from a relevant article. Precision is 0
    without citations. None as for `cites_gold`.
    """
    if cites_gold(citations, gold) is None:
        return None
    found = sum(any(_overlaps(item, span) for item in citations) for span in gold)
    sound = 0
    for item in citations:
        sound += item.article_id in relevant or any(_overlaps(item, span) for span in gold)
    precision = sound / len(citations) if citations else 0.0
    return Shares(found / len(gold), precision)


def item_shares(answer: Answer, items: Sequence[Sequence[str]]) -> Shares | None:
    """Recall: (items found) / (items). Precision: (listed ones that are an item) / (listed).

    An item is found if any of its spellings occurs in the answer, see `occurs`. None without
    ``items``. An answer that lists no items of its own is a text, of which only the recall can be
    measured: its precision is 1 where it has any item.
    """
    if not items:
        return None
    listed = [item.text for item in answer.items]
    text = " ; ".join([answer.answer or "", *listed])
    found = sum(occurs(spellings, text) for spellings in items)
    if not listed:
        return Shares(found / len(items), float(found > 0))
    known = [spelling for spellings in items for spelling in spellings]
    right = sum(occurs(known, name) for name in listed)
    return Shares(found / len(items), right / len(listed))


def verdict_said(answer: Answer) -> Literal["yes", "no"] | None:
    """The yes or no of an answer: its typed value, else the word that its text starts with."""
    short = answer.short_answer
    if short is not None and short.kind == "boolean" and short.value in ("true", "false"):
        return "yes" if short.value == "true" else "no"
    for text in (short.text if short is not None else None, answer.answer):
        match = _VERDICT.match(text or "")
        if match is not None:
            return "yes" if match[1].lower() == "yes" else "no"
    return None


def is_confirmed(answer: Answer, asserted: str) -> bool:
    """Whether an answer gives an untrue value as its own: as short answer, or with a yes.

    Not if the answer says that the question assumes something untrue, or denies the value: "No
    passwords were taken".
    """
    if answer.status != "answered" or answer.reason_code == "false_premise":
        return False
    if verdict_said(answer) == "yes":
        return True
    short = answer.short_answer
    if short is None or _DENIAL.search(short.text):
        return False
    return occurs([asserted], short.text)


def repeats(answer: Answer, asserted: str) -> bool:
    """Whether an untrue value occurs anywhere in an answer that does not object to it."""
    if answer.status != "answered" or answer.reason_code == "false_premise":
        return False
    return is_confirmed(answer, asserted) or occurs([asserted], answer.answer or "")


def states_a_value(answer: Answer) -> bool:
    """Whether the answer gives a value (a figure, a name, a yes) where none is known."""
    if answer.reason_code == "reports_say_unknown" or answer.short_answer is None:
        return False
    return answer.short_answer.kind != "text"
