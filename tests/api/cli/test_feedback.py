"""`dateline feedback`, `asked`, `audit` and `eval import feedback`; the how-to page as written."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.archive.asked import note_asked
from qa.archive.audit import Caller, begin_line, end_line
from qa.archive.feedback import record_feedback
from qa.archive.sqlite.store import SqliteStore
from qa.settings import Settings
from tests.support.archives import put
from tests.support.cli import LocalCli
from tests.support.client import ARTICLES, QUESTION
from tests.support.fakes import BagOfWordsEmbedder, FirstSentenceModel
from tests.support.server import client_of

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "feedback.md"


@pytest.fixture
def answer_id(cli: LocalCli, tmp_path: Path) -> Iterator[str]:
    """An answer that is stored in the archive of the command line, whose models are not loaded."""
    embedder = BagOfWordsEmbedder()
    store = SqliteStore.create(cli.data, embedder.name, embedder.digest, embedder.dimension)
    archive = Archive(store, embedder)
    put(archive, ARTICLES, tmp_path)
    with client_of(archive, FirstSentenceModel()) as asking:
        yield asking.post("/v1/ask", json={"question": QUESTION}).json()["id"]
    store.close()


@pytest.fixture
def store(cli: LocalCli, answer_id: str) -> Iterator[SqliteStore]:
    assert answer_id
    opened = SqliteStore.open(cli.data)
    yield opened
    opened.close()


def test_feedback_is_listed(cli: LocalCli, answer_id: str, store: SqliteStore) -> None:
    assert cli("feedback", "list").stdout == "no feedback\n"
    record_feedback(store, answer_id, "wrong", "key_1", "USD 41 million", "\x1b[2J red")
    (given,) = json.loads(cli("feedback", "list", "--json").stdout)["feedback"]
    assert (given["verdict"], given["by"], given["question"]) == ("wrong", "key_1", QUESTION)
    assert given["answer"] == "The council pledged USD 40 million in relief."
    shown = cli("feedback", "list").stdout
    assert f"wrong  key_1  {answer_id}\n  {QUESTION}\n" in shown
    assert "  correction: USD 41 million\n" in shown
    assert "\x1b" not in shown


def test_the_audit_log_is_shown(cli: LocalCli, store: SqliteStore) -> None:
    assert "DATELINE_AUDIT_DAYS" in cli("audit").stdout
    for caller in (Caller("http", "key_1", "Ann"), Caller("chat", name="slack")):
        end_line(store, begin_line(store, caller, "Who?\n\x1b", 3), "answered", "answer-1")
    newest, oldest = json.loads(cli("audit", "--json").stdout)["lines"]
    assert (newest["name"], oldest["key_id"]) == ("slack", "key_1")
    (line,) = cli("audit", "--key", "key_1").stdout.splitlines()
    shown = ["http", "key_1 Ann", "answered", "answer-1", "Who? \N{REPLACEMENT CHARACTER}"]
    assert line.split("\t")[1:] == shown
    assert cli("audit", "--since", "2999-01-01", "--json").stdout == '{\n  "lines": []\n}\n'
    assert "--since" in cli.refused("audit", "--since", "soon")
    cli.refused("audit", "--limit", "0")


def test_what_is_asked_is_shown_with_the_share_answered(cli: LocalCli, store: SqliteStore) -> None:
    assert "DATELINE_KEEP_QUESTIONS" in cli("asked").stdout
    wordings = [
        "How many people died in the Port Eldric flood?",
        "How many people were killed by the flood in Port Eldric?",
        "Who resigned?",
    ]
    for number, text in enumerate(wordings):
        note_asked(store, text, answered=number < 1, days=9)
    found = json.loads(cli("asked", "--json").stdout)
    assert (found["asked"], found["answered"]) == (3, pytest.approx(1 / 3))
    first, second = found["questions"]
    assert (first["count"], first["answered"], second["question"]) == (2, 0.5, "Who resigned?")
    assert {first["question"], *first["examples"]} == set(wordings[:2])
    shown = cli("asked", "--most", "1").stdout.splitlines()
    assert shown[0] == "3 asked, 33% answered"
    assert len(shown) == 3
    assert json.loads(cli("asked", "--until", "2020-01-01", "--json").stdout) == {
        "asked": 0,
        "answered": None,
        "questions": [],
    }
    assert "--until" in cli.refused("asked", "--until", "soon")


def test_feedback_becomes_cases(cli: LocalCli, answer_id: str, store: SqliteStore) -> None:
    into = cli.folder / "out"
    assert "nobody has given" in cli.refused("eval", "import", "feedback", "--into", into)
    record_feedback(store, answer_id, "right", "key_1")
    assert "PATH" in cli.refused("eval", "import", "feedback", cli.folder, "--into", into)
    assert "PATH" in cli.refused("eval", "import", "squad", "--into", into)
    done = cli("eval", "import", "feedback", "--into", into)
    assert done.stdout.splitlines() == [
        f"1 cases in {into / 'cases.jsonl'}",
        f"0 answers to review in {into / 'review.jsonl'}",
    ]
    (case,) = map(json.loads, (into / "cases.jsonl").read_text("utf-8").splitlines())
    assert case["id"] == f"feedback-{answer_id}"
    assert "already exists" in cli.refused("eval", "import", "feedback", "--into", into)


def test_the_guide_works_as_written(cli: LocalCli, answer_id: str, store: SqliteStore) -> None:
    guide = GUIDE.read_text("utf-8")
    for name in re.findall(r"`DATELINE_(\w+)`", guide):
        assert name.lower() in Settings.model_fields, name
    bodies = re.findall(r"-d '(\{.*?\})'", guide)
    assert bodies
    archive = Archive(store, BagOfWordsEmbedder())
    with client_of(archive, FirstSentenceModel(), audit_days=9, keep_questions=9) as asking:
        asking.post("/v1/ask", json={"question": QUESTION})
        for body in bodies:
            path = f"/v1/answers/{answer_id}/feedback"
            assert asking.post(path, json=json.loads(body)).status_code == 201
    ran = []
    for block in re.findall(r"```sh\n(.*?)```", guide, re.DOTALL):
        for line in block.splitlines():
            if not line.startswith("dateline ") or "eval run" in line:  # that loads the models
                continue
            words = shlex.split(line, comments=True)[1:]
            ran.append((words[:2], cli(*words).stdout))
    assert [words for words, _ in ran] == [
        ["feedback", "list"],
        ["eval", "import"],
        ["eval", "check"],
        ["asked", "--since"],
        ["audit", "--since"],
    ]
    assert all(QUESTION in output for words, output in ran if words[0] != "eval")
