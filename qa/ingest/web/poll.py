"""Following feeds and sitemaps: checking them again and again for what is new.

Entries are stored in small steps, and each is noted as read after its article is stored; the
validators of a feed (ETag, Last-Modified) are stored after all of its entries. So what a crash
interrupts is read again, which changes nothing twice, and nothing is passed over.

Several hosts are read at once, so that one that hangs does not hold up the others: each in a thread
of its own, its feeds one after the other. What they read is stored by one thread at a time.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from threading import Event, Lock

from qa.archive.archive import Archive
from qa.archive.feeds import (
    Checked,
    Feed,
    Seen,
    add_feed,
    list_feeds,
    note_check,
    note_items,
    seen_items,
)
from qa.errors import ArchiveBusy, BadInput, FetchFailed, QAError
from qa.ingest.apply import IngestReport
from qa.ingest.files import Read, Skipped
from qa.ingest.plan import distinct
from qa.ingest.web.addresses import host_and_port, parse_url
from qa.ingest.web.documents import declared_feeds, kind_of, unpacked
from qa.ingest.web.fetch import MAX_BYTES, Fetcher, Validators
from qa.ingest.web.items import Item, without_tracking
from qa.ingest.web.read import MOST_PAGES, list_items, read_entry, steps, store_step

SHORTEST_PERIOD = 60  # seconds between two checks of a feed
HOSTS_AT_ONCE = 8

_LONGEST_OUTCOME = 500  # characters

_log = logging.getLogger("dateline")
Stopped = Callable[[], bool]


@dataclass(slots=True)
class Outcome:
    """What one check of a feed did."""

    feed: str
    failure: str | None = None  # of the feed as a whole
    fault: str | None = None  # what was wrong with it, though it could be read
    not_modified: bool = False
    interrupted: bool = False
    left: int = 0  # entries beyond `MOST_PAGES`
    retry: bool = False  # an entry failed that may be read later
    retry_after: float | None = None
    report: IngestReport = field(default_factory=IngestReport)

    @property
    def ok(self) -> bool:
        """Return True if the feed could be read, whatever became of its entries."""
        return self.failure is None

    def as_json(self) -> dict[str, object]:
        """The outcome as it is shown to programs."""
        done = self.report
        return {
            "url": self.feed,
            "ok": self.ok,
            "outcome": self.in_words,
            "added": done.added,
            "updated": done.updated,
            "amended": done.amended,
            "unchanged": done.unchanged,
            "passages_embedded": done.passages_embedded,
            "left": self.left,
            "skipped": [asdict(item) for item in done.skipped],
            "warnings": [asdict(item) for item in done.warnings],
        }

    @property
    def in_words(self) -> str:
        """One line."""
        if self.failure is not None:
            return " ".join(f"failed: {self.failure}".split())[:_LONGEST_OUTCOME]
        if self.not_modified:
            return "not modified"
        done = self.report
        counts = {
            "added": done.added,
            "updated": done.updated,
            "amended": done.amended,
            "unchanged": done.unchanged,
            "skipped": len(done.skipped),
            "left for the next check": self.left,
        }
        text = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        parts = [text or "nothing new"]
        if self.interrupted:
            parts.append("stopped before the end")
        if self.fault is not None:
            parts.append(self.fault)
        parts += [f"{item.place}: {item.reason}" for item in done.skipped[:1]]
        return " ".join("; ".join(parts).split())[:_LONGEST_OUTCOME]


def follow(archive: Archive, fetcher: Fetcher, url: str, every: int) -> Feed:
    """Start to follow a feed or sitemap; its first check is due at once. Raises BadInput."""
    if every < SHORTEST_PERIOD:
        raise BadInput(f"a feed is checked at most every {SHORTEST_PERIOD} s")
    url = str(parse_url(url))
    document = fetcher.fetch(url)
    assert document is not None  # noqa: S101  # only a conditional request may give None
    kind = kind_of(unpacked(document, MAX_BYTES))
    if kind == "page":
        feeds = declared_feeds(document)
        hint = f"; the page names {feeds[0]}" if feeds else ""
        raise BadInput(f"{url} is a page, not a feed or sitemap{hint}")
    return add_feed(archive.store, url, kind, every)


def check_due(
    archive: Archive,
    fetcher: Fetcher,
    *,
    everything: bool = False,
    stopped: Stopped = lambda: False,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
) -> list[Outcome]:
    """Check the feeds that are due, or all; one that fails does not keep the others from it.

    The outcomes are returned in the order of the feeds. ``on_outcome`` gets each as soon as there
    is one, from the thread of its host; never two at a time.

    Raises ArchiveBusy when another process is doing so, and what concerns the archive as a whole.
    """
    with archive.store.alone("follow") as alone:
        if not alone:
            raise ArchiveBusy("another process is checking the feeds of this archive")
        now = archive.store.clock().timestamp()
        feeds = [feed for feed in list_feeds(archive.store) if everything or feed.next_due <= now]
        return _Round(archive, fetcher, stopped, on_outcome).run(feeds)


class _Round:
    """One check of several feeds, with a thread for each of a few hosts."""

    def __init__(
        self,
        archive: Archive,
        fetcher: Fetcher,
        stopped: Stopped,
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self.archive = archive
        self.fetcher = fetcher
        self.storing = Lock()  # held by the thread that stores something
        self._stopped = stopped
        self._ended = Event()
        self._on_outcome = on_outcome
        self._outcomes: dict[str, Outcome] = {}  # by the address of the feed

    def stopped(self) -> bool:
        """Return True once this round should end: also when a thread met the archive's trouble."""
        return self._ended.is_set() or self._stopped()

    def run(self, feeds: Sequence[Feed]) -> list[Outcome]:
        """Check them; what a thread raises ends the others after their page, and is raised."""
        hosts: dict[str, list[Feed]] = {}
        for feed in feeds:
            host, _ = host_and_port(parse_url(feed.url))
            hosts.setdefault(host, []).append(feed)
        with ThreadPoolExecutor(HOSTS_AT_ONCE, "feeds") as pool:
            try:
                for _ in pool.map(self._check_host, hosts.values()):
                    pass
            finally:
                self._ended.set()  # Ctrl-C arrives here, in none of the threads
        return [self._outcomes[feed.url] for feed in feeds if feed.url in self._outcomes]

    def _check_host(self, feeds: Sequence[Feed]) -> None:
        try:
            for feed in feeds:
                if self.stopped():
                    return
                outcome = _Check(self, feed).run()
                with self.storing:
                    self._outcomes[feed.url] = outcome
                    self._on_outcome(outcome)
        except BaseException:
            self._ended.set()
            raise


