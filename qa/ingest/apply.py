"""Articles into the archive: what is new is embedded and stored, what is unchanged is left alone.

Articles are committed in windows, each as soon as it is embedded: stopping half-way keeps what is done, and the
same command again does only the rest. A window is embedded as one, sorted by length, so that padding costs little.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from embeddings.embedder import Embedder
from qa.archive.index import IndexCache
from qa.archive.sqlite import NewVersion, Snapshot, Store
from qa.errors import EmbedderMismatch
from qa.ingest.files import Read, Skipped, version_of
from qa.ingest.passages import CHUNKER_VERSION, split
from qa.language.sentences import Span
from qa.types import Article

WINDOW = 1024  # passages embedded and committed together: some ten seconds on two cores
PENDING = "ingest_in_progress"  # manifest: the paths of an ingest that has not ended

OnProgress = Callable[["IngestReport"], None]


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
    outcomes: dict[str, str] = field(
        default_factory=dict
    )  # by place: added, updated, amended or unchanged
    not_pruned: str | None = None

    @property
    def articles_read(self) -> int:
        return self.added + self.updated + self.amended + self.unchanged


@dataclass(frozen=True, slots=True)
class _Pending:
    read: Read
    passages: Sequence[Span]


def embedded_text(article: Article, span: Span) -> str:
    """What the embedder sees of a passage: the title, then the passage. Never what is quoted."""
    text = article.text[span[0] : span[1]].strip()
    return f"{article.title}\n{text}" if article.title else text


def check_embedder(snapshot: Snapshot, embedder: Embedder) -> None:
    """Raises EmbedderMismatch when the archive's vectors are not this embedder's."""
    manifest = snapshot.manifest
    if manifest["embedder_digest"] != embedder.digest:
        raise EmbedderMismatch(
            f"the archive was embedded by '{manifest['embedder']}' (dimension {manifest['dimension']},"
            f" weights {manifest['embedder_digest'][:12]}), the setting is '{embedder.name}'"
            f" (dimension {embedder.dimension}, weights {embedder.digest[:12]}):"
            " set DATELINE_EMBEDDER back, or embed it anew with: dateline reindex"
        )
    if manifest["chunker_version"] != str(CHUNKER_VERSION):
        raise EmbedderMismatch(
            f"the archive's passages were cut by version {manifest['chunker_version']} of the splitter,"
            f" this is version {CHUNKER_VERSION}: cut and embed it anew with: dateline reindex"
        )


def ingest_paths(
    store: Store,
    cache: IndexCache,
    embedder: Embedder,
    paths: Sequence[Path],
    reads: Iterable[Read | Skipped],
    *,
    prune: bool = False,
    on_progress: OnProgress = lambda _: None,
    wait: float = 0,
) -> IngestReport:
    """Store what was read from ``paths`` (`qa.ingest.files.read_paths`)."""
    origins = [str(path.resolve()) for path in paths]
    with store.locked(wait):
        with store.writing() as writer:
            check_embedder(writer, embedder)
            pending = (writer.manifest.get(PENDING) or "").splitlines()
            writer.note(PENDING, "\n".join(dict.fromkeys([*pending, *origins])))
        ids: set[str] = set()
        report = _ingest(store, embedder, reads, on_progress, ids)
        if prune:
            if report.skipped:
                report.not_pruned = "nothing was pruned, as what was skipped may still belong here"
            else:
                report.deleted = _prune(store, origins, ids)
        _finish(store, cache, origins)
    return report


def ingest_articles(
    store: Store,
    cache: IndexCache,
    embedder: Embedder,
    reads: Iterable[Read | Skipped],
    *,
    wait: float = 0,
) -> IngestReport:
    """Store articles that came by another way than files."""
    with store.locked(wait):
        with store.snapshot() as snapshot:
            check_embedder(snapshot, embedder)
        report = _ingest(store, embedder, reads, lambda _: None, set())
        if report.passages_embedded:
            with store.snapshot() as snapshot:
                cache.refresh(snapshot)
        return report


def reindex(
    store: Store,
    cache: IndexCache,
    embedder: Embedder,
    *,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Bring everything that can be rebuilt in line with the articles; how many passages were embedded.

    Vectors are kept where embedder and splitter are the same; otherwise all is cut and embedded anew, in one
    transaction, so that a stop half-way leaves the archive as it was.
    """
    embedded = 0
    with store.locked():
        with store.writing() as writer:
            manifest = writer.manifest
            same = (manifest["embedder_digest"], manifest["chunker_version"]) == (
                embedder.digest,
                str(CHUNKER_VERSION),
            )
            if not same:
                versions = writer.every_version()
                for done, stored in enumerate(versions):
                    on_progress(done, len(versions))
                    passages = split(stored.article)
                    vectors = embedder.embed_passages(
                        [embedded_text(stored.article, span) for span in passages]
                    )
                    writer.replace_passages(stored.key, passages, vectors)
                    embedded += len(passages)
                writer.note("embedder", embedder.name)
                writer.note("embedder_digest", embedder.digest)
                writer.note("dimension", str(embedder.dimension))
                writer.note("chunker_version", str(CHUNKER_VERSION))
            writer.rebuild_lexical()
        with store.snapshot() as snapshot:
            cache.refresh(snapshot, force=True)
    return embedded


