"""OAuth access tokens for `/mcp`: JWTs of the issuer that is set (RFC 9068, RFC 8707, RFC 9728).

This service is a resource server: it checks tokens and passes none on. They open `/mcp` alone, as
that is the resource that they are issued for.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import get
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler

from api.http.issuer import IssuerKeys, JsonObject
from qa.archive.keys import Key, Scope
from qa.extras import require
from qa.settings import Settings

LONGEST = 16_384  # characters; such as Entra's with many groups
_LEEWAY: Final = 60  # seconds that the issuer's clock and ours may differ
_ALGORITHMS: Final = frozenset(  # asymmetric: with a secret shared, each could issue
    ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
)
# Other JWTs of the same issuer, such as a logout token, say so.
_TYPES: Final = frozenset(["jwt", "at+jwt", "application/at+jwt"])
_SCOPES: Final[tuple[Scope, ...]] = ("read", "ask")  # all that `/mcp` needs, never admin
_LONGEST_NAME = 100
WELL_KNOWN = "/.well-known/oauth-protected-resource"


class WrongToken(Exception):
    """A token that is not accepted, and why, in words that may be sent."""


class Tokens:
    """Accepts the tokens of one issuer for one audience."""

    def __init__(self, issuer: str, public_url: str, audience: str | None, prefix: str) -> None:
        self.resource = f"{public_url.rstrip('/')}/mcp"
        self._issuer = issuer
        self._audience = audience or self.resource
        self._prefix = prefix
        self._keys = IssuerKeys(issuer)

    @classmethod
    def of(cls, settings: Settings) -> "Tokens | None":
        """None where no issuer is set."""
        issuer, public_url = settings.oauth_issuer, settings.public_url
        if issuer is None or public_url is None:
            return None
        require("jwt", extra="mcp")
        return cls(issuer, public_url, settings.oauth_audience, settings.oauth_scope_prefix)

    async def identify(self, token: str) -> Key:
        """The caller as a key. Raises WrongToken, IssuerUnreachable."""
        from jwt import InvalidTokenError, PyJWK, PyJWTError, get_unverified_header
        from jwt import decode as decode_token

        if len(token) > LONGEST:
            raise WrongToken("this token is too long")
        try:
            header = get_unverified_header(token)
        except InvalidTokenError as error:
            raise WrongToken("this token is not a JWT") from error
        algorithm = _checked_algorithm(header)
        key = await self._keys.find(header.get("kid"))
        if key is None or key.get("alg", algorithm) != algorithm:
            raise WrongToken("this token's signing key is unknown")
        try:
            claims = decode_token(
                token,
                PyJWK(key, algorithm),
                algorithms=[algorithm],
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    "enforce_minimum_key_length": True,
                },
            )
        except (PyJWTError, ValueError) as error:  # ValueError: a key that is broken
            raise WrongToken(f"this token is not valid: {_reason(error)}") from error
        return self._caller(claims)

    @property
    def handler(self) -> HTTPRouteHandler:
        """The route of the protected-resource metadata (RFC 9728), open to all."""
        paths = sorted({WELL_KNOWN, f"{WELL_KNOWN}/mcp", WELL_KNOWN + urlsplit(self.resource).path})
        document = {
            "resource": self.resource,
            "authorization_servers": [self._issuer],
            "scopes_supported": self._names(_SCOPES),
            "bearer_methods_supported": ["header"],
            "resource_name": "Dateline",
        }

        @get(paths, opt={"scope": None}, include_in_schema=False, sync_to_thread=False)
        def protected_resource() -> JsonObject:
            return document

        return protected_resource

    @contextmanager
    def challenging(self, connection: ASGIConnection[Any, Any, Any, Any]) -> Iterator[None]:
        """Let a refusal lead the client to the issuer (RFC 6750, RFC 9728)."""
        try:
            yield
        except NotAuthorizedException as error:
            sent = "authorization" in connection.headers
            error.headers = self._challenge("invalid_token" if sent else None, error.detail)
            raise
        except PermissionDeniedException as error:
            error.headers = self._challenge("insufficient_scope", error.detail)
            raise

    def _challenge(self, error: str | None, description: str) -> dict[str, str]:
        parts = {"realm": "dateline"}
        if error is not None:
            parts |= {"error": error, "error_description": description}
        parts["scope"] = " ".join(self._names(_SCOPES))
        address = urlsplit(self.resource)
        parts["resource_metadata"] = (
            f"{address.scheme}://{address.netloc}{WELL_KNOWN}{address.path}"
        )
        listed = ", ".join(f'{name}="{_quotable(text)}"' for name, text in parts.items())
        return {"WWW-Authenticate": f"Bearer {listed}"}

    def _names(self, scopes: tuple[Scope, ...]) -> list[str]:
        return [f"{self._prefix}{scope}" for scope in scopes]

    def _caller(self, claims: JsonObject) -> Key:
        """The id is the same for all tokens of a subject, and does not give it away."""
        granted = claims.get("scope", claims.get("scp"))  # `scp`: Entra, Okta
        listed = granted.split() if isinstance(granted, str) else granted
        names: set[str] = set()
        if isinstance(listed, list):
            names = {str(name).removeprefix(self._prefix) for name in listed}
        subject = f"{self._issuer}\n{claims['sub']}"
        digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
        client = str(claims.get("client_id") or claims.get("azp") or "OAuth client")
        return Key(
            id=f"oauth_{digest[:16]}",
            name="".join(letter for letter in client if letter.isprintable())[:_LONGEST_NAME],
            scopes=frozenset(scope for scope in _SCOPES if scope in names),
            created_at="",
        )


def looks_like_token(secret: str) -> bool:
    """Return True for the form of a JWT: a JSON object and two more parts, in base64url."""
    return secret.startswith("eyJ") and secret.count(".") == 2


def _checked_algorithm(header: dict[str, Any]) -> str:
    algorithm, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS:
        raise WrongToken("this token is not signed with an algorithm that is accepted")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise WrongToken("this is not an access token")
    return algorithm


def _reason(error: Exception) -> str:
    """PyJWT's words, without any text of the token."""
    return (
        "".join(
            f" {letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__
        )
        .strip()
        .removesuffix(" error")
    )


def _quotable(text: str) -> str:
    return text.replace("\\", "").replace('"', "'")
