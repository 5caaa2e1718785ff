"""Cases from readers' verdicts on stored answers; what needs a person's eye goes to a review list.

A right answer becomes a case with what it says and cites; a wrong one becomes a case if its
correction says what is right. Every case has an ``as_of``, so that later reports do not change what
is right: the question's own, else the date of the newest report that the answer could rest on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from eval.cases import CaseForm, EvalCase, GoldSpan
from eval.metrics import normalise
from eval.metrics.citations import answer_citations
from eval.metrics.forms import verdict_said
from eval.metrics.words import content_words, is_about
from qa.answer import Answer, Citation
from qa.archive.archive import Archive
from qa.archive.feedback import Feedback, list_feedback
from qa.archive.snapshot import Snapshot
from qa.errors import BadInput, NotFound
from qa.language.sentences import sentences, trimmed
from qa.retrieval.hybrid import search_words
from qa.types import Filters, Passage, instant

_PASSAGES = 20  # in which a correction is looked for
_OF_A_CASE = {"as_of", "include_undated"}  # filters that a case can have


@dataclass(slots=True)
class Imported:
    """``review``: what became no case, with the reason, as JSON."""

    cases: list[EvalCase] = field(default_factory=list)
    review: list[dict[str, Any]] = field(default_factory=list)


class Judged(NamedTuple):
    """An answer and all that was said of it."""

    answer: Answer
    filters: Filters
    verdicts: Sequence[Feedback]


class _ForReview(Exception):
    """Why an answer makes no case by itself."""


def import_feedback(archive: Archive) -> Imported:
    """Cases of all verdicts, in the order of the answers' ids. Raises BadInput without any."""
    given = sorted(list_feedback(archive.store), key=lambda one: one.answer_id)
    if not given:
        raise BadInput("nobody has given feedback on an answer of this archive")
    found = Imported()
    asked: dict[tuple[str, str | None], str] = {}
    with archive.snapshot() as snapshot:
        for answer_id, verdicts in groupby(given, key=lambda one: one.answer_id):
            said = list(verdicts)
            try:
                judged = Judged(snapshot.answer(answer_id), snapshot.filters_of(answer_id), said)
                case = _case(judged, snapshot)
                _refuse_twin(case, asked)
            except (_ForReview, NotFound) as reason:
                found.review.append(_for_review(answer_id, said, str(reason), snapshot))
            else:
                found.cases.append(case)
    return found


def _case(judged: Judged, snapshot: Snapshot) -> EvalCase:
    """Raises _ForReview."""
    _refuse_filters(judged.filters)
    verdicts = {one.verdict for one in judged.verdicts}
    if verdicts == {"right"}:
        return _right(judged, snapshot)
    if "right" in verdicts:
        raise _ForReview("callers disagree")
    if "incomplete" in verdicts:
        raise _ForReview("it was called incomplete")
    corrections = _distinct(one.correction for one in judged.verdicts if one.correction)
    if not any(map(normalise, corrections)):
        raise _ForReview("it was called wrong without a correction")
    if len({normalise(one) for one in corrections}) > 1:
        raise _ForReview("corrections differ")
    return _corrected(judged, corrections, snapshot)


def _refuse_filters(filters: Filters) -> None:
    given = [name for name, value in asdict(filters).items() if value and name not in _OF_A_CASE]
    if given:
        raise _ForReview(f"it was asked under filters that a case cannot have: {', '.join(given)}")


def _refuse_twin(case: EvalCase, asked: dict[tuple[str, str | None], str]) -> None:
    first = asked.setdefault((normalise(case.question), case.as_of), case.id)
    if first != case.id:
        raise _ForReview(f"it asks the same as {first}")


def _right(judged: Judged, snapshot: Snapshot) -> EvalCase:
    """A case that the answer itself is right for."""
    answer = judged.answer
    if answer.status == "not_found":
        as_of = _moment(judged, ())
        return _made(judged, as_of, "right", answerable=False)
    if answer.answer is None:
        raise _ForReview("a report that it cites was deleted")
    if answer.reason_code == "false_premise":
        raise _ForReview("a false premise needs the value that the question takes for granted")
    cited = answer_citations(answer)
    as_of = _moment(judged, [snapshot.find(citation.article_id) for citation in cited])
    gold = _gold(cited, as_of, snapshot)
    said: dict[str, Any] = {"gold": gold, "relevant": _distinct(span.article_id for span in gold)}
    verdict = verdict_said(answer)
    form: CaseForm | None = None
    if answer.reason_code == "reports_say_unknown":
        form = "unknown"
    elif answer.form == "list":
        said["items"] = [(item.text,) for item in answer.items] or [(answer.answer,)]
    elif answer.form == "yes_no" and verdict is not None:
        said["answers"] = [verdict]
    elif answer.form == "short" and answer.short_answer is not None:
        said["answers"] = [answer.short_answer.text]
    else:
        form = "brief" if answer.form == "brief" else "sentences"
    if form is not None and not gold:
        raise _ForReview("what it cites is not in the archive as of that day")
    return _made(judged, as_of, "right", answerable=True, form=form, **said)


