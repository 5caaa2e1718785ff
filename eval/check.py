"""Does a case file make sense over its archive? Faults that would make a run measure something else."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eval.cases import EvalCase
from eval.metrics import normalise, occurs
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.errors import BadInput, NotFound
from qa.types import instant

DEPTH = 10  # hits in which the answer of an unanswerable case is looked for


class Fault(NamedTuple):
    case: str
    what: str


def faults(cases: Sequence[EvalCase], archive: Archive | None) -> Iterator[Fault]:
    """What each case alone, then all together, then over the archive shows; in each in the order of the cases."""
    for case in cases:
        yield from (Fault(case.id, what) for what in _alone(case))
    yield from _asked_twice(cases)
    if archive is not None:
        for case in cases:
            yield from (Fault(case.id, what) for what in _over(case, archive))


def _alone(case: EvalCase) -> Iterator[str]:
    if case.answerable and not case.answers and not case.relevant:
        yield "answerable, but without an answer or a relevant article"
    if not case.answerable and case.relevant:
        yield "unanswerable, but with relevant articles"
    if any(not normalise(answer) for answer in case.answers):
        yield "an answer of nothing but punctuation or articles: no reply can match it"
    if (
        case.choices
        and case.answers
        and not {normalise(c) for c in case.choices} & {normalise(a) for a in case.answers}
    ):
        yield "none of its choices is a right answer"
    if case.as_of is not None:
        try:
            instant(case.as_of)
        except ValueError:
            yield f"as_of '{case.as_of}' is no ISO 8601 date or time"


def _asked_twice(cases: Sequence[EvalCase]) -> Iterator[Fault]:
    first: dict[tuple[str, str | None], EvalCase] = {}
    for case in cases:
        same = first.setdefault((normalise(case.question), case.as_of), case)
        if same is not case:
            differ = " with other answers" if _answers(same) != _answers(case) else ""
            yield Fault(case.id, f"asks the same as '{same.id}'{differ}")


def _answers(case: EvalCase) -> set[str]:
    return {normalise(answer) for answer in case.answers}


def _over(case: EvalCase, archive: Archive) -> Iterator[str]:
    texts = []
    with archive.store.snapshot() as snapshot:
        for name in case.relevant:
            try:
                article = snapshot.article(name).article
            except NotFound:
                yield f"relevant article '{name}' is not in the archive"
                continue
            texts.append(f"{article.title or ''}\n{article.text}")
            if _later(article.published_at, case.as_of):
                yield f"relevant article '{name}' is published after its as_of"
    if not case.answers or _boolean(case):
        return
    if case.answerable:
        if texts and not any(occurs(case.answers, text) for text in texts):
            yield "no answer stands, word for word, in any of its relevant articles"
        return
    try:
        hits = open_retriever(archive).retrieve(case.question, DEPTH, case.filters()).hits
    except BadInput as error:
        yield str(error)
        return
    for hit in hits:
        if occurs(case.answers, hit.passage.text):
            yield f"unanswerable, but its answer stands in article '{hit.passage.article.id}', found at rank {hit.rank}"
            return


def _later(published_at: str | None, as_of: str | None) -> bool:
    if published_at is None or as_of is None:
        return False
    try:
        return instant(published_at) > instant(as_of, end_of_day=True)
    except ValueError:
        return False


def _boolean(case: EvalCase) -> bool:
    return all(normalise(answer) in ("yes", "no") for answer in case.answers)
