"""Yes or no by value, where a question has one figure in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from qa import tuning
from qa.answering.features import VerdictFeatures
from qa.answering.sentence import Sentence
from qa.language.figures import holds
from qa.language.words import content_stems
from qa.question import Question
from qa.types import Figure


@dataclass(frozen=True, slots=True)
class Decided:
    """What a sentence decides; yes is True."""

    sentence: Sentence
    value: bool
    features: VerdictFeatures | None  # None: decided by a rule
    confidence: float


def by_figure(question: Question, evidence: Sequence[Sentence]) -> Decided | None:
    """The verdict on a question with one figure in it ("Was it 200 million?"), by value.

    The first sentence decides that speaks of what is asked and has one figure of that kind.
    """
    figure = asked_figure(question)
    if figure is None:
        return None
    text = f"{question.text[: figure.start]} {question.text[figure.end :]}"
    rest = set(content_stems(text))
    for item in evidence:
        alike = [other for other in item.figures if other.kind == figure.kind]
        share = len(rest & item.stems_with_title) / len(rest) if rest else 0.0
        if share >= tuning.SPOKEN_OF and len(alike) == 1:
            value = holds(figure, alike[0])
            return Decided(item, value, None, round(share, 4))
    return None


def asked_figure(question: Question) -> Figure | None:
    """The one figure of a question that is no date; None where it has none or several."""
    asked = [figure for figure in question.figures if figure.kind != "date"]
    return asked[0] if len(asked) == 1 else None