def _corrected(judged: Judged, corrections: Sequence[str], snapshot: Snapshot) -> EvalCase:
    """A case that a correction is right for. A later report may be what corrects the answer."""
    answer = judged.answer
    verdict = normalise(corrections[0])
    if answer.form == "yes_no":
        if verdict not in ("yes", "no"):
            raise _ForReview("a yes or no is corrected by the other one")
        return _made(judged, _moment(judged, ()), "corrected", answerable=True, answers=[verdict])
    if answer.form in ("list", "brief"):
        raise _ForReview(f"a correction of a {answer.form} must be split by hand")
    moments = [_moment(judged, ())]
    if judged.answer.as_of is None:
        moments.append(max(one.given_at for one in judged.verdicts))
    for as_of in moments:
        held = list(_holding(corrections[0], as_of, answer, snapshot))
        if held:
            break
    found: dict[str, Any] = {"relevant": _distinct(span.article_id for span in held)}
    if answer.form == "sentences":
        if not held:
            raise _ForReview(
                "the correction occurs in no report, so no sentence is known to answer"
            )
        found["gold"] = held
    else:
        found["answers"] = corrections
    return _made(judged, as_of, "corrected", answerable=True, **found)


def _made(judged: Judged, as_of: str, tag: str, **fields: Any) -> EvalCase:
    answer = judged.answer
    return EvalCase(
        id=f"feedback-{answer.id}",
        question=answer.question,
        as_of=as_of,
        # Without a day of its own a question sees undated reports too.
        include_undated=judged.filters.include_undated or answer.as_of is None,
        tags=("feedback", tag),
        **fields,
    )


def _moment(judged: Judged, cited: Sequence[Any]) -> str:
    """The day as of which the answer was given."""
    answer = judged.answer
    if answer.as_of is not None:
        return answer.as_of
    known = [] if answer.coverage is None else [answer.coverage.newest_published_at]
    known += [stored.article.updated_at for stored in cited if stored is not None]
    dates = [day for day in known if day is not None]
    if not dates:
        return min(one.given_at for one in judged.verdicts)
    return max(dates, key=lambda day: instant(day, end_of_day=True))


def _gold(cited: Sequence[Citation], as_of: str, snapshot: Snapshot) -> list[GoldSpan]:
    """The cited sentences, without those that the articles of that day do not hold."""
    spans = []
    for citation in cited:
        start, end = citation.start, citation.end
        seen = Filters(as_of=as_of, include_undated=True, article_ids=(citation.article_id,))
        held = [stored.article.text[start:end] for stored in snapshot.articles(seen, 1)]
        if held == [citation.quote]:
            spans.append(GoldSpan(article_id=citation.article_id, start=start, end=end))
    return spans


def _holding(correction: str, as_of: str, answer: Answer, snapshot: Snapshot) -> Iterator[GoldSpan]:
    """The sentences in which a correction occurs word for word, one of each passage.

    Of reports that the answer does not cite, only sentences that are about the question: a short
    correction ("2", "Paris") occurs in any report.
    """
    joined = r"\W+".join(map(re.escape, re.findall(r"\w+", correction)))
    pattern = re.compile(rf"(?<!\w){joined}(?!\w)", re.IGNORECASE)
    filters = Filters(as_of=as_of, include_undated=True)
    words = search_words(f"{answer.question} {correction}")
    ranked = snapshot.lexical(words, _PASSAGES, filters)
    cited = {citation.article_id for citation in answer.citations}
    asked = content_words(answer.question)
    for passage in snapshot.passages([identity for identity, _ in ranked]):
        for match in pattern.finditer(passage.text):
            span = _sentence(passage, match.start())
            sentence = content_words(passage.article.text[span.start : span.end])
            if span.article_id in cited or is_about(sentence, asked):
                yield span
                break


def _sentence(passage: Passage, at: int) -> GoldSpan:
    """The sentence of a passage that a place in it belongs to."""
    spans = sentences(passage.text, passage.article.language)
    whole = (0, len(passage.text))
    start, end = trimmed(
        passage.text, next((span for span in spans if span[0] <= at < span[1]), whole)
    )
    return GoldSpan(
        article_id=passage.article.id, start=passage.start + start, end=passage.start + end
    )


def _for_review(
    answer_id: str, verdicts: Sequence[Feedback], why: str, snapshot: Snapshot
) -> dict[str, Any]:
    """What a person needs to decide; not who gave the verdicts."""
    record: dict[str, Any] = {"answer_id": answer_id, "why": why, "question": None, "answer": None}
    try:
        answer = snapshot.answer(answer_id)
    except NotFound:
        pass
    else:
        record |= {"question": answer.question, "as_of": answer.as_of, "answer": answer.answer}
    record["verdicts"] = [
        {"verdict": one.verdict, "correction": one.correction, "reason": one.reason}
        for one in verdicts
    ]
    return record


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
