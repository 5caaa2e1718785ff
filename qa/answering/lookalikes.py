"""Reports about another thing of the kind that is asked about: another bank, another ferry.

They share every word of the question but the name, so they rank high, and where no report has the
name, or it was withdrawn, the reader finds "the answer" in them. Pure functions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qa.language.dates import CALENDAR_WORDS
from qa.language.words import STOP_WORDS
from qa.question import Question
from qa.types import Article, Hit

_NAME = r"[^\W\d_a-z][\w'’-]{2,}"
# "the ferry Castor", "mayor of Gorm", also within each other. Without "of", what is before a name
# is a noun only behind an article, unlike "visit Gorm"; if capitalised it is part of the name.
_NAMED_THING = re.compile(
    rf"\b((?i:the|an?)\s)?([^\W\d_]{{3,}})(?=\s(of\s)?({_NAME}(?:\s{_NAME})*))"
)
_PARTS = frozenset({"half", "hundreds", "many", "millions", "most", "number", "one", "part",
                    "people", "percent", "share", "some", "thousands", "two"})  # fmt: skip
_ALIKE = 5  # letters from which two names are taken for spellings or forms of one: "Ukrainian"


@dataclass(frozen=True, slots=True)
class _Thing:
    """What is asked about. ``names``: the beginnings of the words of its name; ``another``: the
    pattern of one of its kind, with the first word of that one's name.
    """

    names: tuple[str, ...]
    another: re.Pattern[str]


def without_lookalikes(question: Question, hits: Sequence[Hit]) -> list[Hit]:
    """The hits without those of articles about another thing of a kind that is asked about.

    Such an article has "ferry Solvane", where "the ferry Castor" is asked about, and "Castor"
    nowhere.
    """
    things = list(_named_things(question.text))
    asked = {_beginning(name) for name in re.findall(_NAME, question.text)}
    return [
        hit
        for hit in hits
        if not any(_is_about_another(thing, hit.passage.article, asked) for thing in things)
    ]


def _named_things(text: str) -> Iterator[_Thing]:
    for found in _NAMED_THING.finditer(text):
        the, kind, of, name = found.groups()
        folded = kind.casefold()
        is_noun = of or (the and kind.islower())
        if folded in STOP_WORDS or folded in _PARTS or not is_noun:
            continue
        names = tuple(_beginning(word) for word in name.split() if not _is_of_calendar(word))
        if names:
            pattern = rf"\b(?i:{re.escape(kind)})\s{of or ''}({_NAME})"
            yield _Thing(names, re.compile(pattern))


def _is_about_another(thing: _Thing, article: Article, asked: set[str]) -> bool:
    text = f"{article.title or ''}\n{article.source or ''}\n{article.text}"
    folded = text.casefold()
    if any(name in folded for name in thing.names):
        return False
    others = (found[1] for found in thing.another.finditer(text))
    return any(not _is_of_calendar(name) and _beginning(name) not in asked for name in others)


def _beginning(name: str) -> str:
    return name.casefold()[:_ALIKE]


def _is_of_calendar(name: str) -> bool:
    return name.casefold() in CALENDAR_WORDS
