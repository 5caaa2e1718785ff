"""Articles into the store: new ones are embedded and written, unchanged ones are left alone.

Articles are committed in windows, each as soon as it is embedded: an interruption loses one window,
and the same command again does only the rest. Windows grow, so that the first is stored within
seconds, while later ones are large enough to be embedded in order of length, with little padding.

The write lock is held while a window is written, not while it is embedded.
"""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from embeddings.embedder import Embedder
from embeddings.index import Vectors
from qa.archive.embedding import check_embedder, embedding_errors, is_built_with
from qa.archive.snapshot import Snapshot
from qa.archive.store import Store
from qa.archive.writer import NewVersion, Writer
from qa.ingest.files import Read, Skipped
from qa.ingest.passages import CHUNKER_VERSION, embedded_text, split
from qa.ingest.plan import Known, Step, distinct, plan, windows
from qa.language.sentences import Span
from qa.types import Article

EMBEDDED_AT_ONCE = 64  # passages between two reports of progress
REINDEXED_AT_ONCE = 64  # versions that are embedded anew in one transaction
WINDOW_WAIT = 60  # seconds that a window, once embedded, waits for another writer
_PENDING = "ingest_in_progress"  # manifest: the paths of ingests that have not ended, as JSON

Check = Callable[[Snapshot], None]


@dataclass(frozen=True, slots=True)
class Progress:
    """``articles`` that are settled; ``passages`` that are embedded, also those not yet stored;
    ``read``: articles that were read, also those that were skipped.
    """

    articles: int
    passages: int
    read: int = 0


OnProgress = Callable[[Progress], None]


@dataclass(slots=True)
class IngestReport:
    """What an ingest did. ``skipped`` and ``warnings`` name the place and the reason."""

    added: int = 0
    updated: int = 0
    amended: int = 0  # same text, other metadata
    unchanged: int = 0
    deleted: int = 0
    passages_embedded: int = 0
    seconds: float = 0.0
    skipped: list[Skipped] = field(default_factory=list)
    warnings: list[Skipped] = field(default_factory=list)
    not_pruned: str | None = None

    @property
    def articles_read(self) -> int:
        """How many were read and not skipped."""
        return self.added + self.updated + self.amended + self.unchanged

    def count(self, window: Iterable[Read | Skipped], settled: "Settled") -> None:
        """Add a window that was stored."""
        for item in window:
            if isinstance(item, Skipped):
                self.skipped.append(item)
            else:
                self.warnings.extend(Skipped(item.place, warning) for warning in item.warnings)
        statuses = Counter(step.status for step in settled.steps)
        self.added += statuses["added"]
        self.updated += statuses["updated"]
        self.amended += statuses["amended"]
        self.unchanged += statuses["unchanged"]
        self.passages_embedded += settled.passages_embedded


@dataclass(frozen=True, slots=True)
class Settled:
    """A window that was stored: what became of each article, in their order."""

    steps: Sequence[Step]
    passages_embedded: int


@dataclass(frozen=True, slots=True)
class _Embedded:
    """An article's passages and their vectors, row for row."""

    passages: Sequence[Span]
    vectors: Vectors


def ingest_paths(
    store: Store,
    embedder: Embedder,
    paths: Sequence[Path],
    reads: Iterable[Read | Skipped],
    *,
    prune: bool = False,
    on_progress: OnProgress = lambda _: None,
    wait: float = 0,
) -> IngestReport:
    """Store what was read from ``paths`` (`qa.ingest.files.read_paths`).

    ``wait``: seconds that the start waits for another writer. Raises ArchiveBusy, EmbedderMismatch,
    ModelUnavailable, StorageFailed; what was stored until then is kept.
    """
    started = time.perf_counter()
    origins = [str(path.resolve()) for path in paths]
    with store.writing(wait, []) as writer:
        check_embedder(writer, embedder)
        pending = dict.fromkeys([*unfinished(writer.manifest), *origins])
        writer.note(_PENDING, json.dumps(list(pending)))
    report = IngestReport()
    ids: set[str] = set()
    read = 0

    def embedded(passages: int) -> None:
        report.seconds = time.perf_counter() - started
        on_progress(Progress(report.articles_read, report.passages_embedded + passages, read))

    def counted(items: Iterable[Read | Skipped]) -> Iterator[Read | Skipped]:
        nonlocal read
        for item in items:
            read += 1
            embedded(0)
            yield item

    for window in windows(distinct(counted(reads))):
        found = [item for item in window if isinstance(item, Read)]
        settled = settle(store, embedder, found, max(wait, WINDOW_WAIT), on_embedded=embedded)
        ids.update(read.article.id for read in found)
        report.count(window, settled)
        embedded(0)
    with store.writing(max(wait, WINDOW_WAIT), None if prune else []) as writer:
        if prune and report.skipped:
            report.not_pruned = "nothing was pruned, as what was skipped may still belong here"
        elif prune:
            report.deleted = _prune(writer, origins, ids)
        left = [path for path in unfinished(writer.manifest) if path not in origins]
        writer.note(_PENDING, json.dumps(left) if left else None)
    report.seconds = time.perf_counter() - started
    return report


