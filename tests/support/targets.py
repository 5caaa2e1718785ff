"""Systems under evaluation that answer as they are told to."""

from collections.abc import Collection, Mapping
from typing import Any

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.targets.base import TargetFailed
from eval.targets.file import adapt_answer, adapt_hits
from qa.answer import HitOutput


def hits_of(*found: tuple[str, str]) -> tuple[HitOutput, ...]:
    """Hits with an article's id and a passage's text each, and nothing else."""
    records = [{"article": {"id": name}, "passage": {"text": text}} for name, text in found]
    return Outcome.model_validate({"hits": adapt_hits(records)}).hits or ()


class Parrot:
    """Gives the right answer, except to the cases that it must fail or get wrong."""

    def __init__(
        self,
        *,
        wrong: Collection[str] = (),
        failing: Collection[str] = (),
        has: Collection[str] = (),
    ) -> None:
        self.wrong, self.failing, self.has = wrong, failing, has
        self.asked: list[str] = []

    def describe(self) -> Mapping[str, Any]:
        return {"kind": "parrot", "settings": {}, "models": {}, "corpus": {"fingerprint": "f"}}

    def ask(self, case: EvalCase) -> Outcome:
        self.asked.append(case.id)
        if case.id in self.failing:
            raise TargetFailed("it is on strike", 2)
        said = "nine thousand" if case.id in self.wrong else case.answers[0]
        answer, unreported = adapt_answer({"answer": said, "confidence": 0.9})
        return Outcome(
            hits=hits_of((case.relevant[0], f"{said} came")),
            answer=answer,
            unreported=unreported,
            seconds=0.01,
        )

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        return set(self.has) & set(article_ids) if self.has else None
