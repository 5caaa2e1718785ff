"""Which articles a question may see: embargo, term, withdrawal, receipt, filters."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.archive.store import Store
from qa.types import Article, Filters
from tests.support.stores import amend, create, found, put, seen

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


HOURS = st.integers(0, 6)


def clock(hour: int) -> datetime:
    return datetime(2024, 5, 10, hour, tzinfo=UTC)


def day(hour: int | None) -> str | None:
    return None if hour is None else clock(hour).isoformat()


VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from("ab"),
            "published_at": st.none() | HOURS,
            "updated_at": st.none() | HOURS,
            "embargoed_until": st.none() | HOURS,
            "expires_at": st.none() | HOURS,
            "status": st.sampled_from(["usable", "usable", "usable", "canceled"]),
            "received": HOURS,
        }
    ),
    min_size=1,
    max_size=6,
)


def naively(
    versions: list[dict[str, object]], now: int, as_of: int | None, known_at: int | None
) -> set[int]:
    """The numbers of the versions in view, as the rules are written down."""
    in_view = set()
    for identity in "ab":
        mine = [(n, v) for n, v in enumerate(versions) if v["id"] == identity]
        if not mine:
            continue
        newest = mine[-1][1]
        if newest["status"] != "usable" or (
            newest["expires_at"] is not None and newest["expires_at"] <= now  # type: ignore[operator]
        ):
            continue
        seen_then = now if as_of is None else min(now, as_of)
        chosen = None
        for n, v in mine:
            published = v["published_at"]
            dated = v["updated_at"] if v["updated_at"] is not None else published
            if v["embargoed_until"] is not None and v["embargoed_until"] > seen_then:  # type: ignore[operator]
                continue
            if as_of is not None and (dated is None or dated > as_of):  # type: ignore[operator]
                continue
            if as_of is not None and published is not None and published > as_of:  # type: ignore[operator]
                continue
            if known_at is not None and v["received"] > known_at:  # type: ignore[operator]
                continue
            chosen = n
        if chosen is not None:
            in_view.add(chosen)
    return in_view


@settings(max_examples=150, deadline=None)
@given(VERSIONS, HOURS, st.none() | HOURS, st.none() | HOURS)
def test_what_is_seen_is_what_a_naive_reading_of_the_rules_gives(
    tmp_path_factory: pytest.TempPathFactory,
    versions: list[dict[str, object]],
    now: int,
    as_of: int | None,
    known_at: int | None,
) -> None:
    versions = sorted(versions, key=lambda version: version["received"])  # type: ignore[arg-type,return-value]
    store = create(tmp_path_factory.mktemp("seen") / "archive")
    for number, version in enumerate(versions):
        dates = {
            name: day(version[name])  # type: ignore[arg-type]
            for name in ("published_at", "updated_at", "embargoed_until", "expires_at")
        }
        article = Article(
            id=str(version["id"]),
            text=str(number),
            status=version["status"],
            **dates,
        )
        put(at(store, clock(version["received"])), article)  # type: ignore[arg-type]
    filters = Filters(as_of=day(as_of), known_at=day(known_at))
    with at(store, clock(now)).snapshot() as snapshot:
        listed = {int(stored.article.text) for stored in snapshot.articles(filters, 100)}
    store.close()
    assert listed == naively(versions, now, as_of, known_at)
