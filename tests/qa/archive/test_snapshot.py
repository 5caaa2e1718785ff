"""Reading an archive: versions and dates, filters, passages, lexical search."""

import math
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from qa.archive.snapshot import Counts
from qa.archive.store import Store
from qa.archive.writer import NewVersion
from qa.errors import NotFound
from qa.ingest.files import version_of
from qa.retrieval.hybrid import search_words
from qa.types import Article, Filters, instant
from tests.support.stores import (
    DIMENSION,
    EVERYTHING,
    NEWER,
    OLD,
    REPORTS,
    delete,
    found,
    lexical_is_sound,
    new,
    put,
    seen,
)


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, ["Nine are dead."]),
        ("2022-01-09", []),
        ("2022-01-10", ["Three are dead."]),
        ("2022-02-20", ["Three are dead."]),
        ("2022-03-01T14:59:59", ["Three are dead."]),
        ("2022-03-01T15:00:00", ["Nine are dead."]),
        ("2022-03-01T16:59:59+02:00", ["Three are dead."]),  # 14:59:59 UTC
        ("2022-03-01", ["Nine are dead."]),  # a bare day is its end
        ("2022-02-28", ["Three are dead."]),
        ("2030-01-01", ["Nine are dead."]),
    ],
)
def test_as_of_shows_each_articles_newest_version_dated_no_later(
    store: Store, as_of: str | None, expected: list[str]
) -> None:
    put(store, OLD)
    put(store, NEWER)
    assert seen(store, as_of=as_of) == expected


def test_an_update_without_a_date_of_its_own_is_dated_by_its_publication(store: Store) -> None:
    put(store, OLD)
    put(store, Article(id="flood", text="Nine are dead.", published_at="2022-02-01"))
    assert seen(store, as_of="2022-01-31") == ["Three are dead."]
    assert seen(store, as_of="2022-02-01") == ["Nine are dead."]


def test_a_text_published_later_than_as_of_is_not_seen_though_it_claims_an_earlier_update(
    store: Store,
) -> None:
    put(store, Article(id="a", text="Later.", published_at="2022-05-01", updated_at="2022-01-01"))
    assert seen(store, as_of="2022-04-30") == []
    assert seen(store, as_of="2022-05-01") == ["Later."]


def test_a_text_that_was_restored_is_a_new_version_and_the_newest(store: Store) -> None:
    put(store, OLD)
    put(store, NEWER)
    put(store, OLD.model_copy(update={"updated_at": "2022-04-01"}))
    assert seen(store) == ["Three are dead."]
    assert seen(store, as_of="2022-03-15") == ["Nine are dead."]
    with store.snapshot() as snapshot:
        assert (snapshot.counts().articles, snapshot.counts().versions) == (1, 3)
        assert snapshot.article("flood").key == 3
        assert snapshot.article("flood", version_of(NEWER)).article == NEWER


def test_dates_in_other_time_zones_are_compared_as_instants(store: Store) -> None:
    put(
        store, Article(id="a", text="Late show.", published_at="2022-03-01T23:30:00-05:00")
    )  # 2 March, 04:30 UTC
    assert seen(store, as_of="2022-03-01") == []
    assert seen(store, as_of="2022-03-02") == ["Late show."]


@pytest.mark.parametrize(
    "date", [{"as_of": "2030-01-01"}, {"published_to": "2030-01-01"}, {"published_from": "1990"}]
)
def test_an_undated_article_is_seen_under_a_date_only_when_included(
    store: Store, date: dict[str, str]
) -> None:
    given = {key: value if len(value) > 4 else f"{value}-01-01" for key, value in date.items()}
    put(
        store,
        Article(id="dated", text="Dated.", published_at="2022-01-01"),
        Article(id="un", text="Undated."),
    )
    assert seen(store) == ["Dated.", "Undated."]
    assert seen(store, **given) == ["Dated."]
    assert seen(store, **given, include_undated=True) == ["Dated.", "Undated."]


def test_include_undated_brings_no_dated_article_from_later(store: Store) -> None:
    put(
        store,
        Article(id="late", text="Late.", published_at="2022-06-01"),
        Article(id="un", text="Undated."),
    )
    put(store, Article(id="only-updated", text="Updated late.", updated_at="2022-07-01"))
    assert seen(store, as_of="2022-05-31", include_undated=True) == ["Undated."]


