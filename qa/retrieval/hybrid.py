"""Question → ranked hits: dense and lexical search under the same filters, fused."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from embeddings.reranker import Reranker
from qa import tuning
from qa.answer import Coverage, IndexState
from qa.archive.archive import Archive
from qa.archive.copies import Copy
from qa.archive.embedding import check_embedder, embedding_errors
from qa.archive.recent import Recent
from qa.archive.snapshot import Ranked, Snapshot, State
from qa.archive.sources import all_names
from qa.ingest.passages import embedded_text
from qa.language.limits import KnownNames, may_state_limits, stated_limits
from qa.language.periods import (
    DATED_WEIGHT,
    PERIOD_WEIGHT,
    PRESENT_WEIGHT,
    AskedTime,
    recency,
    reported_in,
)
from qa.language.words import STOP_WORDS
from qa.question import Question
from qa.retrieval.absence import Absence, explain_absence
from qa.retrieval.corrections import PASSAGES, rank_corrections
from qa.retrieval.distinct import distinct
from qa.types import Filters, Hit, Passage, ReportedBy, Scores

_TERM = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of one question, and the state of the archive that they come from. ``question`` is
    the one that was asked, without the limits that its words state; these are among its filters.
    """

    question: Question
    hits: tuple[Hit, ...]
    index: IndexState
    absence: Absence | None = None  # why there are no hits
    coverage: Coverage | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)  # of sources


class Retriever(Protocol):
    def prepare(self) -> None:
        """Load what a question needs, so that the first one does not wait for it. Raises
        ModelUnavailable.
        """

    def retrieve(self, question: Question) -> Retrieved:
        """The ``question.k`` best passages, best first; ties by lower passage id. Of copies of one
        report only the best. Fewer only when fewer are visible to either search.
        """


@dataclass(frozen=True, slots=True)
class _Best:
    """The ranking from which hits are made; ``copies``: by version."""

    ranked: Ranked
    passages: Mapping[int, Passage]
    copies: Mapping[int, tuple[Copy, ...]]

    def copies_of(self, identity: int) -> tuple[ReportedBy, ...]:
        """The copies of a passage's article."""
        found = self.copies.get(self.passages[identity].stored.key, ())
        return tuple(ReportedBy(copy.article_id, copy.source) for copy in found)


class HybridRetriever:
    """Dense and lexical search of one snapshot, fused by `fuse`, weighed by date and source by
    `adjust`, the best of them reranked where there is a reranker. Safe to share between threads.

    ``source_weights``: what a passage's score is multiplied by, by its article's source; 1 for a
    source not named.
    """

    def __init__(
        self,
        archive: Archive,
        reranker: Reranker | None = None,
        source_weights: Mapping[str, float] | None = None,
    ) -> None:
        self._archive = archive
        self._reranker = reranker
        self._source_weights = source_weights or {}
        self._checked = -1
        # By `Snapshot.state`.
        self._covered: Recent[tuple[State, Filters], Coverage] = Recent()
        self._known: Recent[State, KnownNames] = Recent()

    def prepare(self) -> None:
        self._archive.prepare()
        if self._reranker is not None:
            with embedding_errors():
                self._reranker.score("ready?", ["ready"])

    def retrieve(self, question: Question) -> Retrieved:
        if self._checked < 0:  # before a model is loaded that may not be the archive's
            self._archive.check_embedder()
        question = self._limited(question)
        k, filters = question.k, question.filters
        with embedding_errors():
            vector = self._archive.embedder.embed_question(question.text)
        depth = max(tuning.SEARCH_DEPTH, k)
        with self._archive.snapshot() as snapshot:
            self._check(snapshot)
            coverage = self._coverage(snapshot, filters)
            question = replace(question, now=filters.as_of or coverage.newest_published_at)
            dense = snapshot.dense(vector, depth, filters)
            lexical = snapshot.lexical(search_words(question.text), depth, filters)
            fused = fuse(dense, lexical)
            dense_scores, lexical_scores = dict(dense), dict(lexical)
            best = self._best(question, snapshot, fused)

            def nearest(among: Filters) -> Ranked:
                return snapshot.dense(vector, PASSAGES, among)

            ranked, cosines = rank_corrections(
                snapshot, filters, best.ranked, best.passages, nearest
            )
            found = snapshot.passages(list(cosines))
            best = replace(
                best, passages={**best.passages, **{passage.id: passage for passage in found}}
            )
            dense_scores |= cosines
            absence = None if ranked else explain_absence(snapshot, filters, question.stated)
            aliases = snapshot.aliases()
            state = IndexState(generation=snapshot.generation, embedder=self._archive.embedder.name)
        passages = best.passages
        ordered, reranked = self._rerank(question.text, ranked, passages)
        hits = tuple(
            Hit(
                rank=rank,
                score=score,
                scores=Scores(
                    dense_scores.get(identity), lexical_scores.get(identity), reranked.get(identity)
                ),
                passage=passages[identity],
                copies=best.copies_of(identity),
            )
            for rank, (identity, score) in enumerate(ordered[:k], start=1)
        )
        return Retrieved(question, hits, state, absence, coverage, aliases)

    def _limited(self, question: Question) -> Question:
        """The question under the limits that its words state, where the archive knows them."""
        if not may_state_limits(question.text):
            return question
        filters = question.filters
        with self._archive.snapshot() as snapshot:
            known = self._known.get(snapshot.state, lambda: known_names(snapshot))
            allowed = replace(filters, sources=all_names(filters.sources, snapshot.aliases()))
            newest = self._coverage(snapshot, filters).newest_published_at
        limits = stated_limits(question.text, known.among(allowed), filters.as_of or newest)
        return question if limits.filters == Filters() else question.limited(limits)

    def _best(self, question: Question, snapshot: Snapshot, fused: Ranked) -> "_Best":
        """The best of the ranking, weighed and without copies: ``question.k`` if there are so many,
        more where a reranker may choose.
        """
        size = max(question.k, tuning.ADJUSTED)
        while True:
            found = snapshot.passages([identity for identity, _ in fused[:size]])
            passages = {passage.id: passage for passage in found}
            filters = question.filters
            ranked = adjust(question, fused[:size], passages, self._source_weights)
            copies = snapshot.copies({passage.stored.key for passage in found}, filters)
            shown = distinct(ranked, passages, copies)
            if len(shown) >= question.k or size >= len(fused):
                return _Best(shown, passages, copies)
            size *= 2

    def _rerank(
        self, question: str, ranked: Ranked, passages: Mapping[int, Passage]
    ) -> tuple[Ranked, dict[int, float]]:
        """The best of the ranking in the reranker's order, and its scores; the rest behind them.

        The scores of the rest are shifted below the reranker's lowest, so that scores fall with
        the rank on one scale.
        """
        if self._reranker is None:
            return ranked, {}
        best, rest = ranked[: tuning.RERANKED], ranked[tuning.RERANKED :]
        texts = [
            embedded_text(passage.article, (passage.start, passage.end))
            for passage in (passages[identity] for identity, _ in best)
        ]
        with embedding_errors():
            scores = self._reranker.score(question, texts)
        reranked = {identity: score for (identity, _), score in zip(best, scores, strict=True)}
        order = sorted(reranked, key=lambda identity: (-reranked[identity], identity))
        shift = min(scores) - rest[0][1] if rest else 0.0
        behind = [(identity, score + shift) for identity, score in rest]
        return [*((identity, reranked[identity]) for identity in order), *behind], reranked

    def _coverage(self, snapshot: Snapshot, filters: Filters) -> Coverage:
        """What the archive holds as of the question's day, whatever its other filters exclude."""
        day = Filters(
            as_of=filters.as_of,
            known_at=filters.known_at,
            include_undated=filters.include_undated,
        )
        return self._covered.get((snapshot.state, day), lambda: snapshot.coverage(day))

    def _check(self, snapshot: Snapshot) -> None:
        generation = snapshot.generation
        if generation != self._checked:
            check_embedder(snapshot, self._archive.embedder)
            self._checked = generation


