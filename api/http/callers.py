"""Who is asking: the identity behind a request, and what is left of its limits.

The caller of a request is the same wherever its work goes on: in threads, streams, background tasks
and tools. Where there is no request, as in standing questions, it is nobody, who has no rights.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Self

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from qa.archive import audit, keys
from qa.archive.audit import Interface
from qa.archive.keys import Key
from qa.archive.usage import UNLIMITED, Budget

_CHATS = "/integrations/"
_OPENAI = ("/v1/chat/completions", "/v1/responses", "/v1/models")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a request is from, however that was shown: by a key of ours or by another's token.

    ``rights``: the articles with one of these may be read. Counters go by ``id``.
    """

    id: str
    name: str
    scopes: frozenset[str]
    rights: frozenset[str] = frozenset()
    budget: Budget = UNLIMITED

    @classmethod
    def of(cls, key: Key) -> Self:
        """The identity that a key shows."""
        return cls(key.id, key.name, frozenset(key.scopes), key.rights, key.budget)

    def may(self, scope: keys.Scope) -> bool:
        """Return True if its scopes allow this one."""
        return bool(self.scopes & {scope, "admin"})


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit as a response states it: ``left`` of ``amount`` in ``window`` seconds, until it is
    full again, or fuller, in ``reset`` seconds.
    """

    amount: int
    window: int
    left: int
    reset: int
    unit: str = "requests"


@dataclass(slots=True)
class Caller:
    """Filled in while its request is handled. ``name``: of the chat, or of `dateline mcp`."""

    interface: Interface = "http"
    name: str | None = None
    identity: Identity | None = None
    quotas: dict[str, Quota] = field(default_factory=dict)  # by the limit's name

    @property
    def rights(self) -> frozenset[str]:
        return frozenset() if self.identity is None else self.identity.rights


_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def current() -> Caller:
    """The caller of the request that is handled; nobody outside of one."""
    return _caller.get() or Caller()


def asking() -> audit.Caller | None:
    """The caller as the audit log names it; None for the service's own work."""
    caller = _caller.get()
    if caller is None:
        return None
    if caller.identity is None or caller.interface == "chat":
        return audit.Caller(caller.interface, None, caller.name)
    return audit.Caller(caller.interface, caller.identity.id, caller.identity.name)


@contextmanager
def called_by(caller: Caller | None) -> Iterator[None]:
    """Work for this caller while it is open. None: nobody, who reads only what is open to all."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def state_quotas(app: ASGIApp) -> ASGIApp:
    """Make each request's caller, and state on its response what is left of its limits.

    As draft-ietf-httpapi-ratelimit-headers-11 says, and to OpenAI's clients as OpenAI does.
    """

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        path = scope["path"]
        caller = _caller_at(path)

        async def stating(message: Message) -> None:
            if message["type"] == "http.response.start" and caller.quotas:
                stated = _headers(caller.quotas)
                if path.startswith(_OPENAI):
                    stated |= _openai_headers(caller.quotas)
                message["headers"] = [
                    *message["headers"],
                    *((name.encode(), value.encode()) for name, value in stated.items()),
                ]
            await send(message)

        with called_by(caller):
            await app(scope, receive, stating)

    return wrapped


def _caller_at(path: str) -> Caller:
    if path.startswith(_CHATS):
        return Caller("chat", path.removeprefix(_CHATS).partition("/")[0])
    if path.startswith(_OPENAI):
        return Caller("openai")
    return Caller("mcp" if path.startswith("/mcp") else "http")


def _headers(quotas: dict[str, Quota]) -> dict[str, str]:
    policies, left = [], []
    for name, quota in quotas.items():
        unit = "" if quota.unit == "requests" else f';qu="{quota.unit}"'
        policies.append(f'"{name}";q={quota.amount}{unit};w={quota.window}')
        left.append(f'"{name}";r={quota.left};t={quota.reset}')
    return {"ratelimit-policy": ", ".join(policies), "ratelimit": ", ".join(left)}


def _openai_headers(quotas: dict[str, Quota]) -> dict[str, str]:
    """Of the requests those of the limit that ends first."""
    found = {}
    for unit in ("requests", "tokens"):
        limits = [quota for quota in quotas.values() if quota.unit == unit]
        if limits:
            tightest = min(limits, key=lambda quota: quota.left)
            found[f"x-ratelimit-limit-{unit}"] = f"{tightest.amount}"
            found[f"x-ratelimit-remaining-{unit}"] = f"{tightest.left}"
            found[f"x-ratelimit-reset-{unit}"] = f"{tightest.reset}s"
    return found
