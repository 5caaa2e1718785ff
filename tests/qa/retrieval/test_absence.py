"""Why nothing is visible: the filter that excludes everything, and what the archive has instead."""

from pathlib import Path

import pytest

from qa.archive.archive import Archive
from qa.retrieval.absence import explain_absence
from qa.types import Filters
from tests.support.archives import put

REPORTS = [
    {
        "id": "a",
        "text": "A storm.",
        "source": "POLITICO",
        "language": "en",
        "published_at": "2024-03-04",
    },
    {
        "id": "b",
        "text": "A flood.",
        "source": "Coast Daily",
        "language": "de",
        "published_at": "2024-05-01",
    },
]

OUTSIDE = (
    "no article is visible published from 2024-06-01;"
    " the archive's articles are from 2024-03-04 to 2024-05-01"
)


@pytest.mark.parametrize(
    ("filters", "reason"),
    [
        (
            Filters(sources=("Politoco",)),
            "no article has the source 'Politoco'; the nearest source is 'POLITICO'",
        ),
        (
            Filters(sources=("Zyx",)),
            "no article has the source 'Zyx'; there are Coast Daily, POLITICO",
        ),
        (
            Filters(languages=("fr",)),
            "no article has the language 'fr'; there are de, en",
        ),
        (
            Filters(published_from="2024-06-01"),
            OUTSIDE,
        ),
        (
            Filters(sources=("POLITICO",), languages=("de",)),
            "no article matches all of the filters together",
        ),
    ],
)
def test_the_filter_that_excludes_everything_is_named(
    archive: Archive, tmp_path: Path, filters: Filters, reason: str
) -> None:
    put(archive, REPORTS, tmp_path)
    with archive.store.snapshot() as snapshot:
        absence = explain_absence(snapshot, filters)
    assert (absence.code, absence.reason) == ("nothing_visible", reason)


def test_an_empty_archive_is_called_empty(archive: Archive) -> None:
    with archive.store.snapshot() as snapshot:
        absence = explain_absence(snapshot, Filters(sources=("POLITICO",)))
    assert (absence.code, absence.reason) == ("empty_archive", "the archive is empty")


def test_an_archive_of_withdrawn_articles_is_not_called_empty(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, REPORTS[:1], tmp_path)
    archive.withdraw("a")
    with archive.store.snapshot() as snapshot:
        absence = explain_absence(snapshot, Filters(sources=("POLITICO",)))
    assert absence.code == "nothing_visible"
    assert absence.reason == "every article of the archive was withdrawn or has expired"


def test_a_source_is_found_whatever_its_case(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{"id": "c", "text": "Ein Sturm.", "source": "Süddeutsche ZEITUNG"}], tmp_path)
    with archive.snapshot() as snapshot:
        for name in ("süddeutsche zeitung", "SÜDDEUTSCHE ZEITUNG", "Süddeutsche ZEITUNG"):
            assert len(snapshot.articles(Filters(sources=(name,)), 9)) == 1
        assert snapshot.articles(Filters(sources=("Süddeutsche",)), 9) == []
