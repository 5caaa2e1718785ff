"""Every state of the page that asks and answers, for what must hold in all of them."""

from collections.abc import Callable
from typing import Any

from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.question import Question
from tests.support.browser import (
    BRIDGE,
    RELIEF,
    TOLL,
    Newsroom,
    answer_to,
    ask,
    done,
    script,
    served,
    stream_of,
)
from tests.support.fakes import ScriptedReader

State = Callable[[Any, Archive], None]
NAMES = ("Hill Times", "Farm Post", "The Coast Ledger", "Marlow Echo", "Delta News", "Port Wire")
SENTENCES = (
    "The council pledged the money because the harbour wall had given way in two places.",
    "Its head said that the town could not wait for the province to act.",
    "Work on the wall begins in April and should end before the autumn storms.",
)


def idle(page: Any, _: Archive | None) -> None:
    page.goto("/")
    page.locator("#answer p").first.wait_for()


def filters(page: Any, _: Archive) -> None:
    page.goto("/")
    page.locator("#filters summary").click()
    page.fill("#source", "Coast Daily")
    page.press("#source", "Enter")


def short(page: Any, _: Archive) -> None:
    ask(page, RELIEF)
    page.locator(".citation").wait_for()


def sentences(page: Any, archive: Archive) -> None:
    content = answer_to(archive, RELIEF).model_dump(mode="json")
    (cited,) = content["citations"]
    others = [{"article_id": name, "source": name} for name in NAMES]
    statements, place = [], 0
    for n, text in enumerate(SENTENCES, 1):
        statements.append(
            {"text": text, "start": place, "end": place + len(text), "citations": [n]}
        )
        place += len(text) + 1
    citations = [cited | {"n": n, "quote": text} for n, text in enumerate(SENTENCES, 1)]
    citations[0] |= {"also_reported_by": others, "speaker": "Ada Lind"}
    changes = {"statements": statements, "citations": citations, "answer": " ".join(SENTENCES)}
    script(page, answer_to(archive, RELIEF), form="sentences", **changes, independent_sources=3)
    ask(page, "Why did the council pledge relief?")


def yes_no(page: Any, archive: Archive) -> None:
    value = {"text": "yes", "kind": "boolean", "value": "true"}
    answer = answer_to(archive, RELIEF)
    text = f"Yes: {SENTENCES[0]}"
    said = [{"text": text, "start": 0, "end": len(text), "citations": [1]}]
    changes = {"answer": text, "statements": said}
    script(page, answer, form="yes_no", short_answer=value, **changes)
    ask(page, "Did the council pledge relief?")


def items(page: Any, archive: Archive) -> None:
    listed = [
        {"text": text, "kind": "text", "citations": [1]} for text in ("Hask", "Brast", "Marlow")
    ]
    changes = {"form": "list", "items": listed, "answer": "Hask; Brast; Marlow"}
    script(page, answer_to(archive, RELIEF), short_answer=None, **changes)
    ask(page, "Which towns were flooded?")


def brief(page: Any, archive: Archive) -> None:
    answerer = Answerer(
        open_retriever(archive), Newsroom(), 0.0, ScriptedReader({"17": 5.0, "23": 6.0, "29": 6.0})
    )
    answer = answerer.answer(Question.parse(TOLL))
    said = [
        {"text": cited.quote, "start": 0, "end": len(cited.quote), "citations": [cited.n]}
        for cited in sorted(answer.citations, key=lambda cited: cited.published_at or "")
    ]
    script(page, answer, form="brief", short_answer=None, statements=said)
    ask(page, "What happened in Marlow?")


def timeline(page: Any, archive: Archive) -> None:
    answerer = Answerer(
        open_retriever(archive), Newsroom(), 0.0, ScriptedReader({"17": 5.0, "23": 6.0, "29": 6.0})
    )
    script(page, answerer.answer(Question.parse(TOLL)))
    ask(page, TOLL)


def unsure(page: Any, archive: Archive) -> None:
    script(page, answer_to(archive, RELIEF), confidence=0.43)
    ask(page, RELIEF)


def not_found(page: Any, archive: Archive) -> None:
    script(page, answer_to(archive, RELIEF, min_confidence=0.9))
    ask(page, RELIEF)


