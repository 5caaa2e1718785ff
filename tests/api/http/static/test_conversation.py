"""Follow-up questions on the page: asked with what came before, each turn with its link."""

import json
from typing import Any

import httpx
import pytest

from qa.archive.archive import Archive
from tests.support.browser import BRIDGE, QUOTE, RELIEF, answer_to, ask, done, script, served

FOLLOW_UP = "And when did the council pledge it?"


def follow(page: Any, question: str) -> None:
    page.fill("#next", question)
    page.press("#next", "Enter")
    done(page)


def bodies(page: Any) -> list[dict[str, Any]]:
    """What is asked from now on."""
    sent: list[dict[str, Any]] = []

    def note(request: Any) -> None:
        if request.url.endswith("/v1/ask"):
            sent.append(json.loads(request.post_data))

    page.on("request", note)
    return sent


def test_a_follow_up_is_asked_with_the_questions_before_it(page: Any) -> None:
    sent = bodies(page)
    ask(page, RELIEF)
    page.keyboard.press("f")
    assert page.evaluate("document.activeElement.id") == "next"
    page.keyboard.type(FOLLOW_UP)
    page.keyboard.press("Enter")
    done(page)
    assert [(body["question"], body["history"]) for body in sent] == [
        (RELIEF, []),
        (FOLLOW_UP, [RELIEF]),
    ]
    assert page.inner_text("#answer .asked") == FOLLOW_UP
    whole = f"when did the council pledge it? ({RELIEF})"
    assert page.inner_text("#answer .understood") == f"Asked as: {whole}"
    assert page.locator("#answer").bounding_box()["y"] < 400, "the newest turn is in view"


def test_earlier_turns_stay_with_their_answers_quotes_and_links(page: Any) -> None:
    ask(page, RELIEF)
    with page.expect_request("**/v1/ask"):
        page.fill("#next", BRIDGE)
        page.press("#next", "Enter")
    done(page)
    turn = page.locator("#turns .turn")
    assert turn.locator("summary").inner_text() == f"{RELIEF} USD 40 million"
    assert turn.locator("blockquote").is_hidden()
    turn.locator("summary").click()
    assert turn.locator("blockquote").text_content() == QUOTE
    link = turn.get_by_role("link", name="Permanent link").get_attribute("href")
    answer_id = link.rpartition("/a/")[2]
    stored = httpx.get(httpx.URL(page.url).join(f"/v1/answers/{answer_id}"), timeout=60).json()
    assert stored["question"] == RELIEF
    assert page.inner_text("#answer .lead") == "Vera Quill"
    page.keyboard.press("1")
    assert page.text_content("#reader mark.said") == "Vera Quill", "numbers mean the newest turn"


def test_going_back_shows_the_answers_as_they_were_without_asking_again(page: Any) -> None:
    ask(page, RELIEF)
    follow(page, BRIDGE)
    sent = bodies(page)
    page.go_back()
    page.get_by_role("paragraph").get_by_text("USD 40 million", exact=True).wait_for()
    assert page.locator("#earlier").is_hidden()
    page.go_forward()
    page.get_by_role("paragraph").get_by_text("Vera Quill", exact=True).wait_for()
    assert page.locator("#turns summary").inner_text() == f"{RELIEF} USD 40 million"
    page.reload()
    page.get_by_role("paragraph").get_by_text("Vera Quill", exact=True).wait_for()
    assert "answered before Ask again" in page.inner_text("#answer")
    assert page.locator("#turns summary").inner_text() == f"{RELIEF} USD 40 million"
    assert page.locator(".hit").count() > 0, "with what was found for it"
    assert sent == []


@pytest.mark.parametrize(
    "stored",
    [
        {"status": 404, "json": {"detail": "no such answer"}},
        {"json": {"status": "answered", "answer": None}},
    ],
    ids=["gone", "its report was deleted"],
)
def test_an_answer_that_is_not_there_any_more_is_asked_for_again(
    page: Any, stored: dict[str, Any]
) -> None:
    ask(page, RELIEF)
    served(page, "/v1/answers/**", **stored)
    sent = bodies(page)
    page.reload()
    page.locator(".citation").wait_for()
    assert [body["question"] for body in sent] == [RELIEF]


def test_a_stored_answer_says_that_its_reports_have_changed(page: Any, archive: Archive) -> None:
    ask(page, RELIEF)
    stored = answer_to(archive, RELIEF).without_hits().model_dump(mode="json")
    changed = {"state": "changed", "since": "2024-05-01T10:00:00+00:00", "changes": []}
    served(page, "/v1/answers/**", json={**stored, "currency": changed})
    page.reload()
    page.get_by_text("What it rests on has changed since 1 May 2024.").wait_for()
    sent = bodies(page)
    page.get_by_role("button", name="Ask again").click()
    done(page)
    assert len(sent) == 1


def test_a_follow_up_that_failed_can_be_put_in_other_words(page: Any) -> None:
    ask(page, RELIEF)
    follow(page, "And is it broken?")
    assert page.locator(".failure").count() == 1
    assert page.input_value("#next") == "And is it broken?"
    sent = bodies(page)
    follow(page, FOLLOW_UP)
    assert sent[0]["history"] == [RELIEF], "what was not answered is forgotten"


def test_a_link_to_a_follow_up_takes_its_conversation_along(browser: Any, page: Any) -> None:
    ask(page, RELIEF)
    follow(page, FOLLOW_UP)
    address = page.url
    elsewhere = browser.new_context().new_page()
    sent = bodies(elsewhere)
    elsewhere.goto(address)
    done(elsewhere)
    assert (sent[0]["question"], sent[0]["history"]) == (FOLLOW_UP, [RELIEF])
    assert elsewhere.locator("#turns li").all_inner_texts() == [RELIEF]
    elsewhere.context.close()


def test_a_question_of_its_own_begins_a_new_conversation(page: Any) -> None:
    ask(page, RELIEF)
    follow(page, FOLLOW_UP)
    sent = bodies(page)
    page.locator("#go").click()
    done(page)
    assert sent[-1]["history"] == [RELIEF], "the same question again is the same turn"
    page.fill("#question", BRIDGE)
    page.press("#question", "Enter")
    done(page)
    assert sent[-1]["history"] == []
    assert page.locator("#earlier").is_hidden()
    follow(page, FOLLOW_UP)
    page.get_by_role("button", name="New conversation").click()
    assert page.input_value("#question") == ""
    assert httpx.URL(page.url).params.multi_items() == []
    assert page.locator("#earlier").is_hidden()
    assert page.locator(".citation").count() == 0


def test_a_rejected_answer_is_shown_on_demand_and_looks_unsure(page: Any, archive: Archive) -> None:
    script(page, answer_to(archive, RELIEF, min_confidence=0.9))
    ask(page, RELIEF)
    script(page, answer_to(archive, RELIEF), confidence=0.31)
    sent = bodies(page)
    page.get_by_role("button", name="Show its quote").click()
    page.locator(".citation").wait_for()
    assert sent[0]["min_confidence"] == 0
    assert page.inner_text("#answer .doubt") == "Not sure"
    assert page.locator(".lead.unsure").count() == 1
