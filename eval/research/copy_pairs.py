"""Labelled pairs of reports, copies and not, generated from stories that we wrote.

A copy is a report that another outlet took over: verbatim, edited, cut, reordered, framed by its
own words, or rewritten sentence by sentence with the quotes kept. Not copies: follow-ups, updates
and corrections of the same story, look-alike events, independent accounts of one event, and pages
behind one paywall.
"""

import json
import re
import tomllib
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, Literal

from qa.language.sentences import sentences
from qa.types import Article

DATA = Path(__file__).parent / "data"
STORIES = Path(__file__).parent / "data-copies" / "stories.toml"
_REPORTS = ("business", "conflict", "culture", "disasters", "politics", "science", "sport")
_EDITED = 60  # of our single reports, each copied in one way
_NEIGHBOURS = 40  # of reports that are about much the same kind of event
_BARRED = 12

Half = Literal["fit", "report"]
Sentences = Sequence[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """``half``: thresholds are fitted on one, figures reported on the other."""

    one: Article
    other: Article
    copies: bool
    kind: str
    half: Half


def labelled_pairs() -> list[Pair]:
    """Every pair; the stories of one half are not in the other."""
    pairs: list[Pair] = []
    stories = tomllib.loads(STORIES.read_text("utf-8"))["story"]
    for number, story in enumerate(stories):
        half: Half = "fit" if number % 2 == 0 else "report"
        pairs.extend(_pairs_of_story(story, half))
    reports = [report for name in _REPORTS for report in _reports(name)]
    pairs.extend(_copies_of_reports(reports))
    for name in ("updates", "now-and-then", "conflict"):
        pairs.extend(_of_one_event(_reports(name), name))
    pairs.extend(_neighbours(_reports("lookalikes")))
    pairs.extend(_barred_pages(reports))
    return pairs


def _pairs_of_story(story: Mapping[str, Any], half: Half) -> Iterator[Pair]:
    name = story["id"]
    wire = _Telling(story, story["a"])
    town_b = _Telling(story, story["b"])
    base, base_b = wire.article("wire"), town_b.article("wire-b")
    for kind, copy in _CHANGES.items():
        yield Pair(base, copy(base, Random(f"{name} {kind}")), True, kind, half)
    rewrites = {
        "rewritten in part": wire.rewritten("third", lambda index: index % 3 == 0),
        "half rewritten": wire.rewritten("half", lambda index: index % 2 == 0),
        "other half rewritten": wire.rewritten("other-half", lambda index: index % 2 == 1),
        "rewritten but for quotes": wire.rewritten("most", lambda _: True),
    }
    for kind, rewrite in rewrites.items():
        yield Pair(base, rewrite, True, kind, half)
    light = edited_lightly(base, Random(f"{name} edited"))
    cut = shortened(base, Random(name))
    yield Pair(light, framed(cut, Random(name)), True, "cut and framed, and edited", half)
    yield Pair(rewrites["half rewritten"], light, True, "half rewritten, and edited", half)
    yield Pair(
        base_b, town_b.rewritten("half-b", lambda i: i % 2 == 1), True, "half rewritten", half
    )
    yield Pair(base_b, framed(base_b, Random(name)), True, "framed", half)

    yield Pair(base, base_b, False, "look-alike event", half)
    yield Pair(cut, framed(base_b, Random(name)), False, "look-alike event", half)
    yield Pair(rewrites["half rewritten"], base_b, False, "look-alike event", half)
    for follow_up in wire.follow_ups():
        yield Pair(base, follow_up, False, "follow-up with new figures", half)
        yield Pair(light, follow_up, False, "follow-up with new figures", half)
    for update in wire.updates():
        yield Pair(base, update, False, "update with a new turn", half)
        yield Pair(light, update, False, "update with a new turn", half)
    yield Pair(base, wire.corrected(), False, "correction", half)
    yield Pair(verbatim(base, Random(name)), wire.corrected(), False, "correction", half)
    account = _article(
        f"{name}-account", story["title"][1].format(**story["a"]), story["independent"]
    )
    yield Pair(base, account, False, "independent account", half)
    yield Pair(rewrites["rewritten but for quotes"], account, False, "independent account", half)


class _Telling:
    """A story with its places filled."""

    def __init__(self, story: Mapping[str, Any], slots: Mapping[str, str]) -> None:
        self._story = story
        self._slots = slots

    def article(self, name: str, slots: Mapping[str, str] | None = None) -> Article:
        """As the agency wrote it."""
        wire = [first for first, _ in self._story["sentences"]]
        return self._build(name, self._story["title"][0], wire, slots)

    def rewritten(self, name: str, changes: Callable[[int], bool]) -> Article:
        """Another title, and the other paper's words for the sentences whose number ``changes``."""
        told = [pair[changes(index)] for index, pair in enumerate(self._story["sentences"])]
        report = self._build(name, self._story["title"][1], told)
        return report.model_copy(update={"source": name})

    def follow_ups(self) -> Iterator[Article]:
        """A later report with new figures: over the old background, and short."""
        later = {**self._slots, **self._story["later"]}
        wire = [first for first, _ in self._story["sentences"]]
        for name, background in (("later", wire[1:6]), ("later-short", wire[2:4])):
            told = [self._story["later_lead"], *background]
            yield self._build(name, self._story["later_title"], told, later)

    def updates(self) -> Iterator[Article]:
        """A later report with a new turn, over all or some of the old one."""
        wire = [first for first, _ in self._story["sentences"]]
        for name, background in (("update", wire[:5]), ("update-short", wire[1:4])):
            told = [self._story["update_lead"], *background]
            yield self._build(name, self._story["update_title"], told)

    def corrected(self) -> Article:
        """The same report with one figure put right."""
        name = next(iter(self._story["later"]))
        report = self.article("corrected", {**self._slots, name: self._story["later"][name]})
        note = "Correction: an earlier version of this report gave a wrong figure."
        return report.model_copy(update={"text": f"{report.text}\n\n{note}"})

    def _build(
        self, name: str, title: str, told: Sentences, slots: Mapping[str, str] | None = None
    ) -> Article:
        filled = slots or self._slots
        parts = [_capitalised(sentence.format(**filled)) for sentence in told]
        heading = _capitalised(title.format(**filled))
        report = _article(f"{self._story['id']}-{name}", heading, paragraphs(parts))
        return report.model_copy(update={"source": "Agency"})


def edited_lightly(article: Article, random: Random) -> Article:
    """A sub-editor's changes, and a sentence cut behind the first."""
    parts = _sentences(article)
    if len(parts) > 3:
        del parts[random.randrange(1, len(parts))]
    text = paragraphs(parts)
    for old, new in _SUB_EDITED:
        text = re.sub(rf"\b{old}\b(?![.,]\d)", new, text)
    return _changed(article, "light", text=text)


def shortened(article: Article, _: Random) -> Article:
    """The first half."""
    parts = _sentences(article)
    return _changed(article, "short", text=paragraphs(parts[: max(2, len(parts) // 2)]))


def retitled(article: Article, random: Random) -> Article:
    """Another headline, a byline and a dateline."""
    title = random.choice(("What we know so far", "In brief", "News in pictures", "As it happened"))
    byline = (
        f"By {random.choice(_WRITERS)}\n\n{random.choice(_PLACES)} ({random.choice(_OUTLETS)}) — "
    )
    return _changed(article, "retitled", title=title, text=byline + article.text)


def framed(article: Article, random: Random) -> Article:
    """Another outlet's own words before and after."""
    before, after = random.choice(_FRAMES)
    outlet = random.choice(_OUTLETS)
    text = f"{before.format(outlet=outlet)}{article.text}\n\n{after.format(outlet=outlet)}"
    return _changed(article, "framed", text=text)


def reordered(article: Article, random: Random) -> Article:
    """The sentences behind the first in another order."""
    first, *rest = _sentences(article)
    random.shuffle(rest)
    return _changed(article, "reordered", text=paragraphs([first, *rest]))


def verbatim(article: Article, _: Random) -> Article:
    """The same words under another name."""
    return _changed(article, "verbatim")


def all_at_once(article: Article, random: Random) -> Article:
    """Edited, retitled and framed."""
    for change in (edited_lightly, retitled, framed):
        article = change(article, random)
    return article


_CHANGES: Mapping[str, Callable[[Article, Random], Article]] = {
    "verbatim": verbatim,
    "edited": edited_lightly,
    "shortened": shortened,
    "other headline and byline": retitled,
    "framed": framed,
    "reordered": reordered,
    "edited, retitled and framed": all_at_once,
}
_SUB_EDITED = (
    ("percent", "per cent"), ("more than", "over"), ("at least", "no fewer than"),
    ("about", "around"), ("kilometres", "km"), ("because", "as"), ("officials", "authorities"),
    ("on Tuesday", "yesterday"), ("on Monday", "yesterday"), ("on Thursday", "yesterday"),
    ("said", "explained"), ("while", "whereas"), ("three", "3"), ("two", "2"),
    ("12", "twelve"), ("who", "that"), ("ordered", "called for"), ("has", "now has"),
)  # fmt: skip
_WRITERS = ("Joan Ebbing", "Mark Sallow", "Irina Pohl", "our own correspondent")
_PLACES = ("LONDON", "GENEVA", "SINGAPORE", "NAIROBI")
_OUTLETS = ("Hill Times", "Coast Daily", "Agency", "The Morning Ledger")
_FRAMES = (
    ("", "Read more on {outlet}. Sign up for our newsletter to get the day's news in your inbox."),
    ("This article first appeared elsewhere. ", "© {outlet}. All rights reserved. Not for reuse."),
    (
        "Listen to this story. Four minutes. ",
        "Support {outlet}: become a member from 5 euros a month.",
    ),
    ("", "{outlet} is edited independently. Tell us about a mistake at our reader service."),
)

_NOTICE = (
    "You have read all the free articles of this month. Subscribe today to go on reading: every"
    " weekday our editors choose the reports that matter and send them to your inbox by seven in"
    " the morning.\n\nA subscription can be cancelled at any time. Students pay half. By going on"
    " you agree to our terms of use and to the storage of cookies, without which this site does"
    " not work as it should. Are you a subscriber already? Sign in."
)


def _copies_of_reports(reports: Sequence[Article]) -> Iterator[Pair]:
    changes = list(_CHANGES.items())
    step = len(reports) // _EDITED
    for number, report in enumerate(reports[::step][:_EDITED]):
        kind, change = changes[number % len(changes)]
        copy = change(report, Random(report.id))
        yield Pair(report, copy, True, kind, _half(report.id))


def _of_one_event(reports: Sequence[Article], name: str) -> Iterator[Pair]:
    """Reports of one event that we wrote as different ones."""
    by_event: dict[str, list[Article]] = defaultdict(list)
    for report in reports:
        by_event[report.extra["event"]].append(report)
    kind = {"conflict": "independent account"}.get(name, "other report of the event")
    for event, several in list(by_event.items())[:30]:
        for one, other in pairwise(several):
            yield Pair(one, other, False, kind, _half(event))


def _neighbours(reports: Sequence[Article]) -> Iterator[Pair]:
    for one, other in pairwise(reports[: _NEIGHBOURS + 1]):
        yield Pair(one, other, False, "look-alike report", _half(one.id))


def _barred_pages(reports: Sequence[Article]) -> Iterator[Pair]:
    """Pages of which only the notice before a paywall could be read."""
    pages = [
        report.model_copy(update={"id": f"{report.id}-barred", "text": _NOTICE})
        for report in reports[:: len(reports) // _BARRED]
    ]
    for one, other in pairwise(pages):
        yield Pair(one, other, False, "page behind a paywall", _half(one.id))


def _reports(name: str) -> list[Article]:
    lines = (DATA / f"{name}.jsonl").read_text("utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    return [
        _article(f"{name}-{number}", record["title"], record["text"], event=record["event"])
        for number, record in enumerate(records)
    ]


def _half(name: str) -> Half:
    return "fit" if zlib.crc32(name.encode()) % 2 else "report"


def _article(name: str, title: str, text: str, **extra: str) -> Article:
    return Article(id=name, title=title, text=text, extra=extra)


def _changed(article: Article, name: str, **fields: str) -> Article:
    """The article as another source has it: no two changes share one."""
    return article.model_copy(update={"id": f"{article.id}-{name}", "source": name, **fields})


def _sentences(article: Article) -> list[str]:
    return [article.text[start:end].strip() for start, end in sentences(article.text, "en")]


def paragraphs(parts: Sentences) -> str:
    """Two sentences to a paragraph."""
    return "\n\n".join(" ".join(parts[at : at + 2]) for at in range(0, len(parts), 2))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
