"""BM25 in PostgreSQL, ranking as SQLite's FTS5 does.

Terms come from FTS5's own tokenizer, in memory. A passage is a sparse vector with a weight for each
of its terms; a question's vector holds how rare its terms are, so that their inner product is BM25.
The weights rest on a mean length that is fixed when they are written: the best by them are scored
again with the true one. See docs/decisions/0026.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from pgvector import SparseVector

from qa import tuning
from qa.archive.bm25 import K1, TOKENIZER, B, idf, terms_of
from qa.archive.database import Database
from qa.archive.visibility import Visible

# A term is counted by rows that are only ever added: no two writers wait for one another, and what
# a reader sums up is exact in its snapshot.
SCHEMA = """
CREATE TABLE passage_terms (
    article BYTEA NOT NULL,                  -- sha256 of the article's id
    id BIGINT NOT NULL,                      -- of the passage
    version_key BIGINT NOT NULL,
    length INTEGER NOT NULL,                 -- in terms, with the title
    terms sparsevec NOT NULL,
    PRIMARY KEY (article, id)
);
CREATE INDEX passage_terms_by_version ON passage_terms (version_key);
CREATE TABLE term_counts (
    term INTEGER NOT NULL,                   -- its number; the negative ones are totals
    passages BIGINT NOT NULL                 -- that hold it, added or, negative, removed
);
CREATE INDEX term_counts_by_term ON term_counts (term);
"""

_MEAN = 110  # terms: about what a passage has here; the ranking is the same with half or twice it
_TERMS = 1_000_000_000  # dimensions: the most that `sparsevec` has
_PASSAGES, _LENGTHS = -1, -2  # totals in `term_counts`
_RESCORED = 400  # passages; …
_RESCORED_FOR_EACH = 4  # … and this many for each that is wanted


@dataclass(frozen=True, slots=True)
class Terms:
    """What the index holds of a passage: how often each term occurs, and how many there are.

    A term is its number. An occurrence in the title counts `qa.tuning.TITLE_WEIGHT`.
    """

    frequencies: Mapping[int, float]
    length: int

    @property
    def weights(self) -> SparseVector:
        """The share of BM25 that is the passage's."""
        norm = _norm(self.length, _MEAN)
        weights = {
            term: frequency * (K1 + 1) / (frequency + norm)
            for term, frequency in self.frequencies.items()
        }
        return SparseVector(weights, _TERMS)


class Tokenizer:
    """FTS5's tokenizer, for many passages at once. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._memory.execute(
            "CREATE VIRTUAL TABLE lexical"
            f" USING fts5(title, text, content='', tokenize='{TOKENIZER}')"
        )
        self._memory.execute("CREATE VIRTUAL TABLE terms USING fts5vocab('lexical', 'instance')")

    def passages(self, texts: Sequence[tuple[str, str]]) -> list[Terms]:
        """The terms of passages, each given as title and text."""
        frequencies: list[dict[int, float]] = [{} for _ in texts]
        lengths = [0] * len(texts)
        for passage, term, column, count in self._counted(texts):
            number = number_of(term)
            weight = tuning.TITLE_WEIGHT if column == "title" else 1.0
            of_passage = frequencies[passage]
            of_passage[number] = of_passage.get(number, 0.0) + weight * count
            lengths[passage] += count
        return [Terms(*both) for both in zip(frequencies, lengths, strict=True)]

    def _counted(self, texts: Sequence[tuple[str, str]]) -> list[Any]:
        with self._lock:
            self._memory.execute("BEGIN")
            try:
                self._memory.executemany(
                    "INSERT INTO lexical (rowid, title, text) VALUES (?, ?, ?)",
                    [(number, title, text) for number, (title, text) in enumerate(texts)],
                )
                return self._memory.execute(
                    "SELECT doc, term, col, count(*) FROM terms GROUP BY doc, term, col"
                ).fetchall()
            finally:
                self._memory.execute("ROLLBACK")


@cache
def tokenizer() -> Tokenizer:
    """The tokenizer of this process."""
    return Tokenizer()


def number_of(term: str) -> int:
    """The dimension of a term: a hash, so that no table of words outlives what was deleted.

    Among a million different terms, one in a thousand shares its number with another.
    """
    digest = blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) % _TERMS


def numbers_of(words: Sequence[str]) -> list[int]:
    """The terms of a question's words, in order. One that occurs twice counts twice."""
    return [number_of(term) for word in words for term in terms_of(word)]


def add(database: Database, passages: Iterable[tuple[bytes, int, int, Terms]]) -> None:
    """Index passages, given by the digest of their article's id, their version's key, and id."""
    passages = list(passages)
    database.executemany(
        "INSERT INTO passage_terms (article, version_key, id, length, terms)"
        " VALUES (?, ?, ?, ?, ?)",
        [(*place, terms.length, terms.weights) for *place, terms in passages],
    )
    _count(database, [(terms.frequencies, terms.length) for *_, terms in passages], 1)


