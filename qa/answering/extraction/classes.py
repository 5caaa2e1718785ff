"""What a question wants a list of, and whether an item is one. Pure functions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.language.enumerations import Item
from qa.language.kinds import asking
from qa.language.nouns import places, senses
from qa.language.words import stem

_PLURAL = re.compile(r"(?:children|media|men|people|women|\w{2,}s)(?<!ss)(?<!us)(?<!is)\b")
_OPENS = re.compile(
    r"(?:what|who) (?:are|were)\b|(?:\w+ )?(?:which|what|whose)\b|(?:name|list|enumerate)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\w[\w'’-]*")
_WHAT_ARE = re.compile(r"what (?:are|were)$", re.IGNORECASE)
_FARTHEST = 5  # words behind "which", among which the plural is
_NOT_NOUNS = frozenset({"his", "its", "this", "as"})
_AUXILIARY = re.compile(r"did|do|does|had?s?|have|is|was|will|would|can|could|should|may")
_COUNTRY = frozenset({"country", "nation"})
_STATE = frozenset({"state", "province"})
# Classes of which WordNet's table knows most members.
_TABLED = {
    "country": _COUNTRY | {"island", "possession"},
    "nation": _COUNTRY | {"island", "possession"},
    "state": _STATE | _COUNTRY,
    "province": _STATE,
    "continent": frozenset({"continent"}),
}
_SETTLED = {
    "city": frozenset({"city", "town", "capital", "port", "metropolis"}),
    "town": frozenset({"city", "town", "capital", "port", "metropolis"}),
}
# Sorts of thing that a noun of any other sort may be called.
_VAGUE = frozenset(
    """
    top act attribute cognition communication event possession process relation state
    """.split()  # noqa: SIM905  # readable as a text
)
_ALIKE = {
    "group": frozenset({"group", "person", "location", "artifact"}),
    "person": frozenset({"person", "group"}),
    "animal": frozenset({"animal", "food"}),
    "plant": frozenset({"plant", "food", "substance"}),
    "food": frozenset({"food", "plant", "animal", "substance"}),
    "location": frozenset({"location", "artifact", "object", "group"}),
    "substance": frozenset({"substance", "food", "artifact"}),
    "artifact": frozenset({"artifact", "object", "location", "group"}),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What several of are asked for. ``noun``: its singular in lower case, "" where the question
    does not say; ``is_plural``: whether it asks for more than one in so many words.
    """

    noun: str
    is_plural: bool
    sorts: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "Asked":
        text = asking(question)
        opening = _OPENS.match(text) or re.search(r"\b(?:which|what)\b", text, re.IGNORECASE)
        noun = _plural(text, opening.end()) if opening is not None else None
        if noun is not None:
            return cls(_singular(noun), True, senses(noun))
        if re.match(r"(?:\w+ )?(?:who|whom)\b", text, re.IGNORECASE):
            return cls("", False, frozenset({"person", "group"}))
        if re.match(r"(?:from )?where\b", text, re.IGNORECASE):
            return cls("", False, frozenset({"location", "artifact"}))
        return cls("", False, frozenset())

    def names(self, words: str) -> bool:
        """Whether the words name the class itself: "countries"."""
        return bool(self.noun) and stem(self.noun) in {stem(word) for word in words.lower().split()}

    def fit(self, text: str, item: Item) -> bool | None:
        """Whether an item of the sentence is one of the class; None where that is not known."""
        if item.name is not None:
            return self._fit_of_name(text[slice(*item.name)])
        if item.head.isdigit():
            return False
        return self._fit_of_noun(item.head)

    def _fit_of_name(self, name: str) -> bool | None:
        known = places(name)
        if self.names(name) or self.noun in known:
            return True
        table = _TABLED.get(self.noun) or _SETTLED.get(self.noun)
        if table is not None and known:
            return bool(known & table)
        # A country is no county, and nobody either.
        elsewhere = self.noun and "location" in self.sorts
        return False if known & _COUNTRY and (elsewhere or self.sorts == {"person"}) else None

    def _fit_of_noun(self, head: str) -> bool | None:
        if self.names(head):
            return True
        if self.noun in _TABLED or self.noun in _SETTLED:
            return False
        sorts = senses(head)
        if not sorts or not self.sorts or self.sorts & _VAGUE:
            return None
        allowed = frozenset().union(*(_ALIKE.get(sort, frozenset({sort})) for sort in self.sorts))
        return None if sorts & allowed else False


def kept(asked: Asked, text: str, items: Sequence[Item]) -> list[Item]:
    """The items that are of the class asked for, as far as that is known."""
    return [item for item in items if asked.fit(text, item) is not False]


def _plural(text: str, start: int) -> str | None:
    """The plural that a question names behind "which", or "what are"; not the subject of "what were
    the strikers asking for".
    """
    for word in _BEHIND.findall(text.lower(), start)[:_FARTHEST]:
        if _AUXILIARY.fullmatch(word):
            return None
        if _PLURAL.fullmatch(word) and word not in _NOT_NOUNS:
            is_subject = _WHAT_ARE.search(text, 0, start) and "person" in senses(word)
            return None if is_subject else word
    return None


def _singular(noun: str) -> str:
    irregular = {"children": "child", "men": "man", "women": "woman", "people": "person"}
    if noun in irregular:
        return irregular[noun]
    if noun.endswith("ies"):
        return noun.removesuffix("ies") + "y"
    return noun.removesuffix("s")
