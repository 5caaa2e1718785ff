"""Listing what pages, feeds and sitemaps hold, reading it, and storing it in small steps."""

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TypeVar

from qa.archive.archive import Archive
from qa.errors import BadInput, FetchFailed, QAError
from qa.ingest.apply import IngestReport, OnProgress, Progress
from qa.ingest.files import Read, Skipped
from qa.ingest.plan import distinct
from qa.ingest.web.articles import read_item, read_page
from qa.ingest.web.documents import kind_of, unpacked
from qa.ingest.web.feeds import read_feed
from qa.ingest.web.fetch import MAX_BYTES, Document, Fetcher
from qa.ingest.web.items import Item, Listing
from qa.ingest.web.sitemaps import read_sitemap

STEP = 10  # articles stored at a time
MOST_PAGES = 500  # of one feed or sitemap, unless more are asked for
MOST_SITEMAPS = 50  # of an index
LOCK_WAIT = 60  # seconds that a step waits for another writer

_log = logging.getLogger("dateline")
T = TypeVar("T")


def read_urls(
    fetcher: Fetcher, urls: Sequence[str], limit: int = MOST_PAGES, *, required: bool = True
) -> Iterator[Read | Skipped]:
    """Yield what pages, feeds and sitemaps hold; of each feed or sitemap up to ``limit`` pages.

    Raises BadInput at once, before anything can be changed, when there is no article in any of
    them, if one is ``required``.
    """
    items = distinct(_read_urls(fetcher, urls, limit))
    if not required:
        return items
    skipped: list[Skipped] = []
    for item in items:
        if isinstance(item, Read):
            return chain(skipped, [item], items)
        skipped.append(item)
    reason = f": {skipped[0].reason}" if skipped else ""
    raise BadInput(f"no article found in {', '.join(urls)}{reason}")


def ingest_reads(
    archive: Archive,
    reads: Iterable[Read | Skipped],
    report: IngestReport,
    on_progress: OnProgress = lambda _: None,
) -> None:
    """Store what was read, in small steps, and add it to the report."""
    started = time.perf_counter() - report.seconds
    for step in steps(reads):
        store_step(archive, step, report)
        report.seconds = time.perf_counter() - started
        on_progress(Progress(report.articles_read, report.passages_embedded))


def list_items(document: Document, fetcher: Fetcher) -> Listing:
    """The entries of a feed or sitemap, also those of the sitemaps of an index."""
    kind = kind_of(document)
    if kind == "feed":
        return read_feed(document)
    if kind == "page":
        raise FetchFailed("a page, not a feed or sitemap")
    sitemap = read_sitemap(document)
    items = {item.guid: item for item in sitemap.items}
    faults = []
    for url in sitemap.sitemaps[:MOST_SITEMAPS]:
        try:
            inner = fetcher.fetch(url)
            assert inner is not None  # noqa: S101  # only a conditional request may give None
            found = read_sitemap(unpacked(inner, MAX_BYTES))
        except FetchFailed as error:
            faults.append(f"{url}: {error}")
            continue
        for item in found.items:
            items.setdefault(item.guid, item)
    left = len(sitemap.sitemaps) - MOST_SITEMAPS
    if left > 0:
        faults.append(f"{left} sitemaps of the index were not read")
    fault = "; ".join(faults) or None
    # An index that has not changed says nothing about the sitemaps that it names.
    return Listing(list(items.values()), fault, final=not sitemap.sitemaps)


def read_entry(item: Item, feed: str, fetcher: Fetcher) -> Read | Skipped:
    """The article of an entry of ``feed``, or why there is none."""
    place = item.link or item.guid
    try:
        return read_item(item, feed, fetcher)
    except BadInput as error:
        return Skipped(place, str(error))
    except QAError:
        raise
    except Exception as error:  # noqa: BLE001  # logged, and the other pages are read
        _log.exception("reading %s failed", place)
        return Skipped(place, f"internal error: {type(error).__name__}")


def _read_urls(fetcher: Fetcher, urls: Sequence[str], limit: int) -> Iterator[Read | Skipped]:
    for url in urls:
        try:
            document = fetcher.fetch(url)
            assert document is not None  # noqa: S101  # only a conditional request may give None
            document = unpacked(document, MAX_BYTES)
            if kind_of(document) == "page":
                yield read_page(document, url)
                continue
            listing = list_items(document, fetcher)
        except BadInput as error:
            yield Skipped(url, str(error))
            continue
        if listing.fault is not None:
            yield Skipped(url, listing.fault)
        for item in listing.items[:limit]:
            yield read_entry(item, url, fetcher)
        if len(listing.items) > limit:
            yield Skipped(url, f"{len(listing.items) - limit} more pages; --limit reads them too")


def store_step(archive: Archive, step: Sequence[Read | Skipped], report: IngestReport) -> None:
    """Store a step, in one transaction, and count it."""
    reads = [item for item in step if isinstance(item, Read)]
    report.count(step, archive.put(reads, wait=LOCK_WAIT))


def steps(items: Iterable[T]) -> Iterator[list[T]]:
    """The items in runs of `STEP`."""
    step: list[T] = []
    for item in items:
        step.append(item)
        if len(step) == STEP:
            yield step
            step = []
    if step:
        yield step