class _Check:
    """One check of one feed."""

    def __init__(self, round_: _Round, feed: Feed) -> None:
        self._archive = round_.archive
        self._fetcher = round_.fetcher
        self._storing = round_.storing
        self._stopped = round_.stopped
        self._feed = feed
        self._validators = Validators()
        self._titles: dict[str, str | None] = {}  # of articles that this feed gave, by id
        self.outcome = Outcome(feed.url)

    def run(self) -> Outcome:
        """Do it, and store its outcome, unless it was stopped before its end."""
        outcome = self.outcome
        try:
            self._read()
        except FetchFailed as error:
            outcome.failure, outcome.retry_after = str(error), error.retry_after
        except QAError:
            raise  # the archive's own trouble, which the next feed would meet as well
        except Exception as error:  # noqa: BLE001  # a parser's; logged, and the others go on
            _log.exception("checking %s failed", self._feed.url)
            outcome.failure = f"internal error: {type(error).__name__}"
        if not outcome.interrupted:
            with self._storing:
                note_check(self._archive.store, self._feed.url, self._checked())
        return outcome

    def _read(self) -> None:
        known = Validators(self._feed.etag, self._feed.last_modified)
        document = self._fetcher.fetch(self._feed.url, known)
        if document is None:
            self.outcome.not_modified = True
            self._validators = known
            return
        document = unpacked(document, MAX_BYTES)
        listing = list_items(document, self._fetcher)
        self.outcome.fault = listing.fault
        seen = seen_items(self._archive.store, self._feed.url)
        new = [item for item in listing.items if not _settled(item, seen)]
        self.outcome.left = max(0, len(new) - MOST_PAGES)
        for step in steps(new[:MOST_PAGES]):
            if not self._read_step(step, seen):
                self.outcome.interrupted = True
                return
        if listing.final and not self.outcome.left and not self.outcome.retry:
            self._validators = document.validators

    def _read_step(self, items: Sequence[Item], seen: Mapping[str, Seen]) -> bool:
        """Read and store some entries; False when it was stopped meanwhile."""
        reads: list[Read | Skipped] = []
        noted: dict[str, Seen] = {}
        for item in items:
            if self._stopped():
                break
            read = read_entry(item, self._feed.url, self._fetcher)
            if isinstance(read, Read):
                read = self._under_own_id(read, item, seen)
            reads.append(read)
            if isinstance(read, Read):
                noted[item.guid] = Seen(item.digest, read.article.id)
                continue
            before = seen.get(item.guid)
            failed = before.failures if before is not None and before.digest == item.digest else 0
            noted[item.guid] = Seen(item.digest, None, failed + 1)
            self.outcome.retry |= not noted[item.guid].settles(item.digest)
        with self._storing:
            store_step(self._archive, list(distinct(reads)), self.outcome.report)
            note_items(self._archive.store, self._feed.url, noted)
        return len(reads) == len(items)

    def _under_own_id(self, read: Read, item: Item, seen: Mapping[str, Seen]) -> Read:
        """The article under the address that was reached, if another entry's has its id already.

        Some sites state one canonical address on all of their pages. Of two entries with the same
        title it is believed: a report that was listed again under another guid.
        """
        article, reached = read.article, without_tracking(read.place)
        before = seen.get(item.guid)
        if article.id == reached or (before is not None and before.article_id == article.id):
            return read
        title = self._title_of(article.id, seen)
        if title is None or title == article.title:
            self._titles[article.id] = article.title
            return read
        return replace(read, article=article.model_copy(update={"id": reached, "url": reached}))

    def _title_of(self, article_id: str, seen: Mapping[str, Seen]) -> str | None:
        """The title of an article that another entry of the feed gave; None: there is none."""
        if article_id not in self._titles and any(
            one.article_id == article_id for one in seen.values()
        ):
            with self._archive.snapshot() as snapshot:
                stored = snapshot.find(article_id)
            self._titles[article_id] = None if stored is None else stored.article.title
        return self._titles.get(article_id)

    def _checked(self) -> Checked:
        outcome = self.outcome
        wait = max(float(self._feed.every), outcome.retry_after or 0)
        return Checked(
            outcome=outcome.in_words,
            ok=outcome.ok,
            next_due=self._archive.store.clock().timestamp() + wait,
            articles=outcome.report.added + outcome.report.updated,
            etag=self._validators.etag,
            last_modified=self._validators.last_modified,
        )


def _settled(item: Item, seen: Mapping[str, Seen]) -> bool:
    before = seen.get(item.guid)
    return before is not None and before.settles(item.digest)
