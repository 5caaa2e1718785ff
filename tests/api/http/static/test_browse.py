"""The first screen, the archive and an article's page."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from api.http.routes import suggestions
from qa.archive.keys import create_key
from tests.support.browser import ARTICLES, HOSTILE, Newsroom, archive_of, opened, served
from tests.support.fakes import FirstSentenceModel
from tests.support.server import serving


def titles(page: Any) -> list[str]:
    found: list[str] = page.locator("#listed .title").all_inner_texts()
    return found


def held(page: Any, text: str) -> None:
    """Wait until the archive says how many articles match."""
    page.locator("#held", has_text=text).wait_for()


# ---- The first screen ----


def test_the_first_screen_says_what_there_is_and_offers_questions_that_work(
    browser: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAUSE", "BETWEEN", "SOON", "LATER"):
        monkeypatch.setattr(suggestions, name, 0.02)
    bridge = {"id": "b", "text": "Mayor Ada Lind opened the new Hask bridge.", "source": "Argus"}
    records = [*ARTICLES, bridge]
    with (
        archive_of(tmp_path, records) as archive,
        serving(archive, FirstSentenceModel(), suggestions=3) as site,
        opened(browser, site) as page,
    ):
        page.goto("/")
        example = page.get_by_role("link", name="Who opened the new Hask bridge?")
        example.wait_for()
        assert "It holds 6 articles, from 4 March 2024 to 6 May 2024" in page.inner_text(".intro")
        assert page.locator(".bar-of").count() == 3, "March to May"
        assert page.get_by_role("link", name="Coast Daily 2").is_visible()
        example.click()
        page.locator(".citation").wait_for()
        assert page.text_content("blockquote") == bridge["text"]
        page.go_back()
        example.wait_for()


def test_examples_that_come_later_are_shown(page: Any) -> None:
    page.add_init_script("window.setTimeout = ((wait) => (act) => wait(act, 20))(setTimeout)")
    given: list[dict[str, Any]] = []

    def answer(request: Any) -> None:
        given.append({"question": f"Question {len(given)}?", "source": None, "published_at": None})
        request.fulfill(json={"suggestions": given})

    page.route("**/v1/suggestions", answer)
    page.goto("/")
    page.get_by_role("link", name="Question 2?").wait_for()
    page.wait_for_timeout(100)
    assert len(given) == 3, "three are enough"


def test_a_report_with_a_wrong_date_adds_one_bar(browser: Any, tmp_path: Path) -> None:
    """Also the last day that there is, which some systems write for "never"."""
    wrong = [
        {"id": day, "text": "The council met.", "published_at": day}
        for day in ("0001-01-01", "9999-12-31")
    ]
    with (
        archive_of(tmp_path, [*ARTICLES, *wrong]) as archive,
        serving(archive, FirstSentenceModel()) as site,
        opened(browser, site) as page,
    ):
        page.goto("/")
        page.locator(".bar-of").first.wait_for()
        bars = page.locator(".bar-of").evaluate_all("all => all.map(one => one.ariaLabel)")
        assert bars == ["0001: 1 article", "2024: 5 articles", "9999: 1 article"]


def test_a_month_and_a_source_of_the_first_screen_lead_to_their_articles(page: Any) -> None:
    page.goto("/")
    page.get_by_label("March 2024: 4 articles").click()
    held(page, "4 articles")
    assert page.get_by_label("March 2024: 4 articles").get_attribute("aria-pressed") == "true"
    page.go_back()
    page.get_by_role("link", name="Coast Daily 2").click()
    held(page, "2 articles")
    assert page.inner_text("#filters-said") == "Filters: Coast Daily"


# ---- The archive ----


def test_the_archive_is_listed_newest_first_and_narrowed_by_what_it_has(page: Any) -> None:
    page.goto("/?view=archive")
    held(page, "5 articles")
    assert titles(page) == [HOSTILE, "other", "later", "Relief for the coast", "first"]
    page.get_by_role("button", name="Coast Daily 2").click()
    held(page, "2 articles")
    assert titles(page) == ["Relief for the coast", "first"]
    page.get_by_role("button", name="Hill Times 1").click()
    held(page, "3 articles")
    sources = httpx.URL(page.url).params.get_list("source")
    assert sources == ["Coast Daily", "Hill Times"]
    page.go_back()
    held(page, "2 articles")
    page.reload()
    held(page, "2 articles")


def test_a_search_is_kept_in_the_address_with_its_filters(page: Any) -> None:
    page.goto("/?view=archive&source=Hill+Times")
    held(page, "1 article")
    page.fill("#words", "flood marlow")
    page.press("#words", "Enter")
    page.wait_for_url("**words=flood+marlow*")
    page.get_by_role("button", name="Hill Times 1").click()
    held(page, "3 articles")
    assert httpx.URL(page.url).params["words"] == "flood marlow"
    page.fill("#words", "zebra")
    page.press("#words", "Enter")
    held(page, "No article matches. Try fewer words or filters.")
    assert titles(page) == []
    page.fill("#words", "?")
    page.press("#words", "Enter")
    held(page, "Q is '?', which holds no word to search for.")


def test_months_are_reached_by_arrow_keys(page: Any) -> None:
    page.goto("/?view=archive")
    page.get_by_label("May 2024: 1 article", exact=True).focus()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    held(page, "4 articles")
    params = httpx.URL(page.url).params
    assert (params["published_from"], params["published_to"]) == ("2024-03-01", "2024-03-31")
    assert page.locator(".bar-of[tabindex='0']").count() == 1


def test_long_lists_go_on(browser: Any, tmp_path: Path) -> None:
    records = [{"id": f"n{number:02}", "text": "News."} for number in range(45)]
    with (
        archive_of(tmp_path, records) as archive,
        serving(archive, Newsroom()) as site,
        opened(browser, site) as page,
    ):
        page.goto("/?view=archive")
        for shown in (40, 45):
            page.get_by_role("button", name="Show more").click()
            page.locator(f"#listed li:nth-child({shown})").wait_for()
        assert titles(page) == [f"n{number:02}" for number in reversed(range(45))]
        assert page.get_by_role("button", name="Show more").count() == 0


def test_many_years_are_shown_by_year(browser: Any, tmp_path: Path) -> None:
    records = [
        {"id": str(year), "text": "News.", "published_at": f"{year}-06-01"}
        for year in range(1990, 2000)
    ]
    with (
        archive_of(tmp_path, records) as archive,
        serving(archive, Newsroom()) as site,
        opened(browser, site) as page,
    ):
        page.goto("/?view=archive")
        page.get_by_label("1994: 1 article").click()
        held(page, "1 article")
        assert titles(page) == ["1994"]


def test_an_archive_that_cannot_be_read_says_so(page: Any) -> None:
    served(page, "/v1/counts?**", status=503, json={"detail": "the archive is being written"})
    page.goto("/?view=archive")
    held(page, "The archive is being written.")


def test_a_locked_archive_asks_for_a_key_and_then_opens(browser: Any, tmp_path: Path) -> None:
    with archive_of(tmp_path, ARTICLES) as archive:
        _, secret = create_key(archive.store, "reader", ["read"])
        with serving(archive, Newsroom()) as site, opened(browser, site) as page:
            page.goto("/?view=archive&source=Hill+Times")
            page.locator("#unlock").wait_for()
            page.keyboard.type(secret)  # the field has the focus
            page.keyboard.press("Enter")
            held(page, "1 article")
            assert page.locator("#unlock").is_hidden()
            assert titles(page) == ["later"]


def test_the_first_screen_of_a_locked_archive_asks_for_a_key(browser: Any, tmp_path: Path) -> None:
    with archive_of(tmp_path, ARTICLES) as archive:
        _, secret = create_key(archive.store, "reader", ["read"])
        with serving(archive, Newsroom()) as site, opened(browser, site) as page:
            page.goto("/")
            page.locator("#unlock").wait_for()
            assert page.locator("#refused").text_content() == "", "no key was refused yet"
            page.keyboard.type(secret)
            page.keyboard.press("Enter")
            page.locator(".intro", has_text="It holds 5 articles").wait_for()
            assert page.locator("#unlock").is_hidden()


# ---- An article ----


def test_an_article_has_a_page_that_leads_to_its_like(page: Any) -> None:
    page.goto("/?view=archive")
    page.get_by_role("link", name="Relief for the coast").click()
    page.locator(".page h2", has_text="Relief for the coast").wait_for()
    assert page.evaluate("document.activeElement.id") == "place", "Tab goes on from there"
    assert page.text_content(".page .text") == ARTICLES[0]["text"]
    assert "Relief for the coast" in page.title()
    page.get_by_role("link", name="R. Moe").click()
    held(page, "1 article")
    assert page.inner_text("#filters-said") == "Filters: R. Moe"


def test_text_of_an_article_is_text_on_its_page(page: Any) -> None:
    page.goto(str(httpx.URL("/", params={"view": "article", "id": ARTICLES[1]["id"]})))
    page.locator(".page h2").wait_for()
    assert page.text_content(".page .text") == ARTICLES[1]["text"]
    assert page.locator("main script, main img, .page a.original").count() == 0


def test_an_article_that_is_not_there_says_so(page: Any) -> None:
    page.goto("/?view=article&id=nothing")
    page.get_by_text("No article 'nothing' in this archive.").wait_for()
    page.get_by_role("link", name="Browse the archive").click()
    held(page, "5 articles")
