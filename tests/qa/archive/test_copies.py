"""Clusters of copies in the store: by arrival, deletion, amendment and view."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from qa.archive import copies
from qa.archive.store import Store
from qa.errors import StorageFailed
from qa.types import Article, Filters
from tests.support.stores import amend, create, delete, new, put

LEAD = (
    "A passenger ferry carrying 92 people sank in heavy seas off Port Selwen on Tuesday, killing at"
    " least 14, the coastguard said. The Lady Orla had left the island of Hesk shortly after dawn."
)
REST = (
    " Rescuers in inflatable boats pulled survivors from the water before nightfall. The transport"
    " ministry has ordered an inquiry into how the vessel passed its inspection. Divers will resume"
    " their search of the wreck on Wednesday morning. Ferries are the only link to the islands."
)
TITLE = "Ferry sinks off Port Selwen"


def report(identity: str, source: str, text: str, day: int = 5, **fields: Any) -> Article:
    return Article(
        id=identity,
        title=TITLE,
        text=text,
        source=source,
        published_at=f"2024-03-{day:02}",
        **fields,
    )


WIRE = report("wire", "Agency", LEAD + REST)
COPY = report("copy", "Herald", f"From our partners. {LEAD}{REST}", 6)
SHORT = report("short", "Gazette", LEAD, 7)
FOLLOW_UP = report("later", "Courier", (LEAD + REST).replace("14", "19"), 8)
OTHER = report("bank", "Agency", "The bank raised its rate to 5.25 percent on Thursday, it said.")
ALL = (WIRE, COPY, SHORT, FOLLOW_UP, OTHER)


def clusters(store: Store, **filters: Any) -> dict[str, list[str]]:
    """By article, its copies among what a question under these filters may see."""
    with store.snapshot() as snapshot:
        articles = snapshot.articles(Filters(**filters), 100)
        keys = {stored.key: stored.article.id for stored in articles}
        found = snapshot.copies(keys, Filters(**filters))
        return {keys[key]: [copy.article_id for copy in copies] for key, copies in found.items()}


EXPECTED = {"wire": ["copy", "short"], "copy": ["wire", "short"], "short": ["wire", "copy"]}


@pytest.mark.parametrize("order", list(permutations(ALL))[::7])
def test_the_order_of_arrival_does_not_matter(tmp_path: Path, order: Sequence[Article]) -> None:
    store = create(tmp_path / "data")
    for article in order:
        put(store, article)
    assert clusters(store) == EXPECTED
    store.close()


@pytest.mark.parametrize("wire_first", [True, False])
def test_copies_are_found_behind_more_follow_ups_than_are_compared(
    store: Store, wire_first: bool
) -> None:
    """They repeat the background that a long copy has too, and the agency's own report has not."""
    background = " ".join(f"Island {name} has had no bridge since {name} fell." for name in "abcde")
    later = (LEAD + REST).replace("14", "19")
    follow_ups = [report(f"f{n}", f"Paper {n}", f"{later} {background}") for n in range(40)]
    long_copy = report("long", "Herald", f"{LEAD}{REST} {background}")
    ends = [WIRE, long_copy] if wire_first else [long_copy, WIRE]
    put(store, ends[0], *follow_ups, ends[1])
    found = clusters(store)
    assert found["wire"] == ["long"]
    assert len(found["f0"]) == 39


def test_articles_of_one_transaction_are_compared_too(store: Store) -> None:
    put(store, *ALL)
    assert clusters(store) == EXPECTED


def test_what_is_published_later_joins_nothing_under_as_of(store: Store) -> None:
    put(store, *ALL)
    assert clusters(store, as_of="2024-03-06") == {"wire": ["copy"], "copy": ["wire"]}
    assert clusters(store, as_of="2024-03-05") == {}
    assert clusters(store, sources=("Agency", "Gazette")) == {"wire": ["short"], "short": ["wire"]}


def test_a_withdrawn_or_deleted_copy_is_in_no_cluster(store: Store) -> None:
    put(store, *ALL)
    amend(store, COPY.model_copy(update={"status": "canceled"}))
    assert clusters(store) == {"wire": ["short"], "short": ["wire"]}
    delete(store, "wire")
    assert clusters(store) == {}
    with store.reading() as database:
        left = database.execute(
            "SELECT count(*) FROM runs WHERE version_key NOT IN (SELECT key FROM versions)"
        ).fetchone()
    assert left == (0,)
    put(store, WIRE)
    assert clusters(store) == {"wire": ["short"], "short": ["wire"]}


def test_a_new_version_has_its_own_copies(store: Store) -> None:
    """The newest says something else; the old one is still seen as of its day."""
    put(store, WIRE, SHORT)
    changed = WIRE.model_copy(update={"text": FOLLOW_UP.text, "updated_at": "2024-03-09"})
    put(store, changed)
    assert clusters(store) == {}
    assert clusters(store, as_of="2024-03-08") == {"wire": ["short"], "short": ["wire"]}
    put(store, FOLLOW_UP)
    assert clusters(store) == {"wire": ["later"], "later": ["wire"]}


def test_a_changed_date_or_source_is_compared_again(store: Store) -> None:
    put(store, WIRE, SHORT)
    amend(store, SHORT.model_copy(update={"published_at": "2025-03-05"}))
    assert clusters(store) == {}
    amend(store, SHORT)
    assert clusters(store) == {"wire": ["short"], "short": ["wire"]}
    amend(store, SHORT.model_copy(update={"source": "Agency"}))
    assert clusters(store) == {}


def test_a_rollback_takes_pairs_along(store: Store) -> None:
    put(store, WIRE)

    def fail_after_putting() -> None:
        with store.writing() as writer:
            writer.put(new(COPY))
            raise StorageFailed("the disk is full")

    with pytest.raises(StorageFailed):
        fail_after_putting()
    assert clusters(store) == {}


def test_reindex_finds_the_same_clusters(store: Store) -> None:
    put(store, *ALL)
    with store.aside() as database:
        copies.forget_all(database)
    assert clusters(store) == {}
    with store.writing() as writer:
        writer.rebuild_copies()
    assert clusters(store) == EXPECTED
