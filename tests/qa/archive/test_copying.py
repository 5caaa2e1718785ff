"""Copying an archive to another store, both ways: nothing is lost, and nothing embedded again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa.archive.archive import Archive
from qa.archive.asked import list_asked, note_asked
from qa.archive.audit import Caller, begin_line, end_line, list_lines
from qa.archive.copying import OnCopied, copy_archive
from qa.archive.doctor import examine
from qa.archive.feedback import list_feedback, record_feedback
from qa.archive.feeds import Seen, add_feed, list_feeds, note_items, seen_items
from qa.archive.jobs import accept, work
from qa.archive.keys import create_key, find_key
from qa.archive.opening import create_place, open_place
from qa.archive.sources import add_alias, aliases_in
from qa.archive.store import Store
from qa.archive.usage import Budget
from qa.archive.watches import Seen as Compared
from qa.archive.watches import add_watch, list_watches, note_seen
from qa.errors import BadInput, NotAnArchive, StorageFailed
from qa.ingest.files import Read
from qa.types import Article, Filters
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.ingests import contents
from tests.support.stores import searchable
from tests.support.values import an_answer


def read(**fields: Any) -> Read:
    return Read(Article(**fields), "place", "")


URL = "https://news.example/feed"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for the copy."""
    if request.param == "sqlite":
        return str(tmp_path / "copy")
    other: str = request.getfixturevalue("another_postgres")
    return other


def copy_to(target: Store, source: Store, on_copied: OnCopied = lambda *_: None) -> None:
    with source.snapshot() as snapshot:
        copy_archive(snapshot, target, on_copied)


@pytest.fixture
def full(archive: Archive) -> Archive:
    """An archive with some of everything, some of it deleted."""
    text = "A storm closed the harbour of Arren, and forty boats were moved to Velm by night."
    for number in range(3):
        archive.put([read(id=f"storm{number}", text=f"{text} Part {number}.", source="Herald")])
    archive.put([read(id="storm1", text="Rain fell.", authors=["Ann"], updated_at="2024-02-01")])
    archive.put([read(id="late", text="Embargoed news.", embargoed_until="2999-01-01")])
    archive.put([read(id="gone", text="It is deleted."), read(id="copy", text=f"{text} Part 0.")])
    archive.delete("gone")
    store = archive.store
    create_key(store, "desk", ["read"], "s" * 40, rights=["board"], budget=Budget(9, 99))
    archive.put([read(id="inner", text="For the board.", rights="board")])
    archive.store_answer(an_answer(id="answer"), 10, Filters(sources=("Herald",)))
    record_feedback(store, "answer", "wrong", "desk", "forty boats")
    end_line(store, begin_line(store, Caller("http"), "Who?", 9), "answered", "answer")
    note_asked(store, "Who?", answered=True, days=9)
    accept(store, [{"id": "waiting", "text": "Not stored yet."}])
    with store.aside() as database:
        add_alias(database, "Herald Online", "Herald")
    seen = add_watch(store, "What closed the harbour?", Filters())
    with store.snapshot() as snapshot:
        note_seen(store, seen, Compared(snapshot.last_passage, snapshot.now, snapshot.generation))
    add_watch(store, "Who was elected?", Filters())
    add_feed(store, URL, "feed", 900)
    note_items(store, URL, {"one": Seen("digest", None, 2)})
    return archive


def test_everything_arrives_and_nothing_is_embedded(full: Archive, place: str) -> None:
    with create_place(place, full.store) as new:
        copy_to(new, full.store)
        new.settle(force=True)
    with open_place(place) as store:
        copy = Archive(store, BagOfWordsEmbedder())
        assert contents(copy) == contents(full)
        assert examine(copy) == []
        with full.snapshot() as before, copy.snapshot() as after:
            assert after.fingerprint() == before.fingerprint()
            assert after.generation == before.generation
            assert (after.counts(), after.sources()) == (before.counts(), before.sources())
            assert after.answer("answer") == before.answer("answer")
            assert after.filters_of("answer") == Filters(sources=("Herald",))
            assert aliases_in(after.database) == {"herald online": "Herald"}
            vector = full.embedder.embed_question("storm in the harbour")
            found, expected = (view.dense(vector, 9, Filters()) for view in (after, before))
            assert [identity for identity, _ in found] == [identity for identity, _ in expected]
            assert np.allclose([cosine for _, cosine in found], [cosine for _, cosine in expected])
            words = ["storm", "rain"]
            scores, wanted = (dict(view.lexical(words, 9, Filters())) for view in (after, before))
            assert scores == pytest.approx(wanted)
            for as_of in ("2024-01-31", "2024-02-01", "2999-01-02"):
                then = Filters(as_of=as_of, include_undated=True)
                assert searchable(after, then) == searchable(before, then) != []
            keys = {stored.key for stored in before.articles(Filters(), 9)}
            assert after.copies(keys, Filters()) == before.copies(keys, Filters())
        assert find_key(store, "s" * 40) == find_key(full.store, "s" * 40)
        store.hidden = lambda: frozenset(["board"])
        with store.snapshot() as outside, full.snapshot() as inside:
            assert outside.counts().articles == inside.counts().articles - 1
        assert list_feeds(store) == list_feeds(full.store)
        assert list_feedback(store) == list_feedback(full.store) != []
        assert list_lines(store) == list_lines(full.store) != []
        assert list_asked(store) == list_asked(full.store) != []
        assert seen_items(store, URL) == {"one": Seen("digest", None, 2)}
        assert isinstance(copy.embedder, BagOfWordsEmbedder)
        assert copy.embedder.embedded == 0


