"""The page at `/`, used in a real browser against the real service."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.bootstrap import open_retriever
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.browser import (
    ARTICLES,
    BRIDGE,
    HOSTILE,
    QUOTE,
    RELIEF,
    TOLL,
    Newsroom,
    answer_to,
    archive_of,
    ask,
    done,
    opened,
    script,
    served,
)
from tests.support.client import HeldModel, until
from tests.support.fakes import ScriptedReader
from tests.support.server import serving

# ---- The files ----


def test_the_files_come_with_their_types_and_headers(site: str) -> None:
    for path, kind in (
        ("/", "text/html"),
        ("/static/js/main.js", "text/javascript"),
        ("/static/page.css", "text/css"),
    ):
        response = httpx.get(site + path, timeout=60)
        assert response.status_code == 200, path
        assert response.headers["content-type"] == f"{kind}; charset=utf-8"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        policy = set(response.headers["content-security-policy"].split("; "))
        assert {
            "default-src 'none'",
            "script-src 'self'",
            "frame-ancestors 'none'",
            "form-action 'none'",
        } <= policy
        assert "unsafe" not in response.headers["content-security-policy"]


def test_a_file_that_the_browser_has_is_not_sent_again(site: str) -> None:
    first = httpx.get(f"{site}/static/js/main.js", timeout=60)
    assert first.headers["cache-control"] == "no-cache"
    for tag in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = httpx.get(f"{site}/static/js/main.js", headers={"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    assert (
        httpx.get(f"{site}/static/js/main.js", headers={"if-none-match": '"other"'}).status_code
        == 200
    )


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fpage.py", "%2e%2e%2fpage.py", "../page.py"])
def test_no_other_file_is_served(site: str, name: str) -> None:
    response = httpx.get(f"{site}/static/{name}", timeout=60)
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("application/problem+json")


# ---- The pure functions of the page ----


def called(page: Any, body: str, argument: Any = None) -> Any:
    """What a function body gives in which `js` are the functions of the page."""
    page.goto("/")
    return page.evaluate(
        "async (given) => {"
        " const [text, service] = ['text', 'service'].map((name) => `/static/js/${name}.js`);"
        f" const js = {{ ...await import(text), ...await import(service) }}; {body} }}",
        argument,
    )


def test_offsets_count_code_points(page: Any) -> None:
    text = "a🌊b𝔘é́c👩‍🚒 end"
    cuts = [[start, end] for start in range(len(text) + 1) for end in range(start, len(text) + 1)]
    sliced = called(
        page,
        "return given.cuts.map(([a, b]) => js.slice(given.text, a, b))",
        {"text": text, "cuts": cuts},
    )
    assert sliced == [text[start:end] for start, end in cuts]


EVENTS = [["hits", '[{"a": "𝔘 é"}]'], ["token", '{"text": "x: y"}'], ["message", "one\ntwo"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_events_are_read_however_their_bytes_arrive(page: Any, newline: str) -> None:
    lines = [
        ": still here",
        "",
        ": this one has empty data",
        "data: ",
        "",
        "event: hits",
        f"data: {EVENTS[0][1]}",
        "",
        ":",
        ":x",
        "event:token",
    ]
    lines += [
        f"data:{EVENTS[1][1]}",
        "id: 7",
        "",
        "data: one",
        "data: two",
        "",
        "event: hits",
        "data: never ended",
    ]
    data = list(newline.join(lines).encode())
    body = """
        const read = async (chunk) => {
          const stream = new ReadableStream({ start(out) {
            for (let at = 0; at < given.length; at += chunk) {
              out.enqueue(new Uint8Array(given.slice(at, at + chunk)));
            }
            out.close();
          } });
          const events = [];
          for await (const { name, data } of js.serverSentEvents(stream)) events.push([name, data]);
          return events;
        };
        return Promise.all([1, 2, 3, 7, 10000].map(read));"""
    assert called(page, body, data) == [EVENTS] * 5


def test_the_time_shown_is_what_the_visitor_waited(page: Any) -> None:
    times = [[21700, 6000], [6200, 6000], [900, 3.2]]
    said = called(
        page, "return given.map(([waited, worked]) => js.duration(waited, worked))", times
    )
    assert said == ["21.7 s, 15.7 s of it waiting", "6.2 s", "0.9 s"]


def test_waits_and_days_are_said_in_words(page: Any) -> None:
    waits = ["1", "7", "600", "Wed, 01 May 2024 00:00:30 GMT", "", "soon", "0"]
    now = "Date.parse('2024-05-01T00:00:00Z')"
    body = f"return given.map((header) => js.wait(header, {now}))"
    assert called(page, body, waits) == [
        "Try again in 1 second.",
        "Try again in 7 seconds.",
        "Try again in 10 minutes.",
        "Try again in 30 seconds.",
        "",
        "",
        "Try again now.",
    ]
    days = ["2024-03-04", "2024-03-04T23:40:00+01:00", "2024-03-04T00:10:00-11:00", "2024", None]
    assert called(page, "return given.map((day) => js.dayInWords(day))", days) == [
        "4 March 2024", "4 March 2024", "4 March 2024", "2024", "undated",
    ]  # fmt: skip


# ---- An answer ----


def test_a_question_asked_by_keyboard_is_answered_with_its_sentence_source_and_date(
    page: Any,
) -> None:
    page.goto("/")
    page.locator("h1 a").focus()
    page.keyboard.press("/")
    page.keyboard.type(RELIEF)
    page.keyboard.press("Enter")
    page.locator(".citation").wait_for()
    assert page.inner_text("#answer .lead") == "USD 40 million"
    assert page.text_content("blockquote") == QUOTE
    assert page.text_content("blockquote mark") == "USD 40 million"
    caption = page.inner_text("figcaption")
    assert "Relief for the coast" in caption
    assert "Coast Daily · 4 March 2024" in caption
    assert "Confidence 0.83" in page.inner_text("#answer")
    link = page.locator("figcaption a")
    assert (link.get_attribute("href"), link.get_attribute("rel")) == (
        ARTICLES[0]["url"],
        "noopener noreferrer",
    )
    assert httpx.URL(page.url).params["q"] == RELIEF
    assert RELIEF in page.title()


def test_the_quote_is_marked_in_its_article_behind_characters_that_javascript_counts_twice(
    page: Any,
) -> None:
    ask(page, RELIEF)
    page.locator("#reader mark.quote").wait_for()
    assert page.text_content("#reader mark.quote") == QUOTE
    assert page.text_content("#reader mark.said") == "USD 40 million"
    assert page.text_content("#reader .text") == ARTICLES[0]["text"]
    assert "4 March 2024, 23:40 UTC+01:00" in page.inner_text("#reader")


def test_text_of_articles_is_text(page: Any) -> None:
    ask(page, BRIDGE)
    page.locator("#reader mark.quote").wait_for()
    page.locator("#found summary").click()
    page.locator(".hit .opener").first.click()
    page.locator("#reader mark.passage").wait_for()
    assert page.text_content("#reader .text") == ARTICLES[1]["text"]
    assert page.inner_text("#reader h2") == HOSTILE
    assert page.locator("main script, main img").count() == 0
    assert page.locator("figcaption a[href], #reader a.original").count() == 0, (
        "an address that is not on the web is not a link"
    )
    assert page.evaluate("window.hacked") is None


def test_the_words_appear_as_they_are_streamed(page: Any) -> None:
    """The answer's first part is on the page while the connection is still open."""
    page.goto("/")
    page.evaluate("""
        window.fetch = async () => new Response(new ReadableStream({ start(out) {
          const send = (text) => out.enqueue(new TextEncoder().encode(text));
          window.send = send;
          send(': hello\\n\\nevent: hits\\ndata: []\\n\\n');
          send('event: token\\ndata: {"text": "The first part."}\\n\\n');
        } }))""")
    page.fill("#question", "Slowly?")
    page.press("#question", "Enter")
    page.locator("#answer .lead").wait_for()
    assert page.inner_text("#answer .lead") == "The first part."
    page.evaluate("""window.send('event: token\\ndata: {"text": " The second."}\\n\\n')""")
    page.get_by_text("The first part. The second.").wait_for()
    assert page.locator("#ask.busy").count() == 1
    assert page.get_attribute("#answer", "aria-live") == "polite"


