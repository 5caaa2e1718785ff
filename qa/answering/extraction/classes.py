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
    r"(?:(?:\w+ )?(?:which|what|whose)\b|(?:name|list|enumerate)\b|(?:what|who) (?:are|were)\b)",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"\w[\w'’-]*")
_BEHIND_A_NOUN = frozenset(
    """
    about against at behind by for from in of on that to which who whose with
    """.split()  # noqa: SIM905  # readable as a text
) | {""}
_FARTHEST = 5  # words behind "which", among which the plural is
_NOT_NOUNS = frozenset({"his", "its", "this", "as"})
_AUXILIARY = re.compile(r"did|do|does|had?s?|have|is|was|will|would|can|could|should|may")
_COUNTRY = frozenset({"country", "nation"})
# Classes of which WordNet's table knows most members.
_TABLED = {
    "country": _COUNTRY,
    "nation": _COUNTRY,
    "state": frozenset({"state", "province", "country"}),
    "province": frozenset({"province", "state"}),
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
    is_subject = text[:start].lower().endswith(("are", "were"))
    words = [word.lower() for word in _BEHIND.findall(text, start)]
    for word, following in zip(words[:_FARTHEST], [*words[1:], ""], strict=False):
        if _AUXILIARY.fullmatch(word):
            return None
        if _PLURAL.fullmatch(word) and word not in _NOT_NOUNS:
            return None if is_subject and following not in _BEHIND_A_NOUN else word
    return None


def _singular(noun: str) -> str:
    irregular = {"children": "child", "men": "man", "women": "woman", "people": "person"}
    if noun in irregular:
        return irregular[noun]
    if noun.endswith("ies"):
        return noun.removesuffix("ies") + "y"
    return noun.removesuffix("s")
