"""Which articles a question may see: embargo, term, withdrawal, receipt, filters."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.archive.store import Store
from qa.archive.visibility import Dates, intervals
from qa.types import Article, Filters
from tests.support.stores import amend, create, delete, found, put, seen

NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)
REPORT = Article(id="a", text="The dam burst.", published_at="2024-05-01")


def at(store: Store, moment: datetime) -> Store:
    store.clock = lambda: moment
    return store


def test_an_article_under_embargo_is_not_seen_before_its_time(store: Store) -> None:
    embargoed = REPORT.model_copy(update={"embargoed_until": "2024-05-10T12:00:00Z"})
    put(at(store, datetime(2024, 5, 10, 11, 59, 59, tzinfo=UTC)), embargoed)
    assert seen(store) == []
    assert found(store, "dam") == []
    assert seen(at(store, NOON)) == ["The dam burst."]
    assert seen(store, as_of="2024-05-09") == []  # it did not exist then
    assert seen(store, as_of="2024-05-11") == ["The dam burst."]


def test_an_update_under_embargo_leaves_the_earlier_version_in_view(store: Store) -> None:
    put(at(store, NOON), REPORT)
    update = {"text": "Nine are dead.", "embargoed_until": "2024-05-10T18:00:00Z"}
    put(store, REPORT.model_copy(update=update))
    assert seen(store) == ["The dam burst."]
    assert seen(at(store, datetime(2024, 5, 10, 18, tzinfo=UTC))) == ["Nine are dead."]


def test_an_article_ends_with_its_term_whatever_version_is_asked_for(store: Store) -> None:
    put(at(store, NOON), REPORT)
    update = {"text": "Nine are dead.", "updated_at": "2024-05-09", "expires_at": "2024-05-10"}
    put(store, REPORT.model_copy(update=update))
    assert seen(store) == ["Nine are dead."]  # a bare day ends with the day
    assert seen(at(store, datetime(2024, 5, 11, tzinfo=UTC))) == []
    assert seen(store, as_of="2024-05-02") == []


@pytest.mark.parametrize("status", ["withheld", "canceled"])
def test_a_withdrawn_article_is_no_evidence_at_any_time(store: Store, status: str) -> None:
    put(store, REPORT)
    amend(store, REPORT.model_copy(update={"status": status}))
    assert seen(store) == seen(store, as_of="2024-05-02") == found(store, "dam") == []
    amend(store, REPORT)
    assert seen(store) == ["The dam burst."]


def test_known_at_sees_what_had_been_received(store: Store) -> None:
    put(at(store, datetime(2024, 5, 2, tzinfo=UTC)), REPORT)
    put(
        at(store, NOON),
        REPORT.model_copy(update={"text": "It held.", "published_at": "2024-05-01"}),
    )
    assert seen(store) == ["It held."]
    assert seen(store, known_at="2024-05-09") == ["The dam burst."]
    assert seen(store, known_at="2024-05-10") == ["It held."]
    assert seen(store, known_at="2024-05-01") == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"authors": ("ann roe",)}, ["one", "both"]),
        ({"authors": ("Ann Roe", "Bo Vane")}, ["one", "both"]),
        ({"authors": ("Ann",)}, []),
        ({"sections": ("SPORT",)}, ["both"]),
        ({"article_ids": ("1", "3")}, ["one", "none"]),
        ({"article_ids": ("1",), "sections": ("Sport",)}, []),
    ],
)
def test_authors_sections_and_ids(
    store: Store, filters: dict[str, tuple[str, ...]], expected: list[str]
) -> None:
    put(
        store,
        Article(id="1", text="one", authors=("Ann Roe",), section="World"),
        Article(id="2", text="both", authors=("Bo Vane", "Ann Roe"), section="Sport"),
        Article(id="3", text="none"),
    )
    assert seen(store, **filters) == expected


# Random histories against the rules as they are written down

HOURS = st.integers(0, 6)
IDS = "ab"


def clock(hour: float) -> datetime:
    return datetime(2024, 5, 10, tzinfo=UTC) + timedelta(hours=hour)


def day(hour: int | None) -> str | None:
    return None if hour is None else clock(hour).isoformat()


@dataclass(frozen=True)
class Event:
    """Something that happens to an article at an hour. ``kind``: a new text, other metadata of the
    same text, or its deletion.
    """

    hour: int
    article_id: str
    kind: str
    published: int | None
    updated: int | None
    embargoed: int | None
    expires: int | None
    status: str


EVENTS = st.lists(
    st.builds(
        Event,
        hour=HOURS,
        article_id=st.sampled_from(IDS),
        kind=st.sampled_from(["text", "text", "text", "metadata", "deletion"]),
        published=st.none() | HOURS,
        updated=st.none() | HOURS,
        embargoed=st.none() | HOURS,
        expires=st.none() | HOURS,
        status=st.sampled_from(["usable", "usable", "usable", "canceled"]),
    ),
    min_size=1,
    max_size=7,
)


@dataclass(frozen=True)
class View:
    """A moment, and what is asked to be seen at it."""

    now: int
    as_of: int | None
    known_at: int | None
    include_undated: bool

    @property
    def filters(self) -> Filters:
        return Filters(
            as_of=day(self.as_of),
            known_at=day(self.known_at),
            include_undated=self.include_undated,
        )


VIEWS = st.lists(
    st.builds(
        View,
        now=HOURS,
        as_of=st.none() | HOURS,
        known_at=st.none() | HOURS,
        include_undated=st.booleans(),
    ),
    min_size=1,
    max_size=20,
)


@dataclass
class Stored:
    """A version in the model: its text is the number of the event that brought it."""

    number: int
    received: int
    event: Event
    dated: int | None


class Model:
    """An archive that is read one version at a time."""

    def __init__(self) -> None:
        self.articles: dict[str, list[Stored]] = {}

    def happen(self, number: int, event: Event) -> str | None:
        """Follow an event; returns what a store must do, None if there is nothing to change."""
        mine = self.articles.get(event.article_id, [])
        dated = event.updated if event.updated is not None else event.published
        if event.kind == "text":
            stored = Stored(number, event.hour, event, dated)
            self.articles[event.article_id] = [*mine, stored]
            return "text"
        if not mine:
            return None
        if event.kind == "deletion":
            del self.articles[event.article_id]
            return "deletion"
        newest = mine[-1]
        if event.published == newest.event.published and newest.dated is not None:
            dated = newest.dated
        amended = Stored(newest.number, newest.received, event, dated)
        self.articles[event.article_id] = [*mine[:-1], amended]
        return "metadata"

    def newest(self, article_id: str, otherwise: int) -> int:
        """The number of an article's newest version."""
        mine = self.articles.get(article_id, [])
        return mine[-1].number if mine else otherwise

    def seen(self, view: View) -> set[int]:
        """The numbers of the versions in view."""
        found = set()
        for versions in self.articles.values():
            newest = versions[-1].event
            expired = newest.expires is not None and newest.expires <= view.now
            if newest.status != "usable" or expired:
                continue
            had_appeared = [stored for stored in versions if self._appeared(stored, view)]
            if had_appeared:
                found.add(had_appeared[-1].number)
        return found

    def _appeared(self, stored: Stored, view: View) -> bool:
        published, embargoed = stored.event.published, stored.event.embargoed
        moment = view.now if view.as_of is None else min(view.now, view.as_of)
        if embargoed is not None and embargoed > moment:
            return False
        if view.known_at is not None and stored.received > view.known_at:
            return False
        if view.as_of is None:
            return True
        if published is None and stored.dated is None:
            return view.include_undated
        if published is not None and published > view.as_of:
            return False
        return stored.dated is not None and stored.dated <= view.as_of


