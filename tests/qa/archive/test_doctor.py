"""The checks of an archive, and the commands that fix what they find."""

import shlex
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import qa.archive.embedding
import qa.ingest.apply
from embeddings.errors import EmbedderUnavailable
from qa.archive.archive import Archive
from qa.archive.doctor import Check, examine
from qa.archive.sqlite.index import FILE
from qa.archive.sqlite.store import DATABASE
from qa.bootstrap import open_retriever
from qa.errors import EmbedderMismatch
from qa.question import Question
from qa.types import Filters
from tests.support.archives import WriteArticles, ingest
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.ingests import (
    STORM,
    VOTE,
    BreakingEmbedder,
    Outage,
    corpus,
    embedded,
    fresh,
    held,
    long_article,
)
from tests.support.stores import folder_of


@pytest.fixture
def _small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qa.ingest.plan.WINDOW", 6)  # two of the long articles


def fix(archive: Archive, check: Check) -> None:
    """Do what the finding's command says."""
    command, verb, *paths = shlex.split(check.fix)
    assert command == "dateline"
    if verb == "ingest":
        ingest(archive, *(Path(path) for path in paths))
    else:
        assert (verb, paths) == ("reindex", [])
        archive.reindex()


def fixes_to_health(archive: Archive) -> None:
    for check in examine(archive):
        fix(archive, check)
    assert examine(archive) == []


def test_an_archive_in_order_has_no_findings(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE, long_article(1)))
    assert examine(archive) == []
    ingest(archive, write_articles({**STORM, "text": "New."}))
    with archive.store.writing() as writer:
        writer.delete("vote")
    assert examine(archive) == []


@pytest.mark.usefixtures("_small_windows")
@pytest.mark.parametrize("name", ["feed.jsonl", "my feed's (1).jsonl"])
def test_an_interrupted_ingest_is_named_and_running_it_again_fixes(
    tmp_path: Path, write_articles: WriteArticles, name: str
) -> None:
    path = write_articles(*corpus(), name=name)
    archive = fresh(tmp_path / "stopped", BreakingEmbedder(2))
    with pytest.raises(Outage):
        ingest(archive, path)
    interrupted = examine(archive)[0]
    assert str(path) in interrupted.message
    assert "did not end; what it had stored is kept" in interrupted.message
    assert shlex.split(interrupted.fix) == ["dateline", "ingest", str(path)]
    fix(archive, interrupted)
    assert examine(archive) == []
    assert len(held(archive)) == 9
    archive.store.close()


@pytest.mark.usefixtures("_small_windows")
def test_an_interrupted_ingest_is_not_forgotten_when_another_path_is_taken_in(
    tmp_path: Path, write_articles: WriteArticles
) -> None:
    path = write_articles(*corpus(), name="large.jsonl")
    archive = fresh(tmp_path / "stopped", BreakingEmbedder(1))
    with pytest.raises(Outage):
        ingest(archive, path)
    ingest(archive, write_articles(STORM, name="small.jsonl"))
    assert len(held(archive)) == 3
    assert [str(path) in check.message for check in examine(archive)] == [True]
    fixes_to_health(archive)
    assert len(held(archive)) == 10
    archive.store.close()


def _missing(path: Path) -> None:
    path.unlink()


