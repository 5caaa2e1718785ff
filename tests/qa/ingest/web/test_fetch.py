"""The fetcher against a real server: polite, bounded, guarded."""

import gzip
import socket
import time
from typing import Any

import anyio
import httpx
import pytest

from qa.errors import BadInput, FetchFailed
from qa.ingest.web import addresses, fetch
from qa.ingest.web.fetch import Fetcher, Validators, _get_from
from qa.settings import Settings
from tests.support.web import Reply, Site, settings


def refused(fetcher: Fetcher, url: str, **given: Any) -> str:
    with pytest.raises(FetchFailed) as failed:
        fetcher.fetch(url, **given)
    reason = str(failed.value)
    assert "\n" not in reason
    return reason


@pytest.fixture
def public_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """127.0.0.1, and no other address of this machine, counts as public."""
    real = addresses.is_public
    monkeypatch.setattr(addresses, "is_public", lambda one: one == "127.0.0.1" or real(one))


def test_a_document_comes_with_its_type_and_validators(site: Site, fetcher: Fetcher) -> None:
    headers = {"ETag": '"1"', "Last-Modified": "Mon, 04 Mar 2024 08:00:00 GMT"}
    site.replies["/feed"] = Reply("<rss/>", 'Text/XML; Charset="ISO-8859-1"', headers=headers)
    found = fetcher.fetch(f"{site.url}/feed#latest")
    assert found is not None
    assert (found.url, found.body) == (f"{site.url}/feed", b"<rss/>")
    assert (found.content_type, found.charset) == ("text/xml", "ISO-8859-1")
    assert found.validators == Validators('"1"', "Mon, 04 Mar 2024 08:00:00 GMT")
    assert fetcher.fetch(f"{site.url}/feed", found.validators) is None
    asked = site.headers[-1]
    assert asked["if-modified-since"] == "Mon, 04 Mar 2024 08:00:00 GMT"
    assert asked["user-agent"].startswith("Dateline/")
    assert asked["accept-encoding"] == "gzip, deflate"


def test_the_user_agent_names_a_contact_where_there_is_one(site: Site) -> None:
    site.replies["/1"] = Reply("one")
    fetcher = Fetcher(settings(fetch_contact="https://archive.example/bot"))
    fetcher.fetch(f"{site.url}/1")
    assert {asked["user-agent"].partition(" ")[2] for asked in site.headers} == {
        "(news archive; feed and page reader; +https://archive.example/bot)"
    }
    with pytest.raises(BadInput, match="fetch_contact"):
        settings(fetch_contact="me\r\nX-Evil: 1")


