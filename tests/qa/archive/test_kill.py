"""`kill -9` of a real ingest, again and again: nothing that a reader had seen is lost."""

import json
import os
import random
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embeddings.packaged import PackagedEmbedder
from qa.archive.archive import Archive
from qa.archive.doctor import examine
from qa.archive.sqlite.store import DATABASE, SqliteStore
from qa.errors import QAError
from qa.types import Filters
from tests.support.fakes import BagOfWordsEmbedder

ROOT = Path(__file__).parents[3]
ARTICLES = 400
KILLS = 10
SUBJECTS = [
    "the harbour master",
    "a finance minister",
    "the city council",
    "an opposition leader",
    "the coast guard",
    "a judge",
]
VERBS = [
    "announced",
    "denied",
    "postponed",
    "welcomed",
    "questioned",
    "confirmed",
    "rejected",
    "described",
]
OBJECTS = [
    "the new tunnel",
    "a budget of {n} million euros",
    "{n} arrests",
    "the ferry timetable",
    "a vote on tariffs",
    "the flood plan",
]
PLACES = [
    "in Port Eldric",
    "on the northern coast",
    "near the old quarry",
    "before parliament",
    "at Harrow Ridge",
]

# The command itself, with smaller windows, so that there are many commits to be killed between.
COMMAND = "import qa.ingest.plan; qa.ingest.plan.WINDOW = 96; from api.cli import main; main()"


def generate(path: Path) -> None:
    """400 dated articles of three to five passages each, of made-up news."""
    drawn = random.Random(20220119)  # no secret, the same text each time
    with path.open("w", encoding="utf-8") as file:
        for number in range(ARTICLES):
            sentences = [
                f"{drawn.choice(SUBJECTS).capitalize()} {drawn.choice(VERBS)}"
                f" {drawn.choice(OBJECTS).format(n=drawn.randrange(2, 900))}"
                f" {drawn.choice(PLACES)} on day {drawn.randrange(1, 366)}."
                for _ in range(drawn.randrange(22, 46))
            ]
            record = {
                "id": f"article-{number}",
                "title": f"Report {number}",
                "text": " ".join(sentences),
                "published_at": f"2022-{1 + number % 12:02}-{1 + number % 28:02}",
                "source": drawn.choice(["Herald", "Post"]),
            }
            file.write(json.dumps(record) + "\n")


def dateline(environment: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=400)
    return process.returncode, output, errors


def committed(folder: Path) -> list[str]:
    """The articles that any reader sees now: they are acknowledged."""
    try:
        store = SqliteStore.open(folder)
    except QAError:
        return []
    try:
        with store.snapshot() as snapshot:
            return [stored.article.id for stored in snapshot.articles(Filters(), ARTICLES)]
    finally:
        store.close()


def contents(folder: Path) -> tuple[list[Any], list[Any], np.ndarray[Any, np.dtype[np.float32]]]:
    """Versions and passages in order, with their keys, and the vectors."""
    database = sqlite3.connect(folder / DATABASE)
    try:
        described = database.execute("PRAGMA table_info(versions)").fetchall()
        # When a version was received differs from run to run.
        columns = ", ".join(row[1] for row in described if row[1] != "received")
        versions = database.execute(f"SELECT {columns} FROM versions ORDER BY key").fetchall()
        passages = database.execute(
            "SELECT id, version_key, start, end FROM passages ORDER BY id"
        ).fetchall()
        vectors = b"".join(
            row[0] for row in database.execute("SELECT vector FROM passages ORDER BY id")
        )
    finally:
        database.close()
    return (
        versions,
        passages,
        np.frombuffer(vectors, dtype=np.float32).reshape(-1, PackagedEmbedder.dimension),
    )


