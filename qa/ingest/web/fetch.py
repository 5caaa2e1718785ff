"""One bounded, polite fetcher, for everything that Dateline reads from the web.

Polite: a User-Agent with our name and version, robots.txt (RFC 9309), one request to a host at a
time and a pause between two, conditional requests. Bounded: the whole fetch in time, the
decompressed body in size, five redirects. Guarded: see `qa.ingest.web.addresses`.
"""

import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from threading import Lock
from urllib.robotparser import RobotFileParser

import anyio
import httpx

from qa.errors import FetchFailed
from qa.ingest.web.addresses import host_and_port, parse_url, resolve
from qa.ingest.web.inflate import Inflater
from qa.settings import Settings

NAME = "Dateline"
MOST_REDIRECTS = 5
MAX_BYTES = 50 * 1024 * 1024  # what sitemaps.org allows a sitemap
MAX_ROBOTS = 500 * 1024  # RFC 9309: at least that much must be read
LONGEST_PAUSE = 30  # seconds between two requests that a robots.txt may ask for
ROBOTS_KEPT = 86_400  # seconds that a robots.txt holds, as RFC 9309 has it
_LONGEST_RETRY = 86_400  # seconds
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to ask it later whether anything changed."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """What was fetched. ``url``: where redirects led; ``content_type`` in lower case."""

    url: str
    body: bytes
    content_type: str
    charset: str | None
    validators: Validators


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(slots=True)
class _Time:
    """Seconds left to a fetch. Pauses and waits for a host's turn do not count."""

    left: float


class Fetcher:
    """Fetches documents. Safe to share between threads, which wait for each other at each host.

    ``pause`` sleeps; a test or a service that stops brings its own.
    """

    def __init__(self, settings: Settings, pause: Callable[[float], object] = time.sleep) -> None:
        self._private = settings.fetch_private_addresses
        self._timeout = settings.fetch_timeout
        self._delay = settings.fetch_delay
        self._pause = pause
        self._user_agent = user_agent(settings.fetch_contact)
        self._last_request: dict[str, float] = {}  # by host, on the monotonic clock
        self._turns: dict[str, Lock] = {}  # by host; held during a request and the pause before it
        self._robots: dict[str, RobotFileParser] = {}  # by scheme, host and port
        self._robots_read: dict[str, float] = {}  # when, on the monotonic clock
        # By scheme, host and port; held while a robots.txt is read. A thread holds one at most, and
        # never asks for one while it holds a turn.
        self._reading_robots: dict[str, Lock] = {}

    def fetch(
        self, url: str, known: Validators | None = None, limit: int = MAX_BYTES
    ) -> Document | None:
        """The document at ``url``; None if the server says that it is as ``known``.

        Raises FetchFailed, with the reason in one line.
        """
        at = parse_url(url)
        time_left = _Time(self._timeout)
        for _ in range(MOST_REDIRECTS + 1):
            self._check_robots(at, time_left)
            response = self._get(at, limit, _conditions(known), time_left)
            if response.status == 304 and known is not None:
                return None
            if response.status not in _REDIRECTS:
                return _document(at, response)
            at = _redirected(at, response)
        raise FetchFailed(f"more than {MOST_REDIRECTS} redirects")

    def _check_robots(self, url: httpx.URL, time_left: _Time) -> None:
        """Raises FetchFailed where the host's robots.txt does not allow this."""
        origin = _origin(url)
        with self._reading_robots.setdefault(origin, Lock()):
            read_at = self._robots_read.get(origin)
            if read_at is None or time.monotonic() - read_at > ROBOTS_KEPT:
                robots = httpx.URL(f"{origin}/robots.txt")
                self._robots[origin] = self._read_robots(robots, time_left)
                self._robots_read[origin] = time.monotonic()
        if not self._robots[origin].can_fetch(NAME, str(url)):
            raise FetchFailed(f"robots.txt of {url.host} does not allow {url.path}")

    def _read_robots(self, url: httpx.URL, time_left: _Time) -> RobotFileParser:
        """As RFC 9309 has it: without a robots.txt all is allowed, with an unreadable one nothing.

        Raises FetchFailed where the host cannot be reached.
        """
        rules = RobotFileParser()
        at = url
        for _ in range(MOST_REDIRECTS + 1):
            response = self._get(at, MAX_ROBOTS, {}, time_left)
            if response.status not in _REDIRECTS:
                break
            at = _redirected(at, response)
        if response.status >= 500 or response.status == 429:
            raise _refused(response, f"robots.txt of {url.host}")
        text = response.body.decode("utf-8", "replace") if response.status < 300 else ""
        rules.parse(text.splitlines())
        return rules

    def _get(
        self, url: httpx.URL, limit: int, headers: Mapping[str, str], time_left: _Time
    ) -> _Response:
        with self._turn_at(url):
            started = time.monotonic()
            named = {"User-Agent": self._user_agent, **headers}
            try:
                return anyio.run(self._get_within, url, limit, named, time_left.left)
            except TimeoutError as error:
                raise FetchFailed(f"no whole response within {self._timeout:g} s") from error
            except httpx.HTTPError as error:
                raise FetchFailed(_reason(error)) from error
            finally:
                spent = time.monotonic() - started
                time_left.left = max(0.0, time_left.left - spent)

    @contextmanager
    def _turn_at(self, url: httpx.URL) -> Iterator[None]:
        """The only request to its host, as long after the one before as the host asks."""
        host, _ = host_and_port(url)
        with self._turns.setdefault(host, Lock()):
            if host in self._last_request:
                left = self._last_request[host] + self._delay_of(url) - time.monotonic()
                if left > 0:
                    self._pause(left)
            try:
                yield
            finally:
                self._last_request[host] = time.monotonic()

    def _delay_of(self, url: httpx.URL) -> float:
        rules = self._robots.get(_origin(url))
        asked = rules.crawl_delay(NAME) if rules is not None else None
        return max(self._delay, min(float(asked or 0), LONGEST_PAUSE))

    async def _get_within(
        self, url: httpx.URL, limit: int, headers: Mapping[str, str], seconds: float
    ) -> _Response:
        with anyio.fail_after(seconds):
            host, port = host_and_port(url)
            addresses = await resolve(host, port, private=self._private)
            # No proxy of the environment: it would resolve the host a second time.
            async with httpx.AsyncClient(
                verify=self._tls, trust_env=False, timeout=self._timeout
            ) as client:
                for address in addresses[:-1]:
                    try:
                        return await _get_from(client, url, address, limit, headers)
                    except (httpx.ConnectError, httpx.ConnectTimeout):
                        continue  # often IPv6 without a route: the next address may do
                return await _get_from(client, url, addresses[-1], limit, headers)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)


