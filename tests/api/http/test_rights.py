"""Articles whose rights are withheld from a key leave no trace in anything that it is sent."""

import io
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from litestar.testing import TestClient

from qa.archive.archive import Archive
from qa.archive.keys import SCOPES, Key, create_key, set_key
from tests.support.archives import put
from tests.support.client import check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

RESTRICTED = ("wire-internal", "board")
RIGHTS = (None, "free", *RESTRICTED)
QUESTIONS = (
    "What did the minister announce about the harbour?",
    "Was the harbour closed?",
)
_PLACES = (
    "/v1/articles?limit=1000",
    "/v1/articles?published_from=2024-03-01&limit=1000",
    "/v1/articles?q=harbour&order=oldest",
    *(f"/v1/counts?by={by}" for by in ("month", "source", "author", "section", "language")),
    "/v1/counts?by=source&q=harbour",
    "/v1/suggestions",
    "/v1/audit",
    "/v1/watches",
    "/v1/watches/events.atom",
)
MCP = {"Accept": "application/json, text/event-stream"}


@dataclass(frozen=True)
class Reader:
    """A key, as its owner uses it."""

    key: Key
    headers: dict[str, str]
    rights: frozenset[str]


def mark(number: int) -> str:
    return f"zq{number}xv"


def report(number: int, rights: str | None, **changed: Any) -> dict[str, Any]:
    """An article with its mark in every field that can hold one."""
    marked = mark(number)
    fields = {
        "id": f"id-{marked}",
        "title": f"Harbour {marked}",
        "text": f"The minister announced that the harbour {marked} was closed because of {number}"
        f" storms. The port {marked.upper()} reopens on Monday.",
        "source": f"Source {marked}",
        "authors": [f"Author {marked}"],
        "section": f"Section {marked}",
        "url": f"https://example.org/{marked}",
        "published_at": f"2024-03-{number + 1:02d}",
        "rights": rights,
    }
    return {**fields, **changed}


def reader(archive: Archive, rights: frozenset[str]) -> Reader:
    key, secret = create_key(archive.store, "reader", SCOPES, rights=rights)
    return Reader(key, {"Authorization": f"Bearer {secret}"}, rights)


def ask(client: TestClient[Any], who: Reader) -> list[bytes]:
    """Every way to put a question; the bytes of the responses."""
    bodies: list[bytes] = []
    for question in QUESTIONS:
        asked = {"question": question, "include_hits": True, "k": 20}
        for path, body in (
            ("/v1/ask", asked),
            ("/v1/ask", {**asked, "form": "brief", "stream": True}),
            ("/v1/ask", {**asked, "form": "list", "as_of": "2024-03-20"}),
            ("/v1/ask", {**asked, "known_at": "2099-01-01", "min_confidence": 1}),
            ("/v1/retrieve", {"question": question, "k": 50}),
            ("/v1/chat/completions", {"messages": [{"role": "user", "content": question}]}),
            ("/v1/responses", {"model": "dateline", "input": question}),
        ):
            response = client.post(path, json=body, headers=who.headers)
            assert response.status_code in (200, 404, 405), response.text
            bodies.append(response.content)
        for name in ("ask", "search_articles", "search"):
            arguments = {"query" if name == "search" else "question": question}
            bodies.append(call_tool(client, who, name, arguments))
    return bodies


def call_tool(client: TestClient[Any], who: Reader, name: str, arguments: dict[str, Any]) -> bytes:
    return rpc(client, who, "tools/call", {"name": name, "arguments": arguments})


def rpc(client: TestClient[Any], who: Reader, method: str, params: dict[str, Any]) -> bytes:
    request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    response = client.post("/mcp", json=request, headers={**who.headers, **MCP})
    assert response.status_code == 200, response.text
    return response.content


