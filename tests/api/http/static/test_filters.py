"""Filters: they act at once, are suggested from the archive, and are kept in the address."""

from typing import Any

import httpx

from tests.support.browser import ARTICLES, RELIEF, TOLL, ask, done


def asked(page: Any) -> list[dict[str, Any]]:
    """From now on, the bodies of the questions that the page asks."""
    bodies: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: (
            bodies.append(request.post_data_json) if request.url.endswith("/v1/ask") else None
        ),
    )
    return bodies


def test_no_answer_stays_under_other_filters_than_its_own(page: Any) -> None:
    ask(page, RELIEF)
    bodies = asked(page)
    page.locator("#filters summary").click()
    page.fill("#source", "Hill Times")
    page.press("#source", "Enter")
    page.get_by_text("Not found").wait_for()
    assert page.inner_text("#filters-said") == "Filters: Hill Times"
    assert httpx.URL(page.url).params.multi_items() == [("q", RELIEF), ("source", "Hill Times")]
    assert page.evaluate("document.activeElement.id") == "source", "typing goes on"
    page.get_by_label("Remove source Hill Times").click()
    page.locator(".citation").wait_for()
    assert [body["filters"]["sources"] for body in bodies] == [["Hill Times"], []]
    page.go_back()
    page.get_by_text("Not found").wait_for()
    assert page.inner_text("#filters-said") == "Filters: Hill Times"


def test_a_date_that_is_being_typed_is_asked_once(page: Any) -> None:
    ask(page, RELIEF)
    bodies = asked(page)
    page.locator("#filters summary").click()
    for day in ("0002-03-01", "0020-03-01", "0202-03-01", "2024-03-01"):
        page.fill("#as_of", day)
        page.locator("#as_of").dispatch_event("change")
    page.get_by_text("Not found").wait_for()
    done(page)
    assert [body["as_of"] for body in bodies] == ["2024-03-01"]


def test_names_are_suggested_from_the_whole_archive(page: Any) -> None:
    page.goto("/")
    page.locator("#filters summary").click()
    page.locator("#known-author option").first.wait_for(state="attached")
    suggested = page.locator("#known-source option").evaluate_all("all => all.map(o => o.value)")
    assert set(suggested) == {str(article["source"]) for article in ARTICLES}


def test_an_author_limits_the_question(page: Any) -> None:
    ask(page, RELIEF)
    bodies = asked(page)
    page.locator("#filters summary").click()
    page.fill("#author", "R. Moe")
    page.press("#author", "Enter")
    page.wait_for_url("**author=R.+Moe*")
    page.locator(".citation").wait_for()
    assert bodies[-1]["filters"]["authors"] == ["R. Moe"]


def test_periods_count_back_from_the_newest_report(page: Any) -> None:
    page.goto("/")
    page.locator("#filters summary").click()
    page.get_by_text("counted back from the newest report, 6 May 2024").wait_for()
    for name, first in (
        ("Last week", "2024-04-30"),
        ("This month", "2024-05-01"),
        ("This year", "2024-01-01"),
    ):
        chip = page.get_by_role("button", name=name)
        chip.click()
        assert page.input_value("#published_from") == first
        assert chip.get_attribute("aria-pressed") == "true"
    page.get_by_role("button", name="This year").click()
    assert page.input_value("#published_from") == "", "the same again takes it back"


def test_a_question_can_be_about_one_article(page: Any) -> None:
    bodies = asked(page)
    page.goto("/?view=article&id=later")
    page.get_by_role("button", name="Ask about this article").click()
    assert page.evaluate("document.activeElement.id") == "question"
    page.keyboard.type(TOLL)
    page.keyboard.press("Enter")
    page.locator(".citation").wait_for()
    assert bodies[-1]["filters"]["article_ids"] == ["later"]
    assert "Hill Times" in page.inner_text("figcaption")
    assert httpx.URL(page.url).params["article"] == "later"
    page.reload()
    page.get_by_role("button", name="Ask all articles, not only later").click()
    page.wait_for_url(lambda url: "article=" not in url)
    done(page)
    assert bodies[-1]["filters"]["article_ids"] == []