def test_robots_txt_is_read_again_after_a_day(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service runs for months; RFC 9309 lets no copy live longer."""
    site.replies |= {"/1": Reply("one"), "/robots.txt": Reply("", "text/plain")}
    assert fetcher.fetch(f"{site.url}/1") is not None
    site.replies["/robots.txt"] = Reply("User-agent: *\nDisallow: /", "text/plain")
    assert fetcher.fetch(f"{site.url}/1") is not None
    monkeypatch.setattr(fetch, "ROBOTS_KEPT", 0)
    assert "does not allow" in refused(fetcher, f"{site.url}/1")


def test_robots_txt_is_read_once_and_obeyed(site: Site, fetcher: Fetcher) -> None:
    rules = "User-agent: *\nDisallow: /\n\nUser-agent: Dateline\nDisallow: /private/\n"
    site.replies |= {"/robots.txt": Reply(rules, "text/plain"), "/open": Reply("open")}
    assert fetcher.fetch(f"{site.url}/open") is not None
    assert "robots.txt of 127.0.0.1 does not allow /private/a" in refused(
        fetcher, f"{site.url}/private/a"
    )
    assert site.asked == ["/robots.txt", "/open"]


def test_robots_txt_holds_where_a_redirect_leads(site: Site, fetcher: Fetcher) -> None:
    site.replies |= {
        "/robots.txt": Reply("User-agent: *\nDisallow: /private", "text/plain"),
        "/a": Reply(status=302, headers={"Location": "/private"}),
    }
    assert "robots.txt" in refused(fetcher, f"{site.url}/a")
    assert "/private" not in site.asked


def test_without_a_robots_txt_all_is_allowed_and_with_a_broken_one_nothing(site: Site) -> None:
    site.replies["/a"] = Reply("open")
    assert Fetcher(settings()).fetch(f"{site.url}/a") is not None
    site.replies["/robots.txt"] = Reply("down", "text/plain", 503, {"Retry-After": "120"})
    with pytest.raises(FetchFailed, match=r"robots\.txt of 127\.0\.0\.1 answered 503") as failed:
        Fetcher(settings()).fetch(f"{site.url}/a")
    assert failed.value.retry_after == 120


def test_two_requests_to_a_host_are_a_delay_apart_or_as_far_as_it_asks(site: Site) -> None:
    site.replies["/a"] = Reply("a")
    pauses: list[float] = []
    fetcher = Fetcher(settings(fetch_delay=3), pauses.append)
    fetcher.fetch(f"{site.url}/a")
    assert len(pauses) == 1, "between robots.txt and the page"
    assert 2 < pauses[0] <= 3
    site.replies["/robots.txt"] = Reply("User-agent: *\nCrawl-delay: 20\n", "text/plain")
    pauses.clear()
    fetcher = Fetcher(settings(fetch_delay=3), pauses.append)
    fetcher.fetch(f"{site.url}/a")
    assert 19 < pauses[0] <= 20
    fetcher.fetch(f"http://localhost:{site.port}/missing.txt".replace("missing.txt", "a"))
    assert len(pauses) == 2, "another host's own robots.txt and page"


def test_five_redirects_are_followed_and_not_six(site: Site, fetcher: Fetcher) -> None:
    for number in range(7):
        site.replies[f"/{number}"] = Reply(status=301, headers={"Location": f"{number + 1}"})
    site.replies["/7"] = Reply("there")
    found = fetcher.fetch(f"{site.url}/2")
    assert found is not None
    assert (found.url, found.body) == (f"{site.url}/7", b"there")
    assert refused(fetcher, f"{site.url}/1") == "more than 5 redirects"


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("file:///etc/passwd", "redirected: only http and https"),
        ("http://jane:secret@127.0.0.1/", "redirected: an address must not hold a user name"),
        ("http://a.example:b/", "Invalid URL in location header"),
        ("", "says not where to"),
    ],
)
def test_a_redirect_must_lead_to_a_web_address(
    site: Site, fetcher: Fetcher, place: str, reason: str
) -> None:
    site.replies["/a"] = Reply(status=302, headers={"Location": place})
    assert reason in refused(fetcher, f"{site.url}/a")


def test_private_addresses_are_refused_by_default_however_they_are_written(site: Site) -> None:
    fetcher = Fetcher(Settings())
    for host in ("127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:7f00:1]"):
        reason = refused(fetcher, f"http://{host}:{site.port}/a")
        assert "which is not a public address" in reason
        assert "DATELINE_FETCH_PRIVATE_ADDRESSES=true" in reason
    assert site.asked == []


@pytest.mark.usefixtures("public_loopback")
@pytest.mark.parametrize(
    "host", ["169.254.169.254", "10.0.0.1", "192.168.0.1", "[::1]", "[fd00:ec2::254]", "127.0.0.2"]
)
def test_a_redirect_into_a_private_network_is_refused(site: Site, host: str) -> None:
    site.replies["/a"] = Reply(status=302, headers={"Location": f"http://{host}/latest/meta-data/"})
    assert "is not a public address" in refused(Fetcher(settings(fetch_private_addresses=False)),
                                                f"{site.url}/a")  # fmt: skip


@pytest.mark.usefixtures("public_loopback")
def test_the_connection_goes_to_the_address_that_was_checked(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that gives a public address first and a private one next (DNS rebinding)."""
    given = iter(["127.0.0.1", "127.0.0.1", "10.0.0.1"])
    asked = []

    async def resolving(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(given), port))]

    monkeypatch.setattr(anyio, "getaddrinfo", resolving)
    site.replies["/a"] = Reply("here")
    fetcher = Fetcher(settings(fetch_private_addresses=False))
    found = fetcher.fetch(f"http://news.example:{site.port}/a")
    assert found is not None
    assert found.url == f"http://news.example:{site.port}/a"
    assert asked == ["news.example"] * 2, "robots.txt and the page, each resolved once"
    assert site.headers[-1]["host"] == f"news.example:{site.port}"
    assert "10.0.0.1" in refused(fetcher, f"http://news.example:{site.port}/a")


