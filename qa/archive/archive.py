"""The archive: a store with what makes it searchable."""

from dataclasses import dataclass

from embeddings.embedder import Embedder
from qa.archive.index import IndexCache
from qa.archive.sqlite import Store


@dataclass(frozen=True, slots=True)
class Archive:
    """A store with what makes it searchable."""

    store: Store
    cache: IndexCache
    embedder: Embedder