def test_with_an_undated_new_version_as_of_falls_back_to_the_dated_one(store: Store) -> None:
    put(store, OLD)
    put(store, Article(id="flood", text="Undated rewrite."))
    assert seen(store, as_of="2022-02-01") == ["Three are dead."]
    assert seen(store) == ["Undated rewrite."]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, "12345"),
        ({"sources": ("Herald",)}, "13"),
        ({"sources": ("Herald", "Post")}, "1235"),
        ({"sources": ("herald",)}, "13"),
        ({"sources": ("' OR 1=1 --",)}, ""),
        ({"languages": ("de",)}, "35"),
        ({"sources": ("Post",), "languages": ("de",)}, "5"),
        ({"published_from": "2022-01-01"}, "1234"),
        ({"published_from": "2022-01-01T00:00:01"}, "234"),
        ({"published_to": "2022-01-01"}, "12"),
        ({"published_to": "2022-01-01T23:59:58"}, "1"),
        ({"published_from": "2022-01-02", "published_to": "2022-01-02"}, "3"),
        ({"published_from": "2022-01-03", "published_to": "2022-01-01"}, ""),
        ({"published_to": "2022-01-01", "include_undated": True}, "125"),
        ({"published_from": "2022-01-02", "include_undated": True, "sources": ("Post",)}, "5"),
        ({"as_of": "2022-01-01", "published_from": "2022-01-01", "sources": ("Post",)}, "2"),
        ({"as_of": "2022-01-02", "languages": ("de",), "include_undated": True}, "35"),
    ],
)
def test_filters_let_through_what_meets_them_all(
    store: Store, filters: dict[str, Any], expected: str
) -> None:
    put(store, *REPORTS)
    with store.snapshot() as snapshot:
        listed = [stored.article.id for stored in snapshot.articles(Filters(**filters), 100)]
    assert "".join(listed) == expected
    seen(store, **filters)


def test_a_filter_is_asked_of_the_version_that_is_visible_not_of_an_older_one(store: Store) -> None:
    put(store, Article(id="a", text="First.", source="Herald", published_at="2022-01-01"))
    put(store, Article(id="a", text="Second.", source="Post", published_at="2022-02-01"))
    assert seen(store, sources=("Herald",)) == []
    assert seen(store, sources=("Herald",), as_of="2022-01-15") == ["First."]
    assert seen(store, sources=("Herald",), as_of="2022-02-15") == []


def test_pages_of_articles_cover_all_once_in_the_order_of_arrival(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text=f"Text {number}.") for number in (3, 1, 2, 9, 5)))
    after, walked = 0, []
    with store.snapshot() as snapshot:
        while page := snapshot.articles(EVERYTHING, 2, after):
            walked += [stored.article.id for stored in page]
            after = page[-1].key
    assert walked == ["a3", "a1", "a2", "a9", "a5"]


def test_sources_are_those_of_the_newest_versions(store: Store) -> None:
    put(store, *REPORTS)
    put(store, REPORTS[0].model_copy(update={"text": "New.", "source": "Argus"}))
    delete(store, "3")
    with store.snapshot() as snapshot:
        assert snapshot.values_of("sources") == ["Argus", "Post"]


def test_a_passage_beyond_what_sqlite_counts_is_simply_not_there(store: Store) -> None:
    with store.snapshot() as snapshot:
        for identity in (-1, 0, 2**63, 10**30):
            with pytest.raises(NotFound):
                snapshot.passage(identity)


def test_passages_come_in_the_order_asked_without_those_that_are_not_there(store: Store) -> None:
    article = Article(id="a", text="One. Two. Three.")
    with store.writing() as writer:
        writer.put(new(article, spans=[(0, 5), (5, 10), (10, 16)]))
    with store.snapshot() as snapshot:
        passages = snapshot.passages([3, 99, 1, 2, 3])
        assert [passage.text for passage in passages] == ["Three.", "One. ", "Two. ", "Three."]
        assert snapshot.passages([]) == []


def test_more_passages_than_sqlite_takes_values_keep_their_order(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text=f"Text {number}.") for number in range(1, 1203)))
    ids = np.random.default_rng(0).permutation(np.arange(1, 1203)).tolist()
    with store.snapshot() as snapshot:
        assert [passage.id for passage in snapshot.passages(ids)] == ids
        assert all(passage.article.id == f"a{passage.id}" for passage in snapshot.passages(ids))


