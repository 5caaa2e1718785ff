"""OAuth tokens at /mcp: which are taken, which are refused and how, and where they are none."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.http.issuer import PAUSE
from api.http.tokens import LONGEST, looks_like_token
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.errors import BadInput
from qa.settings import Settings
from tests.support.client import QUESTION, check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.issuer import Issuer, issuing
from tests.support.server import client_of

PUBLIC = "https://news.example"
RESOURCE = f"{PUBLIC}/mcp"
METADATA = f"{PUBLIC}/.well-known/oauth-protected-resource/mcp"
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


def client(archive: Archive, issuer: Issuer, **settings: Any) -> Any:
    given = {"oauth_issuer": issuer.url, "public_url": PUBLIC, **settings}
    return client_of(archive, FirstSentenceModel(), **given)


def post(line: Any, secret: str | None, path: str = "/mcp", body: Any = LIST) -> Any:
    headers = {} if secret is None else {"Authorization": f"Bearer {secret}"}
    return line.post(path, json=body, headers={"Accept": "application/json", **headers})


def check_refused(response: Any, *words: str) -> None:
    """A 401 whose challenge leads to the issuer and says that the token is the fault."""
    check_problem(response, 401, *words)
    challenge = response.headers["www-authenticate"]
    assert challenge.startswith("Bearer ")
    assert f'resource_metadata="{METADATA}"' in challenge
    assert 'error="invalid_token"' in challenge


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


# what is taken


def test_a_token_opens_mcp_and_nothing_else(filled: Archive, issuer: Issuer) -> None:
    create_key(filled.store, "key", ["ask"])
    token = issuer.token(RESOURCE, scope="read ask ingest admin")
    with client(filled, issuer) as line:
        assert post(line, token).status_code == 200
        check_problem(post(line, token, "/v1/ask", {"question": QUESTION}), 401, "unknown")
        check_problem(post(line, token, "/v1/articles", {"text": "Rain."}), 401, "unknown")


def test_keys_work_beside_tokens(filled: Archive, issuer: Issuer) -> None:
    _, secret = create_key(filled.store, "key", ["read", "ask"])
    with client(filled, issuer) as line:
        assert post(line, secret).status_code == 200
        assert post(line, issuer.token(RESOURCE)).status_code == 200
        assert post(line, secret, "/v1/ask", {"question": QUESTION}).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": [RESOURCE, "https://other.example"]},
        {"scope": None, "scp": ["ask", "read"]},
        {"scope": None, "scp": "read ask"},
    ],
)
def test_the_forms_that_issuers_use_are_read(
    filled: Archive, issuer: Issuer, changed: dict[str, Any]
) -> None:
    with client(filled, issuer) as line:
        assert post(line, issuer.token(RESOURCE, **changed)).status_code == 200
        assert post(line, issuer.token(RESOURCE, {"typ": "JWT"}, **changed)).status_code == 200


def test_clocks_may_differ_by_half_a_minute(filled: Archive, issuer: Issuer) -> None:
    now = issuer.claims(RESOURCE)["iat"]
    with client(filled, issuer) as line:
        for changed in ({"exp": now - 30}, {"nbf": now + 30}, {"iat": now + 30}):
            assert post(line, issuer.token(RESOURCE, **changed)).status_code == 200
        check_refused(post(line, issuer.token(RESOURCE, exp=now - 90)), "expired")


def test_other_asymmetric_algorithms_and_a_key_without_a_name(
    filled: Archive, issuer: Issuer
) -> None:
    issuer.keys = {"curve": ec.generate_private_key(ec.SECP256R1())}
    with client(filled, issuer) as line:
        assert post(line, issuer.token(RESOURCE)).status_code == 200
        nameless = jwt.encode(issuer.claims(RESOURCE), issuer.keys["curve"], algorithm="ES256")
        assert post(line, nameless).status_code == 200


def test_audience_and_prefix_are_settings(filled: Archive, issuer: Issuer) -> None:
    settings = {"oauth_audience": "api://archive", "oauth_scope_prefix": "news:"}
    with client(filled, issuer, **settings) as line:
        for scope in ("news:read news:ask", "read ask"):  # Entra leaves the prefix out
            assert post(line, issuer.token("api://archive", scope=scope)).status_code == 200
        check_refused(post(line, issuer.token(RESOURCE)), "audience")
        asked = line.get("/.well-known/oauth-protected-resource").json()["scopes_supported"]
        assert asked == ["news:read", "news:ask"]
        other = issuer.token("api://archive", scope="tips:read tips:ask")
        assert post(line, other).status_code == 403


# where a client learns of it


def test_metadata_and_challenge_lead_to_the_issuer(filled: Archive, issuer: Issuer) -> None:
    with client(filled, issuer) as line:
        response = post(line, None)
        check_problem(response, 401, "token")
        challenge = response.headers["www-authenticate"]
        assert f'resource_metadata="{METADATA}"' in challenge
        assert 'scope="read ask"' in challenge
        assert "error=" not in challenge, "no token was sent"
        for path in ("", "/mcp"):
            document = line.get(f"/.well-known/oauth-protected-resource{path}").json()
            assert document["resource"] == RESOURCE
            assert document["authorization_servers"] == [issuer.url]
            assert document["scopes_supported"] == ["read", "ask"]
        check_problem(line.get("/.well-known/oauth-protected-resource/v1"), 404)


def test_a_path_of_the_public_address_is_part_of_the_resource(
    filled: Archive, issuer: Issuer
) -> None:
    with client(filled, issuer, public_url=f"{PUBLIC}/archive/") as line:
        challenge = post(line, None).headers["www-authenticate"]
        path = "/.well-known/oauth-protected-resource/archive/mcp"
        assert f'resource_metadata="{PUBLIC}{path}"' in challenge
        assert line.get(path).json()["resource"] == f"{PUBLIC}/archive/mcp"


def test_without_an_issuer_nothing_is_offered(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel(), public_url=PUBLIC) as line:
        check_problem(line.get("/.well-known/oauth-protected-resource"), 404)
        assert post(line, None).status_code == 200, "open to this machine, as ever"
        create_key(filled.store, "key", ["read", "ask"])
        response = post(line, None)
        assert response.headers["www-authenticate"] == 'Bearer realm="dateline"'


def test_without_keys_only_the_rest_stays_open_to_this_machine(
    filled: Archive, issuer: Issuer
) -> None:
    with client(filled, issuer) as line:
        assert post(line, None).status_code == 401
        check_refused(post(line, "whatever"), "send a key or an access token")
        assert post(line, None, "/v1/ask", {"question": QUESTION}).status_code == 200


# what is refused


@pytest.mark.parametrize(
    ("changed", "headers", "words"),
    [
        ({"aud": "https://other.example/mcp"}, {}, "audience"),
        ({"aud": f"{RESOURCE}/"}, {}, "audience"),
        ({"aud": PUBLIC}, {}, "audience"),
        ({"aud": None}, {}, "required claim"),
        ({"aud": 7}, {}, "audience"),
        ({"exp": 1_000_000_000}, {}, "expired"),
        ({"exp": None}, {}, "required claim"),
        ({"exp": "soon"}, {}, "not valid"),
        ({"nbf": 9_000_000_000}, {}, "immature"),
        ({"iss": "https://evil.example"}, {}, "issuer"),
        ({"sub": None}, {}, "required claim"),
        ({"sub": 7}, {}, "subject"),
        ({}, {"kid": "unknown"}, "key is unknown"),
        ({}, {"kid": "../../keys"}, "key is unknown"),
        ({}, {"typ": "logout+jwt"}, "not an access token"),
        ({}, {"typ": 7}, "not an access token"),
        ({}, {"crit": ["exp"]}, ""),
    ],
)
def test_a_token_that_is_not_for_here_and_now_is_refused(
    filled: Archive,
    issuer: Issuer,
    changed: dict[str, Any],
    headers: dict[str, Any],
    words: str,
) -> None:
    with client(filled, issuer) as line:
        (key_id, key), *_ = issuer.keys.items()
        parts = [
            encoded({"alg": "RS256", "typ": "at+jwt", "kid": key_id, **headers}),
            encoded(issuer.claims(RESOURCE, **changed)),
        ]
        assert isinstance(key, rsa.RSAPrivateKey)
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
            ".".join(parts).encode(), key
        )
        tail = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        check_refused(post(line, ".".join([*parts, tail])), words)


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "nOnE", "HS256", "HS512", "ES256K", "", None, [], {"RS256": 1}]
)
def test_only_asymmetric_algorithms_are_taken(
    filled: Archive, issuer: Issuer, algorithm: Any
) -> None:
    """Also the public key taken for a shared secret: the classic confusion."""
    (key_id,) = issuer.keys
    parts = f"{encoded({'alg': algorithm, 'kid': key_id})}.{encoded(issuer.claims(RESOURCE))}"
    digest = hmac.digest(issuer.public_key().encode(), parts.encode(), hashlib.sha256)
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    with client(filled, issuer) as line:
        for tail in ("", signature):
            check_refused(post(line, f"{parts}.{tail}"), "algorithm")


def test_a_secret_among_the_published_keys_signs_nothing(filled: Archive, issuer: Issuer) -> None:
    secret = "s" * 64
    issuer.published = [{"kty": "oct", "kid": "shared", "k": encoded(secret)}]
    token = jwt.encode(
        issuer.claims(RESOURCE), secret, algorithm="HS256", headers={"kid": "shared"}
    )
    with client(filled, issuer) as line:
        check_refused(post(line, token), "algorithm")


def test_another_key_of_the_same_name_and_a_changed_token_are_refused(
    filled: Archive, issuer: Issuer
) -> None:
    (key_id,) = issuer.keys
    forged = jwt.encode(
        issuer.claims(RESOURCE),
        rsa.generate_private_key(65537, 2048),
        algorithm="RS256",
        headers={"kid": key_id, "jku": "https://evil.example/keys"},
    )
    head, _, tail = issuer.token(RESOURCE).split(".")
    changed = f"{head}.{encoded(issuer.claims(RESOURCE, sub='eve'))}.{tail}"
    with client(filled, issuer) as line:
        check_refused(post(line, forged), "signature")
        check_refused(post(line, changed), "signature")


def test_a_key_of_another_algorithm_a_short_one_and_a_broken_one_verify_nothing(
    filled: Archive, issuer: Issuer
) -> None:
    issuer.keys = {"short": rsa.generate_private_key(65537, 1024)}  # noqa: S505  # that is the point
    issuer.published = [
        {"kty": "RSA", "kid": "broken", "n": "AA", "e": "AQAB"},
        {"kty": "EC", "kid": "curve", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "other", "alg": "PS256", "n": "AA", "e": "AQAB"},
    ]
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = issuer.token(RESOURCE)
    with client(filled, issuer) as line:
        check_refused(post(line, token), "invalid key")
        for name in ("broken", "curve", "other"):
            with pytest.warns(jwt.InsecureKeyLengthWarning):
                token = issuer.token(RESOURCE, {"kid": name})
            check_refused(post(line, token))


@pytest.mark.parametrize(
    "token",
    [
        "eyJ.eyJ.x",
        "eyJhbGciOiJSUzI1NiJ9..",
        f"eyJ{'A' * LONGEST}.e30.x",
        "eyJhbGciOiJSUzI1NiJ9.W10.AAAA",
    ],
)
def test_what_only_looks_like_a_token_is_refused(
    filled: Archive, issuer: Issuer, token: str
) -> None:
    with client(filled, issuer) as line:
        check_refused(post(line, token))


def test_a_missing_scope_is_named_with_a_challenge(filled: Archive, issuer: Issuer) -> None:
    with client(filled, issuer) as line:
        for changed in ({"scope": "ask"}, {"scope": "admin"}, {"scope": 7}, {"scope": None}):
            response = post(line, issuer.token(RESOURCE, **changed))
            check_problem(response, 403, "this token lacks the scope")
            challenge = response.headers["www-authenticate"]
            assert 'error="insufficient_scope"' in challenge
            assert 'scope="read ask"' in challenge
            assert f'resource_metadata="{METADATA}"' in challenge


def test_rotated_keys_are_found_and_the_old_no_longer(
    filled: Archive, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.issuer.PAUSE", 0)
    with client(filled, issuer) as line:
        old = issuer.token(RESOURCE)
        assert post(line, old).status_code == 200
        issuer.rotate()
        assert post(line, issuer.token(RESOURCE)).status_code == 200
        check_refused(post(line, old), "key is unknown")


def test_an_issuer_that_is_away_is_a_503_for_its_tokens_alone(
    filled: Archive, issuer: Issuer
) -> None:
    _, secret = create_key(filled.store, "key", ["read", "ask"])
    issuer.path = "nowhere"
    with client(filled, issuer) as line:
        response = post(line, issuer.token(RESOURCE))
        check_problem(response, 503, "issuer cannot be reached")
        assert response.headers["retry-after"] == str(PAUSE)
        assert post(line, secret).status_code == 200


def test_guessing_is_limited_and_so_are_the_calls_of_one_subject(
    filled: Archive, issuer: Issuer
) -> None:
    with client(filled, issuer, ask_limit="2/minute") as line:
        statuses = [
            post(line, issuer.token(RESOURCE, sub="ada", jti=str(n))).status_code for n in range(3)
        ]
        assert statuses == [200, 200, 429]
        assert post(line, issuer.token(RESOURCE, sub="bo")).status_code == 200
        wrong = [post(line, issuer.token("elsewhere")).status_code for _ in range(31)]
        assert wrong == [401] * 30 + [429]


# settings


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"oauth_issuer": "https://login.example"}, "needs public_url"),
        ({"oauth_issuer": "http://login.example", "public_url": PUBLIC}, "https"),
        ({"oauth_issuer": "login.example", "public_url": PUBLIC}, "https"),
        ({"oauth_issuer": "https://login.example/?a=b", "public_url": PUBLIC}, "without query"),
        ({"oauth_issuer": "https://me@login.example", "public_url": PUBLIC}, "without query"),
        ({"oauth_scope_prefix": 'a"b'}, "oauth_scope_prefix"),
    ],
)
def test_settings_that_cannot_work_are_refused(given: dict[str, str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Settings.load(**given)


def test_a_key_does_not_look_like_a_token() -> None:
    assert not looks_like_token("dateline_" + "x" * 43)
    assert not looks_like_token("eyJ" + "x" * 43)
    assert looks_like_token("eyJh.eyJh.x")
