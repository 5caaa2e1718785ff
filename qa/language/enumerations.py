"""Enumerations in a sentence: "mercury, lead and the solvent toluene". Pure functions.

The words of the sentence become a string of codes, one for each part of speech, and each mark
between two words a code of its own. What an enumeration is, is then a regular expression.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from qa.language.dates import CALENDAR_WORDS
from qa.language.listed import lines
from qa.language.nouns import places, senses
from qa.language.tagger import Word, tagged
from qa.language.words import STOP_WORDS

# Codes: D determiner, M adjective or numeral, N noun, Q name, P participle, G gerund, A adverb,
# o "of", i another preposition, t "to", I infinitive, V finite verb, C conjunction, S what opens a
# clause, T a day or month, X the rest; "," ";" ":" "(" ")" are marks, "-" is a dash, "&" itself.
_CODES = {
    "DET": "D",
    "ADJ": "M",
    "NUM": "M",
    "NOUN": "N",
    "PROPN": "N",  # a name has a capital, see `_is_name`
    "VERB|Part": "P",
    "VERB|Ger": "G",
    "VERB|Inf": "I",
    "VERB|Fin": "V",
    "AUX|Fin": "V",
    "AUX|Inf": "V",
    "AUX|Part": "V",
    "ADV": "A",
    "ADP": "i",
    "PART": "t",
    "CCONJ": "C",
    "SCONJ": "S",
}
_WORDS = {
    **dict.fromkeys(("its", "his", "her", "their", "our", "my", "your"), "D"),
    **dict.fromkeys(("who", "which", "that", "whose", "whom", "where", "when", "while"), "S"),
    **dict.fromkeys(("and", "or", "plus"), "C"),
    **dict.fromkeys(("including", "like", "such", "than"), "i"),
    **dict.fromkeys(("anyone", "everyone", "those"), "N"),
    **dict.fromkeys(("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"), "M"),
    **dict.fromkeys(("ten", "eleven", "twelve", "fifteen", "twenty"), "M"),
    "of": "o",
    "not": "A",
}
_PARTICLES = frozenset(
    {"al", "bin", "da", "de", "del", "della", "den", "der", "di", "du", "la", "le", "van", "von"}
)
_JOINING = re.compile(r"(?:as well as|along with|and also)\b", re.IGNORECASE)
_TITLE = re.compile(r"(?:[A-Z]|St|Mt|Ft|Dr|Mr|Mrs|Ms|Prof|Sen|Rep|Gov|Gen|Col|Capt|Lt|Sgt|Rev)")
# A participle belongs to a noun behind it: "retired doctors", but not "detained Ann Lee".
_BASE = r"(?:D{0,2}(?:A?(?:[MGNQ]|P(?=[MGP]*[GN]))|&)*[MGNQ])"
_PHRASE = rf"(?:{_BASE}(?:o{_BASE})*)"
_BASES, _PHRASES = re.compile(_BASE), re.compile(_PHRASE)
# What else belongs to an item, up to the next mark; and an aside behind it.
_TAIL = re.compile(r"[oitPGIADMNQTX]*(?:\([^()]*\)|,S[^,;]*(?=[,;]))?")
_NEXT = re.compile(rf"(?P<joint>[,;]C?|C(?:,[^,;V]*,)?)A*(?P<again>[io])?(?P<item>{_PHRASE})")
_CONTINUES = re.compile(rf"C{_BASE}")
_ASIDE = re.compile(r"[(,;]")
_RELATIVE = re.compile(r",(?P<clause>[oi]?D?S[^,;()]*),(?=[VPAC])")
_NAME = re.compile(r"Q[QM&]*$")
_NAME_OF_THING = re.compile(r"Q[Q&]*N+$")  # "Brooklyn bridge"
_OF_NAME = re.compile(r"(?:oD?Q+)+")
_APPOSED = re.compile(r",Q[Q&]+(?![QMNo&])")
_AN = re.compile(r"an?\s")
_ARTICLE = re.compile(r"(?:an?|the|his|her|its|their|\w+['’]s)\s", re.IGNORECASE)
_TO_ACT = re.compile(r"A?t[A-Z]")
_ACT = re.compile(r"A?t[A-Z]|(?<=V)[IP]")
_ACTION = re.compile(r"(?P<joint>[,;]C?|C)(?P<action>A?t[A-Z]|A?[IVP])")
_END_OF_ACTIONS = re.compile(r"[,;:().!?-]")
_NO_ITEM = re.compile(r"\d+|others?|many|more|least .*")
_NUMBERS = re.compile(r"\d+(?:,\s*\d+)*,?\s+(?:and|or)\s+\d")
_STATES = frozenset({"country", "state", "province"})
_FEWEST_LOOSE = 3  # items that no conjunction joins


@dataclass(frozen=True, slots=True)
class Item:
    """``text[start:end]`` of the sentence. ``head`` is the word that says what it is; ``name``
    where in it its name is, None for one that is a common noun. ``is_bare``: no preposition adds
    anything to it.
    """

    start: int
    end: int
    head: str
    name: tuple[int, int] | None
    is_bare: bool = True


@dataclass(frozen=True, slots=True)
class Enumeration:
    """The items of one enumeration, in order."""

    items: tuple[Item, ...]

    @property
    def start(self) -> int:
        return self.items[0].start

    @property
    def end(self) -> int:
        return self.items[-1].end


@lru_cache(maxsize=256)
def enumerations(text: str) -> tuple[Enumeration, ...]:
    """The enumerations of a sentence, those that begin first before others."""
    coded = _Coded(text)
    found: list[Enumeration] = []
    taken: set[int] = set()
    for base in _BASES.finditer(coded.codes):
        first = _PHRASES.match(coded.codes, base.start())
        if first is None or base.start() in taken:
            continue
        members, is_closed = coded.chain(first)
        if len(members) < 2:
            continue
        taken.update(start for start, _ in members)
        items = [coded.item(start, end) for start, end in members]
        if _NUMBERS.search(text, items[0].start, items[-1].end):
            continue  # "Apollo 11, 12 and 17" says one name for three
        items[-1] = coded.with_apposition(items[-1], members[-1][1])
        items = list(_without_appositions(text, items))
        named = all(item.name is not None for item in items)
        if len(items) >= (2 if is_closed else _FEWEST_LOOSE) and (is_closed or named):
            found.append(Enumeration(tuple(items)))
    return tuple(_with_pairs(text, found))


def _is_cleaner(one: Enumeration, other: Enumeration) -> bool:
    """Whether one differs from the other only in a first item that is a name, as all others are:
    "Weir Lane", not "residents of Weir Lane".
    """
    rest = one.items[1:]
    named = all(item.name is not None for item in one.items)
    return named and other.items[1:] == rest and other.items[0].name is None


def _with_pairs(text: str, found: Sequence[Enumeration]) -> Iterator[Enumeration]:
    """The enumerations, where one that begins with a pair, "the pianists A and B, the singer C and
    D", has it in it.
    """
    for one in found:
        if any(_is_cleaner(other, one) for other in found):
            continue
        before = [other for other in found if text[other.end : one.start].strip() == ","]
        yield Enumeration(before[0].items + one.items) if before else one


@lru_cache(maxsize=256)
def actions(text: str) -> Enumeration | None:
    """What a sentence says that somebody does, or should do, where it is more than one thing: "to
    burn combs and not to buy bees", "will buy two tugs, dredge the channel and build a quay".
    """
    coded = _Coded(text)
    joints = list(_ACTION.finditer(coded.codes))
    closing = [index for index, joint in enumerate(joints) if "C" in joint["joint"]]
    if not closing:
        return None
    joints = joints[: closing[0] + 1]
    opening = _TO_ACT if "t" in joints[-1]["action"] else _ACT
    first = opening.search(coded.codes, 0, joints[0].start())
    if first is None:
        return None
    starts = [first.start(), *(joint.start("action") for joint in joints)]
    behind = _END_OF_ACTIONS.search(coded.codes, starts[-1])
    ends = [*(joint.start() for joint in joints), behind.start() if behind else len(coded.codes)]
    items = [coded.item(start, end) for start, end in zip(starts, ends, strict=True)]
    return Enumeration(tuple(replace(item, name=None) for item in items))


@lru_cache(maxsize=256)
def by_line(text: str) -> Enumeration | None:
    """The items that a sentence has one to a line; None for any other sentence."""
    items = [_line(text, start, end) for start, end in lines(text)]
    return Enumeration(tuple(items)) if items else None


def _line(text: str, start: int, end: int) -> Item:
    """A whole line as an item; its name is the whole line too if it begins with one."""
    coded = _Coded(text[start:end])
    first = _BASES.match(coded.codes)
    if first is None:
        return Item(start, end, "", None)
    item = coded.item(*first.span())
    is_name = item.name is not None
    return Item(start, end, item.head, (start, end) if is_name else None)


def _without_appositions(text: str, items: Sequence[Item]) -> Iterator[Item]:
    """The items but for ages, and for what only describes the name beside it: "a pianist" of "Ann
    Wilk, 38, a pianist, and Grace Lee".
    """
    items = [item for item in items if not _NO_ITEM.fullmatch(text, item.start, item.end)]
    items = _with_states(text, items)
    pure = [item.name is not None and item.name[0] == item.start for item in items]
    several = sum(pure) > 1
    for index, item in enumerate(items):
        before = index > 0 and pure[index - 1] and _beside(text, items[index - 1], item)
        behind = pure[index + 1 : index + 2] == [True] and _beside(text, item, items[index + 1])
        describes = (before and _AN.match(text, item.start)) or (
            behind and item.is_bare and not pure[index] and _ARTICLE.match(text, item.start)
        )
        if not (several and describes):
            yield item


def _with_states(text: str, items: Sequence[Item]) -> list[Item]:
    """The items, where a state or country behind a name belongs to it: "Hudson, Ohio"."""
    joined: list[Item] = []
    states = [bool(places(text[item.start : item.end]) & _STATES) for item in items]
    for index, item in enumerate(items):
        before = joined[-1] if joined else None
        alone = states[index] and True not in (*states[index - 1 : index], *states[index + 1 :][:1])
        touches = before is not None and text[before.end : item.start] == ", "
        if before is not None and before.name is not None and touches and alone:
            joined[-1] = replace(before, end=item.end, name=(before.name[0], item.end))
        else:
            joined.append(item)
    return joined


def _beside(text: str, one: Item, other: Item) -> bool:
    """Whether only a comma, or an age between two, parts the items."""
    return bool(re.fullmatch(r"\s*,\s*(?:\d+,\s*)?", text[one.end : other.start]))


class _Coded:
    """A sentence as codes. ``places``: the word of each code, None for a mark."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.words = tagged(text)
        codes: list[str] = []
        self.places: list[int | None] = []
        joining = [match.span() for match in _JOINING.finditer(text)]
        for index, word in enumerate(self.words):
            mark = self._mark(index)
            if mark:
                codes.append(mark)
                self.places.append(None)
            inside = [span for span in joining if span[0] <= word.start < span[1]]
            if inside and word.start > inside[0][0]:
                continue
            codes.append("C" if inside else self._code(index, codes[-1] if codes else ""))
            self.places.append(index)
        # A clause between commas is an aside; the comma behind it joins nothing.
        self.codes = _RELATIVE.sub(r"(\g<clause>)", "".join(codes))

    def _code(self, index: int, before: str) -> str:
        """The code of a word behind another."""
        word = self.words[index]
        lower = word.text.lower()
        if lower in _PARTICLES and self._joins_names(index):
            return "Q"
        if lower in _WORDS:
            return _WORDS[lower]
        named = self._is_name(index)
        if lower in CALENDAR_WORDS and not (named and self._touches_name(index)):
            return "T"
        if named:
            return "Q"
        code = _CODES.get(word.tag, "X")
        if code == "A" and not index and word.text.lower() not in STOP_WORDS:
            following = self.words[1:2]
            code = "M" if following and following[0].tag == "NOUN" else code  # "Sore arms"
        # A verb form behind a preposition or an article is a noun: "by nurses".
        return "N" if code in "VI" and before in tuple("ioD") else code

    def _is_name(self, index: int) -> bool:
        word = self.words[index]
        if not any(character.isupper() for character in word.text):
            return False
        if index and not re.search(r"[.:?!“\"]\s*$", self._text[: word.start]):
            return word.text.lower() not in STOP_WORDS or word.tag == "PROPN"
        following = self.words[index + 1 : index + 2]
        named = bool(following) and following[0].text[0].isupper() and not self._mark(index + 1)
        if not named and senses(word.text.lower()) and not places(word.text):
            return False  # an ordinary word that opens the sentence
        return word.tag == "PROPN" or (named and word.text.lower() not in STOP_WORDS)

    def _joins_names(self, index: int) -> bool:
        """Whether a word in lower case is part of a name: "Eddie del Barrio"."""
        around = self.words[index - 1 : index + 2 : 2] if index else ()
        return len(around) == 2 and all(word.text[0].isupper() for word in around)

    def _touches_name(self, index: int) -> bool:
        """Whether a capitalised word is next to it: "Jan Holub", "Theresa May"."""
        before = self.words[index - 1 : index] if not self._mark(index) else ()
        behind = self.words[index + 1 : index + 2]
        if behind and self._mark(index + 1):
            behind = ()
        return any(word.text[0].isupper() for word in (*before, *behind))

    def _mark(self, index: int) -> str:
        """The mark before a word."""
        if not index:
            return ""
        before, word = self.words[index - 1], self.words[index]
        gap = self._text[before.end : word.start]
        if re.search(r"\s[-–—]{1,2}\s|—", gap):
            return "-"
        for mark in ";:()!?":
            if mark in gap:
                return mark
        if "," in gap:
            return ","
        if "." in gap and not _TITLE.fullmatch(before.text) and not before.text.isupper():
            return "."
        return "&" if "&" in gap or "/" in gap else ""

    def chain(self, first: re.Match[str]) -> tuple[list[tuple[int, int]], bool]:
        """The places among the codes of the items that a phrase is the first of, and whether a
        conjunction joins the last of them.
        """
        members = [self._without_verb(first)]
        while True:
            end = members[-1][1]
            following = self._following(first.start(), end)
            if following is None:
                return members, False
            members[-1] = (members[-1][0], self._end_of_item(end, following.start()))
            members.append(following.span("item"))
            closes = "C" in following["joint"]
            if closes and not _CONTINUES.match(self.codes, following.end()):
                return members, True

    def _without_verb(self, first: re.Match[str]) -> tuple[int, int]:
        """A first item without the verb before it that looks like a participle: "found lead"."""
        start = first.start()
        is_verb = first.group()[0] == "P" and self.codes[start - 1 : start] not in ("i", "o")
        return (start + 1 if is_verb and start else start), first.end()

    def _following(self, first: int, end: int) -> re.Match[str] | None:
        """The next joint with the item behind it, None where the enumeration ends. A preposition
        before the item must be the one before the first: "of A and of B".
        """
        tail = _TAIL.match(self.codes, end)
        found = _NEXT.match(self.codes, tail.end() if tail else end)
        if found is None or not found["again"]:
            return found
        same = first and self._word(found.start("again")).text == self._word(first - 1).text
        return found if same else None

    def _end_of_item(self, end: int, joint: int) -> int:
        """An item that is not the last ends where the aside behind it begins."""
        aside = _ASIDE.search(self.codes, end, joint)
        return aside.start() if aside else joint

    def item(self, start: int, end: int) -> Item:
        """The item of a place among the codes."""
        base = _BASES.match(self.codes, start, end)
        base_end = base.end() if base else end
        first, last = self._word(start), self._word(base_end - 1)
        return Item(
            first.start,
            self._word(end - 1).end,
            last.text.lower(),
            self._name(start, end, base_end),
            is_bare=base_end == end,
        )

    def with_apposition(self, last: Item, end: int) -> Item:
        """The last item with the name behind it that says who it is: "the mayor, Ann Lee"."""
        named = _APPOSED.match(self.codes, end)
        if last.name is not None or named is None:
            return last
        name = self._word(end + 1).start, self._word(named.end() - 1).end
        return Item(last.start, name[1], last.head, name)

    def _name(self, start: int, end: int, base_end: int) -> tuple[int, int] | None:
        """The name that an item is: at the end of its first phrase, with what "of" adds to it."""
        ending = _NAME.search(self.codes, start, base_end)
        if ending is None:
            ending = _NAME_OF_THING.search(self.codes, start, base_end)
        if ending is None:
            return None
        behind = _OF_NAME.match(self.codes, base_end, end)
        opening = ending.start()
        while opening > start and self._opens_name(opening - 1):
            opening -= 1
        last = self._word((behind.end() if behind else base_end) - 1)
        return self._word(opening).start, last.end

    def _opens_name(self, place: int) -> bool:
        """Whether an article or numeral is the first word of a name: "The Hague", "Seven Gates".
        A capital does not say so of the word that opens the sentence.
        """
        word = self._word(place)
        return self.codes[place] in "DM" and word != self.words[0] and word.text[0].isupper()

    def _word(self, place: int) -> Word:
        """The word of a code; of a mark, the word before it."""
        while self.places[place] is None:
            place -= 1
        index = self.places[place]
        assert index is not None  # noqa: S101 - the loop saw to it
        return self.words[index]
