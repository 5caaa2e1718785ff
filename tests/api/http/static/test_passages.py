"""Passages behind an answer: the words of the question marked, copies folded, nothing cut off."""

from typing import Any

from qa.archive.archive import Archive
from tests.support.browser import RELIEF, answer_to, ask, script


def test_the_sentence_with_most_of_the_questions_words_is_shown_with_them_marked(
    page: Any, archive: Archive
) -> None:
    answer = answer_to(archive, RELIEF)
    (first, *_) = answer.model_dump(mode="json")["hits"]
    filler = "Nothing of that kind is said here. " * 12
    deciding = "It was the council that pledges relief for every harbour. "
    first["passage"]["text"] = f"{filler}{deciding}{filler}".strip()
    script(page, answer, hits=[first])
    ask(page, RELIEF)
    page.locator("#found summary").click()
    excerpt = page.locator(".hit .excerpt")
    assert deciding.strip() in excerpt.inner_text()
    assert "Nothing of that kind" not in excerpt.inner_text(), "the others are folded"
    assert excerpt.text_content() == first["passage"]["text"], "and there"
    assert excerpt.locator("mark.word").all_inner_texts() == ["council", "pledges", "relief"]


def test_copies_are_folded_under_the_report_that_was_found(page: Any, archive: Archive) -> None:
    answer = answer_to(archive, RELIEF)
    (first, *_) = answer.model_dump(mode="json")["hits"]
    first["also_reported_by"] = [
        {"article_id": "later", "source": "<b>Hill Times</b>", "same_story": True},
        {"article_id": "other", "source": None, "same_story": True},
    ]
    script(page, answer, hits=[first])
    ask(page, RELIEF)
    page.locator("#found summary").first.click()
    assert page.locator(".hit").count() == 1
    page.get_by_text("Also reported by 2").click()
    assert page.locator(".hit .title").all_inner_texts() == ["<b>Hill Times</b>", "other"]
    page.locator(".hit .title").first.click()
    page.locator(".page h2", has_text="later").wait_for()
