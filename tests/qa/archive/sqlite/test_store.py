"""The store on disk: transactions, one writer at a time, opening, backups, failing disks."""

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

import qa.archive.sqlite.schema
import qa.archive.sqlite.store
from qa.archive.sqlite.schema import SCHEMA_VERSION
from qa.archive.sqlite.store import DATABASE, LOCK, SqliteStore
from qa.errors import (
    ArchiveBusy,
    BadInput,
    EmptyArchive,
    NotAnArchive,
    StorageFailed,
    StoreError,
)
from qa.types import Article
from tests.support.stores import (
    EVERYTHING,
    NEWER,
    OLD,
    amend,
    create,
    delete,
    faults,
    generation,
    lexical_is_sound,
    new,
    put,
    seen,
)

ROOT = Path(__file__).parents[4]


@pytest.fixture
def store(folder: Path) -> Iterator[SqliteStore]:
    with closing(create(folder)) as opened:
        yield opened


def test_every_write_raises_the_generation_and_a_failed_one_does_not(store: SqliteStore) -> None:
    assert generation(store) == 0
    put(store, OLD)
    assert generation(store) == 1
    amend(store, OLD)
    delete(store, "flood")
    assert generation(store) == 3
    with pytest.raises(RuntimeError, match="half-way"):
        _fail_half_way(store)
    assert generation(store) == 3
    assert seen(store) == []


def _fail_half_way(store: SqliteStore) -> None:
    with store.writing() as writer:
        writer.put(new(OLD))
        raise RuntimeError("half-way")


def test_after_a_failed_write_the_next_one_goes_through(store: SqliteStore) -> None:
    with pytest.raises(RuntimeError):
        _fail_half_way(store)
    put(store, NEWER)
    assert seen(store) == ["Nine are dead."]
    assert faults(store) == []


def test_a_snapshot_keeps_seeing_what_it_saw_while_others_write(store: SqliteStore) -> None:
    put(store, OLD)
    with store.snapshot() as before:
        assert before.generation == 1
        with store.writing() as writer:
            writer.delete("flood")
            writer.put(new(Article(id="other", text="Another storm.")))
            with store.snapshot() as during:  # not committed: nobody else sees it
                assert during.article("flood").article == OLD
                assert during.counts().articles == 1
        assert before.generation == 1
        assert before.article("flood").article == OLD
        assert [passage.text for passage in before.passages(before.passage_ids().tolist())] == [
            "Three are dead."
        ]
        assert [identity for identity, _ in before.lexical(["dead"], 5, EVERYTHING)] == [1]
        assert before.lexical(["storm"], 5, EVERYTHING) == []
        with store.snapshot() as after:
            assert after.generation == 2
            assert after.find("flood") is None


def test_readers_in_threads_never_see_half_a_write(store: SqliteStore) -> None:
    """Each write replaces both articles; a reader must not see one old and one new."""
    stop, torn, reads = threading.Event(), [], 0

    def read() -> None:
        nonlocal reads
        while not stop.is_set():
            with store.snapshot() as snapshot:
                texts = {stored.article.text for stored in snapshot.articles(EVERYTHING, 10)}
                number = snapshot.generation
            reads += 1
            if texts and texts != {f"Round {number}."}:
                torn.append((number, texts))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    number = 0
    while number < 40 or (reads <= 10 and number < 1000):
        number += 1
        put(
            store,
            Article(id="left", text=f"Round {number}."),
            Article(id="right", text=f"Round {number}."),
        )
    stop.set()
    for reader in readers:
        reader.join(60)
    assert torn == []
    assert reads > 10


def test_a_second_thread_is_told_that_the_archive_is_busy_and_reads_on(store: SqliteStore) -> None:
    outcome: list[object] = []

    def second() -> None:
        try:
            put(store, NEWER)
        except ArchiveBusy as error:
            outcome.append(str(error))
        outcome.append(seen(store))

    with store.writing() as writer:
        writer.put(new(OLD))
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(60)
    assert len(outcome) == 2
    assert "is being written" in str(outcome[0])
    assert outcome[1] == []
    assert seen(store) == ["Three are dead."]


def test_a_second_thread_that_waits_gets_its_turn(store: SqliteStore) -> None:
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            with store.writing(wait=60) as writer:
                writer.put(new(Article(id=f"a{number}", text=f"Text {number}.")))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must show it
            errors.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    assert len(seen(store)) == 12
    assert generation(store) == 12


