"""Lexical search in PostgreSQL, against FTS5 itself."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from qa.archive.bm25 import TOKENIZER
from qa.archive.postgres import lexical
from qa.archive.postgres.connection import Connections
from qa.retrieval.hybrid import search_words

pytestmark = pytest.mark.postgres

DATA = Path(__file__).parents[4] / "eval/data/archive"
Texts = dict[int, tuple[str, str]]  # title and text by id


class Fts5:
    """What the SQLite store searches with."""

    def __init__(self, texts: Texts) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            f"CREATE VIRTUAL TABLE lexical USING fts5(title, text, tokenize='{TOKENIZER}')"
        )
        self._database.executemany(
            "INSERT INTO lexical (rowid, title, text) VALUES (?, ?, ?)",
            [(identity, *text) for identity, text in texts.items()],
        )

    def search(self, words: Sequence[str], k: int) -> list[tuple[int, float]]:
        return self._database.execute(
            "SELECT rowid, -bm25(lexical, 0.5, 1.0) AS score FROM lexical"
            " WHERE lexical MATCH ? ORDER BY score DESC, rowid LIMIT ?",
            (" OR ".join(f'"{word}"' for word in words), k),
        ).fetchall()


@pytest.fixture(scope="module")
def passages() -> Texts:
    """The paragraphs of our own reports."""
    articles = [
        json.loads(line) for line in (DATA / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    texts = [
        (article["title"], paragraph)
        for article in articles
        for paragraph in article["text"].split("\n\n")
    ]
    return dict(enumerate(texts, start=1))


@pytest.fixture(scope="module")
def questions() -> list[list[str]]:
    """The content words of 200 questions about them, from all over the file."""
    cases = [json.loads(line) for line in (DATA / "cases.jsonl").read_text("utf-8").splitlines()]
    return [search_words(case["question"]) for case in cases[:: len(cases) // 200]][:200]


@pytest.fixture
def index(connections: Connections) -> Connections:
    with connections.writing(1) as database:
        database.run(lexical.SCHEMA)
    return connections


def fill(index: Connections, texts: Texts, key: int = 1) -> None:
    terms = lexical.tokenizer().passages(list(texts.values()))
    with index.writing(1) as database:
        rows = zip(texts, terms, strict=True)
        lexical.add(database, [(b"article", key, *row) for row in rows])


def search(
    index: Connections, words: Sequence[str], k: int = 100, condition: str = "TRUE"
) -> list[tuple[int, float]]:
    with index.reading() as database:
        return lexical.search(database, words, k, condition, {})


def count_of(index: Connections, word: str) -> int:
    terms = lexical.numbers_of([word])
    with index.reading() as database:
        return lexical._counts(database, terms).get(terms[0], 0)


@pytest.mark.parametrize("mean", [20, 110])
def test_the_first_hundred_are_those_of_fts5_with_the_same_scores(
    index: Connections,
    passages: Texts,
    questions: list[list[str]],
    mean: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where the mean that the weights rest on is far from the true one."""
    monkeypatch.setattr(lexical, "_MEAN", mean)
    fill(index, passages)
    fts5 = Fts5(passages)
    assert len(questions) == 200
    same = 0
    for words in questions:
        expected, found = fts5.search(words, 100), search(index, words)
        assert [score for _, score in found] == pytest.approx([score for _, score in expected])
        same += found == expected
    assert same >= 195


def test_two_words_of_one_stem_count_twice(index: Connections) -> None:
    texts = {1: ("", "They voted."), 2: ("", "A vote on votes."), 3: ("", "The river"), 4: ("", "")}
    fill(index, texts)
    words = ["vote", "voting", "river"]
    assert search(index, words) == Fts5(texts).search(words, 100)
    assert search(index, ["vote"])[0][1] < search(index, ["vote", "voting"])[0][1]


def test_a_title_counts_half_and_accents_and_case_count_nothing(index: Connections) -> None:
    texts = {
        1: ("Córdoba votes", "Nothing else is new today"),
        2: ("Nothing new", "Else CORDOBA votes today"),
        3: ("Rain", "It rained all day"),
        4: ("Snow", "It snowed all day"),
        5: ("Wind", "It was windy all day"),
    }
    fill(index, texts)
    found = search(index, ["cordoba"])
    assert [identity for identity, _ in found] == [2, 1]
    assert found == Fts5(texts).search(["cordoba"], 100)


