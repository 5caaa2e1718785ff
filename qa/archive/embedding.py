"""The archive's embedder: whether it is the one that is set, and what it raises, as our errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from embeddings.embedder import Embedder
from embeddings.errors import EmbedderUnavailable, IndexUnusable
from qa.archive.snapshot import Snapshot
from qa.errors import EmbedderMismatch, ModelUnavailable
from qa.ingest.passages import CHUNKER_VERSION


def check_embedder(snapshot: Snapshot, embedder: Embedder) -> None:
    """Raises EmbedderMismatch when the archive's vectors are not this embedder's."""
    manifest = snapshot.manifest
    if not is_built_with(manifest, embedder):
        raise EmbedderMismatch(
            f"the archive was embedded by '{manifest['embedder']}' (dimension"
            f" {manifest['dimension']}, weights {manifest['embedder_digest'][:12]}),"
            f" the setting is '{embedder.name}'",
            "set DATELINE_EMBEDDER back, or embed it again with: dateline reindex",
        )
    if manifest["chunker_version"] != str(CHUNKER_VERSION):
        raise EmbedderMismatch(
            f"the archive's passages were cut by version {manifest['chunker_version']} of the"
            f" splitter, this is version {CHUNKER_VERSION}",
            "cut and embed it again with: dateline reindex",
        )


def is_built_with(manifest: Mapping[str, str], embedder: Embedder) -> bool:
    """Whether the archive's vectors are this embedder's, without looking for it in a hub.

    Only a folder may hold the same weights under another name. Raises EmbedderUnavailable.
    """
    if embedder.name != manifest["embedder"] and not Path(embedder.name).is_dir():
        return False
    return embedder.digest == manifest["embedder_digest"]


@contextmanager
def embedding_errors() -> Iterator[None]:
    """What `embeddings` raises, as ModelUnavailable."""
    try:
        yield
    except (EmbedderUnavailable, IndexUnusable) as error:
        raise ModelUnavailable(str(error)) from error
