"""What holds in every state of the page: nobody is kept out, nothing is wider than the screen."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from qa.archive.archive import Archive
from tests.support.browser import opened
from tests.support.page_states import STATES, State

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
