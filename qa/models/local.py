"""`local`: answers of the archive's own words, without a language model. No key, no download."""

from collections.abc import Iterator, Sequence

from qa.answering.extraction.extract import extract
from qa.answering.scorer import scorer
from qa.answering.sentence import Sentence
from qa.models.base import Written
from qa.question import Question


class ExtractiveModel:
    """Picks spans and whole sentences of the evidence; what it writes is always text of it."""

    name = "local:extractive"

    def prepare(self) -> None:
        scorer()

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        if evidence:
            yield from extract(question, evidence)
