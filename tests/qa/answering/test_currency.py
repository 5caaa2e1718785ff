"""Whether a stored answer still holds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from qa.answer import Answer, Change, Currency
from qa.answering.currency import currency, fingerprint
from qa.archive.store import Store
from qa.ingest.files import version_of
from qa.types import Article
from tests.support.stores import amend, delete, put
from tests.support.values import an_answer

TOLL = Article(
    id="toll", text="Seven died. The dam broke at dawn.", published_at="2024-05-01", source="Argus"
)
UPDATED = "2024-05-03"


def at(store: Store, day: int, hour: int = 12) -> Store:
    store.clock = lambda: datetime(2024, 5, day, hour, tzinfo=UTC)
    return store


def citing(*reports: tuple[Article, str], short: dict[str, Any] | None = None) -> Answer:
    """An answer of one statement that rests on the first quote; the others are cited beside it."""
    citations = [
        {
            "n": n,
            "article_id": article.id,
            "version": version_of(article),
            "title": None,
            "source": article.source,
            "url": None,
            "published_at": article.published_at,
            "passage_id": n,
            "quote": quote,
            "start": article.text.index(quote),
            "end": article.text.index(quote) + len(quote),
        }
        for n, (article, quote) in enumerate(reports, start=1)
    ]
    quote = reports[0][1]
    statement = {"text": quote, "start": 0, "end": len(quote), "citations": [1]}
    return an_answer(
        status="answered",
        answer=quote,
        statements=[statement],
        citations=citations,
        short_answer=short,
    )


def now(store: Store, answer: Answer, again: Answer | None = None) -> Currency:
    with store.snapshot() as snapshot:
        return currency(answer, snapshot, again)


@pytest.fixture
def reported(store: Store) -> Store:
    put(at(store, 1), TOLL)
    return store


@pytest.fixture
def answer() -> Answer:
    return citing((TOLL, "Seven died."))


def test_an_answer_is_current_while_its_report_is_as_it_was(
    reported: Store, answer: Answer
) -> None:
    assert now(reported, answer) == Currency(state="current")


def test_a_newer_version_counts_only_where_the_quote_is_gone(
    reported: Store, answer: Answer
) -> None:
    kept = TOLL.model_copy(
        update={"text": "Seven died. It broke at noon.", "updated_at": "2024-05-02"}
    )
    put(at(reported, 2), kept)
    assert now(reported, answer).state == "current"
    put(at(reported, 3), kept.model_copy(update={"text": "Nine died.", "updated_at": UPDATED}))
    change = Change(kind="newer_version", article_id="toll", citation=1, published_at=UPDATED)
    assert now(reported, answer) == Currency(
        state="changed", since="2024-05-03T12:00:00+00:00", changes=(change,)
    )


def test_a_newer_version_under_embargo_changes_nothing_yet(reported: Store, answer: Answer) -> None:
    update = {"text": "Nine died.", "embargoed_until": "2024-05-03T18:00:00Z"}
    put(at(reported, 3), TOLL.model_copy(update=update))
    assert now(reported, answer).state == "current"
    changed = now(at(reported, 3, 18), answer)
    assert (changed.state, changed.since) == ("changed", "2024-05-03T18:00:00+00:00")


def test_a_correction_in_view_changes_an_answer_that_does_not_cite_it(
    reported: Store, answer: Answer
) -> None:
    correction = Article(id="c", text="It was six.", corrects="toll", published_at="2024-05-02")
    held_back = correction.model_copy(update={"embargoed_until": "2024-05-02T18:00:00Z"})
    put(at(reported, 2), held_back)
    assert now(reported, answer).state == "current"
    at(reported, 2, 18)
    change = Change(kind="correction", article_id="c", citation=1, published_at="2024-05-02")
    assert now(reported, answer).changes == (change,)
    knowing = citing((TOLL, "Seven died."), (correction, "It was six."))
    assert now(reported, knowing).state == "current"


@pytest.mark.parametrize(
    ("fields", "since"),
    [
        ({"status": "canceled"}, None),
        ({"status": "withheld"}, None),
        ({"expires_at": "2024-05-02T09:00:00Z"}, "2024-05-02T09:00:00+00:00"),
        ({"embargoed_until": "2024-06-01"}, None),
    ],
)
def test_a_report_that_is_no_evidence_any_more_withdraws_the_answer(
    reported: Store, answer: Answer, fields: dict[str, str], since: str | None
) -> None:
    amend(at(reported, 2), TOLL.model_copy(update=fields))
    change = Change(kind="withdrawn", article_id="toll", citation=1)
    assert now(reported, answer) == Currency(state="withdrawn", since=since, changes=(change,))


def test_a_cited_version_under_embargo_is_withdrawn_though_an_earlier_one_is_in_view(
    reported: Store,
) -> None:
    newer = TOLL.model_copy(update={"text": "Nine died.", "updated_at": "2024-05-02"})
    put(at(reported, 2), newer)
    answer = citing((newer, "Nine died."))
    amend(reported, newer.model_copy(update={"embargoed_until": "2024-06-01"}))
    change = Change(kind="withdrawn", article_id="toll", citation=1)
    assert now(reported, answer) == Currency(state="withdrawn", changes=(change,))


def test_what_was_only_compared_with_does_not_withdraw_the_answer(reported: Store) -> None:
    other = Article(id="other", text="Eight died.", published_at="2024-05-01")
    put(reported, other)
    answer = citing((TOLL, "Seven died."), (other, "Eight died."))
    delete(reported, "other")
    change = Change(kind="deleted", article_id="other", citation=2)
    assert now(reported, answer) == Currency(state="changed", changes=(change,))
    delete(reported, "toll")
    assert now(reported, answer).state == "withdrawn"


def test_a_later_report_is_one_that_gives_another_value(reported: Store, answer: Answer) -> None:
    seven = citing((TOLL, "Seven died."), short={"text": "Seven", "kind": "number", "value": "7"})
    later = Article(id="later", text="The toll is 7.", published_at="2024-05-04")
    put(at(reported, 4), later)
    same = citing((later, "The toll is 7."), short={"text": "7", "kind": "number", "value": "7"})
    assert now(reported, seven, same).state == "current"
    risen = Article(id="risen", text="The toll is 9.", published_at="2024-05-05")
    put(at(reported, 5), risen)
    nine = citing((risen, "The toll is 9."), short={"text": "9", "kind": "number", "value": "9"})
    change = Change(kind="later_report", article_id="risen", citation=1, published_at="2024-05-05")
    assert now(reported, seven, nine) == Currency(
        state="changed", since="2024-05-05T12:00:00+00:00", changes=(change,)
    )
    assert now(reported, nine, seven).state == "current"  # an older report is no later one
    assert now(reported, an_answer(), nine).changes[0].citation is None


def test_a_fingerprint_is_of_the_value_not_of_its_words() -> None:
    def said(text: str, value: str | None, kind: str = "number") -> str:
        short = {"text": text, "kind": kind, "value": value}
        return fingerprint(citing((TOLL, "Seven died."), short=short))

    assert said("seven", "7") == said("7", "7") != said("7", "9")
    assert said("Ann Roe", None, "person") == said("ann  roe", None, "person")
    assert said("Ann Roe", None, "person") != said("Bo Vane", None, "person")
    assert fingerprint(an_answer()) == fingerprint(an_answer(id="other", reason="too unsure"))
    assert fingerprint(an_answer()) != said("7", "7")