def fuse(
    dense: Ranked, lexical: Ranked, dense_weight: float = tuning.DENSE_WEIGHT
) -> list[tuple[int, float]]:
    """One ranking of two, best first, ties by lower id.

    Both scores are scaled to 0..1 over their list (Fox and Shaw, 1994: CombSUM of min-max scores)
    and weighed; a passage that one search did not return has 0 there. Weights:
    docs/decisions/0002.
    """
    weights = ((_scaled(dense), dense_weight), (_scaled(lexical), 1 - dense_weight))
    fused: dict[int, float] = {}
    for scores, weight in weights:
        for identity, score in scores.items():
            fused[identity] = fused.get(identity, 0.0) + weight * score
    return sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))


def adjust(
    question: Question,
    ranked: Ranked,
    passages: Mapping[int, Passage],
    source_weights: Mapping[str, float],
) -> list[tuple[int, float]]:
    """The ranking weighed by date and source; best first, ties by lower id.

    Passages of the period that the question speaks of gain, and recent ones where it asks how
    things stand, or has an ``as_of``. Then each score is multiplied by its source's weight.
    """
    asked = AskedTime.read(question.text, question.now)
    weight = 0.0
    if asked.present:
        weight = PRESENT_WEIGHT
    elif question.filters.as_of:
        weight = DATED_WEIGHT
    moment = asked.now or 0.0
    adjusted = []
    for identity, score in ranked:
        article = passages[identity].article
        gain = weight * recency(article.published_at, moment)
        if asked.period is not None and reported_in(article.published_at, asked.period):
            gain += PERIOD_WEIGHT
        adjusted.append((identity, (score + gain) * source_weights.get(article.source or "", 1.0)))
    return sorted(adjusted, key=lambda pair: (-pair[1], pair[0]))


def known_names(snapshot: Snapshot) -> KnownNames:
    """The names of the articles that can be seen now, by which questions may limit themselves."""
    return KnownNames(
        sources=snapshot.values_of("sources"),
        authors=snapshot.values_of("authors"),
        sections=snapshot.values_of("sections"),
        aliases=snapshot.aliases(),
    )


def search_words(question: str) -> list[str]:
    """The question's content words, in lower case, each once; all its words if it has no other."""
    terms = [term.lower() for term in _TERM.findall(question)]
    content = [term for term in terms if term not in STOP_WORDS] or terms
    return list(dict.fromkeys(content))


def _scaled(ranked: Ranked) -> dict[int, float]:
    if not ranked:
        return {}
    scores = [score for _, score in ranked]
    low, high = min(scores), max(scores)
    span = high - low
    return {identity: (score - low) / span if span else 1.0 for identity, score in ranked}
