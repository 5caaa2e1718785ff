"""Put one system through a corpus: index, search, answer, delete."""

import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.research.peers.corpus import Corpus, K, bare, dated
from eval.research.peers.process import PeerProcess
from eval.research.peers.wire import ARTICLES, PASSAGES, Description, Found, Query
from eval.scoring import ranking_scores
from eval.summary import means, percentile
from eval.verdict import Verdict, verdict_of
from qa.answer import Answer

Report = Callable[[str], None]
RANKING = ("hit@1", "hit@5", "answer in passage@1", "answer in passage@5")


@dataclass(frozen=True, slots=True)
class Searches:
    """Means of the ranking metrics, where they apply, and milliseconds a search."""

    ranking: Mapping[str, float]
    p50_ms: float
    p95_ms: float
    cpu_ms: float  # mean


@dataclass(frozen=True, slots=True)
class Answers:
    """Verdicts over the cases that were asked, as shares, and the median time of an answer."""

    asked: int
    right: float
    declined: float
    wrong: float
    p50_ms: float


@dataclass(frozen=True, slots=True)
class Deletes:
    """Articles found, deleted and searched for again with the same words."""

    tried: int
    gone: int
    p50_ms: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One system. ``dated``: None where it cannot filter by date, or no question has one."""

    description: Description
    passages: int
    index_seconds: float
    index_cpu_seconds: float
    peak_mb: int
    resident_mb: int  # after the searches
    disk_mb: float
    bare: Searches
    dated: Searches | None
    answers: Answers | None
    deletes: Deletes


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many cases are asked for an answer, and how many articles are deleted."""

    answers: int = 200
    deletes: int = 20


def measure(
    peer: PeerProcess,
    corpus: Corpus,
    folder: Path,
    encoder_python: Path | None = None,
    amounts: Amounts = Amounts(),
    report: Report = lambda _: None,
) -> Measured:
    """Measure a system that was just started. ``folder``: where it may write. Raises PeerFailed."""
    report("loading")
    described = Description(
        **peer.ask(
            "open",
            folder=str(folder),
            encoder_python=str(encoder_python) if encoder_python else None,
        )
    )
    corpus.write(folder)
    before = peer.usage()
    report(f"indexing {len(corpus.rows)} passages")
    started = time.perf_counter()
    passages = int(peer.ask("index", folder=str(folder)))
    seconds = time.perf_counter() - started
    indexed = peer.usage()
    report(f"searching {len(corpus.cases)} times")
    peer.ask("search", **asdict(bare(corpus.cases[0])))  # what a first search loads is not counted
    plain = _searches(peer, corpus.cases, bare)
    has_dates = described.dates and any(case.as_of for case in corpus.cases)
    with_dates = _searches(peer, corpus.cases, dated) if has_dates else None
    searched = peer.usage()
    answers = None
    if not described.answers:
        chosen = evenly(corpus.cases, amounts.answers)
        report(f"answering {len(chosen)} questions")
        answers = _answers(peer, chosen)
    report("deleting")
    deletes = _deletes(peer, corpus, amounts.deletes)
    return Measured(
        described,
        passages,
        seconds,
        indexed.cpu_seconds - before.cpu_seconds,
        indexed.peak_mb,
        searched.resident_mb,
        _disk_mb(folder),
        plain,
        with_dates,
        answers,
        deletes,
    )


def ranking(case: EvalCase, hits: Sequence[Found]) -> dict[str, float | None]:
    """`RANKING` of the passages, best first."""
    articles = [hit.article for hit in hits]
    scores = ranking_scores(case, articles, [hit.text for hit in hits])
    return {name: scores[name] for name in RANKING}


def evenly(cases: Sequence[EvalCase], most: int) -> list[EvalCase]:
    """At most so many of the cases, evenly spread over their order."""
    if len(cases) <= most:
        return list(cases)
    return [cases[number * len(cases) // most] for number in range(most)]


def _searches(
    peer: PeerProcess, cases: Sequence[EvalCase], asked_as: Callable[[EvalCase], Query]
) -> Searches:
    scores, seconds = [], []
    before = peer.usage().cpu_seconds
    for case in cases:
        started = time.perf_counter()
        hits = _search(peer, asked_as(case))
        seconds.append(time.perf_counter() - started)
        scores.append(ranking(case, hits))
    spent = peer.usage().cpu_seconds - before
    return Searches(
        means(scores),
        statistics.median(seconds) * 1e3,
        (percentile(seconds, 0.95) or 0.0) * 1e3,
        spent / len(cases) * 1e3,
    )


def _search(peer: PeerProcess, query: Query) -> list[Found]:
    return [Found(**hit) for hit in peer.ask("search", **asdict(query))]


def _answers(peer: PeerProcess, cases: Sequence[EvalCase]) -> Answers:
    verdicts, seconds = [], []
    for case in cases:
        started = time.perf_counter()
        answer = Answer.model_validate(peer.ask("answer", **asdict(dated(case))))
        seconds.append(time.perf_counter() - started)
        verdicts.append(verdict_of(case, Outcome(answer=answer)))
    judged = [verdict for verdict in verdicts if verdict is not None]
    right, declined, wrong = (
        judged.count(verdict) / len(judged)
        for verdict in (Verdict.RIGHT, Verdict.DECLINED, Verdict.WRONG)
    )
    return Answers(len(judged), right, declined, wrong, statistics.median(seconds) * 1e3)


def _deletes(peer: PeerProcess, corpus: Corpus, wanted: int) -> Deletes:
    """Search for articles by their first words, delete those that are found, and search again."""
    first = {row.article: row for row in reversed(corpus.rows)}
    candidates = sorted(first)
    random.Random(1).shuffle(candidates)
    tried = gone = 0
    seconds = []
    for article in candidates:
        if tried == wanted:
            break
        words = " ".join(first[article].full_text.split()[:30])
        query = Query(words, K)
        if article not in {hit.article for hit in _search(peer, query)}:
            continue
        started = time.perf_counter()
        peer.ask("delete", article=article)
        seconds.append(time.perf_counter() - started)
        tried += 1
        gone += article not in {hit.article for hit in _search(peer, query)}
    return Deletes(tried, gone, statistics.median(seconds) * 1e3 if seconds else 0.0)


def _disk_mb(folder: Path) -> float:
    """What the system wrote, without what it was given."""
    given = (folder / ARTICLES, folder / PASSAGES)
    files = (path for path in folder.rglob("*") if path.is_file() and path not in given)
    return sum(path.stat().st_size for path in files) / 1e6
