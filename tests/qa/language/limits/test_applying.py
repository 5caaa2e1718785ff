"""The limits that a question states: all of them, and none where the same words are its topic."""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from qa.language.limits import KnownNames, stated_limits
from qa.types import Filters

NOW = "2022-06-15"  # a Wednesday
KNOWN = KnownNames(
    sources=[
        "Reuters",
        "The Guardian",
        "BBC News",
        "Le Monde",
        "The Irish Times",
        "The Sun",
        "The Independent",
        "Harbour Gazette",
        "Al Jazeera",
        "The Week",
    ],
    authors=[
        "Jane Roe",
        "Tom Ashby",
        "Mary O'Neill",
        "Li Wei",
        "Ann Smith",
        "John Smith",
        "Peter van Dyke",
        "Carla Duarte",
    ],
    sections=["Sport", "Business", "Politics", "World", "Culture", "Opinion"],
)
LABELLED = [
    json.loads(line)
    for line in (Path(__file__).parent / "labelled.jsonl").read_text("utf-8").splitlines()
]
BENCH = Path(__file__).parents[5] / "shared" / "bench"
WITHOUT_ARTICLES = {"open": "realtimeqa-2022"}  # whose articles they are


def limits(question: str, now: str | None = NOW) -> dict[str, Any]:
    return shown(stated_limits(question, KNOWN, now).filters)


def shown(filters: Filters) -> dict[str, Any]:
    names = ("sources", "authors", "sections", "published_from", "published_to")
    found = {name: getattr(filters, name) for name in names}
    return {
        name: sorted(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value
    }


def rest(question: str) -> str:
    return stated_limits(question, KNOWN, NOW).text


@pytest.mark.parametrize("half", ["fit", "held"])
def test_limits_are_exact_on_95_of_100_labelled_questions(half: str) -> None:
    """The patterns were fitted on one half only; half of each half states no limit."""
    cases = [case for case in LABELLED if case["split"] == half]
    missed = [
        case["question"]
        for case in cases
        if limits(case["question"])
        != {
            name: sorted(value) if isinstance(value, list) else value
            for name, value in case["limits"].items()
        }
    ]
    assert Counter(bool(case["limits"]) for case in cases) == {True: 30, False: 30}
    assert len(missed) <= 0.05 * len(cases), missed


def test_no_look_alike_states_a_limit() -> None:
    wrong = [case for case in LABELLED if not case["limits"] and limits(case["question"])]
    assert not wrong


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("According to Reuters, how many died?", "How many died?"),
        ("How many, according to Reuters, died?", "How many, died?"),
        ("What did Roe write in May about the bridge?", "What has been reported about the bridge?"),
        ("Which articles by Jane Roe mention bees?", "Which articles mention bees?"),
        ("In the business section, who merged?", "Who merged?"),
        ("What does the sports section say about bees?", "What do reports say about bees?"),
        ("Who is mayor, published before May 2022?", "Who is mayor?"),
        ("What was written about bees since Tuesday?", "What was written about bees?"),
        ("What is in the news today?", "What is in the news?"),
        ("In March, what did Roe write on bees?", "What has been reported on bees?"),
        ("Who won the 2022 final?", "Who won the 2022 final?"),
    ],
)
def test_the_question_remains_without_its_limits(question: str, plain: str) -> None:
    assert rest(question) == plain


def test_a_question_of_a_limit_alone_is_left_as_it_is() -> None:
    assert rest("According to Reuters?") == "According to Reuters?"


def test_a_name_that_the_archive_lacks_limits_nothing() -> None:
    assert limits("According to the WHO, how many cases are there?") == {}
    assert limits("According to Reuters and Kyodo, how many cases are there?") == {}


def test_a_name_that_is_a_source_and_an_author_is_the_source() -> None:
    """An agency signs some of its reports only."""
    known = KnownNames(sources=["Reuters"], authors=["Reuters"])
    found = stated_limits("What did Reuters report about bees?", known, NOW).filters
    assert (found.sources, found.authors) == (("Reuters",), ())


def test_a_surname_that_two_authors_bear_limits_nothing() -> None:
    assert limits("What did Smith write about bees?") == {}
    assert limits("What did Ann Smith write about bees?") == {"authors": ["Ann Smith"]}


def test_a_common_word_is_a_source_only_as_a_name() -> None:
    assert limits("What was said about spots in the sun?") == {}
    assert limits("What was said about the singer in the Sun?") == {"sources": ["The Sun"]}


def test_every_spelling_of_a_source_counts() -> None:
    known = KnownNames(sources=["Guardian", "The Guardian", "THE GUARDIAN"])
    found = stated_limits("According to the Guardian, who resigned?", known, NOW).filters
    assert found.sources == ("Guardian", "The Guardian", "THE GUARDIAN")


def test_a_credit_of_one_clause_does_not_limit_the_others() -> None:
    question = "Who won, as reported by Reuters, and was fined according to the BBC's article?"
    assert limits(question) == {}
    assert limits("Do the Reuters article and the Irish Times article agree on the toll?") == {}


def test_names_are_only_those_that_given_filters_allow() -> None:
    """What a caller fixed, a question cannot replace."""
    known = KNOWN.among(Filters(sources=("reuters",)))
    allowed = stated_limits("According to Reuters, who won?", known, NOW).filters
    other = stated_limits("According to the Guardian, who won?", known, NOW).filters
    assert allowed.sources == ("Reuters",)
    assert other == Filters()


@pytest.mark.skipif(not BENCH.is_dir(), reason="the benchmarks are not on this machine")
def test_no_benchmark_question_loses_its_evidence() -> None:
    """A limit too many would hide the articles that answer."""
    lost = [
        (name, case["question"])
        for name in sorted(path.parent.name for path in BENCH.glob("*/cases.jsonl"))
        for case in losing_cases(name)
    ]
    assert not lost


def losing_cases(name: str) -> Iterator[dict[str, Any]]:
    articles = {article.get("id"): article for article in read_articles(name)}
    authors = {key: writers(article) for key, article in articles.items()}
    known = KnownNames(
        sources={article["source"] for article in articles.values() if article.get("source")},
        authors={author for several in authors.values() for author in several},
        sections={article["section"] for article in articles.values() if article.get("section")},
    )
    days = [article["published_at"] for article in articles.values() if article.get("published_at")]
    for line in (BENCH / name / "cases.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        now = case.get("as_of") or max(days, default=None)
        found = stated_limits(case["question"], known, now).filters
        relevant = [key for key in case.get("relevant", []) if key in articles]
        if not all(fits(found, articles[key], authors[key]) for key in relevant):
            yield case


def read_articles(name: str) -> list[dict[str, Any]]:
    path = BENCH / WITHOUT_ARTICLES.get(name, name) / "articles.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def writers(article: dict[str, Any]) -> list[str]:
    listed = article.get("authors") or []
    return [listed] if isinstance(listed, str) else listed


def fits(filters: Filters, article: dict[str, Any], authors: list[str]) -> bool:
    day = (article.get("published_at") or "")[:10]
    return (
        (not filters.sources or article.get("source") in filters.sources)
        and (not filters.authors or bool(set(filters.authors) & set(authors)))
        and (not filters.sections or article.get("section") in filters.sections)
        and (filters.published_from is None or day >= filters.published_from)
        and (filters.published_to is None or "" < day <= filters.published_to)
    )
