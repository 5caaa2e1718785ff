"""Who asks: noted by the guard of every route, read where a question begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from qa.archive.audit import Caller, Interface

_OPENAI = ("/v1/chat/completions", "/v1/responses")
_CHATS = "/integrations/"
# None: the service itself.
_caller: ContextVar[Caller | None] = ContextVar("caller", default=None)


def current_caller() -> Caller | None:
    """The caller of this request; None for the service's own work, as standing questions are."""
    return _caller.get()


def note_caller(route: str, key_id: str | None = None, name: str | None = None) -> None:
    """Note who sent the request to this route, for the rest of its task and what that begins."""
    interface = _interface(route)
    if interface == "chat":
        name = route.removeprefix(_CHATS).partition("/")[0]
    _caller.set(Caller(interface, key_id, name))


@contextmanager
def called_by(caller: Caller) -> Iterator[None]:
    """Ask in the name of this caller while it is open: a user of a chat, or of `dateline mcp`."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def _interface(route: str) -> Interface:
    if route.startswith(_OPENAI):
        return "openai"
    if route.startswith("/mcp"):
        return "mcp"
    return "chat" if route.startswith(_CHATS) else "http"
