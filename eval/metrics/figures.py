"""Whether two texts give the same figure, by value and unit.

Read by `eval.metrics.quantities`, not by the parser of the system that is judged.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from eval.metrics.quantities import Quantity, read, rewritten, same

_SMALL_WORDS = frozenset(
    {
        *("a", "an", "the", "of", "in", "on", "at", "by", "for", "to", "from", "with", "and", "or"),
        *("than", "about", "around", "some", "nearly", "almost", "roughly", "over", "under"),
        *("more", "less", "fewer", "least", "most", "up", "as", "many", "much"),
        *("was", "were", "is", "are", "it"),
    }
)
_MOST_WORDS = 2  # beside the figure, in a right answer that is a figure


class FigureMatch(NamedTuple):
    """``same``: their values agree. ``approximate``: one of the two is "some", "more than" …

    ``read``: whether the answer's figure could be read at all.
    """

    same: bool
    approximate: bool
    read: bool = True


def figure_match(answer: str, right: Sequence[str]) -> FigureMatch | None:
    """Whether the answer gives the same figure as a right one: "$200m" is "USD 200 million".

    "$200" is not. An answer with several figures, or without one, matches none. What is counted is
    not compared ("17 people" is "17"); units of measure are, where both have one. A date may add
    the year that the right answer lacks. Of several right figures any will do, an exact one first.
    None where no right answer is a figure.
    """
    wanted = [figure for other in right if (figure := whole_figure(other)) is not None]
    if not wanted:
        return None
    said = read(answer)
    if len(said) != 1:
        return FigureMatch(same=False, approximate=False, read=bool(said))
    equal = [other for other in wanted if same(said[0], other) or _has_its_day(said[0], other)]
    if not equal:
        return FigureMatch(same=False, approximate=False)
    exact = not said[0].approximate and not all(other.approximate for other in equal)
    return FigureMatch(same=True, approximate=not exact)


def _has_its_day(said: Quantity, right: Quantity) -> bool:
    """Whether a date is the day of another that lacks its year: "August 21, 2022", "August 21"."""
    if not (said.kind == right.kind == "date"):
        return False
    year, _, day = str(right.value).partition("-")
    return year == "?" and "?" not in day and str(said.value).partition("-")[2] == day


def whole_figure(text: str) -> Quantity | None:
    """The text's one figure, if there is little else in the text and no name."""
    figures = read(text)
    if len(figures) != 1:
        return None
    plain = rewritten(text)
    words = re.findall(r"\w+", f"{plain[: figures[0].start]} {plain[figures[0].end :]}")
    own = [word for word in words if word.lower() not in _SMALL_WORDS]
    has_name = any(word[:1].isupper() and len(word) > 1 for word in own)
    return None if has_name or len(own) > _MOST_WORDS else figures[0]