def test_one_private_address_among_public_ones_refuses_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolving(host: str, port: int, **_: Any) -> Any:
        return [(2, 1, 6, "", (one, port)) for one in ("93.184.216.34", "10.0.0.1")]

    monkeypatch.setattr(anyio, "getaddrinfo", resolving)
    assert "10.0.0.1" in refused(Fetcher(Settings()), "http://news.example/")


def test_certificate_and_host_are_those_of_the_name_though_the_address_is_connected_to() -> None:
    seen = []

    async def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"here"))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            url = httpx.URL("https://news.example/a?b=1")
            await _get_from(client, url, "2606:2800:220:1::1", 100, {})

    anyio.run(ask)
    (request,) = seen
    assert str(request.url) == "https://[2606:2800:220:1::1]/a?b=1"
    assert request.headers["Host"] == "news.example"
    assert request.extensions["sni_hostname"] == "news.example"


def test_a_proxy_of_the_environment_is_not_used(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.replies["/a"] = Reply("here")
    assert fetcher.fetch(f"{site.url}/a") is not None


def hang(handler: Any) -> None:
    time.sleep(30)


def drip_headers(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(300):
        handler.wfile.write(b"X-%d: a\r\n" % number)
        handler.wfile.flush()
        time.sleep(0.1)


def drip_body(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(300):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize("slow", [hang, drip_headers, drip_body])
def test_the_whole_fetch_has_a_time_limit(site: Site, slow: Any) -> None:
    """Each read of a dripping server is quick; all of them together are not."""
    site.replies |= {"/robots.txt": Reply("", "text/plain"), "/a": Reply(raw=slow)}
    fetcher = Fetcher(settings(fetch_timeout=1.5))
    started = time.monotonic()
    assert "no whole response within 1.5 s" in refused(fetcher, f"{site.url}/a")
    assert time.monotonic() - started < 20, "and not the 30 s that the server takes"


def test_a_body_is_bounded_also_decompressed(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(20_000_000), 9)
    site.replies |= {
        "/long": Reply(bytes(2000)),
        "/bomb": Reply(bomb, headers={"Content-Encoding": "gzip"}),
        "/packed": Reply(gzip.compress(b"here"), headers={"Content-Encoding": "gzip"}),
    }
    assert "longer than 1,000 bytes" in refused(fetcher, f"{site.url}/long", limit=1000)
    assert "longer than 100,000 bytes" in refused(fetcher, f"{site.url}/bomb", limit=100_000)
    found = fetcher.fetch(f"{site.url}/packed")
    assert found is not None
    assert found.body == b"here"


def test_a_server_that_lies_about_the_length_is_found_out(site: Site, fetcher: Fetcher) -> None:
    site.replies |= {
        "/less": Reply(b"short", headers={"Content-Length": "1000"}),
        "/more": Reply(b"longer than said", headers={"Content-Length": "6"}),
        "/none": Reply(raw=lambda handler: handler.wfile.write(b"not HTTP\r\n\r\n")),
    }
    assert "breaks off" in refused(fetcher, f"{site.url}/less")
    found = fetcher.fetch(f"{site.url}/more")
    assert found is not None
    assert found.body == b"longer"
    assert "not valid HTTP" in refused(fetcher, f"{site.url}/none")


def test_a_server_that_refuses_or_is_not_there_is_named(site: Site, fetcher: Fetcher) -> None:
    site.replies["/busy"] = Reply("later", status=429, headers={"Retry-After": "7"})
    assert refused(fetcher, f"{site.url}/missing") == "the server answered 404 Not Found"
    with pytest.raises(FetchFailed, match="429 Too Many Requests") as failed:
        fetcher.fetch(f"{site.url}/busy")
    assert failed.value.retry_after == 7
    assert "cannot connect" in refused(fetcher, "http://127.0.0.1:9/")
    assert "no such host" in refused(fetcher, "http://no-such-host.invalid/")
