"""BM25 as SQLite's FTS5 computes it, by which both stores rank, over the terms that FTS5 finds."""

import math
import sqlite3
from functools import lru_cache
from threading import Lock

TOKENIZER = "porter unicode61 remove_diacritics 2"
K1, B = 1.2, 0.75  # FTS5's
_LEAST_IDF = 1e-6  # FTS5's, of a word that more than half of the passages have

_tokenizer_lock = Lock()


def idf(passages: int, having: int) -> float:
    """The inverse document frequency of a term that ``having`` of the passages have."""
    found = math.log((passages - having + 0.5) / (having + 0.5))
    return found if found > 0 else _LEAST_IDF


@lru_cache(maxsize=4096)
def terms_of(word: str) -> tuple[str, ...]:
    """What FTS5 makes of a word: its stem, rarely nothing or several, one behind the other."""
    with _tokenizer_lock:
        tokenizer = _tokenizer()
        tokenizer.execute("DELETE FROM words")
        tokenizer.execute("INSERT INTO words (word) VALUES (?)", (word,))
        return tuple(row[0] for row in tokenizer.execute("SELECT term FROM terms ORDER BY offset"))


@lru_cache(maxsize=1)
def _tokenizer() -> sqlite3.Connection:
    database = sqlite3.connect(":memory:", check_same_thread=False)
    database.execute(f"CREATE VIRTUAL TABLE words USING fts5 (word, tokenize='{TOKENIZER}')")
    database.execute("CREATE VIRTUAL TABLE terms USING fts5vocab (words, instance)")
    return database
