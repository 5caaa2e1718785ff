"""The official client's own OAuth flow, over real HTTP: from a 401 to an answer."""

from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from qa.archive.archive import Archive
from tests.support.client import QUESTION
from tests.support.fakes import FirstSentenceModel
from tests.support.issuer import issuing
from tests.support.mcp import call
from tests.support.server import free_port, serving

CALLBACK = "http://127.0.0.1:9/callback"  # nobody is called: the redirect is read off the response


class Memory:
    """Where the client stores what it was given."""

    def __init__(self) -> None:
        self.tokens: OAuthToken | None = None
        self.client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


class Browser:
    """Follows the one link, as a person who consents."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}
        self._answered: dict[str, str] = {}

    async def open(self, url: str) -> None:
        self.asked = dict(parse_qsl(urlsplit(url).query))
        async with httpx2.AsyncClient() as line:
            location = (await line.get(url)).headers["location"]
        assert location.startswith(CALLBACK)
        self._answered = dict(parse_qsl(urlsplit(location).query))

    async def result(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult(**self._answered)


@pytest.mark.parametrize("place", ["oauth-authorization-server", "openid-configuration"])
@pytest.mark.parametrize("mode", ["legacy", "2026-07-28"])
def test_the_official_client_finds_its_way_to_a_token_and_an_answer(
    filled: Archive, mode: str, place: str
) -> None:
    browser, memory = Browser(), Memory()

    async def run(url: str) -> None:
        auth = OAuthClientProvider(
            f"{url}/mcp",
            OAuthClientMetadata(client_name="desk", redirect_uris=[AnyUrl(CALLBACK)]),
            memory,
            browser.open,
            browser.result,
        )
        async with (
            httpx2.AsyncClient(auth=auth) as line,
            Client(streamable_http_client(f"{url}/mcp", http_client=line), mode=mode) as client,
        ):
            answered = await call(client, "ask", question=QUESTION)
            assert "USD 40 million" in answered["answer"]

    port = free_port()
    with (
        issuing() as issuer,
        serving(
            filled,
            FirstSentenceModel(),
            port=port,
            oauth_issuer=issuer.url,
            public_url=f"http://127.0.0.1:{port}",
        ) as url,
    ):
        issuer.path = f"/.well-known/{place}"
        anyio.run(run, url)
    assert browser.asked["resource"] == f"{url}/mcp"
    assert browser.asked["scope"] == "read ask"
    assert memory.tokens is not None
