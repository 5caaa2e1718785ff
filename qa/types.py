"""The words that everybody uses. Imports nothing of ours; design: one word per idea.

What comes from outside is a frozen pydantic model; what we make is a frozen dataclass, a value.
Offsets count Unicode code points, ends are exclusive.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

FigureKind = Literal["money", "number", "percent", "date", "duration"]
AnswerKind = Literal[
    "money",
    "number",
    "percent",
    "date",
    "duration",
    "person",
    "place",
    "organisation",
    "boolean",
    "text",
]
Bound = Literal["exact", "about", "at_least", "at_most"]
FigureStatus = Literal["supported", "derived", "unsupported"]
# Whether a report may be used: not yet, or no longer, unless it is "usable".
ArticleStatus = Literal["usable", "withheld", "canceled"]
# What kind of answer a question wants: a span, whole sentences, a verdict, items, several reports.
Form = Literal["short", "sentences", "yes_no", "list", "brief"]
# What whole sentences are to tell: why, how, what was said, what happened.
Aspect = Literal["cause", "definition", "event", "manner", "speech"]


class Article(BaseModel):
    """One news report. Its text is immutable: a changed title or text is a new version.

    Dates are ISO 8601, as precise as they were given, or None. Before ``embargoed_until`` the
    article does not exist for anybody who asks; after ``expires_at``, or with another ``status``
    than "usable", it is no evidence. ``corrects`` is the id of the report that this one corrects.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str | None = None
    text: str
    published_at: str | None = None
    updated_at: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    section: str | None = None
    url: str | None = None
    language: str | None = None
    status: ArticleStatus = "usable"
    embargoed_until: str | None = None
    expires_at: str | None = None
    corrects: str | None = None
    rights: str | None = None
    extra: Mapping[str, Any] = {}  # other keys of the record, kept and unused


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the store holds it: which version, its key there, and when it was received
    (None: by a Dateline that did not note it).
    """

    key: int  # the version's row in the store
    version: str  # hash of title and text; see `qa.ingest.files.version_of`
    article: Article
    received_at: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """``article.text[start:end]``, a run of whole sentences."""

    id: int
    stored: StoredArticle
    start: int
    end: int

    @property
    def article(self) -> Article:
        return self.stored.article

    @property
    def text(self) -> str:  # derived, so text and offsets cannot drift apart
        return self.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a passage was found. None: that search did not return it. All: higher is better."""

    dense: float | None = None  # cosine of question and passage
    lexical: float | None = None  # BM25, sign turned so that higher is better
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class ReportedBy:
    """Another article that carries the same story."""

    article_id: str
    source: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that a question found. ``rank`` starts at 1; ``score`` orders the hits, higher
    first. ``copies``: the visible copies of its article, earliest first.
    """

    rank: int
    score: float
    scores: Scores
    passage: Passage
    copies: tuple[ReportedBy, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles a question may see. Empty: every article's newest version.

    Names of sources, authors, sections and languages ignore case. An article by several authors is
    by each of them.

    ``as_of``, ``known_at``, ``published_from`` and ``published_to`` are ISO 8601; a bare day means
    its start in ``published_from`` and its end in the others. ``known_at`` leaves out what the
    archive received later. Under the three others an undated article is left out, unless
    ``include_undated``.
    """

    as_of: str | None = None
    known_at: str | None = None
    include_undated: bool = False
    sources: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    article_ids: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None

    def to_json(self) -> str:
        """The filters that are set, as a JSON object in ASCII: a client may send half a surrogate
        pair, which no database stores.
        """
        return json.dumps({name: value for name, value in asdict(self).items() if value})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        fields: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in json.loads(text).items()
        }
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, amount, percentage, date or duration in a text, with its value.

    ``value`` is a decimal string (money: in units of ``unit``, ISO 4217, None while ``$`` stays
    ambiguous; percent: "51.3"), an ISO 8601 date as precise as the text, or an ISO 8601 duration.
    ``value_to`` ends a range.
    """

    text: str
    kind: FigureKind
    value: str
    start: int
    end: int
    value_to: str | None = None
    unit: str | None = None
    bound: Bound = "exact"


def iso_instant(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def instant(text: str, *, end_of_day: bool = False) -> float:
    """ISO 8601 text as seconds since 1970 UTC. A time without a zone is UTC.

    A bare day is its first instant, or with ``end_of_day`` its last. Raises ValueError for anything
    else.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
    else:
        moment = datetime.combine(day, time.max if end_of_day else time.min)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        return moment.timestamp()
    except OverflowError as error:
        raise ValueError(f"{text} lies outside the calendar") from error