def check_after_kill(
    folder: Path, environment: dict[str, str], corpus: Path, acknowledged: Sequence[str]
) -> None:
    kept = committed(folder)
    assert kept[: len(acknowledged)] == list(acknowledged)
    assert kept == [
        f"article-{number}" for number in range(len(kept))
    ]  # whole windows, in the file's order
    code, output, errors = finish(dateline(environment, "doctor", "--json"))
    if not (
        folder / DATABASE
    ).exists():  # killed before anything was made: refused, saying what to do
        assert (code, "dateline ingest PATH" in errors) == (2, True)
        return
    assert errors == "" or (kept == [] and code == 2), errors
    if code == 2:  # the archive was being created; the next ingest must succeed
        assert "Traceback" not in errors
        return
    findings = json.loads(output)["findings"]
    assert code == (1 if findings else 0)
    faults = [
        finding["message"]
        for finding in findings
        if not finding["fix"].startswith("dateline ingest")
    ]
    assert set(faults) <= {"the vector index is missing"}  # it is written when an ingest ends
    interrupted = [
        finding["fix"] for finding in findings if finding["fix"].startswith("dateline ingest")
    ]
    if kept:
        assert [shlex.split(command) for command in interrupted] == [
            ["dateline", "ingest", str(corpus)]
        ]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_an_ingest_killed_ten_times_loses_nothing_and_ends_like_an_uninterrupted_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, cache, straight, killed = (
        tmp_path / name for name in ("news.jsonl", "cache", "straight", "killed")
    )
    generate(corpus)
    monkeypatch.setenv("DATELINE_CACHE_DIR", str(cache))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    environments = {}
    for folder in (straight, killed):
        monkeypatch.setenv("DATELINE_DATA_DIR", str(folder))
        environments[folder] = dict(os.environ)

    began = time.monotonic()
    code, _, errors = finish(dateline(environments[straight], "ingest", str(corpus)))
    whole = time.monotonic() - began
    assert (code, errors) == (0, "")
    assert len(committed(straight)) == ARTICLES

    drawn = random.Random(9)  # the same moments each time, as shares of a run
    acknowledged: list[str] = []
    stopped_at: list[int] = []
    for kill in range(KILLS):
        process = dateline(environments[killed], "ingest", str(corpus))
        if kill == 0:  # while it starts
            time.sleep(drawn.uniform(0.05, 0.5))
        else:
            # The clock starts at this run's first commit: kills fall among the windows.
            wait_for_more_than(len(acknowledged), killed, process)
            time.sleep(drawn.uniform(0, whole / KILLS * 0.5))
        acknowledged = committed(killed)
        process.send_signal(signal.SIGKILL)
        code, _, errors = finish(process)
        assert code in (-signal.SIGKILL, 0), errors
        stopped_at.append(len(acknowledged))
        if code == 0:
            break  # it was done already
        check_after_kill(killed, environments[killed], corpus, acknowledged)
        acknowledged = committed(killed)

    assert len(stopped_at) == KILLS, f"it ended before its last kill: {stopped_at}"
    assert 0 < stopped_at[-1] < ARTICLES, f"the last kill came too late or too early: {stopped_at}"
    code, output, errors = finish(dateline(environments[killed], "ingest", str(corpus), "--json"))
    assert (code, errors) == (0, "")
    report = json.loads(output)
    assert (report["added"], report["unchanged"]) == (
        ARTICLES - len(acknowledged),
        len(acknowledged),
    )
    code, output, _ = finish(dateline(environments[killed], "doctor"))
    assert (code, "OK: no faults found" in output) == (0, True)

    versions, passages, vectors = contents(killed)
    expected_versions, expected_passages, expected_vectors = contents(straight)
    assert versions == expected_versions
    assert passages == expected_passages
    assert len(passages) > 3 * ARTICLES
    # A run that begins elsewhere makes other batches, and another padding rounds otherwise.
    assert np.abs(vectors - expected_vectors).max() < 1e-5


def wait_for_more_than(articles: int, folder: Path, process: "subprocess.Popen[str]") -> None:
    while process.poll() is None and len(committed(folder)) <= articles:
        time.sleep(0.05)


# A reindex by an embedder that takes its time, in a process of its own.
REINDEX = """
import sys, time
from pathlib import Path
import qa.ingest.apply
from qa.archive.archive import Archive
from qa.archive.sqlite.store import SqliteStore
from tests.support.fakes import BagOfWordsEmbedder

class Slow(BagOfWordsEmbedder):
    def embed_passages(self, texts):
        time.sleep(0.05)
        return super().embed_passages(texts)

qa.ingest.apply.REINDEXED_AT_ONCE = 4
Archive(SqliteStore.open(Path(sys.argv[1])), Slow(64, "other")).reindex()
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_reindex_killed_five_times_goes_on_where_it_was(tmp_path: Path) -> None:
    corpus, folder = tmp_path / "news.jsonl", tmp_path / "archive"
    generate(corpus)
    before = BagOfWordsEmbedder()
    store = SqliteStore.create(folder, before.name, before.digest, before.dimension)
    passages = Archive(store, before).ingest([corpus]).passages_embedded
    anew = [0]
    for _ in range(5):
        process = subprocess.Popen([sys.executable, "-c", REINDEX, str(folder)], cwd=ROOT)
        while embedded_anew(store) < anew[-1] + 60:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
        process.wait()
        anew.append(embedded_anew(store))
        assert examine(Archive(store, before)) == []  # still what it was
    after = Archive(store, BagOfWordsEmbedder(64, "other"))
    assert after.reindex() == passages - anew[-1]
    assert anew == sorted(set(anew))
    assert examine(after) == []
    assert embedded_anew(store) == 0
    store.close()


def embedded_anew(store: SqliteStore) -> int:
    with store.reading() as database:
        count: int = database.execute("SELECT count(*) FROM embedded_anew").fetchone()[0]
        return count
