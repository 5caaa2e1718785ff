"""What a statement claims: its text, read once."""

import re
from collections.abc import Sequence
from functools import cached_property

from qa.answering.verification.text import Word, words
from qa.language.figures import find_figures
from qa.types import Figure

_QUOTED = re.compile(r"“([^“”]{1,2000})”|\"([^\"]{1,2000})\"")


class Claim:
    """A text that is to be supported."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> list[Word]:
        return words(self.text)

    @cached_property
    def figures(self) -> list[Figure]:
        return find_figures(self.text)

    @cached_property
    def content(self) -> list[int]:
        """The words that say something and are no part of a figure, by index."""
        return [
            index
            for index, word in enumerate(self.words)
            if word.is_content and not self.in_figure(word)
        ]

    def in_figure(self, word: Word) -> bool:
        return any(figure.start <= word.start < figure.end for figure in self.figures)

    def in_date(self, word: Word) -> bool:
        return any(
            figure.kind == "date" and figure.start <= word.start < figure.end
            for figure in self.figures
        )

    def quoted(self) -> Sequence[str]:
        """What it puts in quotation marks."""
        return [match[1] or match[2] for match in _QUOTED.finditer(self.text)]
