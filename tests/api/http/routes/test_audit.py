"""The audit log over HTTP, for those who may read it, and its end while the service runs."""

from datetime import UTC, datetime, timedelta

import pytest

from api.http.routes import audit
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.errors import ArchiveBusy
from tests.support.client import QUESTION, check_problem, until
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

ASKED = {"question": QUESTION}


def test_an_admin_reads_who_asked_what(filled: Archive) -> None:
    key, asker = create_key(filled.store, "newsroom", ["ask"])
    _, admin = create_key(filled.store, "admin", ["admin"])
    asks = {"Authorization": f"Bearer {asker}"}
    reads = {"Authorization": f"Bearer {admin}"}
    with client_of(filled, FirstSentenceModel(), audit_days=1) as client:
        answers = [
            client.post("/v1/ask", json=asked, headers=asks).json()
            for asked in (ASKED, {**ASKED, "as_of": "2020-01-01"})
        ]
        check_problem(client.get("/v1/audit", headers=asks), 403, "admin")
        client.post("/v1/ask", json=ASKED, headers=reads)
        everything = client.get("/v1/audit", headers=reads).json()
        assert everything["next_cursor"] is None
        assert [line["name"] for line in everything["lines"]] == ["admin", "newsroom", "newsroom"]
        found = client.get("/v1/audit", params={"key": key.id}, headers=reads).json()["lines"]
        assert [line["answer_id"] for line in found] == [answer["id"] for answer in answers[::-1]]
        assert [line["status"] for line in found] == ["not_found", "answered"]
        assert {line["question"] for line in found} == {QUESTION}
        assert {line["interface"] for line in found} == {"http"}
        later = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
        assert client.get(f"/v1/audit?since={later}", headers=reads).json()["lines"] == []


def test_the_log_is_read_page_by_page(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel(), audit_days=1) as client:
        for _ in range(3):
            client.post("/v1/ask", json=ASKED)
        first = client.get("/v1/audit?limit=2").json()
        rest = client.get(f"/v1/audit?limit=2&cursor={first['next_cursor']}").json()
        assert (len(first["lines"]), len(rest["lines"]), rest["next_cursor"]) == (2, 1, None)


@pytest.mark.parametrize(
    ("query", "word"),
    [("since=soon", "since"), ("limit=0", "limit"), ("cursor=x", "cursor"), ("cursor=0", "cursor")],
)
def test_what_cannot_be_looked_up_is_refused(filled: Archive, query: str, word: str) -> None:
    with client_of(filled, FirstSentenceModel()) as client:
        check_problem(client.get(f"/v1/audit?{query}"), 400, word)


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_that_cannot_be_audited_is_refused_and_can_be_asked_again(
    filled: Archive, monkeypatch: pytest.MonkeyPatch, stream: bool
) -> None:
    def busy(*_: object) -> int:
        raise ArchiveBusy("another process writes")

    asked = {**ASKED, "stream": stream}
    with client_of(filled, FirstSentenceModel(), audit_days=1) as client:
        with monkeypatch.context() as patch:
            patch.setattr("qa.archive.audit.begin_line", busy)
            refused = client.post("/v1/ask", json=asked)
            check_problem(refused, 503, "being written")
            assert int(refused.headers["retry-after"]) >= 1
        assert client.get("/v1/audit").json()["lines"] == []
        assert client.post("/v1/ask", json=asked).status_code == 200
        (line,) = client.get("/v1/audit").json()["lines"]
        assert line["status"] == "answered"


def test_nothing_is_noted_unless_it_is_set(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as client:
        client.post("/v1/ask", json=ASKED)
        assert client.get("/v1/audit").json() == {"lines": [], "next_cursor": None}
    with filled.store.reading() as database:
        assert database.execute("SELECT count(*) FROM asked").fetchone()[0] == 0


def test_the_service_deletes_what_has_expired(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "PAUSE", 0.02)
    started = datetime.now(UTC)
    with client_of(filled, FirstSentenceModel(), audit_days=1, keep_questions=1) as client:
        client.post("/v1/ask", json=ASKED)

        def rows() -> int:
            with filled.store.reading() as database:
                counted = database.execute(
                    "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM asked)"
                )
                return int(counted.fetchone()[0])

        assert rows() == 2
        filled.store.clock = lambda: started + timedelta(days=1, minutes=1)
        until(lambda: rows() == 0)
