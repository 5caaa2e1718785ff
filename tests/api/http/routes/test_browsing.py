"""Browsing over HTTP: lists by day, searches, and counts under the same filters."""

import pytest

from qa.archive.archive import Archive
from tests.support.client import ARTICLES, check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of


def test_a_list_by_day_goes_on_where_its_page_ended(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        found: list[str] = []
        query: dict[str, str] = {"order": "newest", "limit": "1"}
        while True:
            page = asking.get("/v1/articles", params=query).json()
            found += [article["id"] for article in page["articles"]]
            if page["next_cursor"] is None:
                break
            query["cursor"] = page["next_cursor"]
        assert found == ["later", ARTICLES[0]["id"], "undated"]
        for order in ("newest", "stored"):
            wrong = {"order": order, "cursor": "soon"}
            check_problem(asking.get("/v1/articles", params=wrong), 400, "'soon'", "next_cursor")
        check_problem(asking.get("/v1/articles", params={"order": "best"}), 400)


def test_a_filter_that_is_given_twice_means_either(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        query = {"source": ["Coast Daily", "hill times"]}
        both = asking.get("/v1/articles", params=query).json()["articles"]
        assert [article["source"] for article in both] == ["Coast Daily", "Hill Times"]


def test_a_search_and_its_counts_agree(filled: Archive) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        query = {"q": "council", "published_from": "2024-03-05"}
        (article,) = asking.get("/v1/articles", params=query).json()["articles"]
        assert article["id"] == "later"
        counted = asking.get("/v1/counts", params={**query, "by": "source"}).json()
        assert counted == {
            "by": "source",
            "articles": 1,
            "counts": [{"value": "Hill Times", "articles": 1}],
            "others": 0,
        }
        months = asking.get("/v1/counts", params={"by": "month", "limit": 1}).json()
        assert months["counts"] == [{"value": "2024-03", "articles": 2}], "the latest"
        assert (months["articles"], months["others"]) == (3, 1)


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({}, "by"),
        ({"by": "day"}, "by"),
        ({"by": "month", "q": "?"}, "no word"),
        ({"by": "month", "published_from": "soon"}, "ISO 8601"),
        ({"by": "month", "limit": "0"}, "limit"),
    ],
)
def test_what_cannot_be_counted_is_refused(
    filled: Archive, query: dict[str, str], word: str
) -> None:
    with client_of(filled, FirstSentenceModel()) as asking:
        response = asking.get("/v1/counts", params=query)
        check_problem(response, 400)
        assert word in response.text
