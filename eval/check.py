"""Check a case file, by itself and against its archive: faults that would distort a run."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from eval.cases import EvalCase
from eval.metrics import normalise, occurs
from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.bootstrap import open_retriever
from qa.errors import BadInput, NotFound
from qa.question import Question
from qa.types import instant

DEPTH = 10  # hits in which the answer of an unanswerable case is looked for


class Fault(NamedTuple):
    """What is wrong with a case, named by its id or its line."""

    case: str
    problem: str


def find_faults(
    cases: Sequence[EvalCase],
    archive: Archive | None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Fault]:
    """Faults of each case alone, of all together, then against the archive, if one is given."""
    for case in cases:
        yield from (Fault(case.id, problem) for problem in _problems_alone(case))
    yield from _asked_twice(cases)
    if archive is not None:
        for count, case in enumerate(cases, start=1):
            yield from (Fault(case.id, problem) for problem in _problems_in(archive, case))
            on_progress(count, len(cases))


def _problems_alone(case: EvalCase) -> Iterator[str]:
    known = case.answers or case.relevant or case.gold or case.items or case.nuggets
    if case.answerable and not known and case.form != "false_premise":
        yield "answerable, but without an answer or a relevant article"
    if not case.answerable and (case.relevant or case.gold):
        yield "unanswerable, but with relevant articles"
    yield from _missing_for_its_form(case)
    spellings = [spelling for item in case.items for spelling in item]
    if any(not normalise(answer) for answer in (*case.answers, *spellings)):
        yield "an answer is only punctuation or articles: no reply can match it"
    choices = {normalise(choice) for choice in case.choices}
    if choices and case.answers and not choices & _answers(case):
        yield "none of its choices is a right answer"
    if case.as_of is not None:
        try:
            instant(case.as_of)
        except ValueError:
            yield f"as_of '{case.as_of}' is not an ISO 8601 date or time"


def _missing_for_its_form(case: EvalCase) -> Iterator[str]:
    """What the verdict on the case's form needs."""
    form = case.scored_as
    if form in ("unanswerable", None):
        return
    if form == "short" and not case.answers:
        yield "form 'short' needs answers"
    elif form == "yes_no" and not case.is_yes_or_no:
        yield "form 'yes_no' needs 'yes' or 'no' as its answers"
    elif form in ("list", "every_answer") and not case.items:
        yield f"form '{form}' needs items"
    elif form == "false_premise" and not case.gold:
        return  # any answer that does not object, or say what is true, is wrong
    elif form not in ("short", "yes_no", "list", "every_answer") and not case.gold:
        yield f"form '{form}' needs gold sentences"
    if form == "false_premise" and not case.asserted:
        yield "form 'false_premise' needs the value that is asserted"


def _asked_twice(cases: Sequence[EvalCase]) -> Iterator[Fault]:
    first: dict[tuple[str, str | None], EvalCase] = {}
    for case in cases:
        asked = (*case.earlier, case.question)
        same = first.setdefault((" ".join(map(normalise, asked)), case.as_of), case)
        if same is not case:
            differ = " with other answers" if _answers(same) != _answers(case) else ""
            yield Fault(case.id, f"asks the same as '{same.id}'{differ}")


def _answers(case: EvalCase) -> set[str]:
    return {normalise(answer) for answer in case.answers}


def _problems_in(archive: Archive, case: EvalCase) -> Iterator[str]:
    texts = []
    with archive.store.snapshot() as snapshot:
        for name in case.relevant:
            try:
                article = snapshot.article(name).article
            except NotFound:
                yield f"relevant article '{name}' is not in the archive"
                continue
            texts.append(f"{article.title or ''}\n{article.text}")
            if _is_later(article.published_at, case.as_of):
                yield f"relevant article '{name}' is published after its as_of"
        yield from _misplaced_gold(snapshot, case)
    if not case.answers or case.is_yes_or_no:
        return
    if not case.answerable:
        yield from _answer_found(archive, case)
    elif case.scored_as != "short":
        return  # a long answer is in its writer's words
    elif texts and not any(occurs(case.answers, text) for text in texts):
        yield "no answer occurs, word for word, in any of its relevant articles"


def _misplaced_gold(snapshot: Snapshot, case: EvalCase) -> Iterator[str]:
    """Gold sentences outside the text of their article."""
    for span in case.gold:
        try:
            text = snapshot.article(span.article_id).article.text
        except NotFound:
            if span.article_id not in case.relevant:  # else it was reported
                yield f"gold article '{span.article_id}' is not in the archive"
            continue
        if span.end > len(text):
            yield (
                f"a gold sentence ends at {span.end}, but article '{span.article_id}' has"
                f" {len(text)} characters"
            )


def _answer_found(archive: Archive, case: EvalCase) -> Iterator[str]:
    try:
        hits = (
            open_retriever(archive)
            .retrieve(Question.parse(case.question, case.filters(), k=DEPTH))
            .hits
        )
    except BadInput as error:
        yield str(error)
        return
    for hit in hits:
        if occurs(case.answers, hit.passage.text):
            name = hit.passage.article.id
            yield f"unanswerable, but its answer occurs in article '{name}', at rank {hit.rank}"
            return


def _is_later(published_at: str | None, as_of: str | None) -> bool:
    if published_at is None or as_of is None:
        return False
    try:
        return instant(published_at) > instant(as_of, end_of_day=True)
    except ValueError:
        return False