def test_the_timeline_is_a_plot_and_a_table_and_contradictions_are_named(
    page: Any, archive: Archive
) -> None:
    answerer = Answerer(
        open_retriever(archive), Newsroom(), 0.0, ScriptedReader({"17": 5.0, "23": 6.0, "29": 6.0})
    )
    answer = answerer.answer(Question.parse(TOLL))
    assert len(answer.timeline) == 2
    assert len(answer.disagreements) == 1
    script(page, answer)
    ask(page, TOLL)
    assert page.inner_text("#answer .lead") == "23"
    plot = page.locator(".timeline svg[role=img]")
    assert plot.get_attribute("aria-label") == "17 on 4 March 2024, then 23 on 6 March 2024"
    assert plot.locator("circle").count() == 2
    rows = [row.split("\t") for row in page.inner_text(".timeline tbody").splitlines()]
    assert [row[:2] for row in rows] == [["4 March 2024", "17"], ["6 March 2024", "23"]]
    assert "Farm Post: 29" in page.inner_text(".disagree")
    for place, quote in (
        (".timeline tbody tr:first-child", ARTICLES[2]["text"]),
        (".disagree", ARTICLES[4]["text"]),
    ):
        page.locator(f"{place} .reference").click()
        page.locator("#reader mark.quote", has_text=quote).wait_for()
        assert (
            page.evaluate(
                "document.activeElement.closest('.citation').querySelector('blockquote').textContent"
            )
            == quote
        )


