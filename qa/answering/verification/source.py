"""A source of a statement: one cited sentence with what may be known beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

from qa.answering.sentence import Sentence
from qa.answering.verification.text import Word, meanings, source_words, synonyms, words
from qa.answering.verification.vocabulary import PRONOUNS
from qa.question import Question

LOOKED_BACK = 600  # characters before a sentence in which its pronouns' names are looked for

_DATELINE = re.compile(r"[A-Z][A-Z .'’-]{2,40}, [^-–—]{3,60} [-–—] ")


@dataclass(frozen=True)
class Block:
    """A difference: ``source[a:b]`` has become ``claim[c:d]``; either may be empty."""

    a: int
    b: int
    c: int
    d: int


class Source:
    """One sentence against which a claim is checked. ``beside``: other cited sentences of its
    article.
    """

    def __init__(
        self, sentence: Sentence, question: Question, beside: Sequence[Sentence] = ()
    ) -> None:
        self.sentence = sentence
        self.question = question
        dateline = _DATELINE.match(sentence.text)
        begins = dateline.end() if dateline else 0
        self.words = tuple(w for w in source_words(sentence.text) if w.start >= begins)
        article = sentence.article
        self._context_text = f"{article.title or ''}. {article.source or ''}."
        self._beside = beside

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where in the sentence each key is supported."""
        found: dict[str, list[int]] = {}
        for index, word in enumerate(self.words):
            for meaning in meanings(word.key):
                found.setdefault(meaning, []).append(index)
        return found

    @cached_property
    def exact(self) -> frozenset[str]:
        return frozenset(word.key for word in self.words)

    @cached_property
    def lower(self) -> frozenset[str]:
        return frozenset(word.lower for word in self.words)

    @cached_property
    def context(self) -> frozenset[str]:
        """Keys that the article's title and source support."""
        found = source_words(self._context_text)
        return frozenset(same for word in found for same in synonyms(word.key))

    @cached_property
    def asked(self) -> frozenset[str]:
        """Keys of the question."""
        return frozenset(word.key for word in source_words(self.question.text))

    @cached_property
    def names(self) -> list[tuple[Word, ...]]:
        """Word sequences in which a name may occur: sentence, title, source, question."""
        found = [
            source_words(self.sentence.text),
            source_words(self._context_text),
            source_words(self.question.text),
        ]
        if self.has_pronoun:
            found.extend(source_words(item.text) for item in self._beside)
        return found

    @cached_property
    def has_pronoun(self) -> bool:
        return any(word.lower in PRONOUNS for word in self.words)

    @cached_property
    def before(self) -> frozenset[str]:
        """Lower-case words of the article shortly before the sentence: what its pronouns mean."""
        start = self.sentence.start
        text = self.sentence.article.text[max(0, start - LOOKED_BACK) : start]
        return frozenset(word.lower for word in words(text))

    def is_verbatim(self, text: str) -> bool:
        return _flat(text) in _flat(self.sentence.text)


def _flat(text: str) -> str:
    """For comparison word for word: one kind of quotation mark, space and dash."""
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')
    return re.sub(r"\s+", " ", text).strip().lower()


class Alignment:
    """How a claim was made from a source, word by word."""

    def __init__(self, claim: Sequence[Word], source: Source) -> None:
        self.claim = claim
        self.source = source
        matcher = SequenceMatcher(
            None, [word.key for word in source.words], [word.key for word in claim], autojunk=False
        )
        self.blocks: list[Block] = []
        self.same: dict[int, int] = {}  # claim index -> source index
        for tag, a, b, c, d in matcher.get_opcodes():
            if tag == "equal":
                self.same.update(zip(range(c, d), range(a, b), strict=True))
            else:
                self.blocks.append(Block(a, b, c, d))

    @property
    def is_near_copy(self) -> bool:
        """Three quarters of its words are the source's, in the source's order."""
        return len(self.same) >= NEAR_COPY * len(self.claim)

    def place(self, index: int) -> int | None:
        """Where in the source a word of the claim is, the aligned place first."""
        if index in self.same:
            return self.same[index]
        word = self.claim[index]
        places = self.source.places.get(word.key)
        if not places:
            return None
        free = [place for place in places if place not in self.same.values()]
        exact = [place for place in free or places if self.source.words[place].key == word.key]
        return (exact or free or places)[0]


NEAR_COPY = 0.7
