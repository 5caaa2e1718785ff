"""The command line, run as a user runs it: exit codes, one line on stderr, JSON that is the HTTP answer's."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import Cli, write

ARTICLE = {
    "id": "a",
    "title": "Relief",
    "text": "The council pledged USD 40 million. Rain fell.",
    "published_at": "2024-03-04",
}


def test_the_demo_answers_from_the_sample_corpus(demo: tuple[Cli, list[dict[str, Any]]]) -> None:
    _, answers = demo
    assert len(answers) == 5
    first = answers[0]
    assert first["question"] == "How much aid was announced?"
    assert first["answer"] == "USD 200 million"
    assert (first["short_answer"]["kind"], first["short_answer"]["value"], first["short_answer"]["unit"]) == (
        "money", "200000000", "USD",
    )  # fmt: skip
    assert "USD 200 million of defensive aid" in first["citations"][0]["quote"]
    assert first["citations"][0]["published_at"].startswith("2022-01-19")


def test_every_citation_of_the_demo_is_exact(demo: tuple[Cli, list[dict[str, Any]]]) -> None:
    cli, answers = demo
    citations = [citation for answer in answers for citation in answer["citations"]]
    assert citations
    for citation in citations:
        article = json.loads(cli("articles", "show", citation["article_id"], "--json").stdout)
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        if "answer_start" in citation:
            assert (
                citation["start"]
                <= citation["answer_start"]
                < citation["answer_end"]
                <= citation["end"]
            )


def test_the_same_question_gets_the_same_answer_in_another_process(
    demo: tuple[Cli, list[dict[str, Any]]],
) -> None:
    cli, answers = demo
    again = json.loads(cli("ask", "How much aid was announced?", "--json").stdout)
    assert {**again, "timings_ms": 0} == {**answers[0], "timings_ms": 0}


def test_as_of_hides_what_came_later(demo: tuple[Cli, list[dict[str, Any]]]) -> None:
    cli, _ = demo
    hits = json.loads(
        cli("retrieve", "How much aid was announced?", "--as-of", "2021-12-31", "--json").stdout
    )["hits"]
    assert hits
    assert all(hit["article"]["published_at"][:10] <= "2021-12-31" for hit in hits)


def test_ingest_twice_changes_and_embeds_nothing(cli: Cli, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", ARTICLE)
    assert json.loads(cli("ingest", path, "--json").stdout)["added"] == 1
    again = json.loads(cli("ingest", path, "--json").stdout)
    assert (again["unchanged"], again["passages_embedded"], again["added"]) == (1, 0, 0)
    assert cli("doctor").stdout.endswith("all is well\n")


def test_skipped_lines_are_named_and_the_exit_code_is_3(cli: Cli, tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        ARTICLE,
        "{broken",
        {"id": "b", "text": ""},
        {**ARTICLE, "id": "c", "published_at": "6 hours ago"},
    )
    done = cli("ingest", path, code=3)
    assert "skipped: a.jsonl:2: invalid JSON" in done.stderr
    assert "skipped: a.jsonl:3: no text" in done.stderr
    assert "warning: a.jsonl:4: published_at '6 hours ago' is not an ISO 8601 date" in done.stderr
    assert done.stdout.startswith("2 added")
    listed = [line.split("\t")[:2] for line in cli("articles", "list").stdout.splitlines()]
    assert listed == [["a", "2024-03-04"], ["c", "undated"]]


def test_what_cannot_be_ingested_is_refused_and_leaves_no_trace(cli: Cli, tmp_path: Path) -> None:
    empty_folder = tmp_path / "folder"
    empty_folder.mkdir()
    assert "no article found" in cli.refused("ingest", write(tmp_path / "empty.jsonl"))
    assert "no article found" in cli.refused("ingest", empty_folder)
    assert "no such file or folder" in cli.refused("ingest", tmp_path / "nowhere")
    assert ".pdf is not a supported format" in cli.refused("ingest", write(tmp_path / "a.pdf", "x"))
    (tmp_path / "latin.txt").write_bytes("Café".encode("latin-1"))
    assert "not UTF-8" in cli.refused("ingest", tmp_path / "latin.txt")
    assert not cli.data.exists()


def test_other_refusals_are_one_clear_line(cli: Cli, tmp_path: Path) -> None:
    assert "dateline ingest" in cli.refused("ask", "Why?")
    assert "dateline ingest" in cli.refused("doctor")
    assert "No such command" in cli.refused("frobnicate")
    assert "No such option" in cli.refused("ask", "--colour", "x")
    assert "unknown setting DATELINE_COLOUR" in cli.refused("ask", "Why?", DATELINE_COLOUR="red")
    assert "DATELINE_MODEL" in cli.refused("ask", "Why?", DATELINE_MODEL="magic")
    cli("ingest", write(tmp_path / "a.jsonl", ARTICLE))
    assert "the question is empty" in cli.refused("ask", " ")
    assert "2,000" in cli.refused("retrieve", "x" * 100_000)
    for k in ("0", "-1", "1000000000"):
        assert f"k is {k}" in cli.refused("retrieve", "rain", "-k", k)
    assert "as_of" in cli.refused("retrieve", "rain", "--as-of", "soon")
    assert "no article 'b'" in cli.refused("articles", "show", "b")
    assert "no article 'b'" in cli.refused("articles", "delete", "b")
    assert "keys create" in cli.refused("serve", "--host", "0.0.0.0")  # noqa: S104 - what is refused
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    write(foreign / "thesis.txt", "mine")
    assert "no Dateline archive" in cli.refused(
        "ingest", tmp_path / "a.jsonl", "--data-dir", foreign
    )
    assert "no Dateline archive" in cli.refused(
        "ingest", tmp_path / "a.jsonl", "--data-dir", tmp_path / "a.jsonl"
    )


def test_a_second_writer_is_refused(cli: Cli, tmp_path: Path) -> None:
    from filelock import FileLock

    path = write(tmp_path / "a.jsonl", ARTICLE)
    cli("ingest", path)
    with FileLock(cli.data / "writer.lock"):
        assert "another process is writing" in cli.refused("ingest", path)
    cli("ingest", path)


def test_help_is_fast_and_complete() -> None:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "--help"], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - started
    for command in (
        "ingest",
        "retrieve",
        "ask",
        "articles",
        "serve",
        "reindex",
        "backup",
        "eval",
        "doctor",
        "demo",
    ):
        assert command in done.stdout
    assert seconds < 2  # .15 s on an idle machine; what is guarded here is a heavy import


def test_a_backup_is_an_archive(cli: Cli, tmp_path: Path) -> None:
    cli("ingest", write(tmp_path / "a.jsonl", ARTICLE))
    copy = tmp_path / "copy"
    copy.mkdir()
    cli("backup", copy / "archive.sqlite3")
    assert "exists already" in cli.refused("backup", copy / "archive.sqlite3")
    assert cli("articles", "list", "--data-dir", copy).stdout.startswith("a\t")
    assert "index is missing" in cli("doctor", "--data-dir", copy, code=1).stdout
    cli("reindex", "--data-dir", copy)
    cli("doctor", "--data-dir", copy)


def test_serve_answers_and_drains_on_sigterm(demo: tuple[Cli, list[dict[str, Any]]]) -> None:
    cli, answers = demo
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve", "--port", str(port)],
        cwd=cli.folder, env=cli.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
            for _ in range(300):
                try:
                    if client.get("/health/ready").status_code == 200:
                        break
                except httpx.ConnectError:
                    time.sleep(0.1)
            answer = client.post("/v1/ask", json={"question": "How much aid was announced?"}).json()
        assert {**answer, "timings_ms": 0} == {**answers[0], "timings_ms": 0}
        server.send_signal(signal.SIGTERM)
        _, said = server.communicate(timeout=30)
        assert "Traceback" not in said
        assert server.returncode in (0, -signal.SIGTERM)
    finally:
        server.kill()
        server.wait()


def test_an_answer_is_verified_against_the_archive(
    demo: tuple[Cli, list[dict[str, Any]]], tmp_path: Path
) -> None:
    cli, answers = demo
    path = write(tmp_path / "answer.json", answers[0])
    assert "it stands" in cli("verify", path).stdout
    answers[0]["citations"][0]["quote"] += " And more."
    write(path, answers[0])
    answers[0]["citations"][0]["quote"] = answers[0]["citations"][0]["quote"].removesuffix(
        " And more."
    )
    assert json.loads(cli("verify", path, "--json", code=1).stdout)["faults"][0].startswith(
        "citation 1: its quote"
    )
    write(path, "no JSON")
    assert "no JSON" in cli.refused("verify", path)


def test_a_service_that_cannot_start_says_why_in_one_line(cli: Cli, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert f"port {port}" in cli.refused("serve", "--port", port)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    assert "holds no Dateline archive" in cli.refused("serve", "--data-dir", foreign)
    assert "32 ASCII characters" in cli.refused("serve", DATELINE_FIRST_KEY="short")