def conversation(page: Any, _: Archive) -> None:
    ask(page, RELIEF)
    for follow_up in ("And when did the council pledge it?", BRIDGE):
        page.fill("#next", follow_up)
        page.press("#next", "Enter")
        done(page)
    page.locator(".turn summary").first.click()


def waiting(page: Any, _: Archive) -> None:
    hold(page, ("waiting", {"ahead": 3}))


def writing(page: Any, _: Archive) -> None:
    hold(page, ("hits", []), *(("token", {"text": f"{text} "}) for text in SENTENCES[:2]))


def hold(page: Any, *events: tuple[str, Any]) -> None:
    """An answer whose stream stays open after these events, until `finish`."""
    idle(page, None)
    page.evaluate(
        """(body) => {
          const real = window.fetch;
          const open = new ReadableStream({ start: (out) => {
            window.send = (text) => out.enqueue(new TextEncoder().encode(text));
            window.close = () => out.close();
            window.send(body);
          } });
          window.fetch = async (path, ...more) =>
            path === "v1/ask" ? new Response(open) : real(path, ...more);
        }""",
        stream_of(*events)["body"],
    )
    page.fill("#question", RELIEF)
    page.press("#question", "Enter")
    page.locator("#ask.busy").wait_for()


def finish(page: Any, *events: tuple[str, Any]) -> None:
    """Send the rest of an answer that is held."""
    page.evaluate("body => { window.send(body); window.close(); }", stream_of(*events)["body"])
    done(page)


def failed(page: Any, _: Archive) -> None:
    served(page, "/v1/ask", status=503, json={"type": "urn:dateline:queue-full", "detail": "busy"})
    ask(page, RELIEF)


def locked(page: Any, _: Archive) -> None:
    served(page, "/v1/ask", status=401, json={"detail": "a key is needed"})
    ask(page, RELIEF)


def exporting(page: Any, archive: Archive) -> None:
    short(page, archive)
    page.locator(".menu summary").click()


def judging(page: Any, archive: Archive) -> None:
    short(page, archive)
    page.get_by_role("button", name="Wrong or incomplete").click()


def archived(page: Any, _: Archive) -> None:
    page.goto("/?view=archive&source=Coast+Daily&words=flood")
    page.locator("#facets").evaluate("fold => { fold.open = true; }")
    page.locator("#listed .title").first.wait_for()


def first_screen(page: Any, _: Archive) -> None:
    suggestion = {"question": "Who opened the bridge?", "source": "Argus", "published_at": None}
    served(page, "/v1/suggestions", json={"suggestions": [suggestion] * 3})
    page.goto("/")
    page.locator("#examples li").first.wait_for()


def article(page: Any, _: Archive) -> None:
    page.goto("/?view=article&id=later")
    page.get_by_role("button", name="Ask about this article").click()
    page.locator("#only .chip").wait_for()


def passages(page: Any, archive: Archive) -> None:
    (first, *_) = answer_to(archive, RELIEF).model_dump(mode="json")["hits"]
    first["also_reported_by"] = [{"article_id": name, "source": name} for name in NAMES]
    script(page, answer_to(archive, RELIEF), hits=[first])
    ask(page, RELIEF)
    page.locator("#found summary").first.click()
    page.get_by_text("Also reported by").click()


def false_premise(page: Any, archive: Archive) -> None:
    reason = "the reports say that the council pledged USD 40 million to Elmouth, not to Brast"
    script(page, answer_to(archive, RELIEF), reason_code="false_premise", reason=reason)
    ask(page, "Why did the council pledge nothing to Brast?")


def answer_page(page: Any, archive: Archive) -> None:
    short(page, archive)
    page.locator(".menu summary").click()
    page.get_by_role("link", name="Permanent page").click()
    page.locator("#quote-1").wait_for()


def card(page: Any, archive: Archive) -> None:
    answer_page(page, archive)
    page.goto(f"{page.url}/card")


def missing_answer(page: Any, _: Archive) -> None:
    page.goto("/a/0123456789abcdef01234567")


STATES: tuple[State, ...] = (
    idle, filters, short, sentences, yes_no, items, brief, timeline, unsure, not_found,
    conversation, waiting, writing, failed, locked, exporting, judging,
    archived, first_screen, article, passages, false_premise, answer_page, card, missing_answer,
)  # fmt: skip