def test_a_model_that_is_silent_for_long_is_waited_for(
    browser: Any, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.sse.KEEP_ALIVE", 0.05)
    model = HeldModel()
    with serving(archive, model) as site, opened(browser, site) as page:
        threading.Timer(0.8, model.go.set).start()
        ask(page, RELIEF)
        assert page.locator(".failure").count() == 0
        assert page.text_content("blockquote") == QUOTE


def test_a_question_that_waits_for_its_turn_says_so(browser: Any, archive: Archive) -> None:
    model = HeldModel()
    with (
        serving(archive, model, answers_at_once=1, questions_waiting=1) as site,
        opened(browser, site) as page,
        ThreadPoolExecutor(1) as others,
    ):
        asked = {"question": RELIEF}
        first = others.submit(httpx.post, f"{site}/v1/ask", json=asked, timeout=60)
        until(lambda: model.writing == 1)
        page.goto(str(httpx.URL("/", params={"q": RELIEF})))
        page.get_by_text("Waiting for its turn: it is the next …").wait_for()
        threading.Timer(1.2, model.go.set).start()
        done(page)
        said = re.search(r"answered in ([\d.]+) s, ([\d.]+) s of it waiting", about(page))
        assert said is not None, about(page)
        assert float(said[1]) >= float(said[2]) > 1
        assert first.result().status_code == 200


def about(page: Any) -> str:
    """The line under an answer."""
    return str(page.inner_text("#answer p.soft"))


def test_an_uncertain_answer_does_not_look_like_a_sure_one(page: Any, archive: Archive) -> None:
    answer = answer_to(archive, RELIEF)

    def shown(confidence: float) -> tuple[float, str]:
        script(page, answer, confidence=confidence)
        ask(page, RELIEF)
        assert page.inner_text("#answer .lead") == "USD 40 million"
        size = page.locator(".lead").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        return size, page.inner_text("#answer")

    sure, said = shown(0.7)
    assert "sure" not in said
    for confidence, word in ((0.59, "Likely, not sure"), (0.48, "Not sure")):
        size, said = shown(confidence)
        assert page.inner_text("#answer .doubt") == word
        assert f"Confidence {confidence}" in said
        assert "how likely the answer is right" in said
        assert size < 0.7 * sure


def test_not_found_says_why_and_shows_the_nearest_passages(page: Any) -> None:
    ask(page, "What is the capital of Peru?")
    assert page.inner_text("#answer .lead") == "Not found"
    reason = "The nearest passages do not answer the question."
    assert reason in page.inner_text("#answer")
    assert "Not sure" not in page.inner_text("#answer"), "nothing was rejected"
    assert page.locator(".hit").count() == len(ARTICLES)
    assert page.locator(".hit").first.is_visible()
    page.locator(".hit", has_text="17 people").locator(".opener").click()
    page.locator("#reader mark.passage").wait_for()
    assert page.text_content("#reader mark") == ARTICLES[2]["text"]


def test_not_found_offers_the_rejected_answer_for_what_it_is(page: Any, archive: Archive) -> None:
    script(page, answer_to(archive, RELIEF, min_confidence=0.9))
    ask(page, RELIEF)
    assert page.inner_text("#answer .lead") == "Not found"
    assert page.inner_text(".candidate") == "Not sure: USD 40 million Show its quote"
    assert page.inner_text(".confidence summary") == "Confidence 0.83: not enough"
    assert "how likely the answer is right" in page.inner_text("#answer")


def test_passages_of_one_article_come_under_one_headline_and_whole(
    page: Any, archive: Archive
) -> None:
    answer = answer_to(archive, RELIEF, min_confidence=0.9)
    first, second, *others = answer.model_dump(mode="json")["hits"]
    second["article"] = first["article"]
    first["passage"]["text"] = "A sentence that says little. " * 40 + "This one decides it."
    script(page, answer, hits=[first, *others, second])
    ask(page, RELIEF)
    assert page.locator(".hit").count() == len(others) + 1
    best = page.locator(".hit").first
    assert best.locator(".opener").first.inner_text() == first["article"]["title"]
    excerpt = best.locator(".excerpt").first
    assert excerpt.evaluate("node => node.scrollHeight <= node.clientHeight"), "nothing is cut off"
    more = best.locator(".more")
    assert more.locator("summary").inner_text() == "1 more passage"
    more.locator("summary").click()
    assert more.locator(".excerpt").inner_text() == second["passage"]["text"].strip()
    more.locator(".opener").click()
    page.locator("#reader mark.passage").wait_for()


def test_not_found_says_how_much_the_archive_holds(page: Any, archive: Archive) -> None:
    script(page, answer_to(archive, RELIEF, min_confidence=0.9))
    ask(page, RELIEF)
    held = f"The archive holds {len(ARTICLES)} articles, the newest of "
    assert held in page.inner_text("#answer")


# ---- Forms of answers ----


def test_a_list_is_shown_as_items_with_their_quotes(page: Any, archive: Archive) -> None:
    items = [{"text": text, "kind": "text", "citations": [1]} for text in ("Hask", "<b>Brast</b>")]
    changes = {"form": "list", "items": items, "answer": "Hask; <b>Brast</b>"}
    script(page, answer_to(archive, RELIEF), short_answer=None, **changes)
    ask(page, RELIEF)
    lines = page.locator("#answer .lines li")
    assert lines.all_inner_texts() == ["Hask\xa01", "<b>Brast</b>\xa01"]
    lines.first.locator(".reference").click()
    page.locator("#reader mark.quote").wait_for()


def test_a_brief_is_shown_as_dated_reports(page: Any, archive: Archive) -> None:
    answer = answer_to(archive, TOLL)
    day = page_day(answer)
    script(page, answer, form="brief", short_answer=None)
    ask(page, TOLL)
    (line,) = page.locator("#answer ol.brief li").all_inner_texts()
    assert line == f"{day}\n{answer.answer}\xa01"


def page_day(answer: Answer) -> str:
    """The first citation's day in the page's words."""
    published = datetime.fromisoformat(answer.citations[0].published_at or "")
    return f"{published.day} {published:%B %Y}"


@pytest.mark.parametrize("code", ["reports_say_unknown", "false_premise"])
def test_what_the_reports_say_of_the_question_comes_with_the_answer(
    page: Any, archive: Archive, code: str
) -> None:
    script(page, answer_to(archive, RELIEF), reason_code=code, reason="the reports differ")
    ask(page, RELIEF)
    assert "The reports differ." in page.locator("#answer .caution").all_inner_texts()


def test_a_quote_names_who_speaks_and_who_else_reports_it(page: Any, archive: Archive) -> None:
    answer = answer_to(archive, RELIEF)
    (cited,) = answer.model_dump(mode="json")["citations"]
    cited |= {
        "speaker": "Ada <i>Lind</i>",
        "also_reported_by": [{"article_id": "b", "source": "Hill Times"}],
    }
    script(page, answer, citations=[cited])
    ask(page, RELIEF)
    caption = page.inner_text("figcaption")
    assert "quoting Ada <i>Lind</i>" in caption
    assert "also reported by Hill Times" in caption


# ---- Filters and the address ----


def test_filters_act_and_are_kept_in_the_address(page: Any) -> None:
    page.goto("/")
    page.fill("#question", RELIEF)
    page.locator("#filters summary").click()
    page.fill("#as_of", "2024-03-05")
    page.fill("#source", "Coast Daily, Hill Times")
    page.press("#source", "Enter")
    page.locator("#go").click()
    page.locator(".citation").wait_for()
    assert httpx.URL(page.url).params.multi_items() == [
        ("q", RELIEF), ("as_of", "2024-03-05"), ("source", "Coast Daily"), ("source", "Hill Times"),
    ]  # fmt: skip
    found = page.locator(".hit .byline").all_text_contents()
    assert set(found) == {"Coast Daily · 4 March 2024"}, "nothing published later, no other source"
    page.reload()
    page.locator(".citation").wait_for()
    assert page.inner_text("#filters-said") == "Filters: as of 5 March 2024, 2 sources"
    assert page.locator(".hit").count() == len(found)
    page.locator("#filters summary").click()
    page.get_by_label("Remove source Coast Daily").click()
    done(page)
    assert page.inner_text("#answer .lead") == "Not found"
    assert "No article matches all of the filters together." in page.inner_text("#answer")
    page.get_by_text("Ask without filters").click()
    page.locator(".citation").wait_for()
    assert httpx.URL(page.url).params.multi_items() == [("q", RELIEF)]


def test_a_time_of_day_in_the_address_is_not_lost(page: Any) -> None:
    page.goto(str(httpx.URL("/", params={"q": RELIEF, "as_of": "2024-03-04T22:00:00+00:00"})))
    done(page)
    assert page.input_value("#as_of") == "2024-03-04T22:00:00+00:00"
    assert page.locator("#answer .lead").inner_text() == "Not found", (
        "it was published at 22:40 UTC"
    )


def test_going_back_shows_the_question_before(page: Any) -> None:
    ask(page, RELIEF)
    page.fill("#question", BRIDGE)
    page.press("#question", "Enter")
    page.get_by_role("paragraph").get_by_text("Vera Quill", exact=True).wait_for()
    page.go_back()
    page.get_by_role("paragraph").get_by_text("USD 40 million", exact=True).wait_for()
    assert page.input_value("#question") == RELIEF
    page.go_forward()
    page.get_by_role("paragraph").get_by_text("Vera Quill", exact=True).wait_for()


# ---- Keys ----


def test_number_keys_and_tab_reach_the_quotes(page: Any) -> None:
    ask(page, RELIEF)
    page.keyboard.press("1")
    assert page.evaluate("document.activeElement.id") == "citation-1"
    page.keyboard.press("9")
    assert page.evaluate("document.activeElement.id") == "citation-1", "there is no ninth"
    page.locator("#question").focus()
    page.keyboard.type("1")
    assert page.input_value("#question") == f"{RELIEF}1", "in a field a figure is a figure"
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "citation-1":
            break
    else:
        raise AssertionError("Tab never came to the quote")
    page.keyboard.press("Enter")
    assert page.get_attribute("#citation-1", "aria-expanded") == "false", (
        "it was open, so this closes it"
    )
    assert page.locator("#reader").is_hidden()


def test_escape_stops_the_answer_under_way(page: Any) -> None:
    page.goto("/")
    page.fill("#question", "A slow question?")
    page.press("#question", "Enter")
    page.get_by_text("Reading").wait_for()
    assert page.locator("#stop").is_visible()
    page.keyboard.press("Escape")
    page.get_by_text("Stopped.").wait_for()
    assert page.locator("#stop").is_hidden()
    page.fill("#question", RELIEF)
    page.press("#question", "Enter")
    page.locator(".citation").wait_for()


# ---- What goes wrong ----


def test_an_error_while_answering_is_said_and_can_be_tried_again(page: Any) -> None:
    ask(page, "Is it broken?")
    assert page.inner_text(".failure p") == "Scripted: no reply in time."
    page.fill("#question", "Still broken?")
    page.get_by_text("Ask again").click()
    done(page)
    assert page.locator(".failure").count() == 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            {
                "status": 429,
                "headers": {"retry-after": "7"},
                "json": {"detail": "too many questions at once"},
            },
            "Too many questions at once. Try again in 7 seconds.",
        ),
        (
            {
                "status": 429,
                "headers": {"retry-after": "7"},
                "json": {"detail": "slow down; try again in 7 seconds"},
            },
            "Slow down; try again in 7 seconds.",
        ),
        ({"status": 503, "json": {"detail": "too many wait"}}, "Too many wait."),
        ({"status": 502, "body": "<h1>Bad gateway</h1>"}, "The service answered with status 502."),
        (
            {"status": 400, "json": {"detail": "as_of: 'soon' is no date"}},
            "As_of: 'soon' is no date.",
        ),
        (
            {"body": "event: hits\ndata: []\n\n", "content_type": "text/event-stream"},
            "The answer broke off before it was complete.",
        ),
    ],
)
def test_a_refusal_is_a_plain_sentence(page: Any, answer: dict[str, Any], said: str) -> None:
    served(page, "/v1/ask", **answer)
    ask(page, RELIEF)
    assert page.inner_text(".failure p") == said
    again = page.locator(".failure button").count() == 1
    assert again == (answer.get("status", 200) != 400), "not where it can only fail again"


