"""`dateline ingest URL`, `follow`, `status` and `sources` from the command line."""

import json
import logging
import os
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from qa.archive.sqlite.store import DATABASE
from tests.support.archives import write
from tests.support.cli import LocalCli, ProcessCli
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.web import Reply, Site, publish, running_site

ALLOWED: dict[str, Any] = {"DATELINE_FETCH_PRIVATE_ADDRESSES": "true", "DATELINE_FETCH_DELAY": "0"}
ROOT = Path(__file__).parents[3]


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


@pytest.fixture
def light_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalCli:
    """The command line with an embedder that loads nothing."""
    # The MCP server of another test may have let every INFO line through to stderr.
    monkeypatch.setattr(logging.getLogger("httpx"), "disabled", True)
    monkeypatch.setattr("qa.bootstrap.open_embedder", lambda _: BagOfWordsEmbedder())
    return LocalCli(tmp_path, tmp_path / "cache")


def test_pages_and_files_are_ingested_together(light_cli: LocalCli, site: Site) -> None:
    feed = publish(site, "a", "b")
    write(light_cli.folder / "one.jsonl", {"id": "x", "text": "The wall will be rebuilt."})
    done = light_cli("ingest", "one.jsonl", feed, f"{site.url}/a", "--json", code=3, **ALLOWED)
    report = json.loads(done.stdout)
    assert (report["added"], report["unchanged"]) == (3, 0)
    assert [item["reason"] for item in report["skipped"]] == [
        f"id '{site.url}/a' was already read at {site.url}/a"
    ]
    again = json.loads(light_cli("ingest", "one.jsonl", feed, "--json", **ALLOWED).stdout)
    assert (again["added"], again["unchanged"], again["passages_embedded"]) == (0, 3, 0)


def test_an_address_that_must_not_be_fetched_is_refused_in_one_line(
    light_cli: LocalCli, site: Site
) -> None:
    message = light_cli.refused("ingest", f"{site.url}/a")
    assert "127.0.0.1, which is not a public address" in message
    assert "only http and https" in light_cli.refused("ingest", "ftp://a.example/x", **ALLOWED)
    assert "--prune is for files" in light_cli.refused("ingest", "--prune", site.url, **ALLOWED)
    assert site.asked == []
    assert not light_cli.data.exists(), "nothing was made"


def test_a_feed_is_followed_run_listed_and_removed(light_cli: LocalCli, site: Site) -> None:
    feed = publish(site, "a")
    added = light_cli("follow", "add", feed, "--every", "1h", **ALLOWED)
    assert added.stdout == f"following {feed} (feed), every 1h\n"
    assert "followed already" in light_cli.refused("follow", "add", feed, **ALLOWED)
    assert "is not a period" in light_cli.refused("follow", "add", feed, "--every", "1", **ALLOWED)
    assert light_cli("follow", "run", **ALLOWED).stdout == f"{feed}: 1 added\n"
    assert light_cli("follow", "run", **ALLOWED).stdout == "no feed is due\n"
    (found,) = json.loads(light_cli("follow", "list", "--json").stdout)["feeds"]
    assert (found["url"], found["last_outcome"], found["articles"]) == (feed, "1 added", 1)
    site.replies["/feed"] = Reply("down", status=503)
    failed = light_cli("follow", "run", "--all", code=3, **ALLOWED)
    assert failed.stderr == f"{feed}: failed: the server answered 503 Service Unavailable\n"
    (outcome,) = json.loads(
        light_cli("follow", "run", "--all", "--json", code=3, **ALLOWED).stdout
    )["feeds"]
    assert (outcome["ok"], outcome["added"]) == (False, 0)
    light_cli("follow", "remove", feed)
    assert "is not followed" in light_cli.refused("follow", "remove", feed)
    assert "no feeds are followed" in light_cli("follow", "list").stdout


def test_an_archive_before_its_first_article_is_in_order(light_cli: LocalCli) -> None:
    """A first key or feed makes the archive; lists say that they are empty."""
    light_cli("keys", "create", "desk")
    assert "OK: no faults found" in light_cli("doctor").stdout
    assert "index         in order" in light_cli("status").stdout
    assert light_cli("articles", "list").stdout == "no articles\n"
    assert light_cli("articles", "list", "--json").stdout == ""
    assert light_cli("sources").stdout == "no sources\n"


def test_standing_questions_are_listed_with_their_form_and_filters(light_cli: LocalCli) -> None:
    limits = ("--form", "list", "--source", "Coast Daily", "--source", "Hill Times")
    light_cli("keys", "create", "desk")
    light_cli("watch", "add", "Who was hurt?", *limits, "--include-undated")
    light_cli("watch", "add", "Who was hurt?")
    rows = [line.split("\t")[1:] for line in light_cli("watch", "list").stdout.splitlines()]
    assert rows == [
        [
            "Who was hurt?",
            "form: list",
            "include undated: true",
            "sources: Coast Daily, Hill Times",
        ],
        ["Who was hurt?"],
    ]


