"""What tests of ingesting share: records, an embedder that breaks, views of the archive."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from embeddings.index import Vectors
from qa.archive.archive import Archive
from qa.archive.sqlite.store import SqliteStore
from qa.ingest.apply import IngestReport
from qa.types import Filters
from tests.support.fakes import BagOfWordsEmbedder

STORM = {
    "id": "storm",
    "title": "Storm",
    "text": "A storm hit the port.",
    "published_at": "2022-01-10",
    "source": "H",
}
VOTE = {"id": "vote", "text": "The vote was close.", "published_at": "2022-01-11"}
CUP = {"id": "cup", "text": "The cup was won."}


class Outage(Exception):
    """What the embedder of a test raises."""


class BreakingEmbedder(BagOfWordsEmbedder):
    """Works for some windows, then fails once: as `kill -9` would, while it embeds."""

    def __init__(self, windows: int) -> None:
        super().__init__()
        self._left = windows

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if self._left == 0:
            self._left = -1
            raise Outage
        self._left -= 1
        return super().embed_passages(texts)


def embedded(archive: Archive) -> int:
    assert isinstance(archive.embedder, BagOfWordsEmbedder)
    return archive.embedder.embedded


def outcome(report: IngestReport) -> dict[str, int]:
    """The counts of a report that are not 0."""
    names = ("added", "updated", "amended", "unchanged", "deleted", "passages_embedded")
    counts = {name: getattr(report, name) for name in names} | {"skipped": len(report.skipped)}
    return {name: count for name, count in counts.items() if count}


def contents(archive: Archive) -> list[Any]:
    """All versions and passages in order, keys and vectors too, but for when each was made."""
    with archive.snapshot() as snapshot:
        database = snapshot.database
        ids, vectors = snapshot.vectors_above(0, archive.embedder.dimension)
        embedder = {key: value for key, value in snapshot.manifest.items() if "embedder" in key}
        versions = database.execute(
            "SELECT key, article_id, version, origin, published, dated, title, text, record"
            " FROM versions ORDER BY key"
        ).fetchall()
        passages = database.execute(
            'SELECT id, version_key, start, "end" FROM passages ORDER BY id'
        ).fetchall()
        return [versions, passages, ids.tolist(), vectors.tolist(), embedder, snapshot.faults()]


def held(archive: Archive) -> list[str]:
    with archive.store.snapshot() as snapshot:
        return [stored.article.id for stored in snapshot.articles(Filters(), 10_000)]


def generation(archive: Archive) -> int:
    with archive.store.snapshot() as snapshot:
        return snapshot.generation


def long_article(number: int) -> dict[str, Any]:
    """330 words in sentences of ten: three passages."""
    sentences = [
        f"Report{number} sentence{line} tells of the old harbour and its ships."
        for line in range(33)
    ]
    return {"id": f"long{number}", "text": " ".join(sentences), "published_at": "2022-01-10"}


def corpus() -> list[dict[str, Any]]:
    return [long_article(number) for number in range(9)]


def fresh(folder: Path, embedder: BagOfWordsEmbedder) -> Archive:
    return Archive(
        SqliteStore.create(folder, embedder.name, embedder.digest, embedder.dimension),
        embedder,
    )
