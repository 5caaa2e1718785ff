"""The day's news on its way into an archive: two papers on loopback, whose feeds are followed, and
a wire.
"""

import hashlib
import html
import json
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from qa.archive.archive import Archive
from qa.ingest.web.fetch import Fetcher
from qa.ingest.web.poll import Outcome, check_due, follow
from tests.support.news import (
    COAST,
    HILL,
    STORIES,
    WIRE,
    WITHDRAWN,
    Dispatch,
    Report,
    at,
    moment,
    quarters,
)
from tests.support.web import RSS_TYPE, Reply, Site, rss, rss_item, settings

WINDOW = 30  # entries that a feed lists
QUARTER = 15 * 60  # seconds between two checks of a feed
ATOM_TYPE = "application/atom+xml"


class Newsroom:
    """Lets the day's stories, and ``others``, arrive when they are reported."""

    def __init__(
        self, archive: Archive, site: Site, folder: Path, others: Sequence[Report]
    ) -> None:
        self._archive = archive
        self._folder = folder
        self._fetcher = Fetcher(settings())
        self._papers = {
            COAST: Paper(site, COAST, "127.0.0.1", atom=False),
            HILL: Paper(site, HILL, "localhost", atom=True),
        }
        self._reports = sorted([*STORIES, *others], key=lambda report: report.arrives)
        self._dispatches = list(WIRE)
        self._set_clock(quarters()[0])
        for paper in self._papers.values():
            follow(archive, self._fetcher, paper.feed, QUARTER)

    def reach(self, time: str) -> list[Outcome]:
        """Let everything arrive that has been reported by then; what the feeds' checks did."""
        self._set_clock(time)
        reported = [report for report in self._reports if report.arrives <= time]
        self._reports = self._reports[len(reported) :]
        for name, paper in self._papers.items():
            paper.publish([report for report in reported if report.paper == name])
        outcomes = check_due(self._archive, self._fetcher)
        while self._dispatches and self._dispatches[0].time <= time:
            self._send(self._dispatches.pop(0))
        if time in WITHDRAWN:
            self._archive.withdraw(self.identity(WITHDRAWN[time]))
        return outcomes

    def identity(self, name: str) -> str:
        """The id of a story's article: the address of its page, or what the wire calls it."""
        papers = {report.name: self._papers[report.paper] for report in STORIES}
        return papers[name].address(name) if name in papers else f"urn:wire:{name}"

    def _set_clock(self, time: str) -> None:
        self._archive.store.clock = lambda: moment(time)

    def _send(self, dispatch: Dispatch) -> None:
        item = {
            "uri": self.identity(dispatch.name),
            "type": "text",
            "firstcreated": at(dispatch.time),
            "versioncreated": at(dispatch.time),
            "headline": dispatch.title,
            "body_text": dispatch.text,
            "source": "Northern Wire",
            **dispatch.fields,
        }
        if dispatch.corrects is not None:
            item["corrects"] = self.identity(dispatch.corrects)
        path = self._folder / "wire.json"
        path.write_text(json.dumps(item), "utf-8")
        report = self._archive.ingest([path])
        assert (report.skipped, report.warnings) == ([], [])


class Paper:
    """``host``: under which name of this machine it is read. ``atom``: the format of its feed."""

    def __init__(self, site: Site, name: str, host: str, *, atom: bool) -> None:
        self._site = site
        self._name = name
        self._base = f"http://{host}:{site.port}"
        self._atom = atom
        self._path = f"/{name.lower().replace(' ', '-')}"
        self._newest: dict[str, Report] = {}
        self.publish([])

    @property
    def feed(self) -> str:
        return self._base + self._path

    def address(self, name: str) -> str:
        return f"{self._base}/{name}"

    def publish(self, reports: Sequence[Report]) -> None:
        """Put the reports on the site, and at the top of the feed."""
        for report in reports:
            self._newest.pop(report.name, None)
            self._newest[report.name] = report
            self._site.replies[f"/{report.name}"] = Reply(page(report))
        listed = list(reversed(self._newest.values()))[:WINDOW]
        body = self._as_atom(listed) if self._atom else self._as_rss(listed)
        kind = ATOM_TYPE if self._atom else RSS_TYPE
        etag = f'"{hashlib.sha256(body.encode()).hexdigest()[:16]}"'
        self._site.replies[self._path] = Reply(body, kind, headers={"ETag": etag})

    def _as_rss(self, reports: Sequence[Report]) -> str:
        items = []
        for report in reports:
            stated = f"<pubDate>{format_datetime(_last(report))}</pubDate>"
            teaser = f"<description>{html.escape(report.paragraphs[0])}</description>"
            address = self.address(report.name)
            items.append(rss_item(address, title=report.title, more=stated + teaser))
        return rss(*items, title=self._name)

    def _as_atom(self, reports: Sequence[Report]) -> str:
        entries = []
        for report in reports:
            address = self.address(report.name)
            entries.append(
                f"<entry><id>{address}</id><title>{report.title}</title><link href='{address}'/>"
                f"<published>{at(report.time)}</published>"
                f"<updated>{_last(report).isoformat()}</updated>"
                f"<summary>{html.escape(report.paragraphs[0])}</summary></entry>"
            )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>{self._name}</title><id>{self.feed}</id>{''.join(entries)}</feed>"
        )


def page(report: Report) -> str:
    """The report's page, which states its dates and its paper."""
    stated = {"article:published_time": at(report.time), "og:site_name": report.paper}
    if report.updated is not None:
        stated["article:modified_time"] = at(report.updated)
    head = "".join(f'<meta property="{key}" content="{text}">' for key, text in stated.items())
    body = "".join(f"<p>{html.escape(text)}</p>" for text in report.paragraphs)
    title = html.escape(report.title)
    return (
        f"<!doctype html><html lang='en'><head><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def _last(report: Report) -> datetime:
    return moment(report.arrives)
