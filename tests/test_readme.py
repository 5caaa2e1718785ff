"""The README's commands and examples work as written."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.output import print_answer
from qa.answer import Answer
from qa.ingest.files import parse_record
from qa.settings import Settings
from tests.support.archives import write
from tests.support.cli import Demo, LocalCli
from tests.support.server import running_server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(start: str) -> list[list[str]]:
    """The words of every command of the README that starts so."""
    lines = "\n".join(blocks("sh")).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith(start)]


def test_the_two_commands_are_make_targets_that_ci_runs() -> None:
    makefile, ci = (ROOT / "Makefile").read_text("utf-8"), (ROOT / ".ci" / "run").read_text("utf-8")
    for _, target in [words[:2] for words in commands("make ")]:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    assert "make check" in ci
    assert "make demo" in ci


def test_the_demo_prints_what_the_first_screen_shows(
    demo: Demo, capsys: pytest.CaptureFixture[str]
) -> None:
    """All but the last digits of the confidence, which move with each fit."""
    answers = {answer["question"]: Answer.model_validate(answer) for answer in demo[1]}
    shown = [part.splitlines() for part in blocks("console")[0].partition("\n")[2].split("…\n")]
    questions = [lines for lines in shown if lines]
    assert len(questions) == 2
    for question, said, quoted, origin in questions:
        print_answer(answers[question])
        printed = capsys.readouterr().out.splitlines()
        assert said.partition("(")[0] == printed[0].partition("(")[0]
        assert printed[1].startswith(quoted.removesuffix(" …”"))
        assert origin == printed[2]


def test_the_settings_shown_exist() -> None:
    for name, value in re.findall(r"export (DATELINE_\w+)=(\S+)", README):
        Settings(**{name.removeprefix("DATELINE_").lower(): value})
    for name in re.findall(r"`DATELINE_(\w+)`", README):
        assert name.lower() in Settings.model_fields, name


@pytest.fixture(scope="module")
def bridge(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> LocalCli:
    """An archive made by the README's own example article, as articles.jsonl."""
    cli = LocalCli(tmp_path_factory.mktemp("readme"), model_cache)
    record = json.loads(blocks("json")[0])
    assert parse_record(record)[1] == ()
    write(cli.folder / "articles.jsonl", record)
    return cli


def test_the_commands_on_ones_own_articles_work(bridge: LocalCli) -> None:
    for words in commands(".venv/bin/dateline"):
        if words[1] != "serve":
            bridge(*words[1:])
    assert "364 cases" in (bridge.folder / "report.html").read_text("utf-8")
    answer = json.loads(bridge("ask", "How much did the Hask bridge cost?", "--json").stdout)
    assert answer["short_answer"]["value"] == "12000000"
    assert answer["citations"][0]["published_at"] == "2024-05-06"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed on this machine")
def test_the_curl_commands_work(bridge: LocalCli) -> None:
    bridge("ingest", "articles.jsonl")
    environment = {**os.environ, **bridge.environment}
    with running_server(bridge.folder, environment) as server:
        printed = []
        for words in commands("curl"):
            done = subprocess.run(
                [word.replace(":8000", f":{server.port}") for word in words],
                capture_output=True,
                text=True,
                timeout=300,
                check=True,
            )
            printed.append(done.stdout)
        cost, hits, stream, added = printed
        assert json.loads(cost)["short_answer"]["value"] == "12000000"
        assert json.loads(hits)["hits"][0]["article"]["id"] == "bridge-1"
        assert "event: hits" in stream
        assert "event: answer" in stream
        assert json.loads(added)["added"] == 1
        chat, tools = (
            subprocess.run(
                [sys.executable, "-c", example.replace(":8000", f":{server.port}")],
                capture_output=True,
                text=True,
                timeout=300,
                check=True,
            )
            for example in blocks("python")
        )
        shown = [re.findall(r"print\(.*\)  # (.+)", example)[0] for example in blocks("python")]
        assert chat.stdout.startswith(shown[0].partition(" … ")[0])
        assert "Sources:" in chat.stdout
        assert tools.stdout.strip() == shown[1]
