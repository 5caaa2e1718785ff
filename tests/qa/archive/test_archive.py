"""The archive as one object: what it stores can be found at once, what it deletes is gone."""

import json
from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.archive.sqlite.index import FILE
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.bootstrap import open_retriever
from qa.errors import ArchiveBusy, NotFound
from qa.ingest.files import Read, parse_record
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.stores import folder_of, opened_again


def read(**record: object) -> Read:
    return Read(parse_record(record)[0], str(record["id"]), "")


def found(archive: Archive, question: str) -> list[str]:
    hits = open_retriever(archive).retrieve(Question.parse(question, k=5)).hits
    return [hit.passage.article.id for hit in hits]


class Refused(Exception):
    """What a check of a test raises."""


def refuse(_: Snapshot) -> None:
    raise Refused


def test_files_and_single_articles_are_found_at_once(archive: Archive, tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(json.dumps({"id": "storm", "text": "A storm came."}) + "\n")
    assert archive.ingest([path]).added == 1
    archive.put([read(id="rain", text="Rain fell.")])
    assert found(archive, "storm")[0] == "storm"
    assert found(archive, "rain")[0] == "rain"


@pytest.mark.sqlite_only("the FAISS file")
def test_an_ingest_writes_the_index_file(archive: Archive) -> None:
    archive.put([read(id="rain", text="Rain fell.")])
    assert (folder_of(archive.store) / FILE).is_file()


def test_a_check_that_raises_ends_a_write_and_nothing_is_changed(archive: Archive) -> None:
    archive.put([read(id="rain", text="Rain fell.")])
    with pytest.raises(Refused):
        archive.put([read(id="snow", text="Snow fell.")], check=refuse)
    with pytest.raises(Refused):
        archive.delete("rain", check=refuse)
    assert found(archive, "fell") == ["rain"]


def test_a_generation_knows_what_was_deleted_after_it(archive: Archive) -> None:
    archive.put([read(id="rain", text="Rain fell."), read(id="snow", text="Snow fell.")])
    with archive.snapshot() as snapshot:
        before = snapshot.generation
        versions = {(id_, snapshot.article(id_).version) for id_ in ("rain", "snow")}
        assert not snapshot.deleted_since(before)
    archive.delete("rain")
    archive.put([read(id="hail", text="Hail fell.")])
    with archive.snapshot() as snapshot:
        assert snapshot.deleted_since(before)
        assert not snapshot.deleted_since(before + 1)
        assert {id_ for id_, _ in snapshot.deleted_among(versions)} == {"rain"}
        assert snapshot.deleted_among([("snow", "another version")]) == {
            ("snow", "another version")
        }
    with pytest.raises(NotFound):
        archive.delete("rain")


def test_a_delete_waits_for_another_writer_and_then_says_so(archive: Archive) -> None:
    archive.put([read(id="rain", text="Rain fell.")])
    other = opened_again(archive.store)  # as another process
    with other.locked(), pytest.raises(ArchiveBusy):
        archive.delete("rain", wait=0.1)
    other.close()
    assert found(archive, "rain") == ["rain"]


def test_a_backup_is_an_archive(archive: Archive, tmp_path: Path) -> None:
    archive.put([read(id="rain", text="Rain fell.")])
    (tmp_path / "copy").mkdir()
    archive.backup(tmp_path / "copy" / DATABASE)
    copy = SqliteStore.open(tmp_path / "copy")
    with copy.snapshot() as snapshot:
        assert snapshot.article("rain").article.text == "Rain fell."
    copy.close()


def test_coverage_says_when_an_article_was_last_stored(archive: Archive, tmp_path: Path) -> None:
    with archive.snapshot() as snapshot:
        empty = snapshot.coverage(Filters())
    assert (empty.articles, empty.newest_published_at, empty.last_ingested_at) == (0, None, None)
    records = [
        {"id": "old", "text": "Rain fell.", "published_at": "2024-03-05T23:00:00-05:00"},
        {"id": "new", "text": "Snow fell.", "published_at": "2024-03-06T05:00:00+00:00"},
    ]
    put(archive, records, tmp_path)
    with archive.snapshot() as snapshot:
        held = snapshot.coverage(Filters())
        earlier = snapshot.coverage(Filters(as_of="2024-03-05"))
    assert (held.articles, held.newest_published_at) == (2, "2024-03-06T05:00:00+00:00")
    assert (earlier.articles, earlier.newest_published_at) == (0, None)
    archive.delete("new")
    with archive.snapshot() as snapshot:
        left = snapshot.coverage(Filters())
    assert (left.articles, left.last_ingested_at) == (1, held.last_ingested_at)
