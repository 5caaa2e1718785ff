"""A small OAuth authorization server on loopback: discovery, keys, registration, codes with PKCE.

It consents to everything at once, and signs what it is asked to sign.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import anyio
import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Issuer:
    """``url`` is its issuer name. Tests change ``metadata``, ``documents`` and ``path``."""

    def __init__(self) -> None:
        self.url = ""
        self.path = "/.well-known/oauth-authorization-server"  # the one place of its metadata
        self.metadata: dict[str, Any] = {}  # over what is true
        self.published: list[dict[str, Any]] = []  # further keys, as JWKs
        self.keys_response: Response | None = None  # instead of the keys
        self.fetched = 0  # how often the keys were
        self.delay = 0.0  # seconds that the keys take
        self.keys: dict[str, PrivateKey] = {}
        self.rotate()
        self._codes: dict[str, dict[str, str]] = {}

    def rotate(self) -> None:
        """Sign with a new key from now on, and publish no other."""
        self.keys = {secrets.token_hex(4): rsa.generate_private_key(65537, 2048)}

    def claims(self, audience: str, **changed: Any) -> dict[str, Any]:
        """Those of a good token; a claim that is changed to None is left out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": audience,
            "sub": "ada",
            "client_id": "desk",
            "scope": "read ask",
            "iat": now,
            "exp": now + 300,
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, audience: str, headers: dict[str, Any] | None = None, **changed: Any) -> str:
        """A token that is signed with the newest key."""
        (key_id, key), *_ = self.keys.items()
        return jwt.encode(
            self.claims(audience, **changed),
            key,
            algorithm="RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256",
            headers={"kid": key_id, "typ": "at+jwt", **(headers or {})},
        )

    def public_key(self) -> str:
        """The newest key's public half as a JWK in JSON, as an attacker reads it."""
        return json.dumps(self._published()[0])

    def _published(self) -> list[dict[str, Any]]:
        found = []
        for key_id, key in self.keys.items():
            kind: Any = (
                jwt.algorithms.RSAAlgorithm
                if isinstance(key, rsa.RSAPrivateKey)
                else jwt.algorithms.ECAlgorithm
            )
            public = kind.to_jwk(key.public_key(), as_dict=True)
            found.append({**public, "kid": key_id, "use": "sig"})
        return found

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/keys", self._keys),
                Route("/moved", self._moved),
                Route("/register", self._register, methods=["POST"]),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/{rest:path}", self._well_known),
            ]
        )

    async def _well_known(self, request: Request) -> Response:
        if request.url.path != self.path:
            return Response(status_code=404)
        return JSONResponse(
            {
                "issuer": self.url,
                "jwks_uri": f"{self.url}/keys",
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "registration_endpoint": f"{self.url}/register",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                **self.metadata,
            }
        )

    async def _keys(self, request: Request) -> Response:
        self.fetched += 1
        await anyio.sleep(self.delay)
        return self.keys_response or await self._moved(request)

    async def _moved(self, _: Request) -> Response:
        return JSONResponse({"keys": [*self._published(), *self.published]})

    async def _register(self, request: Request) -> Response:
        return JSONResponse({**await request.json(), "client_id": "desk"}, status_code=201)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        query = urlencode({"code": code, "state": asked["state"], "iss": self.url})
        return RedirectResponse(f"{asked['redirect_uri']}?{query}")

    async def _token(self, request: Request) -> Response:
        given = await request.form()
        asked = self._codes.pop(str(given["code"]))
        digest = hashlib.sha256(str(given["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if challenge != asked["code_challenge"] or given["resource"] != asked["resource"]:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        token = self.token(asked["resource"], scope=asked["scope"])
        return JSONResponse({"access_token": token, "token_type": "Bearer", "expires_in": 300})


@contextmanager
def issuing() -> Iterator[Issuer]:
    """The issuer under a real server, on a free port of loopback."""
    issuer = Issuer()
    server = uvicorn.Server(
        uvicorn.Config(issuer.app(), host="127.0.0.1", port=0, log_level="error")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        issuer.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        yield issuer
    finally:
        server.should_exit = True
        thread.join(20)
