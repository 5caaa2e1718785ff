"""Drafts from an archive: spread over its sources, months and kinds of questions, none twice."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from eval.cases import CaseForm, EvalCase, GoldSpan
from eval.drafting.asking import Asking
from eval.drafting.candidates import candidates_of, spread
from eval.drafting.draft import Context, Draft, Kind
from eval.drafting.elsewhere import look_elsewhere
from eval.drafting.left_out import LeftOut
from eval.drafting.twists import Twisted, removed, renamed
from qa.answering.suggestions import Candidate
from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.errors import BadInput
from qa.language.sentences import sentences
from qa.language.words import content_stems
from qa.types import Article, Filters

_POOL = 6  # candidates for each draft that is wanted
_UNANSWERABLE = 0.2  # of the drafts
_ALIKE = 0.6  # share of words that two questions may have in common, Jaccard
_CONTEXT = 2  # sentences before and after
_FORMS: dict[str, CaseForm] = {"why": "why", "said": "said"}  # the others: short

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class _Chosen:
    """The drafts so far, and what of each there is."""

    filters: Filters
    left_out: LeftOut = field(default_factory=LeftOut)
    drafts: list[Draft] = field(default_factory=list)
    stems: list[set[str]] = field(default_factory=list)
    counts: Counter[tuple[str, str | None]] = field(default_factory=Counter)

    def weight(self, candidate: Candidate) -> int:
        """How much of the like is there already; the least is wanted next."""
        article = candidate.stored.article
        counts = self.counts
        return (
            3 * counts["kind", candidate.kind]
            + 3 * counts["article", article.id]
            + counts["source", article.source]
            + counts["month", (article.published_at or "")[:7]]
        )

    def is_new(self, question: str) -> bool:
        """Return True unless a draft asks nearly the same."""
        stems = set(content_stems(question))
        return all(len(stems & other) < _ALIKE * len(stems | other) for other in self.stems)

    def add(self, candidate: Candidate, draft: Draft) -> None:
        """Add a draft that was made from a candidate."""
        article = candidate.stored.article
        self.left_out.add_draft(article.id)
        self.drafts.append(draft)
        self.stems.append(set(content_stems(draft.case.question)))
        self.counts["kind", candidate.kind] += 1
        self.counts["article", article.id] += 1
        self.counts["source", article.source] += 1
        self.counts["month", (article.published_at or "")[:7]] += 1


def make_drafts(
    archive: Archive,
    wanted: int,
    asking: Asking | None = None,
    on_progress: Progress = lambda *_: None,
) -> tuple[list[Draft], LeftOut]:
    """Up to ``wanted`` drafts, a fifth of them without an answer; always the same of one archive.

    ``asking``: a language model that drafts beside the rules. Raises BadInput if no question can be
    made, AnswerModelError.
    """
    with archive.snapshot() as snapshot:
        coverage = snapshot.coverage(Filters())
        if coverage.articles == 0:
            raise BadInput("the archive has no articles that can be read: ingest some first")
        newest = (coverage.newest_published_at or "")[:10] or None
        chosen = _Chosen(Filters(as_of=newest, include_undated=newest is not None))
        pool = list(_pool(snapshot, wanted, asking, on_progress, chosen.left_out))
        _choose_unanswerable(snapshot, pool, chosen, round(min(wanted, len(pool)) * _UNANSWERABLE))
        _choose_answerable(snapshot, pool, chosen, wanted)
    if not chosen.drafts:
        raise BadInput(f"no question could be made: {chosen.left_out}")
    return chosen.drafts, chosen.left_out


def _pool(
    snapshot: Snapshot,
    wanted: int,
    asking: Asking | None,
    on_progress: Progress,
    left_out: LeftOut,
) -> Iterator[Candidate]:
    found = 0
    for stored in spread(snapshot):
        left_out.read += 1
        made = candidates_of(stored, left_out)
        if asking is not None:
            made += asking.candidates_of(stored)
            if not made:
                left_out.note(stored.article.id, "model")
        yield from made
        found += len(made)
        on_progress(min(found, _POOL * wanted), _POOL * wanted)
        if found >= _POOL * wanted or (asking is not None and left_out.read >= 2 * wanted):
            return


def _choose_answerable(
    snapshot: Snapshot, pool: Sequence[Candidate], chosen: _Chosen, most: int
) -> None:
    for candidate in _by_turns(pool, chosen):
        if len(chosen.drafts) >= most:
            return
        elsewhere = look_elsewhere(snapshot, candidate, chosen.filters)
        if elsewhere.differs is None:
            draft = _answerable(candidate, elsewhere.same, chosen.filters)
            chosen.add(candidate, draft)
        else:
            chosen.left_out.note(candidate.stored.article.id, "differs")


def _choose_unanswerable(
    snapshot: Snapshot, pool: Sequence[Candidate], chosen: _Chosen, most: int
) -> None:
    """By turns asked before its report, and about another name; each where it can be."""
    makers: list[tuple[Kind, Callable[[Candidate], Twisted | None]]] = [
        ("removed", lambda one: removed(snapshot, one)),
        ("renamed", lambda one: renamed(snapshot, one, pool, chosen.filters)),
    ]
    turn = 0
    for candidate in _by_turns(pool, chosen):
        if len(chosen.drafts) >= most:
            return
        for kind, make in (makers[turn % 2], makers[1 - turn % 2]):
            twisted = make(candidate)
            if twisted is not None and chosen.is_new(twisted.candidate.question):
                chosen.add(candidate, _unanswerable(twisted, kind))
                turn += 1
                break


def _by_turns(pool: Iterable[Candidate], chosen: _Chosen) -> Iterator[Candidate]:
    """Each candidate once, the rarest of those that ask something new next."""
    left = list(pool)
    while left:
        place = min(range(len(left)), key=lambda at: chosen.weight(left[at]))
        candidate = left.pop(place)
        if chosen.is_new(candidate.question):
            yield candidate
        else:
            chosen.left_out.note(candidate.stored.article.id, "alike")


def _answerable(candidate: Candidate, same: Sequence[str], filters: Filters) -> Draft:
    article = candidate.stored.article
    start, end = candidate.span
    form = _FORMS.get(candidate.kind) or ("short" if candidate.answer else "sentences")
    case = EvalCase(
        id=_identity(candidate.kind, candidate),
        question=candidate.question,
        answers=(candidate.answer,) if candidate.answer else (),
        answerable=True,
        relevant=(article.id, *same),
        as_of=filters.as_of,
        include_undated=filters.include_undated,
        tags=("drafted", candidate.kind),
        form=form,
        gold=(GoldSpan(article_id=article.id, start=start, end=end),),
    )
    why = "this sentence answers"
    if same:
        do = ("does" if len(same) == 1 else "do") if candidate.answer else "may"
        why += f", as {len(same)} other {'report' if len(same) == 1 else 'reports'} {do}"
    return Draft(case=case, kind=candidate.kind, why=why, context=_context(candidate))


def _unanswerable(twisted: Twisted, kind: Kind) -> Draft:
    candidate = twisted.candidate
    case = EvalCase(
        id=_identity(kind, candidate),
        question=candidate.question,
        answerable=False,
        as_of=twisted.as_of,
        tags=("drafted", kind),
        form="unanswerable",
    )
    return Draft(case=case, kind=kind, why=twisted.why, context=_context(candidate))


def _context(candidate: Candidate) -> Context:
    article: Article = candidate.stored.article
    start, end = candidate.span
    spans = sentences(article.text, article.language)
    own = next((n for n, span in enumerate(spans) if span[0] <= start < span[1]), 0)
    first = spans[max(0, own - _CONTEXT)][0] if spans else start
    last = spans[min(len(spans) - 1, own + _CONTEXT)][1] if spans else end
    answer = article.text.find(candidate.answer, start, end) if candidate.answer else -1
    return Context(
        article_id=article.id,
        title=article.title,
        source=article.source,
        published_at=article.published_at,
        text=article.text[first:last],
        start=start - first,
        end=end - first,
        answer_start=answer - first if answer >= 0 else None,
        answer_end=answer - first + len(candidate.answer) if answer >= 0 else None,
    )


def _identity(kind: str, candidate: Candidate) -> str:
    """The same for the same question of the same article."""
    said = f"{candidate.question}\n{candidate.stored.article.id}"
    digest = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
    return f"{kind.replace(' ', '-')}-{digest[:8]}"
