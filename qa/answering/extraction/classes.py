"""What a question wants a list of, and whether an item is one. Pure functions."""

import re
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
_TOWN = frozenset({"city", "town", "capital", "port", "metropolis"})
# What WordNet may call a place of the class, where its table has the place.
_TABLED = {
    "country": _COUNTRY | {"island", "possession"},
    "nation": _COUNTRY | {"island", "possession"},
    "state": _STATE | _COUNTRY,
    "province": _STATE,
    "continent": frozenset({"continent"}),
    "city": _TOWN,
    "town": _TOWN,
}
# Parts of a country, of which none is one.
_PARTS = frozenset(
    """
    airport borough county department district municipality parish road station street suburb
    village
    """.split()  # noqa: SIM905  # readable as a text
)
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
class AskedClass:
    """What several of are asked for. ``noun``: its singular in lower case, "" where the question
    does not say; ``sorts``: those of `qa.language.nouns.senses`.
    """

    noun: str
    sorts: frozenset[str]

    @classmethod
    def of(cls, question: str) -> "AskedClass":
        text = asking(question)
        opening = _OPENS.match(text) or re.search(r"\b(?:which|what)\b", text, re.IGNORECASE)
        noun = _plural(text, opening.end()) if opening is not None else None
        if noun is not None:
            return cls(_singular(noun), senses(noun))
        if re.match(r"(?:\w+ )?(?:who|whom)\b", text, re.IGNORECASE):
            return cls("", frozenset({"person", "group"}))
        if re.match(r"(?:from )?where\b", text, re.IGNORECASE):
            return cls("", frozenset({"location", "artifact"}))
        return cls("", frozenset())

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
        if self.noun in _TABLED:
            return bool(known & _TABLED[self.noun]) if known else None
        no_country = self.noun in _PARTS or self.sorts == {"person"}
        return False if no_country and known & _COUNTRY else None

    def _fit_of_noun(self, head: str) -> bool | None:
        if self.names(head):
            return True
        if self.noun in _TABLED:
            return False
        sorts = senses(head)
        if not sorts or not self.sorts or self.sorts & _VAGUE:
            return None
        allowed = frozenset().union(*(_ALIKE.get(sort, frozenset({sort})) for sort in self.sorts))
        return None if sorts & allowed else False


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
