"""The page's service: only who has its address, and no other page, reads and writes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from eval.drafting.draft import CASES, DRAFTS, DraftFolder
from eval.drafting.page import create_page
from tests.support.drafts import draft_of

QUESTION = "Who opened the Hask bridge?"
ACCEPT = {"decision": "accepted", "question": QUESTION, "answers": ["Ada Lind"]}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient[Any]]:
    folder = DraftFolder.create(tmp_path / "cases", [draft_of("one"), draft_of("two")])
    page = create_page(folder, "secret", 4321)
    with TestClient(page, base_url="http://127.0.0.1:4321") as opened:
        yield opened


def test_a_decision_is_shown_and_stored(client: TestClient[Any], tmp_path: Path) -> None:
    reply = client.post("/secret/drafts/one", json=ACCEPT)
    assert reply.status_code == 200
    assert reply.json()["decision"] == "accepted"
    listed = client.get("/secret/drafts").json()["drafts"]
    assert [draft["decision"] for draft in listed] == ["accepted", "open"]
    (line,) = (tmp_path / "cases" / CASES).read_text("utf-8").splitlines()
    assert json.loads(line)["id"] == "one"


def test_everything_is_served_here_and_nothing_else_may_run(client: TestClient[Any]) -> None:
    for name, kind in (("", "text/html"), ("review.css", "text/css"), ("review.js", "javascript")):
        reply = client.get(f"/secret/{name}")
        assert reply.status_code == 200
        assert kind in reply.headers["content-type"]
        assert "http" not in reply.text
        policy = reply.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert reply.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/wrong/", "/wrong/drafts", "/secret/draft.py", "/secre"])
def test_other_addresses_do_not_exist(client: TestClient[Any], path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/wrong/drafts/one", {}, 404),
        ("/secret/drafts/one", {"Origin": "http://127.0.0.1:9"}, 403),
        ("/secret/drafts/one", {"Origin": "null"}, 403),
        ("/secret/drafts/one", {"Host": "evil.example:4321"}, 400),
        ("/secret/drafts/three", {}, 404),
    ],
)
def test_what_is_not_from_the_page_changes_nothing(
    client: TestClient[Any], tmp_path: Path, path: str, headers: dict[str, str], status: int
) -> None:
    before = (tmp_path / "cases" / DRAFTS).read_bytes()
    assert client.post(path, json=ACCEPT, headers=headers).status_code == status
    assert (tmp_path / "cases" / DRAFTS).read_bytes() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "maybe"},
        {"question": " "},
        {"question": "x" * 1001},
        {"answers": []},
        {"answers": [" "]},
        {"answers": ["a"] * 21},
        {"id": "other"},
    ],
)
def test_a_wrong_decision_is_refused(
    client: TestClient[Any], tmp_path: Path, changes: dict[str, Any]
) -> None:
    before = (tmp_path / "cases" / DRAFTS).read_bytes()
    reply = client.post("/secret/drafts/one", json=ACCEPT | changes)
    assert reply.status_code == 400
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["detail"]
    assert (tmp_path / "cases" / DRAFTS).read_bytes() == before


def test_a_form_of_another_page_is_refused(client: TestClient[Any]) -> None:
    plain = {"Content-Type": "text/plain"}
    reply = client.post("/secret/drafts/one", content=json.dumps(ACCEPT), headers=plain)
    assert reply.status_code in (400, 415)