def _corrupt(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.sqlite_only("the FAISS file")
@pytest.mark.parametrize(
    ("spoil", "fault"), [(_missing, "is missing"), (_corrupt, "is cut short or altered")]
)
def test_a_missing_or_corrupt_index_is_named_and_reindex_fixes_it_without_embedding(
    archive: Archive, write_articles: WriteArticles, spoil: Callable[[Path], None], fault: str
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    count = embedded(archive)
    spoil(folder_of(archive.store) / FILE)
    (check,) = examine(archive)
    assert (fault in check.message, check.fix) == (True, "dateline reindex")
    fixes_to_health(archive)
    assert embedded(archive) == count


@pytest.mark.sqlite_only("the FAISS file")
def test_a_stale_index_is_named_and_reindex_fixes_it_without_embedding(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.sqlite.index._SLACK_ROWS", 3)
    ingest(archive, write_articles(STORM))
    old = (folder_of(archive.store) / FILE).read_bytes()
    ingest(archive, write_articles(*(long_article(number) for number in range(3))))
    for thread in threading.enumerate():
        if thread.name == "vector index":  # it is building the file
            thread.join(20)
    (folder_of(archive.store) / FILE).write_bytes(old)
    count = embedded(archive)
    (check,) = examine(archive)
    assert check == Check(
        "index",
        "the vector index is stale: 9 rows differ from the archive's 10",
        "dateline reindex",
    )
    fixes_to_health(archive)
    assert embedded(archive) == count


@pytest.mark.sqlite_only("it damages SQLite's tables")
def test_a_lexical_index_with_a_passage_too_few_is_named_and_reindex_fixes_it(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    with archive.store.writing() as writer:
        writer._db.execute(
            "INSERT INTO lexical (lexical, rowid, title, text)"
            " SELECT 'delete', id, title, text FROM passage_text"
            " WHERE id = 1"
        )
    (check,) = examine(archive)
    assert check == Check("lexical", "the lexical index holds 1 passages of 2", "dateline reindex")
    fixes_to_health(archive)
    hits = open_retriever(archive).retrieve(Question.parse("storm", k=1)).hits
    assert (hits[0].passage.article.id, hits[0].scores.lexical is not None) == ("storm", True)


def test_another_embedder_is_named_and_reindex_embeds_every_version_anew(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, long_article(1)))
    ingest(archive, write_articles({**STORM, "text": "A gale hit.", "updated_at": "2022-02-01"}))
    other = Archive(archive.store, BagOfWordsEmbedder(64, name="other"))
    (check,) = examine(other)
    assert check.fix == "dateline reindex"
    assert "'bag-of-words'" in check.message
    fix(other, check)
    assert examine(other) == []
    assert embedded(other) == 5
    assert [item.fix for item in examine(archive)] == [
        "dateline reindex"
    ]  # now the old one is the stranger
    retriever = open_retriever(other)
    (first, *_) = retriever.retrieve(Question.parse("A gale hit.", k=5)).hits
    assert first.passage.text == "A gale hit."
    (first, *_) = retriever.retrieve(
        Question.parse("Storm A storm hit the port.", Filters(as_of="2022-01-31"), k=5)
    ).hits
    assert first.passage.text == "A storm hit the port."
    assert first.scores.dense == pytest.approx(1.0)
    with archive.store.snapshot() as snapshot:
        ids, vectors = snapshot.vectors_above(0, 64)
        assert vectors.shape == (5, 64)
        for passage, vector in zip(snapshot.passages(ids.tolist()), vectors, strict=True):
            title = f"{passage.article.title}\n" if passage.article.title else ""
            assert np.array_equal(vector, other.embedder.embed_question(title + passage.text))


def test_an_embedder_that_is_not_there_is_named(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(archive, write_articles(STORM))

    def unavailable(*_: object) -> None:
        raise EmbedderUnavailable("embedder 'x' cannot be loaded: gone")

    monkeypatch.setattr("qa.archive.doctor.check_embedder", unavailable)
    (check,) = examine(archive)
    assert check.message == "embedder 'x' cannot be loaded: gone"
    assert "DATELINE_EMBEDDER" in check.fix


def test_a_new_version_of_the_splitter_is_named_refuses_writing_and_reindex_cuts_anew(
    archive: Archive, write_articles: WriteArticles, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(archive, write_articles(STORM, long_article(1)))
    text = long_article(1)["text"]
    for module in (qa.archive.embedding, qa.ingest.apply):
        monkeypatch.setattr(module, "CHUNKER_VERSION", 2)
    monkeypatch.setattr(
        qa.ingest.apply, "split", lambda article: [(0, 10), (10, len(article.text))]
    )
    (check,) = examine(archive)
    assert "cut by version 1 of the splitter, this is version 2" in check.message
    with pytest.raises(EmbedderMismatch, match="cut and embed it again with: dateline reindex"):
        ingest(archive, write_articles(VOTE))
    with pytest.raises(EmbedderMismatch):
        open_retriever(archive).retrieve(Question.parse("storm", k=5))
    before = embedded(archive)
    fixes_to_health(archive)
    assert embedded(archive) == before + 4
    with archive.store.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.passage_ids().tolist())
        assert [passage.text for passage in passages if passage.article.id == "long1"] == [
            text[:10],
            text[10:],
        ]
    hits = open_retriever(archive).retrieve(Question.parse("sentence32", k=5)).hits
    assert (hits[0].passage.start, hits[0].scores.lexical is not None) == (10, True)


@pytest.mark.sqlite_only("it damages SQLite's tables")
def test_a_passage_that_belongs_to_no_article_is_found_by_the_doctor(
    archive: Archive, write_articles: WriteArticles
) -> None:
    ingest(archive, write_articles(STORM, VOTE))
    database = sqlite3.connect(folder_of(archive.store) / DATABASE)
    database.execute("DELETE FROM versions WHERE article_id = 'vote'")  # foreign keys are off here
    database.execute("UPDATE versions SET current = 0")
    database.commit()
    database.close()
    findings = examine(archive)
    assert [check.message for check in findings] == [
        "1 passages belong to no article",
        "1 articles have not exactly one newest version",
    ]
    assert all("restore a backup" in check.fix for check in findings)


@pytest.mark.usefixtures("_small_windows")
def test_the_commands_that_it_suggests_name_the_data_folder_that_was_given(
    tmp_path: Path, write_articles: WriteArticles
) -> None:
    path = write_articles(*corpus())
    archive = fresh(tmp_path / "my archive", BreakingEmbedder(1))
    with pytest.raises(Outage):
        ingest(archive, path)
    place = ["--data-dir", str(tmp_path / "my archive")]
    ingesting, indexing = examine(archive, tmp_path / "my archive")
    assert shlex.split(ingesting.fix) == ["dateline", "ingest", str(path), *place]
    assert shlex.split(indexing.fix) == ["dateline", "reindex", *place]
    archive.store.close()


def test_an_interrupted_ingest_of_an_older_version_is_named_too(archive: Archive) -> None:
    with archive.store.writing() as writer:
        writer.note("ingest_in_progress", "/feeds/one.jsonl\n/feeds/two files")
    assert examine(archive)[0].fix == "dateline ingest /feeds/one.jsonl '/feeds/two files'"


def test_an_archive_without_copies_reports_that_they_are_missing(
    archive: Archive, write_articles: WriteArticles
) -> None:
    """As it is after an upgrade."""
    ingest(archive, write_articles(STORM, VOTE))
    with archive.store.writing() as writer:
        writer.note("copies_version", None)
    (check,) = examine(archive)
    assert check.name == "copies"
    fixes_to_health(archive)