def crawl(client: TestClient[Any], who: Reader, ids: dict[str, list[Any]]) -> list[bytes]:
    """GET everything that the description names, for every id there is."""
    paths = client.get("/schema/openapi.json").json()["paths"]
    bodies = []
    for path in [*(path for path, methods in paths.items() if "get" in methods), "/a/{answer_id}"]:
        names = [name for name in ids if f"{{{name}}}" in path]
        for identity in ids[names[0]] if names else [""]:
            place = path.replace(f"{{{names[0]}}}", str(identity)) if names else path
            response = client.get(place, headers=who.headers)
            assert response.status_code < 500, place
            # An address that does not exist for this reader is repeated to him as he sent it.
            bodies.append(b"" if response.status_code == 404 else response.content)
    for place in _PLACES:
        response = client.get(place, headers=who.headers)
        assert response.status_code == 200, place
        bodies.append(response.content)
    for identity in ids["answer_id"]:
        for place in _of_answer(identity):
            response = client.get(place, headers=who.headers)
            assert response.status_code == 200, place
            is_zip = response.content.startswith(b"PK")
            bodies.append(unpacked(response.content) if is_zip else response.content)
    for identity in ids["article_id"]:
        for name, argument in (("get_article", "article_id"), ("fetch", "id")):
            got = call_tool(client, who, name, {argument: identity})
            bodies.append(b"" if b"no article" in got else got)
    for identity in ids["answer_id"]:
        uri = {"uri": f"dateline://answers/{identity}"}
        bodies.append(rpc(client, who, "resources/read", uri))
    bodies.append(rpc(client, who, "resources/list", {}))
    return bodies


def _of_answer(identity: str) -> list[str]:
    """The forms of a stored answer that need more than its id."""
    export = f"/v1/answers/{identity}/export"
    return [
        f"/a/{identity}/card",
        *(f"{export}?format={form}" for form in ("md", "docx", "jsonld")),
        f"/oembed?url=http://127.0.0.1/a/{identity}",
    ]


def unpacked(content: bytes) -> bytes:
    """What the parts of a Word document hold."""
    with ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def marks_in(bodies: list[bytes]) -> set[str]:
    """The marks of articles that occur anywhere, in any case."""
    everything = b"\n".join(bodies).lower().decode("utf-8", "replace")
    return {mark(number) for number in range(30) if mark(number) in everything}


def ids_of(archive: Archive, answers: list[bytes]) -> dict[str, list[Any]]:
    with archive.store.writing() as everything:
        articles = [stored.article.id for stored in everything.every_version()]
        passages = everything.passage_ids().tolist()
    found = {json.loads(body)["id"] for body in answers if body.startswith(b'{"id"')}
    responses = {identity for identity in found if identity.startswith("resp_")}
    others = {identity for identity in found if not identity.startswith(("resp_", "chatcmpl-"))}
    return {
        "article_id": articles,
        "passage_id": passages,
        "answer_id": sorted(others),
        "identity": sorted(responses),
    }


def allowed(articles: dict[int, str | None], rights: frozenset[str]) -> set[str]:
    return {
        mark(number)
        for number, needed in articles.items()
        if needed not in RESTRICTED or needed in rights
    }


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)


@pytest.fixture
def client(archive: Archive) -> Iterator[TestClient[Any]]:
    many = "100000/second"
    settings: dict[str, Any] = {"ask_limit": many, "read_limit": many}
    with client_of(
        archive, FirstSentenceModel(), restricted_rights=RESTRICTED, **settings
    ) as client:
        yield client


@pytest.mark.parametrize("chance", [1, 2], indirect=True)
def test_nothing_that_is_withheld_leaves_by_any_way(
    archive: Archive, client: TestClient[Any], tmp_path: Path, chance: random.Random
) -> None:
    articles = {number: chance.choice(RIGHTS) for number in range(2)}
    articles |= {2: None, 3: "board", 4: "wire-internal"}
    put(archive, [report(number, rights) for number, rights in articles.items()], tmp_path)
    readers = [
        reader(archive, frozenset(rights))
        for rights in (RESTRICTED, (), (chance.choice(RESTRICTED),))
    ]
    first = readers[0]
    client.post("/v1/watches", json={"question": QUESTIONS[0]}, headers=first.headers)
    by_all = ask(client, first)
    ids = ids_of(archive, by_all)
    assert len(ids["answer_id"]) >= 2
    assert len(ids["identity"]) == len(QUESTIONS)
    # Some change hands, others are set: at once, for what was stored before too.
    for _ in range(2):
        for who in readers:
            seen = marks_in([*ask(client, who), *crawl(client, who, ids)])
            assert seen == allowed(articles, who.rights), "all that is allowed, and nothing else"
        number = chance.choice(sorted(articles))
        articles[number] = chance.choice([right for right in RIGHTS if right != articles[number]])
        changed = report(number, articles[number])
        client.put(f"/v1/articles/{changed['id']}", json=changed, headers=first.headers)


