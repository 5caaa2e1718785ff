"""Whether quotes support an answer, and whether its figures are in them.

Read by `eval.metrics.quantities` and `eval.metrics.words`, not by the code that is judged.
"""

import re
from collections.abc import Sequence

from eval.metrics.quantities import read, rewritten, same
from eval.metrics.words import content_words
from qa.answer import Answer, Citation

_YES_OR_NO = {"yes", "no"}
_LISTED = {"number", "share", "money", "date"}  # the kinds that every answer lists
_DIGIT = re.compile(r"\d")
_SUPPORTED_SHARE = 0.8  # of a statement's own words must occur in the quotes that support it


def supports(quotes: Sequence[str], statement: str, question: str) -> bool | None:
    """A deterministic substitute for the entailment model of ALCE (Gao et al., 2023).

    The quotes have every figure of the statement, see `holds`, and four of five of its content
    words, those of the question left out. None where it has neither (a bare yes). It finds what was
    invented; whether the quotes answer the question it cannot see.
    """
    figures = read(statement)
    words = rewritten(statement)
    for figure in reversed(figures):
        words = words[: figure.start] + " " + words[figure.end :]
    own = content_words(words) - content_words(question) - _YES_OR_NO
    if not figures and not own:
        return None
    together = " ".join(quotes)
    if not holds(together, statement):
        return False
    quoted_words = content_words(together)
    return not own or len(own & quoted_words) / len(own) >= _SUPPORTED_SHARE


def citation_recall(statement: str, quotes: Sequence[str], question: str) -> float | None:
    """ALCE's (Gao et al., 2023), for an answer as one statement.

    1 if its quotes together support it, else 0; 0 without quotes. None where the statement has
    nothing to support.
    """
    if not quotes:
        return 0.0
    together = supports(quotes, statement, question)
    return None if together is None else float(together)


def citation_precision(statement: str, quotes: Sequence[str], question: str) -> float | None:
    """ALCE's (Gao et al., 2023): (quotes that are not idle) / (quotes).

    A quote is idle if it does not support the statement alone while the others do without it, or if
    all together do not support it. None without quotes, and where nothing is to be supported.
    """
    together = supports(quotes, statement, question)
    if not quotes or together is None:
        return None
    if not together:
        return 0.0
    useful = 0
    for index, quote in enumerate(quotes):
        alone = supports([quote], statement, question)
        others = [*quotes[:index], *quotes[index + 1 :]]
        useful += bool(alone or not supports(others, statement, question))
    return useful / len(quotes)


def answer_citations(answer: Answer) -> list[Citation]:
    """The citations of the answer itself, in their order, not of its timeline and disagreements.

    The first is the answer's own, though the timeline lists its figure too.
    """
    own = {citation.n for citation in answer.citations[:1]}
    for statement in answer.statements:
        own.update(statement.citations)
    for item in answer.items:
        own.update(item.citations)
    beside = {entry.citation for entry in answer.timeline}
    for disagreement in answer.disagreements:
        beside.update(disagreement.citations)
    return [citation for citation in answer.citations if citation.n not in beside - own]


def quotes_by_number(answer: Answer) -> dict[int, str]:
    """The quotes of an answer by the numbers that it cites them with."""
    return {citation.n: citation.quote for citation in answer.citations}


def statements_with_quotes(answer: Answer) -> list[tuple[str, list[str]]]:
    """The text of each statement, with the quotes that it cites itself."""
    quotes = quotes_by_number(answer)
    return [
        (statement.text, [quotes[n] for n in statement.citations if n in quotes])
        for statement in answer.statements
    ]


def figures_without_quote(answer: Answer) -> float:
    """1 if a figure of the answer has no quote, else 0: lower is better.

    That is a figure that no quote holds, by value or in the same words; one that the answer lists
    as supported, but is not in the quote that it names; and any figure where the answer lists none.
    Figures that the answer labels as derived or unsupported are left out.
    """
    text = _vouched_for(answer)
    quotes = quotes_by_number(answer)
    everything = " ".join(quotes.values())
    in_digits = _DIGIT.search(text) and any(figure.kind in _LISTED for figure in read(text))
    named = [
        (figure.text, quotes.get(figure.citation or 0, ""))
        for figure in answer.figures
        if figure.status == "supported"
    ]
    if not answer.figures and in_digits:
        return 1.0
    in_named = all(holds(quote, figure) for figure, quote in named)
    return float(not in_named or not holds(everything, text))


def holds(quote: str, text: str) -> bool:
    """Return True if the quote has every figure of the text, by value or in the same words."""
    if _occurs_in(text, quote):
        return True
    plain, words, held = rewritten(text), rewritten(quote), read(quote)
    return all(
        any(same(figure, other) for other in held)
        or _occurs_in(plain[figure.start : figure.end], words)
        for figure in read(text)
    )


def _occurs_in(figure: str, text: str) -> bool:
    """In the same words: "2000" alone looks like a year, and in "2000 guests" it is a count."""
    return bool(re.search(rf"(?<![\w.,]){re.escape(figure.strip())}(?!\w|[.,]\d)", text))


def digits_without_quote(answer: Answer, question: str) -> float | None:
    """1 if the answer has a number in digits that no quote has, else 0: lower is better.

    Independent of any parser: a number is a run of digits without its separators and its trailing
    zeros after the point. Figures that the answer labels as derived or unsupported are left out,
    and so are the question's own numbers ("in 2024"). None where no number is left.
    """
    said = _numbers(_vouched_for(answer)) - _numbers(question)
    if not said:
        return None
    quoted = _numbers(" ".join(citation.quote for citation in answer.citations))
    return float(not said <= quoted)


def _vouched_for(answer: Answer) -> str:
    """The answer's text without the figures that it labels as derived or unsupported."""
    text = answer.answer or ""
    for figure in answer.figures:
        if figure.status != "supported":
            text = text.replace(figure.text, " ")
    return text


_NUMBER = re.compile(r"\d+(?:[,.\u00a0\u202f]\d+)*")


def _numbers(text: str) -> set[str]:
    """Numbers in digits: "1,200.50" and "1200.5" are the same."""
    found = set()
    for match in _NUMBER.finditer(text):
        plain = re.sub(r"[,\u00a0\u202f]", "", match[0])
        found.add(plain.rstrip("0").rstrip(".") if plain.count(".") == 1 else plain)
    return found