def test_the_thread_that_holds_the_lock_may_write_under_it(store: SqliteStore) -> None:
    with store.locked():
        put(store, OLD)
        put(store, NEWER)
    assert seen(store) == ["Nine are dead."]


@pytest.fixture
def other_process(store: SqliteStore) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the write lock until a line is sent to it."""
    script = (
        "import sys, pathlib\n"
        "from qa.archive.sqlite.store import SqliteStore\n"
        "store = SqliteStore.open(pathlib.Path(sys.argv[1]))\n"
        "with store.locked():\n"
        "    print('held', flush=True)\n"
        "    sys.stdin.readline()\n"
        "store.close()\n"
        "print('free', flush=True)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(store.folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_another_process_that_writes_makes_ours_wait_or_refuse(
    store: SqliteStore, other_process: "subprocess.Popen[str]"
) -> None:
    assert other_process.stdin is not None
    for _ in range(2):  # a refusal leaves nothing held
        with pytest.raises(ArchiveBusy, match="another process is writing"):
            put(store, OLD)
    with pytest.raises(ArchiveBusy):
        _write(store, wait=0.2)
    assert seen(store) == []  # reading goes on
    release = threading.Timer(0.3, lambda: other_process.communicate("go\n"))
    release.start()
    _write(store, wait=60)
    release.join()
    assert seen(store) == ["Three are dead."]


def _write(store: SqliteStore, wait: float) -> None:
    with store.writing(wait=wait) as writer:
        writer.put(new(OLD))


def test_a_lock_dies_with_the_process_that_held_it(
    store: SqliteStore, other_process: "subprocess.Popen[str]"
) -> None:
    with pytest.raises(ArchiveBusy):
        put(store, OLD)
    other_process.kill()
    other_process.wait()
    put(store, OLD)
    assert seen(store) == ["Three are dead."]


def test_an_archive_is_opened_as_it_was_left(folder: Path) -> None:
    first = create(folder)
    put(first, OLD)
    first.close()
    for again in (SqliteStore.open(folder), SqliteStore.create(folder, "another", "e" * 64, 9)):
        with again.snapshot() as snapshot:
            assert snapshot.article("flood").article == OLD
            manifest = snapshot.manifest
        again.close()
        assert (manifest["embedder"], manifest["embedder_digest"], manifest["dimension"]) == (
            "fake",
            "d" * 64,
            "4",
        )


def test_two_archives_have_ids_of_their_own(tmp_path: Path) -> None:
    ids = set()
    for name in ("one", "two"):
        archive = create(tmp_path / name)
        with archive.snapshot() as snapshot:
            ids.add(snapshot.manifest["archive_id"])
        archive.close()
    assert len(ids) == 2


def test_where_there_is_no_archive_it_says_how_to_make_one(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path):
        with pytest.raises(EmptyArchive, match="dateline ingest PATH"):
            SqliteStore.open(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_folders_place_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_text("mine")
    with pytest.raises(NotAnArchive, match="is a file"):
        SqliteStore.open(path)
    with pytest.raises((NotAnArchive, StorageFailed), match="data"):
        create(path)
    assert path.read_text() == "mine"


def test_a_folder_that_holds_other_things_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(NotAnArchive, match="not empty"):
        create(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("opening", [SqliteStore.open, create])
def test_a_foreign_database_is_refused_and_not_changed_by_a_byte(
    tmp_path: Path, opening: Any
) -> None:
    path = tmp_path / DATABASE
    foreign = sqlite3.connect(path)
    foreign.execute("CREATE TABLE versions (mine TEXT)")
    foreign.execute("PRAGMA user_version = 1")
    foreign.close()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(NotAnArchive, match="not a Dateline archive"):
        opening(tmp_path)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("opening", [SqliteStore.open, create])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, opening: Any) -> None:
    path = tmp_path / DATABASE
    path.write_bytes(b"%PDF-1.7 " * 1000)
    with pytest.raises(NotAnArchive, match="not ours"):
        opening(tmp_path)
    assert path.read_bytes() == b"%PDF-1.7 " * 1000


@pytest.mark.parametrize("opening", [SqliteStore.open, create])
def test_an_archive_of_a_newer_schema_is_refused_with_both_numbers(
    folder: Path, opening: Any
) -> None:
    create(folder).close()
    database = sqlite3.connect(folder / DATABASE)
    database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(
        NotAnArchive, match=f"schema {SCHEMA_VERSION + 1}, this Dateline knows {SCHEMA_VERSION}"
    ):
        opening(folder)


@pytest.mark.parametrize("statements", [0, 1, 5])
def test_a_creation_that_was_cut_short_can_be_repeated(
    folder: Path, monkeypatch: pytest.MonkeyPatch, statements: int
) -> None:
    """`kill -9` in the first milliseconds leaves a database without a commit."""
    whole = qa.archive.sqlite.schema.statements

    def cut_short(script: str) -> Iterator[str]:
        for number, statement in enumerate(whole(script)):
            if number == statements:
                raise KeyboardInterrupt
            yield statement

    monkeypatch.setattr(qa.archive.sqlite.store, "statements", cut_short)
    with pytest.raises(KeyboardInterrupt):
        create(folder)
    monkeypatch.undo()
    with pytest.raises(StoreError):
        SqliteStore.open(folder)
    store = create(folder)
    put(store, OLD)
    assert seen(store) == ["Three are dead."]
    assert faults(store) == []
    store.close()


def test_two_processes_that_create_at_once_make_one_archive(folder: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from qa.archive.sqlite.store import SqliteStore\n"
        "sys.stdin.readline()\n"
        "store = SqliteStore.create(pathlib.Path(sys.argv[1]), 'fake', 'd' * 64, 4)\n"
        "with store.snapshot() as snapshot:\n"
        "    print(snapshot.manifest['archive_id'])\n"
        "store.close()\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    ended = [process.communicate() for process in processes]
    assert [errors for _, errors in ended] == ["", ""]
    assert len({output for output, _ in ended}) == 1


def test_who_creates_an_archive_waits_for_another_who_does(folder: Path) -> None:
    folder.mkdir()
    made = []
    with FileLock(folder / LOCK):
        second = threading.Thread(target=lambda: made.append(create(folder)))
        second.start()
        second.join(0.3)
    second.join(60)
    made[0].close()


def test_an_archive_that_another_makes_meanwhile_is_opened(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, with its other files, after the first look and before the second."""
    real = SqliteStore.open

    def first_look(_: Path) -> SqliteStore:
        monkeypatch.setattr(SqliteStore, "open", real)
        create(folder).close()
        (folder / "jobs.lock").touch()
        raise EmptyArchive("nothing yet")

    monkeypatch.setattr(SqliteStore, "open", first_look)
    create(folder).close()


