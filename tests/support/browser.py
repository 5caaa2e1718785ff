"""The page in a real browser: its archive, its model, and a tab that watches for violations."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.archive.sqlite.store import SqliteStore
from qa.bootstrap import open_retriever
from qa.errors import AnswerModelTimeout
from qa.models.base import Statement
from qa.question import Question
from tests.support.archives import put
from tests.support.fakes import BagOfWordsEmbedder

HOSTILE = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"
QUOTE = "The council pledged USD 40 million 🎉 in relief on Friday."
ARTICLES: list[dict[str, Any]] = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        # Before the quote JavaScript counts more units than Python counts characters.
        "text": f"🌊🌊 By R. Moe, 𝔈ldmouth.\n\nThe harbour was flooded. {QUOTE} Work begins soon.",
        "published_at": "2024-03-04T23:40:00+01:00",
        "source": "Coast Daily",
        "authors": ["R. Moe"],
        "url": "https://coast.example/a/1?x=1",
    },
    {
        "id": f"hostile/{HOSTILE}",
        "title": HOSTILE,
        "text": f"{HOSTILE} Vera Quill opened the bridge. {HOSTILE}",
        "published_at": "2024-05-06",
        "source": HOSTILE,
        "url": "javascript:window.hacked = 1",
    },
    *(
        {"id": name, "text": text, "published_at": day, "source": source}
        for name, text, day, source in (
            ("first", "The flood killed 17 people in Marlow.", "2024-03-04", "Coast Daily"),
            ("later", "The flood killed 23 people, Marlow says.", "2024-03-06", "Hill Times"),
            (
                "other",
                "The flood killed 29 people in Marlow.",
                "2024-03-06T12:00:00+00:00",
                "Farm Post",
            ),
        )
    ),
]
RELIEF = "How much relief did the council pledge?"
BRIDGE = "Who opened the bridge?"
TOLL = "How many people did the flood kill in Marlow?"
SAID = {RELIEF: "USD 40 million", BRIDGE: "Vera Quill", TOLL: "23"}


class Newsroom:
    """Knows the answers of `SAID`; fails or hangs where the question asks for it."""

    name = "newsroom"

    def __init__(self) -> None:
        self.hurry = threading.Event()

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Statement]:
        if "slow" in question.text:
            self.hurry.wait(60)
        if "broken" in question.text:
            raise AnswerModelTimeout("scripted: no reply in time")
        short = SAID.get(question.text)
        for item in evidence:
            if short is not None and short in item.text:
                yield Statement(short, (item.n,), short, 0.83)
                return


@contextmanager
def archive_of(folder: Path, records: Sequence[dict[str, Any]] = ()) -> Iterator[Archive]:
    embedder = BagOfWordsEmbedder()
    store = SqliteStore.create(folder, embedder.name, embedder.digest, embedder.dimension)
    archive = Archive(store, embedder)
    if records:
        put(archive, records, folder)
    yield archive
    store.close()


@contextmanager
def opened(browser: Any, site: str, **options: Any) -> Iterator[Any]:
    """A tab. Afterwards: nothing violated its policy, nothing threw, no other host was asked."""
    context = browser.new_context(
        base_url=site, **({"viewport": {"width": 1280, "height": 900}} | options)
    )
    context.set_default_timeout(60_000)
    tab = context.new_page()
    problems: list[str] = []
    elsewhere: list[str] = []

    def log(message: Any) -> None:
        # What the browser says itself of a 401 or 429 is not a fault of the page.
        if message.type in ("error", "warning") and not message.text.startswith(
            "Failed to load resource"
        ):
            problems.append(message.text)

    def requested(request: Any) -> None:
        if not request.url.startswith((site, "data:")):
            elsewhere.append(request.url)

    tab.on("console", log)
    tab.on("pageerror", lambda error: problems.append(str(error)))
    tab.on("request", requested)
    yield tab
    assert tab.evaluate("window.hacked") is None
    context.close()
    assert problems == []
    assert elsewhere == []


def ask(page: Any, question: str) -> None:
    """As a visitor of a shared address: the tab does not remember an answer to it."""
    page.goto("about:blank")
    page.goto(str(httpx.URL("/", params={"q": question})))
    done(page)


def done(page: Any) -> None:
    page.locator("#ask:not(.busy)").wait_for()


def served(page: Any, route: str, **answer: Any) -> None:
    """From now on the route answers this."""
    page.route(f"**{route}", lambda request: request.fulfill(**answer))


def script(page: Any, given: Answer, **changes: Any) -> None:
    """From now on every question gets this answer."""
    content = given.model_dump(mode="json") | changes
    served(page, "/v1/ask", **stream_of(("hits", content["hits"]), ("answer", content)))


def stream_of(*events: tuple[str, Any]) -> dict[str, Any]:
    """A response of server-sent events."""
    body = "".join(f"event: {name}\r\ndata: {json.dumps(data)}\r\n\r\n" for name, data in events)
    return {"body": body, "content_type": "text/event-stream"}


def answer_to(archive: Archive, question: str, min_confidence: float = 0.0) -> Answer:
    return Answerer(open_retriever(archive), Newsroom(), min_confidence).answer(
        Question.parse(question)
    )
