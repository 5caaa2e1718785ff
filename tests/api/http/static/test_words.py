"""The words of an answer in each of its forms, with the numbers of their quotes."""

from typing import Any

from qa.archive.archive import Archive
from tests.support.browser import RELIEF, answer_to, ask, script
from tests.support.page_states import SENTENCES, brief, hold, sentences, timeline, yes_no


def test_each_statement_has_the_numbers_of_its_quotes(page: Any, archive: Archive) -> None:
    sentences(page, archive)
    said = page.locator("#answer .statement").all_inner_texts()
    assert said == [f"{text}\xa0{n}" for n, text in enumerate(SENTENCES, 1)]
    page.locator("#answer .statement").nth(1).get_by_role("button", name="Quote 2").click()
    assert page.evaluate("document.activeElement.id") == "citation-2"


def test_yes_is_said_once_above_the_statement_that_decides_it(page: Any, archive: Archive) -> None:
    yes_no(page, archive)
    assert page.inner_text("#answer .lead") == "Yes"
    assert page.inner_text("#answer .written") == f"{SENTENCES[0]}\xa01"
    assert "The yes or no is worked out from the quote below." in page.inner_text("#answer")


def test_a_brief_names_each_day_once_in_order(page: Any, archive: Archive) -> None:
    brief(page, archive)
    lines = page.locator("#answer .brief li")
    assert lines.count() == 3
    days = lines.locator("time").all_inner_texts()
    assert days == ["4 March 2024", "6 March 2024"]


def test_statements_appear_one_by_one_while_they_are_written(page: Any) -> None:
    hold(page, ("hits", []), ("token", {"text": SENTENCES[0]}), ("token", {"text": SENTENCES[1]}))
    page.locator("#answer .statement").nth(1).wait_for()
    assert page.locator("#answer .statement").all_inner_texts() == list(SENTENCES[:2])
    assert page.inner_text("#status") == "Writing …"


def test_what_other_reports_say_is_weighed(page: Any, archive: Archive) -> None:
    timeline(page, archive)
    assert page.inner_text(".disagree h2") == "Sources disagree"
    assert page.inner_text(".disagree p") == "Another report says:"
    two = [{"text": text, "citations": [1]} for text in ("Farm Post: 29", "Port Wire: 31")]
    script(page, answer_to(archive, RELIEF), disagreements=two, independent_sources=3)
    ask(page, RELIEF)
    said = "3 sources say what is answered above. Other reports say:"
    assert said in page.inner_text(".disagree")


def test_confidence_is_a_word_whose_meaning_unfolds(page: Any, archive: Archive) -> None:
    for confidence, words, is_open in (
        (0.91, "Confidence 0.91: high", False),
        (0.64, "Confidence 0.64: fair", False),
        (0.52, "Confidence 0.52: low", True),
        (0.2, "Confidence 0.20: very low", True),
    ):
        script(page, answer_to(archive, RELIEF), confidence=confidence)
        ask(page, RELIEF)
        shown = page.locator(".confidence")
        assert shown.locator("summary").inner_text() == words
        assert shown.locator("p").is_visible() == is_open
        tenths = round(confidence * 10)
        assert f"of ten such answers, about {tenths} should be" in shown.locator("p").text_content()