def test_a_service_that_is_gone_is_said_to_be(page: Any) -> None:
    page.route("**/v1/ask", lambda request: request.abort())
    ask(page, RELIEF)
    assert page.inner_text(".failure p") == "The service cannot be reached. Is it running?"
    page.locator("#filters summary").click()
    page.fill("#as_of", "2024-03-05")
    assert page.locator("#stale").is_hidden(), "there are no results under any filters"


def test_a_quote_that_is_not_there_is_never_marked(page: Any) -> None:
    served(
        page,
        "/v1/articles/**",
        json={**ARTICLES[0], "version": "x", "text": "Another text.", "updated_at": None},
    )
    ask(page, RELIEF)
    page.get_by_text("The quote is not in this text.").wait_for()
    assert page.locator("#reader mark").count() == 0


def test_an_archive_with_keys_asks_for_one_and_the_tab_keeps_it(
    browser: Any, tmp_path: Path
) -> None:
    with archive_of(tmp_path / "keyed", ARTICLES) as archive:
        _, secret = create_key(archive.store, "reader", ["read", "ask"])
        with serving(archive, Newsroom()) as site, opened(browser, site) as page:
            sent: list[str | None] = []
            page.on("request", lambda request: sent.append(request.headers.get("authorization")))
            page.goto("/")
            page.fill("#question", RELIEF)
            page.press("#question", "Enter")
            page.locator("#unlock").wait_for()
            assert set(sent) == {None}
            page.keyboard.type("wrong")  # the field has the focus
            page.keyboard.press("Enter")
            page.get_by_text("The key was refused. This key is unknown.").wait_for()
            page.fill("#key", secret)
            page.keyboard.press("Enter")
            page.locator("#reader mark.quote").wait_for()
            assert page.locator("#unlock").is_hidden()
            assert sent[-1] == f"Bearer {secret}"
            assert page.evaluate("Object.values(sessionStorage)") == [secret]
            assert page.evaluate("localStorage.length") == 0
            assert page.evaluate("document.cookie") == ""
            assert secret not in page.content() + page.url
            page.reload()
            page.locator("#reader mark.quote").wait_for()
            page.get_by_text("Forget key").click()
            assert page.evaluate("sessionStorage.length") == 0
            assert page.locator("#forget").is_hidden()
            page.reload()
            page.locator("#unlock").wait_for()