@pytest.mark.parametrize("stream", [False, True])
def test_a_result_that_is_sent_again_has_nothing_that_was_withheld_since(
    archive: Archive, client: TestClient[Any], tmp_path: Path, stream: bool
) -> None:
    put(archive, [report(0, "board")], tmp_path)
    who = reader(archive, frozenset(["board"]))
    again = {**who.headers, "Idempotency-Key": "once"}
    asked = {"question": QUESTIONS[0], "include_hits": True, "stream": stream}
    for _ in range(2):
        assert marks_in([client.post("/v1/ask", json=asked, headers=again).content]) == {mark(0)}
    set_key(archive.store, who.key.id, rights=[])
    assert marks_in([client.post("/v1/ask", json=asked, headers=again).content]) == set()


def test_rights_that_are_taken_from_a_key_end_with_its_next_request(
    archive: Archive, client: TestClient[Any], tmp_path: Path
) -> None:
    put(archive, [report(0, None), report(1, "board")], tmp_path)
    who = reader(archive, frozenset(["board"]))
    assert marks_in(ask(client, who)) == {mark(0), mark(1)}
    set_key(archive.store, who.key.id, rights=[])
    assert marks_in(ask(client, who)) == {mark(0)}


def test_an_older_version_stays_withheld_when_its_article_is_opened(
    archive: Archive, client: TestClient[Any], tmp_path: Path
) -> None:
    put(archive, [report(0, "board", text="The harbour was closed, said zq9xv.")], tmp_path)
    draft = client_version(archive, "id-zq0xv")
    put(archive, [report(0, None, updated_at="2024-03-09")], tmp_path)
    who = reader(archive, frozenset())
    path = f"/v1/articles/{report(0, None)['id']}"
    assert client.get(path, headers=who.headers).status_code == 200
    check_problem(client.get(f"{path}?version={draft}", headers=who.headers), 404, "no version")
    early = {"question": QUESTIONS[1], "as_of": "2024-03-05", "include_hits": True}
    assert marks_in([client.post("/v1/ask", json=early, headers=who.headers).content]) == set()
    board = reader(archive, frozenset(["board"]))
    assert client.get(f"{path}?version={draft}", headers=board.headers).status_code == 200


def client_version(archive: Archive, article_id: str) -> str:
    with archive.store.writing() as everything:
        stored = everything.find(article_id)
    assert stored is not None
    return stored.version


def test_a_stored_answer_keeps_what_is_open_and_no_words_of_its_own(
    archive: Archive, client: TestClient[Any], tmp_path: Path
) -> None:
    put(archive, [report(0, None), report(1, "board")], tmp_path)
    board, other = reader(archive, frozenset(["board"])), reader(archive, frozenset())
    asked = {"question": QUESTIONS[0], "form": "brief"}
    answer = client.post("/v1/ask", json=asked, headers=board.headers).json()
    assert {citation["article_id"] for citation in answer["citations"]} >= {"id-zq1xv"}
    path = f"/v1/answers/{answer['id']}"
    shown = client.get(path, headers=other.headers).json()
    assert (shown["answer"], shown["statements"], shown["coverage"]) == (None, [], None)
    assert "withheld" in shown["reason"]
    assert "id-zq1xv" not in json.dumps(shown)
    assert client.get(path, headers=board.headers).json()["answer"] == answer["answer"]


def test_without_keys_only_what_is_open_is_served(
    archive: Archive, client: TestClient[Any], tmp_path: Path
) -> None:
    put(archive, [report(0, None), report(1, "board")], tmp_path)
    found = client.post("/v1/retrieve", json={"question": QUESTIONS[0]})
    assert [hit["article"]["id"] for hit in found.json()["hits"]] == ["id-zq0xv"]
    assert client.get("/v1/status").json()["articles"] == 1
    assert [one["name"] for one in client.get("/v1/sources").json()["sources"]] == ["Source zq0xv"]
    assert client.get("/health/ready").json()["articles"] == 1
    assert "dateline_articles 1.0" in client.get("/metrics").text


def test_a_writer_without_rights_may_still_say_over_which_version(
    archive: Archive, client: TestClient[Any], tmp_path: Path
) -> None:
    """The ETag that it was given holds, though a correction that it may not see came in."""
    put(archive, [report(0, None), report(1, "board", corrects="id-zq0xv")], tmp_path)
    who = reader(archive, frozenset())
    path = "/v1/articles/id-zq0xv"
    tag = client.get(path, headers=who.headers).headers["etag"]
    conditional = {**who.headers, "If-Match": tag}
    assert client.put(path, json=report(0, "free"), headers=conditional).status_code == 200