def settle(
    store: Store,
    embedder: Embedder,
    reads: Sequence[Read],
    wait: float,
    *,
    check: Check = lambda _: None,
    on_embedded: Callable[[int], None] = lambda _: None,
) -> Settled:
    """Store articles with different ids, in one transaction.

    ``check`` sees the archive before anything is embedded, and again under the write lock; what it
    raises ends this. Raises ArchiveBusy after ``wait`` seconds without the lock.
    """
    ready: dict[str, _Embedded] = {}
    with store.snapshot() as snapshot:
        check_embedder(snapshot, embedder)
        check(snapshot)
        steps = _plan(reads, snapshot)
    while any(step.writes for step in steps):
        missing = [
            step.read.article for step in steps if step.embeds and step.read.article.id not in ready
        ]
        ready |= _embed(missing, embedder, on_embedded)
        with store.writing(wait, [read.article.id for read in reads]) as writer:
            check_embedder(writer, embedder)
            check(writer)
            steps = _plan(reads, writer)  # another writer may have been faster
            if all(step.read.article.id in ready for step in steps if step.embeds):
                for step in steps:
                    _write(step, writer, ready)
                break
    embedded = sum(len(ready[step.read.article.id].passages) for step in steps if step.embeds)
    return Settled(steps, embedded)


def reindex(
    store: Store,
    embedder: Embedder,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Bring passages, vectors, the lexical index and copies in line with the articles.

    Vectors are kept where embedder and splitter are the same. Otherwise all is cut and embedded
    again, page by page, beside what is searched meanwhile, and takes its place in one transaction.
    After an interruption the archive is as it was, and the next call goes on with the page that was
    lost. Returns the number of passages that this call embedded.
    """
    embedded = 0
    with store.locked(), embedding_errors():
        with store.snapshot() as snapshot:
            manifest = snapshot.manifest
        same_splitter = manifest["chunker_version"] == str(CHUNKER_VERSION)
        anew = not (same_splitter and is_built_with(manifest, embedder))
        if anew:
            embedded = _embed_anew(store, embedder, on_progress)
        with store.writing() as writer:
            if anew:
                writer.end_anew()
                writer.note("embedder", embedder.name)
                writer.note("embedder_digest", embedder.digest)
                writer.note("dimension", str(embedder.dimension))
                writer.note("chunker_version", str(CHUNKER_VERSION))
            writer.rebuild_lexical()
            writer.rebuild_copies(on_progress)
    return embedded


def _embed_anew(store: Store, embedder: Embedder, on_progress: Callable[[int, int], None]) -> int:
    """Set the passages of all versions aside, embedded; returns how many were not there yet."""
    with store.writing() as writer:
        done = writer.begin_anew(f"{embedder.digest} {embedder.dimension} {CHUNKER_VERSION}")
        versions = writer.size().versions
    embedded, after = 0, 0
    while True:
        on_progress(done, versions)
        with store.snapshot() as snapshot:
            page = snapshot.not_embedded_anew(after, REINDEXED_AT_ONCE)
        if not page:
            return embedded
        cut = [split(stored.article) for stored in page]
        texts = [
            embedded_text(stored.article, span)
            for stored, spans in zip(page, cut, strict=True)
            for span in spans
        ]
        vectors = embedder.embed_passages(texts)
        first = 0
        with store.writing() as writer:
            for stored, spans in zip(page, cut, strict=True):
                writer.embed_anew(stored.key, spans, vectors[first : first + len(spans)])
                first += len(spans)
        embedded += len(texts)
        done += len(page)
        after = page[-1].key


def unfinished(manifest: Mapping[str, str]) -> list[str]:
    """The paths of ingests that were interrupted, or are still running."""
    noted = manifest.get(_PENDING, "[]")
    # Until version 0.1 the paths, which are absolute, were joined by line breaks.
    paths: list[str] = json.loads(noted) if noted.startswith("[") else noted.splitlines()
    return paths


def _plan(reads: Sequence[Read], snapshot: Snapshot) -> list[Step]:
    steps = []
    for read in reads:
        stored = snapshot.find(read.article.id)
        known = Known(stored, snapshot.origin(read.article.id)) if stored is not None else None
        steps.append(plan(read, known))
    return steps


def _embed(
    articles: Sequence[Article], embedder: Embedder, on_embedded: Callable[[int], None]
) -> dict[str, _Embedded]:
    """The articles' passages and vectors, by article id."""
    cut = [(article, split(article)) for article in articles]
    texts = [embedded_text(article, span) for article, spans in cut for span in spans]
    if not texts:
        return {}
    vectors = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    # Texts of about the same length share a batch, so that padding costs little.
    order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
    for start in range(0, len(order), EMBEDDED_AT_ONCE):
        rows = order[start : start + EMBEDDED_AT_ONCE]
        with embedding_errors():
            vectors[rows] = embedder.embed_passages([texts[row] for row in rows])
        on_embedded(start + len(rows))
    embedded = {}
    first = 0
    for article, spans in cut:
        embedded[article.id] = _Embedded(spans, vectors[first : first + len(spans)])
        first += len(spans)
    return embedded


def _write(step: Step, writer: Writer, ready: Mapping[str, _Embedded]) -> None:
    read = step.read
    if step.embeds:
        embedded = ready[read.article.id]
        writer.put(NewVersion(read.article, read.origin, embedded.passages, embedded.vectors))
    elif step.writes:
        writer.amend(read.article, read.origin)


def _prune(writer: Writer, origins: Sequence[str], ids: set[str]) -> int:
    """Delete the articles that were last ingested from these paths and are not among ``ids``."""
    gone = set().union(*(writer.ids_from(origin) for origin in origins)) - ids
    for article_id in sorted(gone):
        writer.delete(article_id)
    return len(gone)
