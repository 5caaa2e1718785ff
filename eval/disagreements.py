"""Where a system judges its own answer otherwise than the metrics do, which share none of its code.

One of the two is wrong: each disagreement is worth a look.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from eval.cases import EvalCase
from eval.metrics.citations import holds, quotes_by_number, statements_with_quotes, supports
from eval.metrics.quantities import Kind, read, rewritten, same
from eval.outcome import Outcome
from qa.answer import Answer

if TYPE_CHECKING:  # nothing of the answer path is loaded, as a test shows
    from eval.run_file import Stored

_COUNTED: frozenset[Kind] = frozenset({"number", "money"})  # what a system should list
_TYPED: frozenset[Kind] = frozenset({"number", "money", "measure"})  # their values are numbers


class Disagreement(NamedTuple):
    """``problem``: what the metrics find, against what the system says; ``text``: of what."""

    case: str
    problem: str
    text: str


def of_run(stored: "Stored") -> Iterator[Disagreement]:
    """Of all answers of a run, in the order of its cases."""
    for result in stored.results():
        if result.outcome is not None:
            yield from disagreements(result.case, result.outcome)


def disagreements(case: EvalCase, outcome: Outcome) -> Iterator[Disagreement]:
    """Of one answer. What was declined, and what the system does not report, has none."""
    answer = outcome.answer
    if answer is None or answer.status != "answered":
        return
    found: list[tuple[str, str]] = []
    if outcome.reports("figures"):
        found += [*_of_figures(answer), *_of_unlisted(answer)]
    if outcome.reports("statements"):
        found += _of_statements(answer, case.question)
    if outcome.reports("short_answer"):
        found += _of_value(answer)
    for problem, text in found:
        yield Disagreement(case.id, problem, text)


def _of_figures(answer: Answer) -> Iterator[tuple[str, str]]:
    quotes = quotes_by_number(answer)
    for figure in answer.figures:
        quoted = any(holds(quote, figure.text) for quote in quotes.values())
        if figure.status == "unsupported" and quoted:
            yield "unsupported figure is in a quote", figure.text
        named = quotes.get(figure.citation or 0, "")
        if figure.status == "supported" and not holds(named, figure.text):
            yield "supported figure is not in its quote", figure.text


def _of_unlisted(answer: Answer) -> Iterator[tuple[str, str]]:
    listed = [quantity for figure in answer.figures for quantity in read(figure.text)]
    text = answer.answer or ""
    plain = rewritten(text)
    counted = [quantity for quantity in read(text) if quantity.kind in _COUNTED and quantity.value]
    for quantity in counted:  # 0 is "nobody" or "none", which need not be listed
        if not any(same(quantity, other) for other in listed):
            yield "figure is not listed", plain[quantity.start : quantity.end]


def _of_statements(answer: Answer, question: str) -> Iterator[tuple[str, str]]:
    for text, cited in statements_with_quotes(answer):
        if cited and supports(cited, text, question) is False:
            yield "statement is not in its quotes", text


def _of_value(answer: Answer) -> Iterator[tuple[str, str]]:
    short = answer.short_answer
    if short is None or short.value is None or short.kind not in ("number", "money"):
        return
    figures = [figure for figure in read(short.text) if figure.kind in _TYPED]
    said = f"{short.text} = {short.value}"
    if len(figures) != 1:
        yield "typed value, where not one figure is read", said
    elif not _is_number(short.value):
        yield "typed value is not a number", said
    elif figures[0].plain[0] != Fraction(short.value):
        yield "typed value is another", said


def _is_number(value: str) -> bool:
    try:
        Fraction(value)
    except (ValueError, ZeroDivisionError):
        return False
    return True