def test_what_shares_no_word_is_not_found(index: Connections) -> None:
    fill(index, {1: ("", "The harbour was closed"), 2: ("", "Rain fell"), 3: ("", "Snow fell")})
    assert [identity for identity, _ in search(index, ["harbour"])] == [1]
    assert search(index, ["harbour"], condition="t.id != 1") == []
    assert search(index, ["submarine"]) == []
    assert search(index, []) == []
    assert search(index, ["…"]) == []


def test_a_condition_holds_and_ties_go_by_lower_id(index: Connections) -> None:
    fill(index, dict.fromkeys(range(1, 8), ("", "The harbour was closed")))
    fill(index, {identity: ("", f"Other news {identity}") for identity in range(8, 30)}, key=2)
    found = search(index, ["harbour"], 3, "t.version_key = 1 AND t.id NOT IN (1, 3)")
    assert [identity for identity, _ in found] == [2, 4, 5]
    assert len({score for _, score in found}) == 1


def test_what_was_removed_is_neither_found_nor_counted(
    index: Connections, passages: Texts, questions: list[list[str]]
) -> None:
    first = {identity: text for identity, text in passages.items() if identity % 3}
    second = {identity: text for identity, text in passages.items() if not identity % 3}
    fill(index, first)
    fill(index, second, key=2)
    with index.writing(1) as database:
        lexical.remove(database, "version_key = :key", {"key": 2})
        assert lexical.faults(database) == []
    fts5 = Fts5(first)
    for words in questions[:20]:
        assert search(index, words) == fts5.search(words, 100)


def test_folding_changes_no_count_and_leaves_nothing_of_what_was_removed(
    index: Connections,
) -> None:
    fill(index, {1: ("", "Rain fell"), 2: ("", "Snow fell")})
    fill(index, {3: ("", "A secret fell")}, key=2)
    with index.writing(1) as database:
        lexical.remove(database, "version_key = :key", {"key": 2})
    assert [count_of(index, word) for word in ("rain", "fell", "secret")] == [1, 2, 0]
    with index.writing(1) as database:
        lexical.fold(database)
    assert [count_of(index, word) for word in ("rain", "fell", "secret")] == [1, 2, 0]
    with index.reading() as database:
        rows = database.execute("SELECT term, passages FROM term_counts").fetchall()
        assert lexical.faults(database) == []
    assert {term for term, _ in rows} == {
        *lexical.numbers_of(["rain", "snow", "fell"]),
        lexical._PASSAGES,
        lexical._LENGTHS,
    }


def test_two_writers_of_the_same_words_do_not_wait(index: Connections) -> None:
    terms = lexical.tokenizer().passages([("", "Rain fell")])
    with index.writing(0.1) as first, index.writing(0.1) as second:
        lexical.add(first, [(b"a", 1, 1, terms[0])])
        lexical.add(second, [(b"b", 2, 2, terms[0])])
        assert count_of(index, "rain") == 0
        with index.writing(0.1) as third:
            lexical.fold(third)
    assert count_of(index, "rain") == 2
    assert [identity for identity, _ in search(index, ["rain"])] == [1, 2]


def test_counts_that_are_wrong_are_a_fault(index: Connections) -> None:
    fill(index, {1: ("", "Rain fell")})
    with index.writing(1) as database:
        database.execute("DELETE FROM passage_terms")
        (fault,) = lexical.faults(database)
    assert "holds 0 passages of 0 words and has counted 1 of 2" in fault


def test_the_tokenizer_forgets_what_it_was_given() -> None:
    tokenizer = lexical.Tokenizer()
    one, other = tokenizer.passages([("A title", "Rain fell. It rained."), ("", "")])
    assert (one.length, other.length) == (6, 0)
    assert sorted(one.frequencies.values()) == [0.5, 0.5, 1, 1, 2]
    assert other.frequencies == {}
    assert tokenizer.passages([("", "Rain")])[0].length == 1
    assert lexical.numbers_of(["raining", "fell", "rain"])[0] == lexical.numbers_of(["rained"])[0]
    assert len(lexical.numbers_of(["raining", "fell", "rain"])) == 3