def test_an_empty_archive_shows_the_first_steps(browser: Any, tmp_path: Path) -> None:
    with archive_of(tmp_path / "empty") as archive, serving(archive, Newsroom()) as site:
        with opened(browser, site) as page:
            page.goto("/")
            page.get_by_text("dateline ingest articles.jsonl").wait_for()
            ask(page, RELIEF)
            assert page.inner_text("#answer .lead") == "The archive is empty"
            assert "dateline ingest articles.jsonl" in page.inner_text("#answer")
        put(archive, ARTICLES, tmp_path)
        with opened(browser, site) as page:
            page.goto("/")
            page.get_by_text("It holds 5 articles, from ").wait_for()
            with archive.snapshot() as snapshot:
                grown = datetime.fromisoformat(str(snapshot.coverage(Filters()).last_ingested_at))
            said = page.inner_text("#answer .intro")
            assert f"the last came in on {grown.day} {grown:%B %Y}." in said


# ---- How it looks ----


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_light_or_dark_and_can_be_read(browser: Any, site: str, scheme: str) -> None:
    with opened(browser, site, color_scheme=scheme) as page:
        ask(page, RELIEF)
        page.locator("#reader mark.said").wait_for()
        ground = brightness(page, "body", "backgroundColor")
        assert (ground > 0.8) == (scheme == "light")
        for text in (
            ".lead",
            ".soft",
            "blockquote",
            "figcaption .byline",
            ".opener",
            "summary",
            "#reader .byline",
        ):
            assert contrast(ground, brightness(page, text, "color")) >= 4.5, text
        marked = brightness(page, "#reader mark.said", "backgroundColor")
        assert contrast(marked, brightness(page, "#reader mark.said", "color")) >= 4.5


def brightness(page: Any, selector: str, colour: str) -> float:
    """Relative luminance, as WCAG defines it."""
    found = page.locator(selector).first.evaluate(f"node => getComputedStyle(node).{colour}")
    parts = [int(part) / 255 for part in found.removeprefix("rgb(").removesuffix(")").split(",")]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("width", [320, 390])
def test_it_fits_a_phone(browser: Any, site: str, width: int) -> None:
    with opened(browser, site, viewport={"width": width, "height": 800}) as page:

        def fits() -> bool:
            return bool(page.evaluate("document.documentElement.scrollWidth") <= width)

        page.goto("/")
        page.locator("#filters summary").click()
        page.fill("#source", "A source with quite a long name, Another one")
        page.press("#source", "Enter")
        assert fits()
        ask(page, RELIEF)
        assert page.locator("#reader").is_hidden(), "on a phone the article opens when asked for"
        page.locator(".opener").first.click()
        page.locator("#reader mark.quote").wait_for()
        assert page.locator(".citation #reader").count() == 1, "right under its quote"
        page.locator("#found summary").click()
        assert fits()
        ask(page, BRIDGE)
        page.locator(".opener").first.click()
        page.locator("#reader mark.quote").wait_for()
        assert fits()