def test_the_copy_goes_on_where_the_archive_stopped(full: Archive, place: str) -> None:
    """An unfinished job is done there, no number is used twice, and watches know what is new."""
    with create_place(place, full.store) as new:
        copy_to(new, full.store)
    with open_place(place) as store, full.snapshot() as before:
        copy = Archive(store, BagOfWordsEmbedder())
        assert begin_line(store, Caller("http"), "Who else?", 9) == 2
        compared, fresh = list_watches(store)
        with copy.snapshot() as snapshot:
            assert len(snapshot.arrived(compared.passages, compared.looked_at, Filters())) == 0
            everything = searchable(snapshot)
            assert fresh.passages <= 0
        assert work(copy, 1)
        with copy.snapshot() as snapshot:
            new_ids = snapshot.arrived(compared.passages, compared.looked_at, Filters()).tolist()
            (passage,) = snapshot.passages(new_ids)
            assert passage.article.id == "waiting"
            assert passage.id not in everything
            assert passage.id > before.numbers()["passages"]
            assert passage.stored.key > before.numbers()["versions"]


def test_a_place_that_holds_an_archive_is_refused(full: Archive, place: str) -> None:
    with create_place(place, full.store) as new:
        copy_to(new, full.store)
    with pytest.raises(BadInput, match="holds an archive already"), create_place(place, full.store):
        pass


def test_a_place_that_holds_no_more_than_a_key_is_refused(full: Archive, place: str) -> None:
    with create_place(place, full.store) as new:
        create_key(new, "desk", ["read"], "t" * 40)
    with pytest.raises(BadInput, match="holds an archive already"), create_place(place, full.store):
        pass


@pytest.mark.parametrize("address", ["mysql://db/news", "postgres:/news", "https://x.example"])
def test_a_mistyped_address_is_not_the_name_of_a_folder(full: Archive, address: str) -> None:
    with (
        pytest.raises(BadInput, match="no place for an archive"),
        create_place(address, full.store),
    ):
        pass
    with pytest.raises(BadInput, match="no place for an archive"), open_place(address):
        pass
    assert not Path(address.partition(":")[0] + ":").exists()


def test_an_interrupted_copy_is_refused(full: Archive, place: str) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), create_place(place, full.store) as new:
        copy_to(new, full.store, interrupt)
    with pytest.raises(NotAnArchive, match="was interrupted"), open_place(place):
        pass
    with pytest.raises(NotAnArchive, match="was interrupted"), create_place(place, full.store):
        pass


def test_a_copy_that_ended_before_it_began_can_be_made_again(full: Archive, place: str) -> None:
    with create_place(place, full.store):
        pass
    with create_place(place, full.store) as new:
        copy_to(new, full.store)
    with open_place(place) as copy:
        assert contents(Archive(copy, full.embedder)) == contents(full)


def test_a_copy_that_differs_is_reported_and_refused(
    full: Archive, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.copying._copy_owned", lambda *_: None)
    with (
        create_place(place, full.store) as new,
        pytest.raises(StorageFailed, match="differs: job_articles, feed_items, runs"),
    ):
        copy_to(new, full.store)
    with pytest.raises(NotAnArchive, match="was interrupted"), open_place(place):
        pass


@pytest.mark.sqlite_only("a backup file is SQLite's")
def test_a_backup_file_can_be_copied_and_stays_as_it_is(
    full: Archive, tmp_path: Path, place: str
) -> None:
    file = tmp_path / "night.sqlite3"
    full.backup(file)
    before = file.read_bytes()
    with open_place(str(file)) as backup, create_place(place, backup) as new:
        copy_to(new, backup)
    assert file.read_bytes() == before
    with open_place(place) as store:
        assert contents(Archive(store, full.embedder)) == contents(full)
