"""The database server goes away: requests say when to come back, and are served afterwards."""

import signal
from contextlib import closing

import pytest

from qa.archive.archive import Archive
from qa.archive.postgres.store import PostgresStore
from tests.support.fakes import BagOfWordsEmbedder, FirstSentenceModel
from tests.support.postgres import Server
from tests.support.server import client_of

pytestmark = pytest.mark.postgres


def test_requests_are_refused_while_the_server_is_gone_and_served_again(
    private_postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.postgres.connection._WAIT", 0.5)
    private_postgres.execute("CREATE DATABASE lost")
    embedder = BagOfWordsEmbedder()
    built_with = (embedder.name, embedder.digest, embedder.dimension)
    with (
        closing(PostgresStore.create(private_postgres.url("lost"), *built_with)) as store,
        client_of(Archive(store, embedder), FirstSentenceModel()) as asking,
    ):
        assert asking.put("/v1/articles/a", json={"text": "Rain fell."}).status_code == 200
        requests = (
            ("GET", "/health/ready", None),
            ("GET", "/v1/articles/a", None),
            ("POST", "/v1/ask", {"question": "What fell?"}),
            ("POST", "/v1/retrieve", {"question": "What fell?"}),
            ("PUT", "/v1/articles/b", {"text": "Snow fell."}),
            ("DELETE", "/v1/articles/a", None),
        )
        private_postgres.stop(signal.SIGQUIT)
        try:
            for method, path, body in requests:
                reply = asking.request(method, path, json=body)
                assert (path, reply.status_code) == (path, 503)
                assert "cannot be reached" in reply.json()["detail"]
                assert int(reply.headers["retry-after"]) > 0
        finally:
            private_postgres.start()
        for method, path, body in requests:
            reply = asking.request(method, path, json=body)
            assert (path, reply.status_code // 100) == (path, 2)
