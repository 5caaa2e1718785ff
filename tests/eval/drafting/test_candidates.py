"""Candidates of a report, and which articles of an archive are read."""

from pathlib import Path

import pytest

from eval.drafting.candidates import candidates_of, spread
from eval.drafting.left_out import LeftOut
from qa.archive.archive import Archive
from qa.types import Article, StoredArticle
from tests.support.archives import put
from tests.support.drafts import town_reports


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Mayor Ada Lind opened the Hask bridge.", ["who"]),
        ("Mayor Boris Falk and Ada Lind opened the Hask bridge.", []),
        ("The shares of Brast Oil rose 5%.", []),
        ("Brast Oil raised USD 40 million for the Hask harbour.", ["how much"]),
        ("The Hask bridge was opened on Friday.", []),
        ("The Hask bridge was opened on 4 May 2023.", ["when"]),
        ("Burke scored 24 points.", []),
        ("The storm over Hask destroyed 40 farm houses.", ["how many"]),
        ("Four people died in North Hask.", []),
        ("Four people died in the Hask bridge fire.", ["how many"]),
        ("Mayor Ada Lind opened the Hask bridge over ...", []),
        # A part of a longer name answers nothing.
        ("Maria Lind Falk opened the Hask bridge.", []),
        ("The Hask opera season will take place at Halls of Orle on Monday.", []),
        ("The Hask opera season will take place at Orle on Monday.", ["where"]),
        ("After Lind opened the Hask bridge, all cheered.", []),
        ("Had Lind opened the Hask bridge, all had cheered.", []),
        ("Council Secretary Ada Lind opened the Hask bridge.", ["who"]),
        # A question that breaks off in the middle of a thought.
        ("Mayor Ada Lind opposed the hope that Hask “might be fun” for all.", []),
        ("The Hask council was opposed to trading with Orle because of the war.", []),
    ],
)
def test_a_question_that_needs_its_report_is_none(text: str, kinds: list[str]) -> None:
    stored = StoredArticle(1, "v", Article(id="a", text=text, published_at="2024-05-06"))
    assert [one.kind for one in candidates_of(stored, LeftOut())] == kinds


def test_another_language_gives_none(tmp_path: Path) -> None:
    text = "Mayor Ada Lind opened the Hask bridge."
    stored = StoredArticle(1, "v", Article(id="a", text=text, language="fr"))
    assert candidates_of(stored, LeftOut()) == []


@pytest.mark.sqlite_only
def test_articles_are_read_from_all_over_the_archive(archive: Archive, tmp_path: Path) -> None:
    put(archive, town_reports(), tmp_path)
    with archive.snapshot() as snapshot:
        everything = [stored.article.id for stored in spread(snapshot)]
        some = [stored.article.id for stored in spread(snapshot, 4)]
    assert sorted(everything) == [one["id"] for one in town_reports()]
    assert len(set(some)) == len(some) == 4
    assert {"report-0", "report-6"} <= set(some)