def remove(database: Database, condition: str, values: Mapping[str, Any]) -> None:
    """Remove passages from the index; ``condition`` is over the columns of `passage_terms`."""
    gone = database.execute(
        f"DELETE FROM passage_terms WHERE {condition} RETURNING terms, length", values
    ).fetchall()
    _count(database, [(terms.indices(), length) for terms, length in gone], -1)


def search(
    database: Database, words: Sequence[str], k: int, condition: str, values: Mapping[str, Any]
) -> list[tuple[int, float]]:
    """The ``k`` best passages that hold any of the ``words``, as ``(id, BM25)``.

    Best first, ties by lower id. ``condition`` says which may be seen, over the columns of
    `passage_terms`, alias ``t``.
    """
    terms = numbers_of(words)
    counts = _counts(database, terms)
    passages = counts.get(_PASSAGES, 0)
    present = [term for term in terms if counts.get(term, 0) > 0]
    if not present:
        return []
    rarities = [idf(passages, counts[term]) for term in present]
    question: dict[int, float] = {}
    for term, rarity in zip(present, rarities, strict=True):
        question[term] = question.get(term, 0.0) + rarity
    marks = {f"term{place}": _axis(term) for place, term in enumerate(present)}
    weights = ", ".join(f"-(terms <#> :{mark})" for mark in marks)
    # The product is negative. Where no term is shared it is 0, and no result.
    rows = database.execute(
        f"SELECT id, length, ARRAY[{weights}] FROM ("
        " SELECT t.id, t.length, t.terms, t.terms <#> :question AS product FROM passage_terms t"
        f" WHERE {condition} ORDER BY product, t.id LIMIT :most) AS best WHERE product < 0",
        {
            **values,
            **marks,
            "question": SparseVector(question, _TERMS),
            "most": max(_RESCORED, _RESCORED_FOR_EACH * k),
        },
    )
    mean = counts[_LENGTHS] / passages
    scored = [
        (identity, _score(rarities, weights, length, mean)) for identity, length, weights in rows
    ]
    return sorted(scored, key=lambda pair: (-pair[1], pair[0]))[:k]


def holding(words: Sequence[str]) -> Visible:
    """The versions that hold all of the words; a condition over the columns of `versions`."""
    values = {f"word{place}": _axis(term) for place, term in enumerate(numbers_of(words))}
    conditions = [
        f"key IN (SELECT version_key FROM passage_terms WHERE terms <#> :{name} < 0)"
        for name in values
    ]
    return Visible(" AND ".join(conditions), values)


def fold(database: Database) -> None:
    """Sum up the counts of each term in one row. Harmless while others read and write."""
    database.execute(
        "WITH gone AS (DELETE FROM term_counts RETURNING term, passages)"
        " INSERT INTO term_counts (term, passages)"
        " SELECT term, sum(passages) FROM gone GROUP BY term HAVING sum(passages) != 0"
    )


def faults(database: Database) -> list[str]:
    """Where the totals differ from what is indexed."""
    ((passages, lengths),) = database.execute(
        "SELECT count(*), coalesce(sum(length), 0) FROM passage_terms"
    ).fetchall()
    counts = _counts(database, [])
    counted = counts.get(_PASSAGES, 0), counts.get(_LENGTHS, 0)
    if counted == (passages, lengths):
        return []
    there = f"the lexical index holds {passages} passages of {lengths} words"
    return [f"{there} and has counted {counted[0]} of {counted[1]}"]


def _count(database: Database, passages: Iterable[tuple[Iterable[int], int]], sign: int) -> None:
    """Note that passages, given by their terms and length, were added or removed."""
    counts: Counter[int] = Counter()
    for terms, length in passages:
        counts.update(iter(terms))  # by one each, also where it is a mapping
        counts[_PASSAGES] += 1
        counts[_LENGTHS] += length
    database.executemany(
        "INSERT INTO term_counts (term, passages) VALUES (?, ?)",
        [(term, sign * count) for term, count in sorted(counts.items())],
    )


def _counts(database: Database, terms: Sequence[int]) -> dict[int, int]:
    """How many passages hold each of the terms; with the totals."""
    rows = database.execute(
        "SELECT term, CAST(sum(passages) AS bigint) FROM term_counts WHERE term IN :terms"
        " GROUP BY term",
        {"terms": [*terms, _PASSAGES, _LENGTHS]},
    )
    return dict(rows.fetchall())


def _norm(length: int, mean: float) -> float:
    return K1 * (1 - B + B * length / mean)


def _score(rarities: Sequence[float], weights: Sequence[float], length: int, mean: float) -> float:
    """BM25 with the true mean length, in the order in which FTS5 adds it up."""
    written, norm = _norm(length, _MEAN), _norm(length, mean)
    score = 0.0
    for rarity, weight in zip(rarities, weights, strict=True):
        frequency = weight * written / (K1 + 1 - weight)
        # The weight was rounded to 32 bits, the frequency is a whole number of the least weight.
        frequency = round(frequency / tuning.TITLE_WEIGHT) * tuning.TITLE_WEIGHT
        score += rarity * ((frequency * (K1 + 1)) / (frequency + norm))
    return score


def _axis(term: int) -> SparseVector:
    return SparseVector({term: 1.0}, _TERMS)