def _ingest(
    store: Store,
    embedder: Embedder,
    reads: Iterable[Read | Skipped],
    on_progress: OnProgress,
    ids: set[str],
) -> IngestReport:
    """``ids`` collects every id that was read."""
    started = time.perf_counter()
    report = IngestReport()
    for window in _windows(_distinct(reads, ids, report), store, report):
        _commit(store, embedder, window, report)
        report.seconds = time.perf_counter() - started
        on_progress(report)
    report.seconds = time.perf_counter() - started
    return report


def _distinct(
    reads: Iterable[Read | Skipped], ids: set[str], report: IngestReport
) -> Iterator[Read]:
    """The articles among what was read; of two with one id, the first."""
    places: dict[str, str] = {}
    for item in reads:
        if isinstance(item, Skipped):
            report.skipped.append(item)
            continue
        identity = item.article.id
        if identity in places:
            report.skipped.append(
                Skipped(item.place, f"id '{identity}' was already read at {places[identity]}")
            )
            continue
        places[identity] = item.place
        ids.add(identity)
        report.warnings.extend(Skipped(item.place, warning) for warning in item.warnings)
        yield item


def _windows(reads: Iterable[Read], store: Store, report: IngestReport) -> Iterator[list[_Pending]]:
    """What must be embedded, in windows; what needs no embedding is settled on the way."""
    window: list[_Pending] = []
    size = 0
    for group in _groups(reads):
        with store.snapshot() as snapshot:
            known = {read.article.id: snapshot.find(read.article.id) for read in group}
            origins = {read.article.id: snapshot.origin(read.article.id) for read in group}
        amended: list[Read] = []
        moved: list[Read] = []
        for read in group:
            stored = known[read.article.id]
            if stored is not None and stored.version == version_of(read.article):
                same = stored.article == read.article
                report.outcomes[read.place] = "unchanged" if same else "amended"
                if same:
                    report.unchanged += 1
                    if origins[read.article.id] != read.origin:
                        moved.append(read)
                else:
                    amended.append(read)
                continue
            passages = split(read.article)
            window.append(_Pending(read, passages))
            size += len(passages)
            report.outcomes[read.place] = "added" if stored is None else "updated"
            if stored is None:
                report.added += 1
            else:
                report.updated += 1
            if size >= WINDOW:
                yield window
                window, size = [], 0
        if amended or moved:
            with store.writing() as writer:
                for read in [*amended, *moved]:
                    writer.amend(read.article, read.origin)
            report.amended += len(amended)
    if window:
        yield window


def _groups(reads: Iterable[Read], size: int = 200) -> Iterator[list[Read]]:
    group: list[Read] = []
    for read in reads:
        group.append(read)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _commit(
    store: Store, embedder: Embedder, window: Sequence[_Pending], report: IngestReport
) -> None:
    texts = [embedded_text(item.read.article, span) for item in window for span in item.passages]
    vectors = embedder.embed_passages(texts)
    with store.writing() as writer:
        row = 0
        for item in window:
            rows = vectors[row : row + len(item.passages)]
            writer.put(NewVersion(item.read.article, item.read.origin, item.passages, rows))
            row += len(item.passages)
    report.passages_embedded += len(texts)


def _prune(store: Store, origins: Sequence[str], ids: set[str]) -> int:
    with store.writing() as writer:
        gone = sorted(set().union(*(writer.ids_from(origin) for origin in origins)) - ids)
        for article_id in gone:
            writer.delete(article_id)
    return len(gone)


def _finish(store: Store, cache: IndexCache, origins: Sequence[str]) -> None:
    with store.writing() as writer:
        pending = (writer.manifest.get(PENDING) or "").splitlines()
        writer.note(PENDING, "\n".join(path for path in pending if path not in origins) or None)
    with store.snapshot() as snapshot:
        cache.refresh(snapshot)