def user_agent(contact: str | None) -> str:
    """Who asks, as the owners of sites see it in their logs."""
    about = "news archive; feed and page reader"
    if contact is not None:
        about = f"{about}; +{contact}"
    return f"{NAME}/{version('dateline')} ({about})"


async def _get_from(
    client: httpx.AsyncClient,
    url: httpx.URL,
    address: str,
    limit: int,
    headers: Mapping[str, str],
) -> _Response:
    """Ask the server at an address that was checked; certificate and Host are the host's own."""
    host, _ = host_and_port(url)
    request = client.build_request(
        "GET",
        url.copy_with(host=address),
        headers={
            "Host": url.netloc.decode("ascii"),
            "Accept-Encoding": "gzip, deflate",  # those that can be decompressed within a limit
            **headers,
        },
        extensions={"sni_hostname": host},
    )
    response = await client.send(request, stream=True)
    try:
        inflater = Inflater(response.headers.get("Content-Encoding", "").strip().lower(), limit)
        async for piece in response.aiter_raw():
            inflater.feed(piece)
        return _Response(response.status_code, response.headers, inflater.finish())
    finally:
        await response.aclose()


def _origin(url: httpx.URL) -> str:
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _conditions(known: Validators | None) -> dict[str, str]:
    conditions = {}
    if known is not None and known.etag is not None:
        conditions["If-None-Match"] = known.etag
    if known is not None and known.last_modified is not None:
        conditions["If-Modified-Since"] = known.last_modified
    return conditions


def _redirected(url: httpx.URL, response: _Response) -> httpx.URL:
    place = response.headers.get("Location")
    if not place:
        raise FetchFailed(f"a redirect ({response.status}) that says not where to")
    try:
        return parse_url(str(url.join(place)))  # httpx has refused what it cannot join
    except FetchFailed as error:
        raise FetchFailed(f"redirected: {error}") from error


def _document(url: httpx.URL, response: _Response) -> Document:
    if not 200 <= response.status < 300:
        raise _refused(response, "the server")
    kind, _, parameters = response.headers.get("Content-Type", "").partition(";")
    charset = None
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip("\"'") or None
    headers = response.headers
    return Document(
        url=str(url),
        body=response.body,
        content_type=kind.strip().lower(),
        charset=charset,
        validators=Validators(headers.get("ETag"), headers.get("Last-Modified")),
    )


def _refused(response: _Response, who: str) -> FetchFailed:
    phrase = httpx.codes.get_reason_phrase(response.status)
    after = response.headers.get("Retry-After", "")
    # A Retry-After may also be a date, which is rare and not worth believing.
    wait = min(int(after), _LONGEST_RETRY) if after.isdecimal() else None
    return FetchFailed(f"{who} answered {response.status} {phrase}".rstrip(), wait)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError):
        return f"cannot connect: {error}"
    if isinstance(error, httpx.RemoteProtocolError):
        return f"the response is not valid HTTP, or breaks off: {error}"
    if isinstance(error, httpx.TimeoutException):
        return "no response in time"
    return f"the connection broke: {error or type(error).__name__}"
