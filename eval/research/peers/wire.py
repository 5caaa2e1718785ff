"""What the driver and an adapter say to each other: a JSON object a line, one reply to each.

Standard library only, as adapters run where nothing of ours is installed. Whatever a library
prints goes to standard error; standard output carries replies alone.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

PASSAGES = "passages.jsonl"
ARTICLES = "articles.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """A passage that is handed in. ``published``: seconds since 1970, None: undated."""

    id: str
    article: str
    title: str
    text: str
    published: float | None

    @property
    def full_text(self) -> str:
        """What is embedded and searched for words: the title, then the passage."""
        return f"{self.title}\n{self.text}" if self.title else self.text


@dataclass(frozen=True, slots=True)
class Query:
    """A question; ``as_of`` (ISO 8601) is also given in seconds, as the end of its day."""

    question: str
    k: int
    as_of: str | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A passage that was found: its article, and its text without the title."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Description:
    """How a system was set up, for the table.

    ``answers`` says why it gives none, or is empty where it does. ``dates``: it can leave out what
    was published later.
    """

    version: str
    setup: str
    storage: str
    dates: bool
    answers: str = ""


class Peer(Protocol):
    """A system to compare. Passages of ``folder / PASSAGES`` are in the order of their articles.

    One that gives no answers need not define `answer`.
    """

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        """Load every model, so that nothing is loaded while the clock runs.

        ``encoder_python``: an interpreter that can run `adapters.encoder`, where one was asked for.
        """

    def index(self, folder: Path) -> int:
        """Make the corpus searchable, and durable where the system can. Returns its passages."""

    def search(self, query: Query) -> list[Found]:
        """The best passages, best first."""

    def delete(self, article: str) -> None:
        """Remove an article."""

    def answer(self, query: Query) -> dict[str, Any] | None:  # noqa: ARG002  # others need it
        """A Dateline `Answer` as JSON. None: the system gives none, see `Description.answers`."""
        return None

    def close(self) -> None:
        """End what was started."""


def read_rows(folder: Path) -> Iterator[Row]:
    """The passages that the driver wrote."""
    with (folder / PASSAGES).open(encoding="utf-8") as lines:
        for line in lines:
            yield Row(**json.loads(line))


def serve(peer: Peer) -> None:
    """Answer requests until standard input ends. A failure is a reply, and ends the process."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as replies:
        os.dup2(2, 1)
        try:
            for line in sys.stdin:
                _send(replies, {"result": _call(peer, json.loads(line))})
        except Exception as error:
            _send(replies, {"error": f"{type(error).__name__}: {error}"})
            raise
        finally:
            peer.close()


def _send(replies: TextIO, reply: dict[str, Any]) -> None:
    replies.write(json.dumps(reply) + "\n")
    replies.flush()


def _call(peer: Peer, request: dict[str, Any]) -> Any:
    match request.pop("op"):
        case "open":
            folder = Path(request["folder"])
            return asdict(peer.open(folder, request["encoder_python"]))
        case "index":
            return peer.index(Path(request["folder"]))
        case "search":
            return [asdict(found) for found in peer.search(Query(**request))]
        case "delete":
            return peer.delete(request["article"])
        case "answer":
            return peer.answer(Query(**request))
        case other:
            raise ValueError(f"unknown request '{other}'")
