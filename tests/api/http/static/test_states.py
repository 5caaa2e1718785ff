"""What holds in every state of the page: nobody is kept out, nothing is wider than the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from qa.archive.archive import Archive
from tests.support.browser import RELIEF, answer_to, opened
from tests.support.page_states import (
    STATES,
    State,
    answer_page,
    archived,
    article,
    finish,
    first_screen,
    hold,
    idle,
    not_found,
    short,
    writing,
)

LIMIT = 60_000  # bytes of the page as it is sent, compressed
SCREENS = [(1280, 800), (390, 844)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_no_violation(
    browser: Any, site: str, archive: Archive, state: State, scheme: str
) -> None:
    phone = {"width": 390, "height": 844}
    with opened(
        browser, site, viewport=phone, color_scheme=scheme, reduced_motion="reduce"
    ) as page:
        state(page, archive)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_first_answer_is_in_one_screen(
    browser: Any, site: str, archive: Archive, width: int, height: int
) -> None:
    """The answer, its sentence, the date, what can be done with it, and the next question."""
    with opened(browser, site, viewport={"width": width, "height": height}) as page:
        next(state for state in STATES if state.__name__ == "short")(page, archive)
        page.locator("#follow-up").wait_for()
        assert page.evaluate("scrollY") == 0
        bottom = page.locator("#follow-up").bounding_box()["y"]
        for part in (".lead", ".confidence", "blockquote", "figcaption time", ".actions"):
            box = page.locator(part).first.bounding_box()
            assert box["y"] > 0, part
            assert box["y"] + box["height"] <= bottom, part
        assert bottom < height


def test_an_answer_is_read_aloud_once_and_the_first_screen_is_not(
    browser: Any, site: str, archive: Archive
) -> None:
    """A live region speaks of what is added to it; one that is busy waits until it is whole."""
    spoken = "() => { const { ariaLive, ariaBusy } = answer; return [ariaLive, ariaBusy ?? '']; }"
    with opened(browser, site) as page:
        idle(page, archive)
        assert page.evaluate(spoken)[0] == "off"
        writing(page, archive)
        page.locator(".statement").first.wait_for()
        assert page.evaluate(spoken) == ["polite", "true"]
        short(page, archive)
        assert page.evaluate(spoken) == ["polite", "false"]
        page.get_by_role("link", name="Dateline").click()
        page.locator("#answer .intro").wait_for()
        assert page.evaluate(spoken)[0] == "off"


def test_the_question_takes_the_focus_only_where_one_is_expected(
    browser: Any, site: str, archive: Archive
) -> None:
    with opened(browser, site) as page:
        idle(page, archive)
        assert page.evaluate("document.activeElement.id") == "question"
        archived(page, archive)
        assert page.evaluate("document.activeElement.id") != "question"


SMALLEST = 24  # pixels to tap, as WCAG 2.2 asks; the label of a checkbox counts as well


@pytest.mark.parametrize("state", [first_screen, short, not_found, archived, article, answer_page])
def test_everything_is_large_enough_to_tap(
    browser: Any, site: str, archive: Archive, state: State
) -> None:
    with opened(browser, site, viewport={"width": 390, "height": 844}) as page:
        state(page, archive)
        small = page.locator(
            "a, button, summary, input:not([type=checkbox]), textarea"
        ).evaluate_all(
            "(all, least) => all.filter((one) => one.checkVisibility())"
            ".map((one) => [one.innerText, one.getBoundingClientRect()])"
            ".filter(([, { width, height }]) => Math.min(width, height) < least)"
            ".map(([text, { width, height }]) => `${text}: ${width} x ${height}`)",
            SMALLEST,
        )
        assert small == []


# As browsers count it: what moves within half a second of a key or a click is expected to.
WATCH_MOVES = (
    "window.moved = 0; new PerformanceObserver((list) => { for (const one of list.getEntries())"
    " if (!one.hadRecentInput) window.moved += one.value;"
    " }).observe({ type: 'layout-shift', buffered: true });"
)
SHIFT = 0.1  # of the screen times of the way; browsers call more than that poor


def test_what_comes_in_does_not_move_what_is_there(
    browser: Any, site: str, archive: Archive
) -> None:
    """As a visitor of the archive, of the first screen, and of a shared address."""
    for state in (archived, first_screen, short):
        with opened(browser, site, viewport={"width": 1280, "height": 800}) as page:
            page.add_init_script(WATCH_MOVES)
            state(page, archive)
            page.wait_for_timeout(200)
            assert page.evaluate("window.moved") < SHIFT, state.__name__


@pytest.mark.parametrize("least", [0.0, 0.9], ids=["answered", "not found"])
@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_an_answer_that_took_its_time_does_not_move_what_is_there(
    browser: Any, site: str, archive: Archive, width: int, height: int, least: float
) -> None:
    answer = answer_to(archive, RELIEF, min_confidence=least).model_dump(mode="json")
    with opened(browser, site, viewport={"width": width, "height": height}) as page:
        page.add_init_script(WATCH_MOVES)
        hold(page, ("hits", answer["hits"]))
        page.locator("#found summary").first.wait_for()
        page.wait_for_timeout(600)
        finish(page, ("answer", answer))
        page.locator("#follow-up").wait_for()
        page.wait_for_timeout(200)
        assert page.evaluate("window.moved") < SHIFT


def test_the_page_is_small(browser: Any, site: str) -> None:
    """As it is sent: HTML, styles and modules, compressed."""
    with opened(browser, site) as page:
        page.goto("/", wait_until="networkidle")
        files = page.evaluate(
            "performance.getEntries().filter((file) => file.encodedBodySize"
            " && /\\/$|\\.(css|js)$/.test(new URL(file.name).pathname))"
            ".map(({ name, encodedBodySize, decodedBodySize }) =>"
            " [name, encodedBodySize, decodedBodySize])"
        )
    names = [name.rpartition("/")[2] for name, _, _ in files]
    assert {"", "page.css", "main.js", "answer.js", "text.js"} <= set(names)
    assert sum(sent for _, sent, _ in files) < LIMIT, files
    assert all(sent < read for _, sent, read in files), "each is compressed"


def test_nothing_moves_for_those_who_want_no_motion(
    browser: Any, site: str, archive: Archive
) -> None:
    for motion, moves in (("reduce", False), ("no-preference", True)):
        with opened(browser, site, reduced_motion=motion) as page:
            next(state for state in STATES if state.__name__ == "waiting")(page, archive)
            assert bool(page.evaluate("document.getAnimations().length")) == moves
