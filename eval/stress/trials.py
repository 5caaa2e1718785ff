"""What is changed for a case, what must come of it, and whether it did."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from eval.cases import EvalCase, GoldSpan
from eval.metrics import is_right, occurs, verdict_said
from eval.metrics.citations import answer_citations
from eval.outcome import Outcome
from eval.stress.corpus import Corpus, day_in, day_of
from eval.stress.reports import Added, contradiction, distractor
from eval.stress.wording import WORDINGS, rewordings
from eval.verdict import Verdict, verdict_of
from qa.answer import Answer
from qa.types import Article

# "stay": as it was. "stay right": right, where it was right. "give the new value": or show it as a
# disagreement.
Must = Literal["stay right", "decline", "stay", "give the new value"]
MUST: dict[str, Must] = {
    **dict.fromkeys(WORDINGS, "stay right"),
    "distractor added": "stay right",
    "report removed": "decline",
    "contradicted later": "give the new value",
    "as_of before": "decline",
    "as_of after": "stay",
}
KINDS = tuple(MUST)


@dataclass(frozen=True, slots=True)
class Trial:
    """A case under one change: of the question, of ``as_of``, or of the archive.

    ``change``: what was changed, in words. ``value``: what an added report gives as the answer.
    """

    kind: str
    case: EvalCase
    asked: EvalCase
    change: str
    add: tuple[Article, ...] = ()
    remove: tuple[str, ...] = ()
    value: str | None = None


class Judged(NamedTuple):
    """None: it does not apply, as to the answer of a case that was wrong before."""

    consistent: bool | None
    as_must: bool | None


UNJUDGED = Judged(None, None)


def trials(case: EvalCase, corpus: Corpus, kinds: Sequence[str], seed: int) -> Iterator[Trial]:
    """Every change of these kinds that applies to the case, in the order of `KINDS`.

    The same seed gives the same changes, whatever else is asked.
    """
    own_seed = f"{seed}/{case.id}"
    for kind in KINDS:
        if kind not in kinds:
            continue
        if kind in WORDINGS:
            for question in rewordings(case.question, kind, own_seed):
                asked = case.model_copy(update={"question": question})
                yield Trial(kind, case, asked, question)
        elif case.answerable and case.scored_as != "false_premise":
            trial = _of_archive(kind, case, corpus, own_seed)
            if trial is not None:
                yield trial


def judge(trial: Trial, before: Outcome, after: Outcome) -> Judged:
    """Compare the answer with the unchanged one, and with what it must be."""
    must = MUST[trial.kind]
    answer = after.answer
    if answer is None or before.answer is None:
        return UNJUDGED
    if must == "decline":
        return Judged(None, answer.status == "not_found")
    if must == "give the new value":
        was_right = verdict_of(trial.case, before) is Verdict.RIGHT
        return Judged(None, gives(answer, after, trial.value or "") if was_right else None)
    same = is_same(trial.case, before, after)
    if must == "stay":
        return Judged(same, same)
    if verdict_of(trial.case, before) is not Verdict.RIGHT:
        return Judged(same, None)
    return Judged(same, verdict_of(trial.case, after) is Verdict.RIGHT)


def is_same(case: EvalCase, before: Outcome, after: Outcome) -> bool:
    """Whether the second answer is the first one by value: it would be right if the first were the
    known answer of a case of this form (`eval.verdict`).
    """
    answer = before.answer
    if answer is None or after.answer is None:
        return answer is after.answer
    if answer.status == "not_found":
        return after.answer.status == "not_found"
    if after.answer.status == "not_found":
        return False
    return verdict_of(_as_known(case, answer, before), after) is Verdict.RIGHT


def gives(answer: Answer, outcome: Outcome, value: str) -> bool:
    """Whether the answer is the value, or shows it beside the answer as what another report says.

    `sources_disagree` alone is not enough to decline: the disagreement must be seen.
    """
    if is_right(outcome.said or "", [value]):
        return True
    shown = [item.text for item in answer.disagreements]
    shown += [item.text for item in answer.timeline]
    if answer.reason_code == "sources_disagree":
        shown.append(answer.reason or "")
    return any(occurs([value], text) or is_right(text, [value]) for text in shown)


def _of_archive(kind: str, case: EvalCase, corpus: Corpus, seed: str) -> Trial | None:
    match kind:
        case "distractor added":
            return _with_report(kind, case, distractor(case, corpus, seed))
        case "contradicted later":
            return _with_report(kind, case, contradiction(case, corpus, seed))
        case "report removed":
            return _without_reports(kind, case, corpus)
        case _:
            return _at_another_time(kind, case, corpus)


def _with_report(kind: str, case: EvalCase, added: Added | None) -> Trial | None:
    if added is None:
        return None
    asked = _seeing(case, day_of(added.article)) if kind == "contradicted later" else case
    change = f"added: {added.article.text}"
    return Trial(kind, case, asked, change, add=(added.article,), value=added.value)


def _without_reports(kind: str, case: EvalCase, corpus: Corpus) -> Trial | None:
    holders = tuple(article.id for article in corpus.holders(case))
    if not _is_searchable(case) or not set(holders) & set(corpus.reports):
        return None
    return Trial(kind, case, case, f"removed: {', '.join(holders)}", remove=holders)


def _at_another_time(kind: str, case: EvalCase, corpus: Corpus) -> Trial | None:
    holders = corpus.holders(case)
    days = [day for article in holders if (day := day_of(article)) is not None]
    if not days or (case.include_undated and len(days) < len(holders)):
        return None
    if kind == "as_of before":
        if not _is_searchable(case):
            return None
        day = min(days) - timedelta(days=1)
    elif case.as_of is not None:
        asked_on = day_in(case.as_of)
        if asked_on is None:
            return None
        day = asked_on + timedelta(days=1)
    elif len(days) == len(holders) and corpus.newest is not None:
        day = corpus.newest + timedelta(days=1)
    else:
        return None
    asked = case.model_copy(update={"as_of": day.isoformat()})
    return Trial(kind, case, asked, f"as_of {day}")


def _is_searchable(case: EvalCase) -> bool:
    """Whether the answer can be looked for in every report: a yes or a reason cannot."""
    return bool(case.answers or case.items) and not case.is_yes_or_no


def _seeing(case: EvalCase, day: date | None) -> EvalCase:
    """The case, asked late enough to see a report of that day."""
    if case.as_of is None or day is None or case.as_of[:10] >= day.isoformat():
        return case
    return case.model_copy(update={"as_of": day.isoformat()})


def _as_known(case: EvalCase, answer: Answer, outcome: Outcome) -> EvalCase:
    """A case of which this answer is the known one."""
    places = tuple(
        GoldSpan(article_id=item.article_id, start=item.start, end=item.end)
        for item in answer_citations(answer)
        if item.end > item.start
    )
    base = {"id": case.id, "question": case.question, "answerable": True}
    verdict = verdict_said(answer)
    if answer.items:
        items = tuple((item.text,) for item in answer.items)
        return EvalCase(**base, items=items, form="list")
    if case.scored_as == "yes_no" and verdict is not None:
        return EvalCase(**base, answers=(verdict,), form="yes_no")
    if answer.short_answer is not None or not places:
        return EvalCase(**base, answers=(outcome.said or "",), form="short")
    relevant = tuple({span.article_id: None for span in places})
    form = "brief" if case.scored_as == "brief" else "sentences"
    return EvalCase(**base, gold=places, relevant=relevant, form=form)
