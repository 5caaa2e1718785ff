"""An archive of 0.1.0, written by its own code, under this version.

tests/golden/archive-0.1.0.sql is a dump of it: four articles ingested, one of them amended, one
deleted, three answers stored, two keys made and one of them revoked.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.answering.recheck import check_answer
from qa.archive.archive import Archive
from qa.archive.doctor import examine
from qa.archive.keys import list_keys
from qa.archive.opening import open_place
from qa.archive.sqlite.schema import MIGRATIONS, SCHEMA_VERSION
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.errors import BadInput, StorageFailed
from qa.retrieval.hybrid import search_words
from qa.settings import Settings
from qa.types import Filters
from tests.support.archives import put
from tests.support.client import check_problem
from tests.support.fakes import BagOfWordsEmbedder, FirstSentenceModel
from tests.support.server import client_of
from tests.support.stores import faults, found, lexical_is_sound

DUMP = Path(__file__).parents[3] / "golden" / "archive-0.1.0.sql"
BRIDGE, MILL, DOCKERS = (
    "cd5bf4fe49a606c70ec6712c",
    "f3f2b752f417b136231ccf6d",  # its only article was deleted
    "df4fd14708a81b58fb82889f",  # asked as of the day before the article was amended
)
READER = {"Authorization": "Bearer an-old-secret-of-a-reader-that-is-long-enough"}
EDITOR = {"Authorization": "Bearer an-old-secret-of-an-editor-that-is-long-enough"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder as 0.1.0 left it, but for the index, which is a cache."""
    folder = tmp_path / "of-0.1.0"
    folder.mkdir()
    database = sqlite3.connect(folder / DATABASE)
    database.executescript(DUMP.read_text("utf-8"))
    database.close()
    return folder


@pytest.fixture
def upgraded(folder: Path) -> Iterator[Archive]:
    store = SqliteStore.open(folder)
    yield Archive(store, BagOfWordsEmbedder(16))
    store.close()


def schema_of(folder: Path) -> int:
    database = sqlite3.connect(folder / DATABASE)
    (version,) = database.execute("PRAGMA user_version").fetchone()
    database.close()
    return int(version)


def texts(archive: Archive, question: str, **filters: Any) -> list[str]:
    """How the passages begin that the lexical search finds."""
    with archive.snapshot() as snapshot:
        ranked = snapshot.lexical(search_words(question), 10, Filters(**filters))
        passages = snapshot.passages([identity for identity, _ in ranked])
    return [passage.text[:25] for passage in passages]


def test_opening_it_brings_it_to_this_schema(folder: Path) -> None:
    assert schema_of(folder) == 3
    SqliteStore.open(folder).close()
    assert schema_of(folder) == SCHEMA_VERSION


def test_its_articles_are_found_each_as_of_its_day(upgraded: Archive) -> None:
    strike = "strike of dockers"
    assert texts(upgraded, strike) == ["The strike of 360 dockers"]
    assert texts(upgraded, strike, as_of="2024-06-13") == ["The strike of 340 dockers"]
    assert texts(upgraded, strike, as_of="2024-06-12") == []
    everything = found(upgraded.store, "mill bridge strike lighthouse")
    assert sorted(everything) == ["bridge-1", "harbour-1", "undated-1"]
    assert lexical_is_sound(upgraded.store)


def test_what_its_articles_say_of_themselves_became_fields(upgraded: Archive) -> None:
    with upgraded.snapshot() as snapshot:
        bridge = snapshot.article("bridge-1").article
    assert (bridge.section, bridge.authors, bridge.extra) == (
        "Local",
        ("Ines Marr",),
        {"desk": "north"},
    )
    assert found(upgraded.store, "bridge", sections=("Local",)) == ["bridge-1"]


def test_its_answers_are_shown_but_fail_verification(upgraded: Archive) -> None:
    """As docs/upgrading.md says: ids and the count of sources are computed in another way now."""
    with upgraded.snapshot() as snapshot:
        for name, quote in ((BRIDGE, "EUR 12 million"), (DOCKERS, "340 dockers")):
            answer = snapshot.answer(name)
            assert answer is not None
            assert quote in (answer.answer or "")
            faults_of_it = check_answer(answer.model_dump(mode="json"), snapshot)
            assert faults_of_it == [
                "its id is not that of its content: something was changed after it was given",
                "its count of independent sources is not that of its citations",
            ]
        blanked = snapshot.answer(MILL)
        assert blanked is not None
        assert [citation.quote for citation in blanked.citations] == [""]


def test_doctor_names_the_one_command_that_it_needs(upgraded: Archive) -> None:
    (check,) = [check for check in examine(upgraded) if check.name != "index"]
    assert (check.name, check.fix) == ("copies", "dateline reindex")
    upgraded.reindex()
    assert examine(upgraded) == []


@pytest.mark.parametrize("gone", ["local_slots", "question_batch"])
def test_settings_that_are_gone_are_refused_by_name(
    gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"DATELINE_{gone.upper()}", "2")
    with pytest.raises(BadInput, match=f"DATELINE_{gone.upper()}"):
        Settings.load()


def test_its_keys_open_the_service(upgraded: Archive) -> None:
    assert [key.name for key in list_keys(upgraded.store)] == ["reader", "editor"]
    with client_of(upgraded, FirstSentenceModel()) as client:
        check_problem(client.get(f"/v1/answers/{BRIDGE}"), 401, "send a key")
        check_problem(client.get(f"/v1/answers/{BRIDGE}", headers=EDITOR), 401, "revoked")
        stored = client.get(f"/v1/answers/{BRIDGE}", headers=READER).json()
        assert stored["citations"][0]["quote"] == "It cost EUR 12 million, the council said."
        question = {"question": "How much did the Hask bridge cost?"}
        answer = client.post("/v1/ask", json=question, headers=READER).json()
        assert "EUR 12 million" in answer["answer"]


def test_it_takes_new_articles_and_deletes(upgraded: Archive, tmp_path: Path) -> None:
    put(upgraded, [{"id": "new", "text": "The Orrin mill was rebuilt."}], tmp_path)
    upgraded.reindex()
    assert faults(upgraded.store) == []
    assert found(upgraded.store, "Orrin mill") == ["new"]
    upgraded.delete("bridge-1")
    with upgraded.snapshot() as snapshot:
        answer = snapshot.answer(BRIDGE)
    assert answer is not None
    assert [citation.quote for citation in answer.citations] == [""]


def test_a_backup_made_before_the_upgrade_can_be_copied_and_stays_as_it_was(
    folder: Path, tmp_path: Path
) -> None:
    backup = tmp_path / "before-upgrade.sqlite3"
    shutil.copy(folder / DATABASE, backup)
    before = backup.read_bytes()
    with open_place(str(backup)) as store, store.snapshot() as snapshot:
        assert snapshot.answer(BRIDGE) is not None
    assert backup.read_bytes() == before


def test_an_upgrade_that_fails_leaves_it_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the steps done, then an error: the next start finds schema 3, whole."""
    with monkeypatch.context() as patch:
        patch.setitem(MIGRATIONS, 6, "CREATE TABLE keys (again);")
        with pytest.raises(StorageFailed, match="nothing of this step was stored"):
            SqliteStore.open(folder)
    assert schema_of(folder) == 3
    SqliteStore.open(folder).close()
    assert schema_of(folder) == SCHEMA_VERSION
