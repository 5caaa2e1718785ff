"""BM25 over FTS5's index, without asking FTS5 to score row by row.

FTS5 takes half a second to score the rows of a question's words among 300,000 passages, most of
which are thrown away. What it scores by is in its index: how often each passage has each word. The
postings of a question's words are read from there (`fts5vocab`), kept while the archive does not
change, and scored by numpy with FTS5's own formula, in its order of operations, so that scores and
ties are those of its ``bm25()`` to the last bit.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.index import Ids, Mask, best_first, seen_by
from qa import tuning
from qa.archive.bm25 import K1, B, idf
from qa.archive.database import Database

MOST_POSTINGS = 8_000_000  # that a process keeps; 8 bytes each
# Made anew by every connection: the words in FTS5's index and where they are.
VOCABULARY = "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab ('main', 'lexical', 'instance')"


Lengths = npt.NDArray[np.int32]  # by id: how many words the passage has


@dataclass(frozen=True, slots=True)
class Postings:
    """The passages that have a word, and how often: in titles, by their weight."""

    ids: npt.NDArray[np.int32]
    frequencies: npt.NDArray[np.float32]


class LexicalCache:
    """The postings of the words that were asked for last. Safe to share between threads."""

    def __init__(self) -> None:
        self._postings: OrderedDict[tuple[int, str], Postings] = OrderedDict()
        self._size = 0
        self._lengths: Lengths = np.zeros(1, dtype=np.int32)
        self._lock = Lock()
        self._reading = Lock()

    def search(
        self, database: Database, generation: int, terms: Sequence[str], k: int, seen: Mask
    ) -> list[tuple[int, float]]:
        """The ``k`` best of the passages ``seen`` with any of the ``terms``, as ``(id, BM25)``.

        Best first, ties by lower id. A term that is given twice counts twice. ``generation``: of
        the archive that ``database`` reads.
        """
        rows, words = _statistics(database)
        if rows == 0:
            return []
        lengths = self._lengths_of(database)
        mean = words / rows
        scores = np.zeros(len(lengths))
        for term in terms:
            postings = self._postings_of(database, generation, term)
            rarity = idf(rows, len(postings.ids))
            shown = np.flatnonzero(seen_by(seen, postings.ids))
            ids = postings.ids[shown]
            frequencies = postings.frequencies[shown].astype(np.float64)
            norms = K1 * (1 - B + B * lengths[ids] / mean)
            scores[ids] += rarity * ((frequencies * (K1 + 1)) / (frequencies + norms))
        found = np.flatnonzero(scores)
        return best_first(found, scores[found], k)

    def _postings_of(self, database: Database, generation: int, term: str) -> Postings:
        key = (generation, term)
        with self._lock:
            known = self._postings.get(key)
            if known is not None:
                self._postings.move_to_end(key)
                return known
        read = _read_postings(database, term)
        with self._lock:
            if key not in self._postings:
                self._postings[key] = read
                self._size += len(read.ids)
            while self._size > MOST_POSTINGS and len(self._postings) > 1:
                _, dropped = self._postings.popitem(last=False)
                self._size -= len(dropped.ids)
        return read

    def _lengths_of(self, database: Database) -> Lengths:
        """Of every passage: read once, as a passage never changes and its id is never reused."""
        with self._reading:
            known = self._lengths
            rows = database.execute(
                "SELECT id, sz FROM lexical_docsize WHERE id > ? ORDER BY id", (len(known) - 1,)
            ).fetchall()
            if not rows:
                return known
            ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
            columns = _varints(b"".join(row[1] for row in rows)).reshape(len(rows), -1)
            words = np.zeros(ids[-1] + 1, dtype=np.int32)
            words[: len(known)] = known
            words[ids] = columns.sum(axis=1)
            self._lengths = words
            return words


def _read_postings(database: Database, term: str) -> Postings:
    """The rows of FTS5's index for a term, which come by ascending id.

    As one text: a row of its own for each of them would cost more than the reading.
    """
    listed = database.execute(
        "SELECT group_concat(doc * 2 + (col = 'title')) FROM vocabulary WHERE term = ?",
        (term,),
    ).fetchone()[0]
    if listed is None:
        return Postings(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))
    places: Ids = np.fromstring(listed, dtype=np.int64, sep=",")
    docs, in_title = places >> 1, places & 1
    starts = np.flatnonzero(np.diff(docs, prepend=-1))
    weights = np.where(in_title, tuning.TITLE_WEIGHT, 1.0)
    return Postings(
        docs[starts].astype(np.int32), np.add.reduceat(weights, starts).astype(np.float32)
    )


def _statistics(database: Database) -> tuple[int, int]:
    """How many rows FTS5's index has, and how many words in all of them."""
    record = database.execute("SELECT block FROM lexical_data WHERE id = 1").fetchone()
    if record is None or not record[0]:
        return 0, 0
    rows, *words = _varints(record[0]).tolist()
    return rows, sum(words)


def _varints(content: bytes) -> Ids:
    """SQLite's numbers of variable length: seven bits a byte, the highest first."""
    read = np.frombuffer(content, dtype=np.uint8)
    last = np.flatnonzero(read < 0x80)
    behind = np.repeat(last, np.diff(last, prepend=-1)) - np.arange(len(read))
    parts = (read & 0x7F).astype(np.int64) << (7 * behind)
    starts = np.concatenate(([0], last[:-1] + 1))
    found: Ids = np.add.reduceat(parts, starts)
    return found


def phrase_query(words: Sequence[str]) -> str:
    """An FTS5 query for any of the words. They are quoted: nothing in a question is syntax."""
    return " OR ".join(f'"{word}"' for word in words)


def search_by_fts5(
    database: Database, words: Sequence[str], k: int, seen: Mask
) -> list[tuple[int, float]]:
    """The same by FTS5 alone, for words that it takes for phrases, and to compare with."""
    rows: list[Any] = database.execute(
        "SELECT rowid, -bm25(lexical, :title_weight, 1.0) FROM lexical WHERE lexical MATCH :query",
        {"title_weight": tuning.TITLE_WEIGHT, "query": phrase_query(words)},
    ).fetchall()
    ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    scores = np.fromiter((row[1] for row in rows), dtype=np.float64, count=len(rows))
    shown = seen_by(seen, ids)
    return best_first(ids[shown], scores[shown], k)