def test_offsets_count_code_points_also_in_the_lexical_index(store: Store) -> None:
    text = "👩‍👩‍👧‍👦 Überall Straße. Żubr ran."
    start = text.index("Żubr")
    with store.writing() as writer:
        writer.put(new(Article(id="a", text=text), spans=[(0, start), (start, len(text))]))
    assert lexical_is_sound(store)
    with store.snapshot() as snapshot:
        ((identity, _),) = snapshot.lexical(["zubr"], 5, EVERYTHING)
        assert snapshot.passage(identity).text == "Żubr ran."


def test_what_is_stored_comes_back_equal(store: Store) -> None:
    article = Article(
        id="https://news.example/a?b=c&d=%20 ü",
        title="“Never”",
        text="Line one.\r\n\tLine two 🌊.\n",
        published_at="2022-01-19T10:00:00+01:00",
        updated_at="2022-01-20",
        source="Herald & Sons",
        authors=("Ann Ü", "Bob"),
        url="https://news.example/",
        language="en-GB",
        extra={"rank": 1.5, "nested": {"null": None, "list": [1, "two"]}},
    )
    put(store, article)
    with store.snapshot() as snapshot:
        assert snapshot.article(article.id).article == article


def test_vectors_come_back_to_the_bit(store: Store) -> None:
    vectors = np.random.default_rng(1).normal(size=(3, DIMENSION)).astype(np.float32)
    with store.writing() as writer:
        writer.put(NewVersion(Article(id="a", text="abc"), None, [(0, 1), (1, 2), (2, 3)], vectors))
    with store.snapshot() as snapshot:
        ids, stored = snapshot.vectors_above(1, DIMENSION)
        assert ids.tolist() == [2, 3]
        assert np.array_equal(stored, vectors[1:])
        empty_ids, empty = snapshot.vectors_above(3, DIMENSION)
        assert (empty_ids.shape, empty.shape) == ((0,), (0, DIMENSION))


def test_bm25_is_as_worked_out_by_hand(store: Store) -> None:
    """k1 = 1.2, b = .75; idf = ln((N - n + .5) / (n + .5)).

    A word in the title counts .5; lengths include titles.
    """
    put(
        store,
        Article(id="twice", title="Harbour", text="storm storm port"),  # 1 + 3 words
        Article(id="once", title=None, text="storm over the old port today"),  # 6
        Article(id="title", title="Storm", text="ships were lost"),  # 1 + 3
        *(
            Article(id=f"other{number}", text="nothing of the kind here") for number in range(5)
        ),  # 5 each
    )
    rows, holding, mean_length = 8, 3, (4 + 6 + 4 + 25) / 8
    idf = math.log((rows - holding + 0.5) / (holding + 0.5))

    def bm25(frequency: float, length: int) -> float:
        return idf * frequency * 2.2 / (frequency + 1.2 * (1 - 0.75 + 0.75 * length / mean_length))

    with store.snapshot() as snapshot:
        ranked = snapshot.lexical(["storm"], 10, EVERYTHING)
        ids = [
            passage.article.id
            for passage in snapshot.passages([identity for identity, _ in ranked])
        ]
    assert ids == ["twice", "once", "title"]
    assert [score for _, score in ranked] == pytest.approx([bm25(2, 4), bm25(1, 6), bm25(0.5, 4)])


def test_equal_lexical_scores_come_by_lower_id_and_k_cuts_among_them(store: Store) -> None:
    put(store, *(Article(id=f"a{number}", text="The same storm.") for number in range(9)))
    put(store, *(Article(id=f"b{number}", text="Something else.") for number in range(30)))
    assert found(store, "storm", k=4) == ["a0", "a1", "a2", "a3"]


def test_the_rarer_word_weighs_more(store: Store) -> None:
    put(store, *(Article(id=f"common{number}", text="The minister spoke.") for number in range(9)))
    put(store, Article(id="rare", text="The zeppelin landed."))
    put(store, *(Article(id=f"other{number}", text="Nothing of note.") for number in range(20)))
    assert found(store, "minister or zeppelin")[0] == "rare"


