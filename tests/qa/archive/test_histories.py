"""Random histories of an archive: what may be seen is what a naive reading of the rules gives."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.archive.store import Store
from qa.types import Article, Filters, instant
from tests.support.stores import DIMENSION, amend, delete, put

START = datetime(2024, 5, 1, tzinfo=UTC)
HOURS = st.integers(0, 200)
IDS = st.sampled_from(["a", "b", "c"])
SOURCES = st.sampled_from(["Herald", "Post", None])


def hour(number: int | None) -> str | None:
    """An instant; every seventh is a bare day, whose end is meant where that is the rule."""
    if number is None:
        return None
    moment = START + timedelta(hours=number)
    return moment.date().isoformat() if number % 7 == 0 else moment.isoformat()


DATES = st.none() | HOURS.map(hour)
METADATA = st.fixed_dictionaries(
    {
        "published_at": DATES,
        "updated_at": DATES,
        "embargoed_until": st.none() | DATES,
        "expires_at": st.none() | st.none() | DATES,
        "status": st.sampled_from(["usable", "usable", "usable", "withheld", "canceled"]),
        "source": SOURCES,
    }
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["put", "put", "put", "amend", "withdraw", "delete"]), IDS, METADATA),
    min_size=1,
    max_size=10,
)
QUESTION = st.tuples(
    HOURS,  # now
    st.builds(
        Filters,
        as_of=DATES,
        known_at=st.none() | DATES,
        include_undated=st.booleans(),
        sources=st.just(()) | st.just(()) | st.just(("herald",)),
        published_from=st.none() | st.none() | DATES,
        published_to=st.none() | st.none() | DATES,
    ),
)


@dataclass(frozen=True)
class Version:
    article: Article
    received: datetime
    dated: str | None


@dataclass
class Model:
    """The archive as plain lists: the versions of each article, oldest first."""

    versions: dict[str, list[Version]] = field(default_factory=dict)

    def put(self, article: Article, received: datetime) -> None:
        version = Version(article, received, article.updated_at or article.published_at)
        self.versions.setdefault(article.id, []).append(version)

    def amend(self, article: Article) -> None:
        """An update stamp alone does not move an unchanged text to a later day."""
        versions = self.versions[article.id]
        newest = versions[-1]
        dated = article.updated_at or article.published_at
        if newest.dated is not None and same(article.published_at, newest.article.published_at):
            dated = newest.dated
        versions[-1] = replace(newest, article=article, dated=dated)

    def seen(self, now: datetime, filters: Filters) -> set[str]:
        """The texts that a question may see."""
        found = set()
        for versions in self.versions.values():
            if self.is_hidden(versions[-1].article, now):
                continue
            known = [version for version in versions if self.is_known(version, now, filters)]
            if known and self.meets(known[-1].article, filters):
                found.add(known[-1].article.text)
        return found

    def is_hidden(self, newest: Article, now: datetime) -> bool:
        return newest.status != "usable" or (
            newest.expires_at is not None and end(newest.expires_at) <= now.timestamp()
        )

    def is_known(self, version: Version, now: datetime, filters: Filters) -> bool:
        """Whether the version had appeared, been received and been released."""
        article, seen = version.article, now.timestamp()
        if filters.as_of is not None:
            seen = min(seen, end(filters.as_of))
            if not self.has_appeared(version, end(filters.as_of), filters):
                return False
        if filters.known_at is not None and version.received.timestamp() > end(filters.known_at):
            return False
        return article.embargoed_until is None or begin(article.embargoed_until) <= seen

    def has_appeared(self, version: Version, limit: float, filters: Filters) -> bool:
        published = version.article.published_at
        if version.dated is None:
            return published is None and filters.include_undated
        if published is not None and begin(published) > limit:
            return False
        return begin(version.dated) <= limit

    def meets(self, article: Article, filters: Filters) -> bool:
        if filters.sources and article.source != "Herald":
            return False
        if filters.published_from is None and filters.published_to is None:
            return True
        if article.published_at is None:
            return filters.include_undated
        published = begin(article.published_at)
        after = filters.published_from is None or published >= begin(filters.published_from)
        before = filters.published_to is None or published <= end(filters.published_to)
        return after and before


def begin(date: str) -> float:
    return instant(date)


def end(date: str) -> float:
    return instant(date, end_of_day=True)


def same(date: str | None, other: str | None) -> bool:
    if date is None or other is None:
        return date is other
    return begin(date) == begin(other)


def play(store: Store, steps: list[tuple[str, str, dict[str, Any]]]) -> Model:
    """Make the history in the store and in a model, an hour a step."""
    model = Model()
    for number, (what, article_id, metadata) in enumerate(steps):
        moment = START + timedelta(hours=10 * number)
        store.clock = lambda moment=moment: moment  # type: ignore[misc]
        article = Article(id=article_id, text=f"Report number{number}.", **metadata)
        stored = model.versions.get(article_id)
        if what == "put":
            put(store, article)
            model.put(article, moment)
        elif stored is None:
            continue
        elif what == "delete":
            delete(store, article_id)
            del model.versions[article_id]
        else:
            changes = {"status": "canceled"} if what == "withdraw" else metadata
            changed = stored[-1].article.model_copy(update=changes)
            amend(store, changed)
            model.amend(changed)
    return model


def seen_by_each_view(store: Store, filters: Filters) -> list[set[str]]:
    """The texts that are listed, are the nearest, and hold a word that all hold."""
    vector = np.eye(DIMENSION, dtype=np.float32)[0]
    with store.snapshot() as snapshot:
        listed = {stored.article.text for stored in snapshot.articles(filters, 100)}
        views = [listed]
        for ranked in (
            snapshot.dense(vector, 100, filters),
            snapshot.lexical(["report"], 100, filters),
        ):
            passages = snapshot.passages([identity for identity, _ in ranked])
            views.append({passage.article.text for passage in passages})
        assert snapshot.coverage(filters).articles == len(listed)
    return views


@contextmanager
def emptied(store: Store) -> Iterator[Store]:
    """The store, from which every article is deleted at the end."""
    yield store
    with store.writing() as writer:
        for article_id in {stored.article.id for stored in writer.every_version()}:
            writer.delete(article_id)
    assert store_is_empty(store)


def store_is_empty(store: Store) -> bool:
    with store.snapshot() as snapshot:
        return snapshot.size().passages == 0


def compare(
    store: Store,
    steps: list[tuple[str, str, dict[str, Any]]],
    questions: list[tuple[int, Filters]],
) -> None:
    with emptied(store):
        model = play(store, steps)
        for hours, filters in questions:
            now = START + timedelta(hours=hours)
            store.clock = lambda now=now: now  # type: ignore[misc]
            expected = model.seen(now, filters)
            assert seen_by_each_view(store, filters) == [expected] * 3, (now, filters)


def check(store: Store, histories: int, questions_each: int) -> None:
    """Compare random histories under random filters."""
    asked = st.lists(QUESTION, min_size=questions_each, max_size=questions_each)

    @settings(max_examples=histories, deadline=None, database=None)
    @given(STEPS, asked)
    def holds(
        steps: list[tuple[str, str, dict[str, Any]]], questions: list[tuple[int, Filters]]
    ) -> None:
        compare(store, steps, questions)

    holds()


def test_what_is_seen_is_what_the_rules_say(store: Store) -> None:
    check(store, 30, 10)


@pytest.mark.slow
def test_what_is_seen_is_what_the_rules_say_ten_thousand_times(store: Store) -> None:
    check(store, 500, 20)