def test_a_backup_taken_while_writing_is_a_whole_archive_of_one_instant(
    store: SqliteStore, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set() and number < 2000:
            number += 1
            put(store, Article(id=f"a{number}", text=f"Text {number}. " * 50))

    writer = threading.Thread(target=write)
    writer.start()
    copies = [tmp_path / f"copy{number}" for number in range(4)]
    for copy in copies:
        copy.mkdir()
        store.backup(copy / DATABASE)
    stop.set()
    writer.join(120)
    for copy in copies:
        restored = SqliteStore.open(copy)
        count = generation(restored)  # each write is one article
        with restored.snapshot() as snapshot:
            ids = [stored.article.id for stored in snapshot.articles(EVERYTHING, 10_000)]
        assert ids == [f"a{number}" for number in range(1, count + 1)]
        assert faults(restored) == []
        assert lexical_is_sound(restored)
        put(restored, OLD)  # and it can be written
        restored.close()


def test_a_backup_overwrites_nothing(store: SqliteStore, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("mine")
    with pytest.raises(BadInput, match="exists already"):
        store.backup(target)
    assert target.read_text() == "mine"


def test_a_backup_where_nothing_can_be_written_is_refused(
    store: SqliteStore, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="there is no folder"):
        store.backup(tmp_path / "no" / "such" / "folder")


def _fill(store: SqliteStore, pages: int) -> None:
    database = store._borrow()
    used = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {used + pages}")
    store._give_back(database)


@pytest.mark.parametrize("pages", [0, 1, 5, 40])
def test_a_full_disk_fails_the_write_and_loses_nothing(
    store: SqliteStore, folder: Path, pages: int
) -> None:
    put(store, OLD)
    _fill(store, pages)
    with pytest.raises(StorageFailed, match="full; nothing of this step was stored"):
        put(
            store, *(Article(id=f"a{number}", text=f"word{number} " * 2000) for number in range(30))
        )
    assert seen(store) == ["Three are dead."]
    assert generation(store) == 1
    assert faults(store) == []
    assert lexical_is_sound(store)
    _fill(store, 10**6)  # space again
    put(store, NEWER)
    assert seen(store) == ["Nine are dead."]
    store.close()
    reopened = SqliteStore.open(folder)
    assert faults(reopened) == []
    reopened.close()


def test_a_disk_that_fails_at_the_commit_loses_nothing(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, OLD)

    class Failing:
        """A connection whose commits fail, as with an I/O error."""

        def __init__(self, real: sqlite3.Connection) -> None:
            self._real = real

        def execute(self, statement: str, values: Sequence[Any] = ()) -> sqlite3.Cursor:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return self._real.execute(statement, values)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    real = store._borrow()
    with monkeypatch.context() as patch:
        patch.setattr(store, "_borrow", lambda: Failing(real))
        patch.setattr(store, "_give_back", lambda _: None)
        with pytest.raises(StorageFailed, match="disk I/O error"):
            delete(store, "flood")
    store._give_back(real)
    assert seen(store) == ["Three are dead."]
    assert generation(store) == 1
    put(store, NEWER)
    assert faults(store) == []


def test_a_folder_whose_lock_cannot_be_written_is_read_from_and_not_written(
    store: SqliteStore, folder: Path
) -> None:
    put(store, OLD)
    (folder / LOCK).unlink(missing_ok=True)
    (folder / LOCK).mkdir()  # root, too, cannot write this
    with pytest.raises(StorageFailed, match="cannot write"):
        put(store, NEWER)
    assert seen(store) == ["Three are dead."]


def test_a_damaged_database_is_named_and_not_a_traceback(store: SqliteStore, folder: Path) -> None:
    put(store, *(Article(id=f"a{number}", text=f"word{number} " * 500) for number in range(50)))
    store.close()
    with sqlite3.connect(folder / DATABASE) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    path = folder / DATABASE
    content = bytearray(path.read_bytes())
    for page in range(3, len(content) // 4096):
        content[page * 4096 : page * 4096 + 200] = os.urandom(200)
    path.write_bytes(content)
    with pytest.raises(NotAnArchive, match="damaged"), closing(SqliteStore.open(folder)) as damaged:
        seen(damaged)


def test_copying_the_folder_of_a_closed_archive_copies_the_archive(
    store: SqliteStore, folder: Path, tmp_path: Path
) -> None:
    put(store, OLD)
    store.close()
    copy = SqliteStore.open(Path(shutil.copytree(folder, tmp_path / "copy")))
    assert seen(copy) == ["Three are dead."]
    copy.close()


def test_the_wait_for_the_write_lock_is_one_wait(store: SqliteStore) -> None:
    """Not one for the threads of this process and then another for other processes."""
    other = SqliteStore.open(store.folder)  # as another process
    waited: list[float] = []

    def write() -> None:
        started = time.monotonic()
        with pytest.raises(ArchiveBusy):
            _write(store, wait=3)
        waited.append(time.monotonic() - started)

    with other.locked():
        threads = [threading.Thread(target=write) for _ in range(2)]
        threads[0].start()
        time.sleep(0.2)  # the first holds the threads' lock while it waits for the other process
        threads[1].start()
        for thread in threads:
            thread.join()
    other.close()
    assert len(waited) == 2
    assert max(waited) < 5


def test_a_folder_that_cannot_be_written_is_read_and_left_as_it_is(
    store: SqliteStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, OLD)
    store.close()
    (folder / LOCK).unlink(missing_ok=True)
    monkeypatch.setattr("os.access", lambda *_: False)  # as root, every folder can be written
    reading = SqliteStore.open(folder)
    assert reading.read_only
    assert seen(reading) == ["Three are dead."]
    assert [path.name for path in folder.iterdir()] == [DATABASE]
    reading.close()


def test_a_log_that_cannot_be_read_in_a_folder_that_cannot_be_written_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = create(folder)
    monkeypatch.setattr("os.access", lambda *_: False)

    def unreadable(*_: object) -> sqlite3.Connection:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("qa.archive.sqlite.store._connect", unreadable)
    with pytest.raises(StorageFailed, match="is read-only, and the archive in it was not closed"):
        SqliteStore.open(folder)
    store.close()


def test_only_its_owner_can_read_an_archive_and_its_backup(tmp_path: Path) -> None:
    store = SqliteStore.create(tmp_path / "archive", "e", "d", 4)
    store.backup(tmp_path / "backup.sqlite3")
    store.close()
    for path in (tmp_path / "archive" / DATABASE, tmp_path / "backup.sqlite3"):
        assert path.stat().st_mode & 0o077 == 0, path.name