def test_words_are_found_by_their_stem_and_without_accents(store: Store) -> None:
    put(
        store,
        Article(id="a", text="The elections in Málaga were flooded."),
        Article(id="b", text="Other."),
    )
    for question in ("election", "ELECTIONS", "malaga", "Málaga", "flooding"):
        assert found(store, question) == ["a"]


@pytest.mark.parametrize(
    "question",
    [
        'storm" OR "other',
        "storm AND NOT",
        "NEAR(storm",
        "storm*",
        "^storm",
        "{title}: storm",
        "-storm +storm",
        "storm;DROP TABLE passages;--",
        "(((storm",
        '"""storm',
        "storm\\",
        "title:storm",
        "storm\0x",
        "%storm_",
    ],
)
def test_nothing_in_a_question_is_syntax(store: Store, question: str) -> None:
    put(
        store,
        Article(id="storm", text="A storm came."),
        Article(id="calm", text="Quiet seas lay there."),
    )
    assert found(store, question) == ["storm"]


def test_a_word_of_the_query_language_is_a_word(store: Store) -> None:
    put(store, Article(id="near", text="The near miss."), Article(id="far", text="The far hit."))
    assert found(store, "NEAR") == ["near"]
    assert search_words('say "NEAR" OR near*') == ["say", "near"]


def test_an_expression_of_symbols_alone_is_empty_and_stop_words_alone_are_searched() -> None:
    assert search_words("?! … ( ) 🌊 _ *") == []
    assert search_words("Who was the") == ["who", "was", "the"]
    assert search_words("Who was the minister, the Minister?") == ["minister"]


def test_characters_that_only_one_side_calls_words_find_nothing_and_break_nothing(
    store: Store,
) -> None:
    put(store, Article(id="a", text="A storm."))
    for question in ("²", "½", "①", "\u0301", "ª", "\U0001d7d8", "ⅷ", "storm ² ①"):
        assert found(store, question) == (["a"] if "storm" in question else [])


def test_a_thousand_different_words_are_one_query(store: Store) -> None:
    put(store, Article(id="a", text="A storm."))
    words = " ".join([*(f"w{number}" for number in range(1000)), "storm"])
    assert found(store, words) == ["a"]


def test_the_lexical_search_obeys_the_filters(store: Store) -> None:
    put(store, *(report.model_copy(update={"text": "A storm."}) for report in REPORTS))
    assert found(store, "storm", sources=("Herald",)) == ["1", "3"]
    assert found(store, "storm", as_of="2022-01-01") == ["1", "2"]
    assert found(store, "storm", k=1, languages=("de",)) == ["3"]


def test_an_old_version_is_found_only_as_of_its_time(store: Store) -> None:
    put(store, OLD)
    put(store, NEWER)
    assert found(store, "three") == []
    assert found(store, "nine") == ["flood"]
    assert found(store, "three", as_of="2022-02-01") == ["flood"]
    assert found(store, "nine", as_of="2022-02-01") == []


def test_a_question_sees_only_what_had_appeared_by_then_whatever_the_dates(store: Store) -> None:
    """Against a plain restatement of the rule, over random versions, dates and filters."""
    random = np.random.default_rng(11)

    def day() -> str | None:
        return None if random.random() < 0.2 else f"2022-01-{random.integers(1, 29):02}"

    history: list[Article] = []
    for number in range(120):
        article = Article(
            id=f"a{random.integers(25)}",
            text=f"Text {number}.",
            published_at=day(),
            updated_at=day(),
            source=str(random.choice(["Herald", "Post"])),
        )
        history.append(article)
    put(store, *history)

    def rule(as_of: str, include_undated: bool, sources: tuple[str, ...]) -> set[str]:
        newest: dict[str, Article] = {}
        for article in history:
            dates = [
                date for date in (article.published_at, article.updated_at) if date is not None
            ]
            if not dates:
                appeared = include_undated
            else:
                appeared = max(article.published_at or "", article.updated_at or "") <= as_of
            if appeared:
                newest[article.id] = article
        return {
            article.text for article in newest.values() if not sources or article.source in sources
        }

    for _ in range(60):
        as_of = f"2022-01-{random.integers(1, 31):02}"
        include_undated = bool(random.random() < 0.5)
        sources = ("Post",) if random.random() < 0.5 else ()
        listed = seen(store, as_of=as_of, include_undated=include_undated, sources=sources)
        assert set(listed) == rule(as_of, include_undated, sources)
        assert len(listed) == len(set(listed))


