"""Which store an archive is in: a data directory, or a PostgreSQL database."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from embeddings.embedder import Embedder
from qa.archive.copying import built_with, is_empty
from qa.archive.sqlite.store import DATABASE, SqliteStore, storage_errors
from qa.archive.store import Store
from qa.errors import BadInput
from qa.extras import require
from qa.settings import Settings, is_postgres_url

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+:")  # at least two letters: "C:" is a drive

if TYPE_CHECKING:
    from qa.archive.postgres.store import PostgresStore


def open_store(settings: Settings) -> Store:
    """The store that is set. Raises EmptyArchive when there is none."""
    if not settings.store_url:
        return SqliteStore.open(settings.data_dir)
    return _postgres().open(settings.store_url, hnsw=settings.hnsw)


def create_store(settings: Settings, embedder: Embedder) -> Store:
    """The store that is set, made where there is none."""
    wanted = embedder.name, embedder.digest, embedder.dimension
    if not settings.store_url:
        return SqliteStore.create(settings.data_dir, *wanted)
    return _postgres().create(settings.store_url, *wanted, hnsw=settings.hnsw)


@contextmanager
def open_place(place: str) -> Iterator[Store]:
    """The archive in a data directory, in a backup file, or at a `postgresql://` address.

    Raises BadInput for an address of another kind.
    """
    _check_place(place)
    if is_postgres_url(place):
        with closing(_postgres().open(place)) as store:
            yield store
    elif Path(place).is_file():
        with TemporaryDirectory() as folder:  # opening it may change the file
            with storage_errors():
                shutil.copy(place, Path(folder) / DATABASE)
            with closing(SqliteStore.open(Path(folder))) as opened:
                yield opened
    else:
        with closing(SqliteStore.open(Path(place))) as opened:
            yield opened


@contextmanager
def create_place(place: str, source: Store) -> Iterator[Store]:
    """A new archive at a place, for a copy of ``source``. Raises BadInput if there is one, or for
    an address that is not PostgreSQL's.
    """
    _check_place(place)
    with source.snapshot() as snapshot:
        embedder = built_with(snapshot)
    if is_postgres_url(place):
        create = _postgres().create
        store: Store = create(place, *embedder)
    else:
        store = SqliteStore.create(Path(place), *embedder)
    with closing(store):
        with store.snapshot() as snapshot:
            if not is_empty(snapshot):
                raise BadInput(f"{store.place} holds an archive already; name an empty place")
        yield store


def _check_place(place: str) -> None:
    """A mistyped address would otherwise be the name of a folder."""
    if _ADDRESS.match(place) and not is_postgres_url(place):
        raise BadInput(f"'{place}' is no place for an archive: a folder, or postgresql://HOST/NAME")


def _postgres() -> type["PostgresStore"]:
    require("psycopg", "psycopg_pool", "pgvector", extra="postgres")
    from qa.archive.postgres.store import PostgresStore

    return PostgresStore
