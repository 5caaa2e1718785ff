"""Questions about another name read as well as the ones that they were made from."""

from pathlib import Path

import pytest

from eval.drafting.twists import renamed
from qa.answering.suggestions import Candidate
from qa.archive.archive import Archive
from qa.types import Article, Filters, StoredArticle
from tests.support.archives import put

pytestmark = pytest.mark.sqlite_only


def candidate(question: str) -> Candidate:
    stored = StoredArticle(1, "v", Article(id="a", text="A Berlin hospital closed."))
    return Candidate(question, "40", "how many", stored, (0, 9))


def test_an_article_fits_the_name_that_takes_the_place_of_another(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "A Berlin hospital closed."}], tmp_path)
    asked = candidate("How many patients did a Berlin hospital evacuate?")
    others = [candidate(f"Why did people leave {city} in May?") for city in ("Oslo", "Madrid")]
    with archive.snapshot() as snapshot:
        twisted = renamed(snapshot, asked, others, Filters())
        assert renamed(snapshot, asked, others[:1], Filters()) is None
    assert twisted is not None
    assert twisted.candidate.question == "How many patients did a Madrid hospital evacuate?"
