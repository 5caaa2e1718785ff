"""Labels that people give to answers, and which answers they are asked to label.

A labels file has no text of a case or an answer: a label belongs to a case's id and the digest of
what was answered, so that it can be shared where the texts may not.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from eval.cases import EvalCase, GoldSpan
from eval.files import parse_lines, read_text
from eval.outcome import Outcome
from eval.run_file import Result, Stored
from eval.verdict import verdict_name, verdict_of
from qa.answer import Answer
from qa.errors import BadInput

Rightness = Literal["right", "partly", "wrong"]


class Label(BaseModel):
    """One reader's judgement. ``supported``: the quotes alone show what the answer says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    right: Rightness
    supported: bool


class Labelled(BaseModel):
    """An answer and its labels, None where a reader has not been there yet.

    ``answer``: its `digest`. ``weight``: how many answers of the runs it was drawn for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    case: str
    answer: str
    stratum: str
    weight: float = Field(gt=0)
    first: Label | None = None
    second: Label | None = None
    final: Label | None = None

    @property
    def label(self) -> Label | None:
        """The final label; without one, that of a single pass or of two that agree."""
        if self.final is not None:
            return self.final
        if self.first is None or self.second is None or self.first == self.second:
            return self.first or self.second
        return None


@dataclass(frozen=True, slots=True)
class Drawn:
    """An answer to label, with the result that it comes from."""

    labelled: Labelled
    result: Result


def digest(answer: Answer) -> str:
    """16 hex digits over all that a label depends on: what is said, and the quotes."""
    short = answer.short_answer.text if answer.short_answer is not None else None
    said = {
        "answer": answer.answer,
        "short_answer": short,
        "items": [item.text for item in answer.items],
        "quotes": [[citation.article_id, citation.quote] for citation in answer.citations],
    }
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answered(stored: Stored) -> Iterator[tuple[EvalCase, Outcome, Answer]]:
    """The cases of a run that were answered; what was declined has nothing to label."""
    for result in stored.results():
        outcome = result.outcome
        if outcome is not None and outcome.answer is not None and outcome.answer.answer:
            yield result.case, outcome, outcome.answer


def draw(runs: Sequence[Stored], count: int, seed: int) -> list[Drawn]:
    """Answers of the runs to label, in random order: about as many of each form and verdict.

    Wrong answers are rare in a good run; drawn evenly, they are well represented. Each answer's
    weight makes up for it: the size of its stratum over how many of it were drawn.
    """
    random = Random(seed)  # noqa: S311 - a draw that can be repeated, not a secret
    strata: dict[str, list[tuple[str, Result, Answer]]] = {}
    seen: set[tuple[str, str]] = set()  # two runs may have the same answer
    for stored in runs:
        for case, outcome, answer in answered(stored):
            key = (case.id, digest(answer))
            if key in seen:
                continue
            seen.add(key)
            name = f"{case.scored_as} {verdict_name(verdict_of(case, outcome))}"
            result = Result(case=case, outcome=outcome)
            strata.setdefault(name, []).append((stored.path.stem, result, answer))
    drawn = []
    for name, taken in _shares({name: len(strata[name]) for name in strata}, count).items():
        members = strata[name]
        for run, result, answer in random.sample(members, taken):
            labelled = Labelled(
                run=run,
                case=result.case.id,
                answer=digest(answer),
                stratum=name,
                weight=round(len(members) / taken, 4),
            )
            drawn.append(Drawn(labelled, result))
    random.shuffle(drawn)
    return drawn


def _shares(sizes: Mapping[str, int], count: int) -> dict[str, int]:
    """One for each stratum in turn, until there are ``count`` or no more members."""
    taken = dict.fromkeys(sorted(sizes), 0)
    while sum(taken.values()) < min(count, sum(sizes.values())):
        for name in taken:
            if taken[name] < sizes[name] and sum(taken.values()) < count:
                taken[name] += 1
    return {name: number for name, number in taken.items() if number}


def read_labels(path: Path) -> list[Labelled]:
    """Raises BadInput with the first wrong line, and for an answer that is there twice."""
    found: dict[tuple[str, str], Labelled] = {}
    for number, labelled in parse_lines(read_text(path), Labelled):
        if isinstance(labelled, str):
            raise BadInput(f"{path.name}:{number}: {labelled}")
        key = (labelled.case, labelled.answer)
        if key in found:
            raise BadInput(f"{path.name}:{number}: the answer to '{labelled.case}' occurs twice")
        found[key] = labelled
    if not found:
        raise BadInput(f"{path.name} has no labels")
    return list(found.values())


def lines_of(labels: Iterable[Labelled]) -> Iterator[str]:
    """The lines of a labels file."""
    for labelled in labels:
        yield labelled.model_dump_json() + "\n"


def pages(drawn: Iterable[Drawn]) -> Iterator[str]:
    """The answers to read while labelling, as Markdown. Private: it has the archive's text."""
    for number, one in enumerate(drawn, start=1):
        case, outcome = one.result.case, one.result.outcome
        if outcome is None or outcome.answer is None:
            continue
        as_of = f" (as of {case.as_of})" if case.as_of else ""
        yield f"## {number}. {case.id}\n\n**{case.question}**{as_of}\n\n"
        for line in (*_expected(case, outcome), *_said(outcome.answer)):
            yield f"- {line}\n"
        yield "\n"


def _expected(case: EvalCase, outcome: Outcome) -> Iterator[str]:
    if not case.answerable:
        yield "expected: nothing, the archive does not say"
    if case.answers:
        yield f"expected: {' / '.join(case.answers)}"
    if case.items:
        yield f"expected: {'; '.join(spellings[0] for spellings in case.items)}"
    if case.asserted:
        yield f"untrue: {case.asserted}"
    for span in case.gold:
        yield f"gold: {_text_of(span, outcome)}"


def _text_of(span: GoldSpan, outcome: Outcome) -> str:
    for hit in outcome.hits or ():
        passage = hit.passage
        if hit.article.id == span.article_id and passage.start <= span.start < passage.end:
            return passage.text[span.start - passage.start : span.end - passage.start]
    return f"{span.article_id}, characters {span.start} to {span.end} (not retrieved)"


def _said(answer: Answer) -> Iterator[str]:
    yield f"answer: {answer.answer}"
    if answer.short_answer is not None and answer.short_answer.text != answer.answer:
        yield f"short answer: {answer.short_answer.text}"
    if answer.items:
        yield f"items: {'; '.join(item.text for item in answer.items)}"
    for citation in answer.citations:
        day = (citation.published_at or "undated")[:10]
        yield f"[{citation.n}] {day}, {citation.title or 'untitled'}: {citation.quote}"