def follow(store: Store, number: int, event: Event, action: str) -> None:
    """Do to the store what the model did."""
    at(store, clock(event.hour))
    if action == "deletion":
        delete(store, event.article_id)
        return
    article = Article(
        id=event.article_id,
        text=str(number),
        status=event.status,
        published_at=day(event.published),
        updated_at=day(event.updated),
        embargoed_until=day(event.embargoed),
        expires_at=day(event.expires),
    )
    if action == "text":
        put(store, article)
    else:
        amend(store, article)


@settings(max_examples=150, deadline=None)
@given(EVENTS, VIEWS)
def test_what_is_seen_is_what_a_naive_reading_of_the_rules_gives(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], views: list[View]
) -> None:
    compare_with_model(tmp_path_factory.mktemp("seen") / "archive", events, views)


@pytest.mark.slow
@settings(max_examples=2000, deadline=None)
@given(EVENTS, VIEWS)
def test_so_it_is_at_more_than_ten_thousand_moments(
    tmp_path_factory: pytest.TempPathFactory, events: list[Event], views: list[View]
) -> None:
    compare_with_model(tmp_path_factory.mktemp("seen") / "archive", events, views)


def compare_with_model(folder: Path, events: list[Event], views: list[View]) -> None:
    store = create(folder)
    model = Model()
    for number, event in enumerate(sorted(events, key=lambda event: event.hour)):
        action = model.happen(number, event)
        if action is not None:
            follow(store, model.newest(event.article_id, number), event, action)
    for view in views:
        at(store, clock(view.now))
        assert {int(text) for text in seen(store, **asdict(view.filters))} == model.seen(view)
    store.close()


@given(st.lists(st.builds(Dates, *[st.none() | HOURS] * 3), max_size=5), HOURS)
def test_an_interval_holds_a_moment_if_nothing_later_had_appeared_by_then(
    versions: list[Dates], moment: float
) -> None:
    found = intervals(versions)
    for include_undated in (False, True):
        had_appeared = [
            number
            for number, dates in enumerate(versions)
            if dates.appears <= moment and (include_undated or not dates.undated)
        ]
        holding = [
            number
            for number, interval in enumerate(found)
            if interval.start
            <= moment
            < (interval.end_undated if include_undated else interval.end)
        ]
        assert holding == had_appeared[-1:]
