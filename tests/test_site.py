"""The documentation as a site: it builds, its links lead somewhere, and it asks no other site."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from lxml import html
from lxml.html import HtmlElement
from playwright.sync_api import Browser

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow  # building takes some ten seconds
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. In strict mode a link or an anchor that mkdocs does not find is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, HtmlElement]:
    """Each page of the site, parsed. The page for missing addresses knows no folder of its own."""
    found = sorted(path for path in site.rglob("*.html") if path.name != "404.html")
    return {path: html.fromstring(path.read_text("utf-8")) for path in found}


def targets(page: HtmlElement) -> Iterator[str]:
    for element in page.iter("a", *LOADED):
        target = element.get("href") or element.get("src")
        if target and not urlsplit(target).scheme:
            yield target


def test_every_link_leads_to_a_file_and_a_place_in_it(pages: dict[Path, HtmlElement]) -> None:
    ids = {path: {*page.xpath("//@id"), *page.xpath("//a/@name")} for path, page in pages.items()}
    broken, followed = [], 0
    for path, page in pages.items():
        for target in targets(page):
            parts = urlsplit(target)
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            anchor = unquote(parts.fragment)
            followed += 1
            missing = not file.is_file() or (file in ids and anchor and anchor not in ids[file])
            if missing:
                broken.append(f"{path.name}: {target}")
    assert broken == []
    assert followed > 1000


def test_every_page_of_docs_is_in_the_navigation(
    pages: dict[Path, HtmlElement], site: Path
) -> None:
    start = pages[site / "index.html"]
    linked = {href.partition("#")[0] for href in start.xpath("//nav//a/@href")}
    for page in (ROOT / "docs").rglob("*.md"):
        name = page.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        built = name.replace("/README.html", "/index.html")
        assert built in linked, name


def test_no_page_loads_anything_from_another_site(pages: dict[Path, HtmlElement]) -> None:
    for path, page in pages.items():
        for element in page.iter(*LOADED):
            if element.get("rel") == "canonical":
                continue
            address = element.get(LOADED[element.tag]) or ""
            assert not urlsplit(address).netloc, f"{path.name} loads {address}"


@pytest.fixture(scope="module")
def served(site: Path) -> Iterator[str]:
    """The address of the site, served as any web server would."""
    handler = partial(Quiet, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing."""


@pytest.mark.parametrize("width", [1280, 390])
def test_pages_fit_the_window_and_ask_no_other_site(
    served: str, browser: Browser, width: int
) -> None:
    asked: list[str] = []
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.on("request", lambda request: asked.append(request.url))
    for name in ("index", "quickstart", "reference/settings", "measurements/speed"):
        page.goto(f"{served}/{name}.html")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    page.close()
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((served, "data:", "blob:"))] == []


def test_the_search_finds_a_page(served: str, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{served}/index.html")
    page.get_by_placeholder("Search").fill("embargo")
    page.locator(".md-search-result__link", has_text="embargoes").first.click()
    page.wait_for_url("**/corrections-and-embargoes.html*")
    page.close()
