"""From what a model wrote to what the archive says: verified quotes. Pure functions.

The quote is the source's text, never the model's wording; a claim without support is dropped.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qa.answer import Citation
from qa.language.figures import find_figures, holds, same_figure
from qa.language.words import content_stems
from qa.models.base import Statement
from qa.types import Figure, FigureStatus, Sentence

_LEAST_SUPPORT = (
    0.5  # of a statement's content words must stand in what it cites, question words aside
)


_DIGITS = re.compile(r"\d+(?:[.,–-]\d+)*")


@dataclass(frozen=True, slots=True)
class Supported:
    """A statement that passed: its text, the sentences that it rests on, and its figures, each with the sentence
    that holds its value (None: no cited sentence does).
    """

    text: str
    short: str | None
    sentences: tuple[Sentence, ...]
    figures: tuple[tuple[Figure, Sentence | None], ...]
    confidence: float | None


def verify(statement: Statement, question: str, evidence: Sequence[Sentence]) -> Supported | None:
    """The statement with the sentences that support it; None when none does.

    Cited numbers that do not exist, or whose sentences share nothing with the statement, fall away. A statement
    without a marker is given the sentence that says most of it, if one says enough.
    """
    if not _said(statement.text):
        return None
    by_number = {item.n: item for item in evidence}
    cited = [by_number[n] for n in statement.cites if n in by_number]
    sentences = [
        item for item in cited if _supports([item], statement.text, question, _LEAST_SUPPORT / 2)
    ]
    if not sentences:
        ranked = sorted(
            evidence, key=lambda item: (-_share(item, statement.text, question), item.n)
        )
        sentences = ranked[:1]
    if not sentences or not _supports(sentences, statement.text, question, _LEAST_SUPPORT):
        return None
    placed = _in_place(statement.text, sentences)
    figures: tuple[tuple[Figure, Sentence | None], ...] = (
        placed
        if placed is not None
        else tuple((figure, _holder(figure, sentences)) for figure in find_figures(statement.text))
    )
    if any(holder is None and not _in_question(figure, question) for figure, holder in figures):
        # A figure that the cited sentences do not hold may stand in another: then that one is cited too.
        figures = tuple((figure, holder or _holder(figure, evidence)) for figure, holder in figures)
        for _, holder in figures:
            if holder is not None and all(holder.n != item.n for item in sentences):
                sentences.append(holder)
    bare = _bare_digits(statement.text, [figure for figure, _ in figures])
    if not bare <= set(_DIGITS.findall(question)).union(
        *(_DIGITS.findall(item.text) for item in sentences)
    ):
        return None  # a score, a decade or a model number that nothing cited says
    if any(holder is None and not _in_question(figure, question) for figure, holder in figures):
        return None  # an invented figure: nothing of this statement can be trusted
    short = statement.short if statement.short and locate(statement.short, sentences) else None
    return Supported(statement.text, short, tuple(sentences), figures, statement.confidence)


def figure_status(figure: Figure, holder: Sentence | None, question: str) -> FigureStatus:
    if holder is not None:
        return "supported"
    return "derived" if _in_question(figure, question) else "unsupported"


def locate(short: str, sentences: Sequence[Sentence]) -> tuple[Sentence, int, int] | None:
    """Where a short answer stands: the sentence, and its offsets in the article. Case and white space may differ;
    the first sentence that has it wins.
    """
    words = short.split()
    if not words:
        return None
    pattern = r"\s+".join(re.escape(word) for word in words)
    # Not inside a word, nor inside a longer number: "200" does not stand in "1,200", nor "$3" in "$3.5".
    before = r"(?<!\w)(?<!\d[.,])" if words[0][0].isalnum() else ""
    behind = r"(?!\w)(?![.,]\d)" if words[-1][-1].isalnum() else ""
    guarded = before + pattern + behind
    for item in sentences:
        match = re.search(guarded, item.text, re.IGNORECASE)
        if match:
            return item, item.start + match.start(), item.start + match.end()
    return None


def citation(n: int, item: Sentence, at: tuple[int, int] | None = None) -> Citation:
    """The citation of a sentence; ``at`` is where in the article the short answer stands."""
    passage = item.hit.passage
    article = passage.article
    return Citation(
        n=n,
        article_id=article.id,
        version=passage.stored.version,
        title=article.title,
        source=article.source,
        url=article.url,
        published_at=article.published_at,
        passage_id=passage.id,
        quote=article.text[item.start : item.end],
        start=item.start,
        end=item.end,
        answer_start=at[0] if at else None,
        answer_end=at[1] if at else None,
    )


def _holder(figure: Figure, sentences: Sequence[Sentence]) -> Sentence | None:
    for item in sentences:
        published = item.hit.passage.article.published_at
        if any(holds(figure, other) for other in find_figures(item.text, published)):
            return item
    return None


def _in_place(
    text: str, sentences: Sequence[Sentence]
) -> tuple[tuple[Figure, Sentence], ...] | None:
    """The figures of a text that stands in a sentence word for word, as that sentence reads them: what follows may
    tell ("9 days" or "9 days old"). None where it stands in none, or cuts a figure.
    """
    at = locate(text, sentences)
    if at is None:
        return None
    item, start, end = at
    start, end = start - item.start, end - item.start
    touched = [
        figure
        for figure in find_figures(item.text, item.hit.passage.article.published_at)
        if figure.start < end and start < figure.end
    ]
    if any(figure.start < start or end < figure.end for figure in touched):
        return None
    return tuple((figure, item) for figure in touched)


def _in_question(figure: Figure, question: str) -> bool:
    return any(same_figure(figure, other) for other in find_figures(question))


def _bare_digits(text: str, figures: Sequence[Figure]) -> set[str]:
    """The digits of a text that stand in none of its figures: "3-2", "1990s", "21st"."""
    return {
        match.group()
        for match in _DIGITS.finditer(text)
        if all(match.end() <= figure.start or match.start() >= figure.end for figure in figures)
    }


def _supports(sentences: Sequence[Sentence], text: str, question: str, least: float) -> bool:
    # What only repeats the question must be spoken of as well.
    said = _claimed(text, question) or _said(text)
    if not said:
        return False
    held = set().union(*(_held(item) for item in sentences))
    return len(said & held) / len(said) >= least


def _share(item: Sentence, text: str, question: str) -> float:
    said = _claimed(text, question)
    if not said:  # nothing but figures, or the question's own words: whoever holds the figures
        held = find_figures(item.text, item.hit.passage.article.published_at)
        said_figures = find_figures(text)
        return sum(any(same_figure(one, other) for other in held) for one in said_figures) / max(
            1, len(said_figures)
        )
    return len(said & _held(item)) / len(said) if said else 0.0


def _claimed(text: str, question: str) -> set[str]:
    """The words by which a statement says something new. Figures are judged by value, not by their words."""
    for figure in reversed(find_figures(text)):
        text = f"{text[: figure.start]} {text[figure.end :]}"
    return _said(text) - set(content_stems(question))


def _said(text: str) -> set[str]:
    return set(content_stems(text)) - {"yes"}


def _held(item: Sentence) -> set[str]:
    article = item.hit.passage.article
    return set(content_stems(item.text)) | set(content_stems(article.title or ""))