def test_instants_of_bare_days_begin_and_end_where_the_day_does() -> None:
    start, end, following = (
        instant("2022-03-01"),
        instant("2022-03-01", end_of_day=True),
        instant("2022-03-02"),
    )
    assert following - start == 86_400
    assert 0 < following - end <= 1e-5
    for earlier, later in pairwise(
        ["2022-03-01", "2022-03-01T00:00:01", "2022-03-01T01:30:00+01:00"]
    ):
        assert instant(earlier) < instant(later)


EVENING = datetime(2024, 5, 10, 18, tzinfo=UTC)


def hold_back(store: Store, hour: int) -> None:
    """One article in view, an update of it and another article under embargo until 18:00."""
    store.clock = lambda: datetime(2024, 5, 10, hour, tzinfo=UTC)
    shown = Article(id="dam", text="It held.", source="Argus", published_at="2024-05-02")
    embargo = {"embargoed_until": EVENING.isoformat()}
    put(store, shown, shown.model_copy(update={"text": "It burst.", **embargo}))
    put(store, Article(id="vote", text="No.", source="Post", published_at="2024-05-09", **embargo))


def test_what_is_under_embargo_does_not_exist_for_readers(store: Store) -> None:
    hold_back(store, 17)
    with store.snapshot() as snapshot:
        assert snapshot.article("dam").article.text == "It held."
        assert [stored.article.text for stored in snapshot.versions("dam")] == ["It held."]
        assert snapshot.counts() == Counts(articles=1, versions=1, passages=1)
        assert snapshot.values_of("sources") == ["Argus"]
        assert snapshot.publication_range() == ("2024-05-02", "2024-05-02")
        _, update, other = snapshot.passage_ids().tolist()
        for hidden in (update, other):
            with pytest.raises(NotFound, match=f"no passage {hidden}"):
                snapshot.passage(hidden)
        with pytest.raises(NotFound, match="no article 'vote'"):
            snapshot.article("vote")
        with pytest.raises(NotFound):
            snapshot.article("dam", version_of(Article(id="dam", text="It burst.")))


def test_what_is_under_embargo_exists_for_what_writes_and_from_its_time(store: Store) -> None:
    hold_back(store, 17)
    with store.snapshot() as snapshot:
        vote = snapshot.find("vote")
        assert vote is not None
        assert vote.article.text == "No."
        assert snapshot.size() == Counts(articles=2, versions=3, passages=3)
    store.clock = lambda: EVENING
    with store.snapshot() as snapshot:
        assert snapshot.article("dam").article.text == "It burst."
        assert snapshot.counts() == snapshot.size()
        assert snapshot.values_of("sources") == ["Argus", "Post"]
        assert snapshot.publication_range() == ("2024-05-02", "2024-05-09")


def test_a_withdrawn_article_is_read_by_its_id_and_its_values_are_offered_to_no_filter(
    store: Store,
) -> None:
    put(store, Article(id="dam", text="It held.", source="Argus"), Article(id="sea", text="Calm."))
    with store.writing() as writer:
        writer.withdraw("dam")
    with store.snapshot() as snapshot:
        assert snapshot.article("dam").article.status == "canceled"
        assert snapshot.values_of("sources") == []
        assert snapshot.coverage(Filters()).articles == 1


def test_corrections_are_those_in_view_under_the_filters(store: Store) -> None:
    store.clock = lambda: datetime(2024, 5, 10, 17, tzinfo=UTC)
    put(
        store,
        Article(id="dam", text="Nine dead.", published_at="2024-05-01"),
        Article(id="c1", text="It was six.", corrects="dam", published_at="2024-05-02"),
        Article(id="c2", text="Seven.", corrects="dam", published_at="2024-05-04"),
        Article(id="own", text="Itself.", corrects="own", published_at="2024-05-04"),
        Article(id="c3", text="Five.", corrects="dam", embargoed_until=EVENING.isoformat()),
    )
    asked = ["dam", "own", "c1"]
    with store.snapshot() as snapshot:
        assert snapshot.corrections(asked, Filters()) == {"dam": ["c1", "c2"]}
        assert snapshot.corrections(asked, Filters(as_of="2024-05-03")) == {"dam": ["c1"]}
        assert snapshot.corrections(asked, Filters(as_of="2024-05-01")) == {}
