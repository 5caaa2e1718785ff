"""Metadata of web pages in the shapes of real ones, scored field by field."""

import time
from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.ingest.files import Read, read_paths
from qa.types import Article, Filters, instant
from tests.support.archives import ingest
from tests.support.pages import Page, Truth, article, document, opengraph, pages, scripts

# The least share of pages on which a field must be right, as asked for unseen real pages.
SHARES = {
    "title": 0.9,
    "authors": 0.85,
    "published_at": 0.85,
    "updated_at": 0.75,
    "source": 0.9,
    "language": 0.95,
}


def _moment(text: str | None) -> tuple[float, bool] | None:
    """A date as a point in time, and whether it has a time of day."""
    return None if text is None else (instant(text), "T" in text)


def _misses(page: Page, read: Article) -> dict[str, str]:
    """The fields that differ from what a reader would write down, with both values."""
    truth = page.truth
    compared = {
        "title": (read.title, truth.title),
        "authors": (read.authors, truth.authors),
        "published_at": (_moment(read.published_at), _moment(truth.published)),
        "updated_at": (_moment(read.updated_at), _moment(truth.updated)),
        "source": (read.source, truth.source),
        "language": (read.language, truth.language),
    }
    return {
        field: f"{page.name}: {field} is {got!r}, expected {expected!r}"
        for field, (got, expected) in compared.items()
        if got != expected
    }


def _article(path: Path, html: str) -> Article:
    path.write_text(html, "utf-8")
    (item,) = read_paths([path])
    assert isinstance(item, Read)
    return item.article


@pytest.fixture(scope="module")
def misses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """The misses of each page, by its name."""
    path = tmp_path_factory.mktemp("pages") / "page.html"
    return {page.name: _misses(page, _article(path, page.html)) for page in pages()}


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("field", SHARES)
def test_each_field_is_right_on_its_share_of_the_pages(
    misses: dict[str, dict[str, str]], field: str, held_out: bool
) -> None:
    names = [page.name for page in pages() if page.held_out == held_out]
    wrong = [misses[name][field] for name in names if field in misses[name]]
    assert 1 - len(wrong) / len(names) >= SHARES[field], wrong


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_nothing_is_missed_on_a_page(misses: dict[str, dict[str, str]], page: Page) -> None:
    assert misses[page.name] == {}


def test_the_set_is_large_enough_and_its_pages_differ() -> None:
    every = pages()
    assert len(every) >= 60
    assert sum(page.held_out for page in every) >= 15
    assert len({page.name for page in every}) == len({page.html for page in every}) == len(every)


def test_templates_of_one_publisher_give_one_name(tmp_path: Path) -> None:
    names: dict[str, set[str | None]] = {}
    for page in pages():
        read = _article(tmp_path / "page.html", page.html)
        names.setdefault(page.truth.host, set()).add(read.source)
    assert {host: found for host, found in names.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    "block",
    [
        '"author": ' * 100_000,
        " " * 1_000_000,
        '{"@type": "NewsArticle", "author": ' + "[" * 900 + "]" * 900 + "}",
        '{"@type": "NewsArticle", "author": ' + '{"name":' * 900 + "0" + "}" * 900 + "}",
        '{"@type": ["NewsArticle", {}, null], "headline": {}, "datePublished": [1], "url": 5}',
    ],
    ids=["repeated", "blank", "lists", "objects", "types"],
)
def test_hostile_json_ld_neither_fails_nor_takes_long(tmp_path: Path, block: str) -> None:
    truth = Truth()
    started = time.process_time()
    read = _article(tmp_path / "page.html", document(truth, scripts(block)))
    assert read.title == truth.title
    assert time.process_time() - started < 10


@pytest.mark.parametrize("url", ["https://gazette.example/", "/local", "javascript:x", "http://[x"])
def test_only_an_address_of_the_page_itself_names_its_article(tmp_path: Path, url: str) -> None:
    head = f'<meta property="og:url" content="{url}">'
    page = document(Truth(), head).replace(Truth().url, url)
    read = _article(tmp_path / "page.html", page)
    assert (read.id, read.url) == ("page.html", None)


def test_a_page_counts_as_of_its_modification(tmp_path: Path, archive: Archive) -> None:
    truth = Truth(
        title="What the alliance is", published="2012-05-10", updated="2026-04-20T09:00:00+00:00"
    )
    page = document(truth, opengraph(truth) + scripts(article(truth)))
    (tmp_path / "page.html").write_text(page, "utf-8")
    ingest(archive, tmp_path / "page.html")

    def visible(as_of: str) -> int:
        with archive.store.snapshot() as snapshot:
            return len(snapshot.articles(Filters(as_of=as_of), limit=10))

    assert visible("2013-01-01") == 0
    assert visible("2026-04-19") == 0
    assert visible("2026-04-20") == 1


@pytest.mark.parametrize(
    ("head", "rights"),
    [
        ("", None),
        ('<meta name="dcterms.rights" content="CC BY 4.0">', "CC BY 4.0"),
        (scripts('{"@type": "NewsArticle", "copyrightNotice": "© Gazette"}'), "© Gazette"),
    ],
)
def test_rights_are_those_that_the_page_states(
    tmp_path: Path, head: str, rights: str | None
) -> None:
    assert _article(tmp_path / "page.html", document(Truth(), head)).rights == rights
