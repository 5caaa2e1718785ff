"""API keys: who may do what. The archive holds only their digests."""

import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from qa.archive.store import Store
from qa.errors import BadInput, NotFound

Scope = Literal["read", "ask", "ingest", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
_PREFIX = "dateline_"  # so that a scanner for leaked secrets can name what it found
SHORTEST = 32  # characters of a secret that was not made here
_LONGEST_NAME = 100
_COLUMNS = "id, name, scopes, created_at, revoked_at"


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. The scope ``admin`` allows everything."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: str
    revoked_at: str | None = None

    def may(self, scope: Scope) -> bool:
        """Return True if the key allows it."""
        return self.revoked_at is None and bool(self.scopes & {scope, "admin"})


def create_key(
    store: Store, name: str, scopes: Collection[str], secret: str | None = None
) -> tuple[Key, str]:
    """A new key and its secret, which cannot be read again. Raises BadInput."""
    wrong = sorted(set(scopes) - set(SCOPES))
    if wrong or not scopes:
        raise BadInput(
            f"scope '{wrong[0]}' is unknown; known are {', '.join(SCOPES)}"
            if wrong
            else "name a scope"
        )
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise BadInput(f"a key's name has 1 to {_LONGEST_NAME} printable characters")
    if secret is None:
        secret = _PREFIX + secrets.token_urlsafe(32)
    elif len(secret) < SHORTEST or not (secret.isascii() and secret.isprintable()) or " " in secret:
        raise BadInput(f"a key needs at least {SHORTEST} ASCII characters without a space")
    allowed = frozenset(scope for scope in SCOPES if scope in scopes)
    key = Key(
        f"key_{secrets.token_hex(4)}",
        name,
        allowed,
        datetime.now(UTC).isoformat(timespec="seconds"),
    )
    with store.aside() as database:
        added = database.execute(
            "INSERT INTO keys (id, name, digest, scopes, created_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (digest) DO NOTHING",
            (key.id, key.name, _digest(secret), json.dumps(sorted(key.scopes)), key.created_at),
        )
        if added.rowcount == 0:
            raise BadInput("this key exists already")
    return key, secret


def list_keys(store: Store) -> list[Key]:
    """All keys, also revoked ones, oldest first."""
    with store.reading() as database:
        rows = database.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, id")
        return [_key(row) for row in rows]


def revoke_key(store: Store, key_id: str) -> Key:
    """End a key's use, from its next request on. Revoking it twice is fine. Raises NotFound."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with store.aside() as database:
        database.execute(
            "UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, key_id)
        )
        row = database.execute(f"SELECT {_COLUMNS} FROM keys WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        raise NotFound(f"no key '{key_id}'; see: dateline keys list")
    return _key(row)


def any_key(store: Store) -> bool:
    """Return True once a key was created, even if it is revoked: then one is always required."""
    with store.reading() as database:
        return database.execute("SELECT 1 FROM keys LIMIT 1").fetchone() is not None


def find_key(store: Store, secret: str) -> Key | None:
    """The key with this secret, also a revoked one.

    Looked up by digest, so the time that it takes reveals nothing about the secret.
    """
    with store.reading() as database:
        row = database.execute(
            f"SELECT {_COLUMNS} FROM keys WHERE digest = ?", (_digest(secret),)
        ).fetchone()
    return None if row is None else _key(row)


def key_json(key: Key) -> dict[str, Any]:
    """The key as it is shown."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def _digest(secret: str) -> str:
    # 256 random bits cannot be guessed, so a fast hash is enough.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: Any) -> Key:
    identity, name, scopes, created_at, revoked_at = row
    return Key(identity, name, frozenset(json.loads(scopes)), created_at, revoked_at)