def test_status_says_how_far_the_archive_reaches(light_cli: LocalCli, site: Site) -> None:
    feed = publish(site, "a")
    light_cli("follow", "add", feed, **ALLOWED)
    light_cli("follow", "run", **ALLOWED)
    status = json.loads(light_cli("status", "--json").stdout)
    assert (status["articles"], status["newest_published_at"]) == (1, "2024-03-04T08:00:00+00:00")
    assert status["feeds"][0]["last_outcome"] == "1 added"
    shown = light_cli("status").stdout
    assert "articles      1, 2024-03-04T08:00:00+00:00 to 2024-03-04T08:00:00+00:00" in shown
    assert "index         in order" in shown
    assert f"{feed}: 1 added" in shown


def test_sources_and_their_aliases(light_cli: LocalCli) -> None:
    records = [{"id": name, "text": "Rain fell.", "source": name} for name in ("BBC", "BBC News")]
    write(light_cli.folder / "news.jsonl", *records)
    light_cli("ingest", "news.jsonl")
    listed = [line.split("\t") for line in light_cli("sources").stdout.splitlines()]
    assert [cells[:5] for cells in listed] == [
        ["BBC", "1", "-", "-", "-"],
        ["BBC News", "1", "-", "-", "-"],
    ]
    assert all(cells[5].startswith("last received 20") for cells in listed)
    assert light_cli("sources", "alias", "BBC", "BBC News").stdout == "BBC is now BBC News\n"
    (source,) = json.loads(light_cli("sources", "--json").stdout)["sources"]
    assert (source["name"], source["aliases"], source["articles"]) == ("BBC News", ["bbc"], 2)
    found = light_cli("articles", "list", "--source", "bbc").stdout
    assert len(found.splitlines()) == 2
    light_cli("sources", "alias", "BBC", "--remove")
    assert len(json.loads(light_cli("sources", "--json").stdout)["sources"]) == 2
    assert "either a SOURCE or --remove" in light_cli.refused("sources", "alias", "BBC")


def test_sources_say_which_domain_may_be_which_publisher(light_cli: LocalCli) -> None:
    """With the command that makes them one, to be pasted."""
    names = ("The Bay Herald", "bayherald.example")
    records = [{"id": name, "text": "Rain fell.", "source": name} for name in names]
    write(light_cli.folder / "news.jsonl", *records)
    light_cli("ingest", "news.jsonl")
    said = light_cli("sources").stderr
    before, _, command = said.strip().partition("; if so: ")
    assert before == "bayherald.example may be The Bay Herald"
    program, *words = shlex.split(command)
    assert program == "dateline"
    light_cli(*words)
    for name in (*names, "Bay Herald"):
        assert len(light_cli("articles", "list", "--source", name).stdout.splitlines()) == 2
    assert light_cli("sources").stderr == ""


def stored(data: Path) -> list[str]:
    """The ids of all versions, as anybody sees them now."""
    if not (data / DATABASE).exists():
        return []
    database = sqlite3.connect(data / DATABASE)
    try:
        return [row[0] for row in database.execute("SELECT article_id FROM versions ORDER BY key")]
    finally:
        database.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_follow_run_killed_again_and_again_loses_nothing_and_doubles_nothing(
    process_cli: ProcessCli, site: Site
) -> None:
    """Two feeds of two hosts, which are read at once."""
    names = [f"report-{number:02}" for number in range(60)]
    here, there = names[:30], names[30:]
    other = replace(site, url=f"http://localhost:{site.port}")
    environment = {**ALLOWED, "DATELINE_FETCH_DELAY": "0.05"}
    for feed in (publish(site, *here), publish(other, *there, path="/other")):
        process_cli("follow", "add", feed, **environment)
    stopped_at = []
    acknowledged: list[str] = []
    for _ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "follow", "run"],
            cwd=ROOT,
            env={**process_cli.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while process.poll() is None and len(stored(process_cli.data)) <= len(acknowledged):
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        found = stored(process_cli.data)
        assert found[: len(acknowledged)] == acknowledged
        acknowledged = found
        stopped_at.append(len(found))
    assert 0 < stopped_at[0] < stopped_at[-1] < len(names), stopped_at
    run = process_cli("follow", "run", "--json", **environment)
    left = len(names) - len(acknowledged)
    assert sum(outcome["added"] for outcome in json.loads(run.stdout)["feeds"]) == left
    expected = {f"{site.url}/{name}" for name in here} | {f"{other.url}/{name}" for name in there}
    found = stored(process_cli.data)
    assert len(found) == len(names)
    assert set(found) == expected
    assert "OK: no faults found" in process_cli("doctor").stdout
    again = process_cli("follow", "run", "--all", "--json", **environment)
    for outcome in json.loads(again.stdout)["feeds"]:
        assert outcome["passages_embedded"] == 0
