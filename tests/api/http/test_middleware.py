"""What every response gets, whether its request matched a route or not."""

import logging

import httpx
import pytest
from prometheus_client import REGISTRY

from qa.archive.archive import Archive
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of, serving


def test_head_is_answered_as_get_without_its_body_and_counted_as_head(
    filled: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    counted = {"method": "HEAD", "route": "/health/ready", "status": "200"}
    before = REGISTRY.get_sample_value("dateline_requests_total", counted) or 0
    with (
        client_of(filled, FirstSentenceModel()) as asking,
        caplog.at_level(logging.INFO, "dateline.requests"),
    ):
        for path in ("/", "/health/ready", "/v1/articles/later"):
            reply, whole = asking.head(path), asking.get(path)
            assert (reply.status_code, reply.content) == (200, b"")
            assert reply.headers["content-length"] == whole.headers["content-length"]
        assert asking.head("/v1/ask").status_code == 405
        for method in ("GET", "DELETE"):
            assert asking.request(method, "/mcp").status_code == 405
    assert REGISTRY.get_sample_value("dateline_requests_total", counted) == before + 1
    assert "HEAD /health/ready 200" in caplog.text


def test_a_real_server_sends_no_body_after_head(filled: Archive) -> None:
    with (
        serving(filled, FirstSentenceModel()) as url,
        httpx.Client(base_url=url, timeout=60) as line,
    ):
        for _ in range(2):  # on one connection: a body would be read as the next response
            reply = line.head("/health/ready")
            assert (reply.status_code, reply.content) == (200, b"")


@pytest.mark.parametrize("path", ["/v1/models", "/schema/docs", "/schema", "/nowhere", "/metrics"])
def test_every_response_has_a_policy_and_a_fixed_type(filled: Archive, path: str) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        headers = asking.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    policy = headers.get_list("content-security-policy")
    assert len(policy) == 1
    assert "default-src 'none'" in policy[0]
    assert "frame-ancestors 'none'" in policy[0]
    assert "script" not in policy[0]


@pytest.mark.parametrize("path", ["/v1/retrieve", "/nowhere"])
def test_a_request_with_two_lengths_is_the_last_on_its_connection(
    filled: Archive, path: str
) -> None:
    """RFC 9112, 6.1: a proxy may have believed the other one."""
    both = {"Content-Length": "4", "Transfer-Encoding": "chunked"}
    with client_of(filled, FirstSentenceModel()) as asking:
        assert asking.post(path, content=b"0", headers=both).headers["connection"] == "close"
        assert "connection" not in asking.post(path, content=b"0").headers
