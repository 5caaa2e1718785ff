"""What can be done with an answer: copy it with its citation, share, export, print, judge."""

import json
from typing import Any

import httpx
import pytest

from qa.archive.archive import Archive
from tests.support.browser import ARTICLES, QUOTE, RELIEF, ask, served
from tests.support.page_states import items, sentences, yes_no


@pytest.fixture(autouse=True)
def _clipboard(page: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])


def clipboard(page: Any) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def answer_id(page: Any) -> str:
    return str(page.evaluate("history.state.answers.at(-1)"))


def test_an_answer_is_copied_with_its_citation_line_and_link(page: Any) -> None:
    ask(page, RELIEF)
    page.get_by_role("button", name="Copy answer").click()
    page.get_by_text("The answer is copied, with its sources.").wait_for()
    link = httpx.URL(page.url).copy_with(raw_path=f"/a/{answer_id(page)}".encode())
    cited = f"“{QUOTE}” Relief for the coast, Coast Daily, 4 March 2024, {ARTICLES[0]['url']}"
    assert clipboard(page) == f"{RELIEF}\nUSD 40 million [1]\n\n[1] {cited}\n\n{link}"


def test_each_form_is_copied_as_it_reads(page: Any, archive: Archive) -> None:
    for state, expected in (
        (items, "- Hask [1]\n- Brast [1]\n- Marlow [1]"),
        (yes_no, "Yes: The council pledged the money because"),
        (sentences, "in two places. [1] Its head said"),
    ):
        state(page, archive)
        page.get_by_role("button", name="Copy answer").click()
        page.get_by_text("The answer is copied").wait_for()
        assert expected in clipboard(page)


def test_without_a_clipboard_it_is_copied_all_the_same(page: Any) -> None:
    """As on a page that comes over plain http from another machine."""
    ask(page, RELIEF)
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.evaluate("window.copied = 0; document.addEventListener('copy', () => { copied += 1; })")
    page.get_by_role("button", name="Copy answer").click()
    page.get_by_text("The answer is copied").wait_for()
    assert page.evaluate("copied") == 1
    assert page.evaluate("document.activeElement.textContent") == "Copy"


def test_the_link_of_the_answer_is_shared_only_where_it_is_stored(page: Any) -> None:
    ask(page, RELIEF)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("The link is copied.").wait_for()
    assert clipboard(page).endswith(f"/a/{answer_id(page)}")
    assert clipboard(page).startswith("http://127.0.0.1:")
    served(page, "/v1/answers/**", status=404, json={"detail": "no such answer"})
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("This service does not store its answers").wait_for()


@pytest.mark.parametrize(
    ("name", "kind"), [("Markdown", "md"), ("Word", "docx"), ("JSON-LD", "jsonld")]
)
def test_an_export_is_a_file_that_is_asked_for_with_the_key(
    page: Any, name: str, kind: str
) -> None:
    ask(page, RELIEF)
    served(page, "/v1/answers/**/export?**", body=b"exported", content_type="text/plain")
    page.evaluate("sessionStorage.setItem('dateline-key', 'secret')")
    page.locator(".menu summary").click()
    with page.expect_download() as download, page.expect_request("**/export?**") as sent:
        page.get_by_role("button", name=name, exact=True).click()
    assert download.value.suggested_filename == f"dateline-{answer_id(page)}.{kind}"
    assert download.value.path().read_bytes() == b"exported"
    assert sent.value.url.endswith(f"/v1/answers/{answer_id(page)}/export?format={kind}")
    assert sent.value.headers["authorization"] == "Bearer secret"
    assert page.locator(".menu[open]").count() == 0


def test_the_menu_closes_on_escape_and_on_a_click_elsewhere(page: Any) -> None:
    ask(page, RELIEF)
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Permanent page").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".menu[open]").count() == 0
    assert page.evaluate("document.activeElement.textContent") == "Export"
    page.keyboard.press("Enter")
    page.locator("#answer .lead").click()
    assert page.locator(".menu[open]").count() == 0


def test_print_shows_the_answer_and_hides_what_only_acts(page: Any) -> None:
    ask(page, RELIEF)
    page.emulate_media(media="print")
    parts = ("#answer .asked", "#answer .lead", "blockquote", "figcaption", ".number", ".printed")
    for shown in parts:
        assert page.locator(shown).first.is_visible(), shown
    number = page.locator(".opener[aria-expanded=true] .number").first
    assert number.evaluate("node => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    for hidden in ("#ask", "#follow-up", "#reader", "footer", ".actions button"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.inner_text(".printed").endswith(f"/a/{answer_id(page)}")


def test_of_passages_that_do_not_answer_the_best_sentences_are_printed(page: Any) -> None:
    ask(page, "Who pledged to repair the bridge in Peru?")
    assert page.inner_text("#answer .lead") == "Not found"
    around = page.locator(".hit .around").first
    assert around.is_visible()
    page.emulate_media(media="print")
    assert around.is_hidden()
    for shown in (".hit .opener", ".hit time", ".hit .excerpt"):
        assert page.locator(shown).first.is_visible(), shown


def test_a_thumb_up_is_sent_at_once(page: Any) -> None:
    ask(page, RELIEF)
    served(page, "/v1/answers/**/feedback", status=201, json={})
    with page.expect_request("**/feedback") as sent:
        page.get_by_role("button", name="Right", exact=True).click()
    assert sent.value.url.endswith(f"/v1/answers/{answer_id(page)}/feedback")
    assert json.loads(sent.value.post_data) == {"verdict": "right"}
    page.get_by_text("Thank you. Your feedback is stored.").wait_for()
    assert page.get_by_role("group", name="Was this answer right?").count() == 0


@pytest.mark.parametrize(
    ("reason", "correction", "verdict"),
    [
        ("It is out of date", "USD 50 million", "wrong"),
        ("It leaves something out", "", "incomplete"),
    ],
)
def test_a_thumb_down_asks_for_a_reason_first(
    page: Any, reason: str, correction: str, verdict: str
) -> None:
    ask(page, RELIEF)
    served(page, "/v1/answers/**/feedback", status=201, json={})
    page.get_by_role("button", name="Wrong or incomplete").click()
    page.get_by_label("What is wrong?").select_option(reason)
    page.get_by_label("What would be right? (optional)").fill(correction)
    with page.expect_request("**/feedback") as sent:
        page.get_by_role("button", name="Send").click()
    expected = {"verdict": verdict, "reason": reason}
    assert json.loads(sent.value.post_data) == (
        expected | {"correction": correction} if correction else expected
    )


def test_a_service_without_feedback_says_so(page: Any) -> None:
    ask(page, RELIEF)
    served(page, "/v1/answers/**/feedback", status=404, json={"detail": "no such route"})
    page.get_by_role("button", name="Right", exact=True).click()
    page.get_by_text("This service takes no feedback on this answer.").wait_for()
    assert page.get_by_role("button", name="Right", exact=True).is_visible()


def test_many_copies_are_folded_into_a_count(page: Any, archive: Archive) -> None:
    sentences(page, archive)
    folded = page.locator(".others")
    assert folded.locator("summary").inner_text() == "also reported by 6"
    assert folded.locator("p").is_hidden()
    folded.locator("summary").click()
    assert folded.locator("p").inner_text().startswith("Hill Times, Farm Post")
