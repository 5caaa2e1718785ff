"""From a question to ranked hits: fusion, filters, dates, and everything a question can be."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qa import tuning
from qa.archive.archive import Archive
from qa.archive.sources import add_alias
from qa.bootstrap import open_retriever
from qa.errors import BadInput, EmbedderMismatch
from qa.question import LONGEST_QUESTION, MOST_HITS, Question
from qa.retrieval.hybrid import HybridRetriever, Retrieved, fuse
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import BagOfWordsEmbedder

WORDS = [
    "harbour",
    "storm",
    "minister",
    "budget",
    "vaccine",
    "glacier",
    "senate",
    "orchard",
    "tariff",
    "ferry",
    "wildfire",
    "museum",
    "election",
    "tunnel",
    "reactor",
    "treaty",
    "referee",
    "satellite",
    "violin",
    "quarry",
    "census",
    "drought",
    "parade",
    "mosquito",
    "cathedral",
    "bridge",
    "comet",
    "ballot",
    "furnace",
    "canal",
]


@pytest.fixture
def retriever(archive: Archive) -> HybridRetriever:
    return open_retriever(archive)


def retrieve(retriever: HybridRetriever, question: str, k: int = 10, **filters: Any) -> list[str]:
    return [
        hit.passage.article.id
        for hit in retriever.retrieve(Question.parse(question, Filters(**filters), k=k)).hits
    ]


def report(random: np.random.Generator, number: int, **fields: Any) -> dict[str, Any]:
    text = " ".join(random.choice(WORDS, size=12)).capitalize() + "."
    return {"id": f"a{number}", "text": f"{text} It was report number{number}.", **fields}


# Fusion


def test_fusion_is_as_worked_out_by_hand() -> None:
    """Dense scaled: .9 → 1, .5 → .5, .1 → 0, times .4. Lexical scaled: 8 → 1, 4 → 1/3, 2 → 0, times
    .6.
    """
    dense = [(1, 0.9), (2, 0.5), (3, 0.1)]
    lexical = [(3, 8.0), (1, 4.0), (4, 2.0)]
    fused = fuse(dense, lexical, 0.4)
    assert [identity for identity, _ in fused] == [1, 3, 2, 4]
    assert [score for _, score in fused] == pytest.approx([0.4 + 0.2, 0.6, 0.2, 0.0])


def test_fused_ties_come_by_lower_id() -> None:
    assert [identity for identity, _ in fuse([(9, 0.5), (4, 0.5), (7, 0.5)], [])] == [4, 7, 9]
    assert [identity for identity, _ in fuse([], [(5, 1.0), (2, 1.0)])] == [2, 5]


def test_what_stands_alone_or_has_only_equals_counts_as_the_best_of_its_list() -> None:
    assert dict(fuse([(3, 0.2)], [], 0.4)) == pytest.approx({3: 0.4})
    assert dict(fuse([], [(3, 7.0)], 0.4)) == pytest.approx({3: 0.6})
    assert dict(fuse([(3, -0.5)], [(3, 0.001)], 0.4)) == pytest.approx({3: 1.0})
    assert fuse([], []) == []


def test_fused_scores_lie_between_0_and_1_and_descend() -> None:
    random = np.random.default_rng(0)
    for _ in range(200):
        lists = []
        for _ in range(2):
            ids = random.permutation(30)[: random.integers(0, 15)]
            scores = sorted(random.normal(size=len(ids)).tolist(), reverse=True)
            lists.append(
                [(int(identity), score) for identity, score in zip(ids, scores, strict=True)]
            )
        fused = fuse(lists[0], lists[1])
        scores = [score for _, score in fused]
        assert {identity for identity, _ in fused} == {
            identity for ranked in lists for identity, _ in ranked
        }
        assert len(fused) == len({identity for identity, _ in fused})
        assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))
        assert all(-1e-9 <= score <= 1 + 1e-9 for score in scores)


# Finding


def test_a_passages_own_text_finds_it_first(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    random = np.random.default_rng(1)
    put(archive, [report(random, number) for number in range(80)], tmp_path)
    with archive.store.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.passage_ids().tolist())
    assert len(passages) == 80
    for passage in passages:
        first = retriever.retrieve(Question.parse(passage.text, k=3)).hits[0]
        assert first.passage == passage
        assert first.scores.dense == pytest.approx(1.0, abs=1e-5)
        assert first.score == pytest.approx(1.0)  # best of both searches


def test_hits_carry_ranks_scores_and_exact_offsets(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    random = np.random.default_rng(2)
    put(archive, [report(random, number) for number in range(150)], tmp_path)
    retrieved = retriever.retrieve(Question.parse("harbour number17", k=120))
    hits = retrieved.hits
    assert [hit.rank for hit in hits] == list(range(1, 121))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.passage.id for hit in hits}) == 120
    assert hits[0].passage.article.id == "a17"
    for hit in hits:
        words = hit.passage.text.lower()
        assert hit.passage.text == hit.passage.article.text[hit.passage.start : hit.passage.end]
        assert (hit.scores.lexical is not None) == ("harbour" in words or "number17" in words)
        assert hit.scores.rerank is None
    with archive.store.snapshot() as snapshot:
        assert (retrieved.index.generation, retrieved.index.embedder) == (
            snapshot.generation,
            "bag-of-words",
        )


def test_equal_passages_come_by_lower_id_and_k_cuts_among_them(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(
        archive,
        [{"id": f"a{number:03}", "text": "The very same agency report."} for number in range(250)],
        tmp_path,
    )
    for k in (1, 5, 100, 101, 200):
        assert retrieve(retriever, "the same report", k) == [f"a{number:03}" for number in range(k)]


def test_the_same_question_twice_gives_identical_hits(archive: Archive, tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    put(archive, [report(random, number) for number in range(120)], tmp_path)
    asked: dict[str, Retrieved] = {}
    for retriever in (open_retriever(archive), open_retriever(archive)):
        retriever.prepare()
        for question in ("storm minister", "number7", "an orchard in the canal?", "quarry"):
            first = asked.setdefault(question, retriever.retrieve(Question.parse(question, k=20)))
            assert retriever.retrieve(Question.parse(question, k=20)) == first
            assert retriever.retrieve(Question.parse(question, k=5)).hits == first.hits[:5]


# Filters


def test_filters_act_inside_both_searches(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    """The 200 best are of another source: ten are asked for, ten exist, ten come."""
    loud = [
        {"id": f"loud{n}", "text": f"Storm storm storm harbour {n}.", "source": "Loud"}
        for n in range(200)
    ]
    quiet = [
        {"id": f"quiet{n}", "text": f"Among other news a storm {n}.", "source": "Quiet"}
        for n in range(10)
    ]
    put(archive, loud + quiet, tmp_path)
    assert all(
        identity.startswith("loud") for identity in retrieve(retriever, "storm harbour", 200)
    )
    hits = retriever.retrieve(Question.parse("storm harbour", Filters(sources=("Quiet",)))).hits
    assert {hit.passage.article.id for hit in hits} == {f"quiet{n}" for n in range(10)}
    assert all(hit.scores.dense is not None and hit.scores.lexical is not None for hit in hits)


def test_ten_come_when_only_the_dense_search_can_see_them(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    records = [
        {"id": f"a{n}", "text": f"Nothing but glacier {n}.", "language": "en"} for n in range(12)
    ]
    put(archive, records, tmp_path)
    hits = retriever.retrieve(Question.parse("mosquito", Filters(languages=("en",)))).hits
    assert len(hits) == 10
    assert all(hit.scores.lexical is None for hit in hits)


def test_a_filter_that_lets_nothing_through_finds_nothing(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "A storm.", "source": "Herald"}], tmp_path)
    assert retrieve(retriever, "storm", sources=("Post",)) == []
    assert retrieve(retriever, "storm", published_from="2022-02-01") == []


@pytest.mark.parametrize("seed", range(4))
def test_as_of_never_lets_a_later_passage_through(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path, seed: int
) -> None:
    """Random dates, times and zones; every passage that is visible by the rule, and no other, is
    found.
    """
    random = np.random.default_rng(seed)
    dates: dict[str, str | None] = {}
    records = []
    for number in range(60):
        kind = random.random()
        day = f"2022-01-{random.integers(1, 29):02}"
        clock = f"{random.integers(24):02}:{random.integers(60):02}:00"
        published = None if kind < 0.15 else day if kind < 0.6 else f"{day}T{clock}"
        dates[f"a{number}"] = published
        records.append(report(random, number, published_at=published))
    put(archive, records, tmp_path)
    for _ in range(25):
        day = f"2022-01-{random.integers(1, 31):02}"
        as_of = day if random.random() < 0.5 else f"{day}T{random.integers(24):02}:30:00"
        last = as_of if "T" in as_of else f"{as_of}T23:59:59"
        dated = {
            identity
            for identity, date in dates.items()
            if date and (date if "T" in date else f"{date}T00:00:00") <= last
        }
        undated = {identity for identity, date in dates.items() if date is None}
        question = " ".join(random.choice(WORDS, size=3))
        assert set(retrieve(retriever, question, 100, as_of=as_of)) == dated
        assert (
            set(retrieve(retriever, question, 100, as_of=as_of, include_undated=True))
            == dated | undated
        )


def test_under_as_of_the_old_text_of_an_updated_article_is_found(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    old = {"id": "flood", "text": "Three drowned in the flood.", "published_at": "2022-01-10"}
    put(archive, [old], tmp_path)
    put(
        archive,
        [{**old, "text": "Nine drowned in the flood.", "updated_at": "2022-01-12"}],
        tmp_path,
    )
    for as_of, text in (
        ("2022-01-11", "Three drowned in the flood."),
        ("2022-01-12", "Nine drowned in the flood."),
    ):
        (hit,) = retriever.retrieve(Question.parse("How many drowned?", Filters(as_of=as_of))).hits
        assert hit.passage.text == text
    (hit,) = retriever.retrieve(Question.parse("How many drowned?")).hits
    assert hit.passage.text == "Nine drowned in the flood."


def test_a_deleted_article_is_never_found_by_a_retriever_that_knew_it(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(
        archive,
        [{"id": "gone", "text": "A storm."}, {"id": "stays", "text": "A storm too."}],
        tmp_path,
    )
    assert set(retrieve(retriever, "storm")) == {"gone", "stays"}
    with archive.store.writing() as writer:
        writer.delete("gone")
    assert retrieve(retriever, "storm") == ["stays"]
    assert retrieve(open_retriever(archive), "storm") == ["stays"]


# What a question can be


@pytest.mark.parametrize("k", [0, -1, 10**9, MOST_HITS + 1])
def test_a_k_out_of_bounds_is_refused_with_the_bounds(retriever: HybridRetriever, k: int) -> None:
    with pytest.raises(BadInput, match=f"k is {k}; it must be from 1 to {MOST_HITS}"):
        retriever.retrieve(Question.parse("storm", k=k))


def test_the_largest_k_gives_what_there_is(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    random = np.random.default_rng(4)
    put(archive, [report(random, number) for number in range(30)], tmp_path)
    assert sorted(retrieve(retriever, "storm", MOST_HITS)) == sorted(
        f"a{number}" for number in range(30)
    )


@pytest.mark.parametrize("question", ["", " ", "\n\t\u2003"])
def test_an_empty_question_is_refused(retriever: HybridRetriever, question: str) -> None:
    with pytest.raises(BadInput, match="the question is empty"):
        retriever.retrieve(Question.parse(question))


def test_an_overlong_question_is_refused_and_the_longest_is_not(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "A storm."}], tmp_path)
    longest = (
        " ".join(f"{chr(0x4E00 + number)}" for number in range(1000))[: LONGEST_QUESTION - 6]
        + " storm"
    )
    assert len(longest) <= LONGEST_QUESTION
    assert retrieve(retriever, longest) == ["a"]
    with pytest.raises(BadInput, match="2,001 characters; the limit is 2,000"):
        retriever.retrieve(Question.parse("s" * 2001))


@pytest.mark.parametrize(
    "question",
    [
        "Кто победил?",
        "地震で何人が亡くなりましたか",
        "كم عدد الضحايا؟",
        "🌊🌊🌊",
        "?!",
        '"',
        "NEAR( AND OR NOT",
        "who was the of and",
        "\u0301\u200b x",
        "² ½ ①",
        "a\0b",
        "\ud83c storm",
        "storm' OR '1'='1",
    ],
)
def test_a_question_of_any_characters_is_answered_with_hits(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path, question: str
) -> None:
    put(
        archive,
        [{"id": "a", "text": "A storm came."}, {"id": "b", "text": "The sea was calm."}],
        tmp_path,
    )
    assert sorted(retrieve(retriever, question)) == ["a", "b"]


def test_a_question_in_another_script_finds_the_text_in_it_first(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    texts = {
        "ru": "Наводнение унесло семь жизней.",
        "de": "Die Überschwemmung in Köln.",
        "en": "A flood in town.",
    }
    put(archive, [{"id": name, "text": text} for name, text in texts.items()], tmp_path)
    assert retrieve(retriever, "Где было наводнение?")[0] == "ru"
    assert retrieve(retriever, "ÜBERSCHWEMMUNG")[0] == "de"


def test_a_question_of_stop_words_alone_is_searched_by_them(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(
        archive,
        [{"id": "band", "text": "The Who: who are they?"}, {"id": "b", "text": "Rain fell."}],
        tmp_path,
    )
    (first, *_) = retriever.retrieve(Question.parse("who are the")).hits
    assert (first.passage.article.id, first.scores.lexical is not None) == ("band", True)


@pytest.mark.parametrize("name", ["as_of", "published_from", "published_to"])
@pytest.mark.parametrize(
    "date", ["yesterday", "2022-13-01", "2022-02-30", "", "20220119T99", "1e9"]
)
def test_a_date_that_is_none_is_refused_by_name(
    retriever: HybridRetriever, name: str, date: str
) -> None:
    filters = Filters(**{name: date})  # type: ignore[arg-type]  # the name is one of three
    with pytest.raises(BadInput, match=f"{name} is '{date}'"):
        retriever.retrieve(Question.parse("storm", filters))


@pytest.mark.parametrize(
    "date", ["0001-01-01", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_the_ends_of_the_calendar_are_dates(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path, date: str
) -> None:
    put(archive, [{"id": "a", "text": "A storm.", "published_at": "2022-01-01"}], tmp_path)
    assert retrieve(retriever, "storm", as_of=date) == (["a"] if date.startswith("9") else [])
    assert retrieve(retriever, "storm", published_from=date) == (
        [] if date.startswith("9") else ["a"]
    )


def test_an_empty_archive_finds_nothing(retriever: HybridRetriever) -> None:
    retriever.prepare()
    assert retrieve(retriever, "storm") == []


@pytest.mark.parametrize("name", ["sources", "languages"])
def test_a_filter_of_any_size_is_refused(retriever: HybridRetriever, name: str) -> None:
    with pytest.raises(BadInput, match=f"a value of {name} has 501 characters; the limit is 500"):
        retriever.retrieve(Question.parse("storm", Filters(**{name: ("en", "x" * 501)}), k=5))  # type: ignore[arg-type]  # one of two


def test_another_embedder_than_the_archives_is_refused_with_both_named(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "A storm."}], tmp_path)
    other = BagOfWordsEmbedder(64, name="stranger")
    stranger = HybridRetriever(Archive(archive.store, other))
    for call in (stranger.prepare, lambda: stranger.retrieve(Question.parse("storm"))):
        with pytest.raises(
            EmbedderMismatch, match=r"'bag-of-words' \(dimension 256.*the setting is 'stranger'"
        ):
            call()


def test_a_retriever_notices_that_the_archive_was_embedded_anew_under_it(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "A storm."}], tmp_path)
    assert retrieve(retriever, "storm") == ["a"]
    with archive.store.writing() as writer:  # as `dateline reindex` by another process
        writer.note("embedder_digest", "e" * 64)
    with pytest.raises(EmbedderMismatch, match="dateline reindex"):
        retriever.retrieve(Question.parse("storm"))


class Backwards:
    """Scores the texts in falling order of their first number, below zero, as a logit may be."""

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        return [-float(re.findall(r"\d+", text)[0]) - 3 for text in texts]


def test_scores_fall_with_the_rank_also_behind_what_was_reranked(
    archive: Archive, tmp_path: Path
) -> None:
    count = tuning.RERANKED + 10
    put(
        archive,
        [{"id": f"a{n}", "text": f"Storm number{n} of {n} in the harbour."} for n in range(count)],
        tmp_path,
    )
    plain = HybridRetriever(archive).retrieve(Question.parse("storm harbour", k=count)).hits
    hits = (
        HybridRetriever(archive, Backwards())
        .retrieve(Question.parse("storm harbour", k=count))
        .hits
    )
    assert [hit.scores.rerank is None for hit in hits] == [False] * tuning.RERANKED + [True] * 10
    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    behind = [hit.passage.id for hit in hits[tuning.RERANKED :]]
    assert behind == [hit.passage.id for hit in plain[tuning.RERANKED :]]


# Limits that the question states

BRIDGES = [
    {
        "id": f"{author[0]}-{day}",
        "text": f"The bridge will cost {cost} million.",
        "authors": [author],
        "source": source,
        "published_at": f"2024-{day}",
    }
    for author, source, day, cost in (
        ("Jane Roe", "Coast Daily", "03-04", 40),
        ("Jane Roe", "Coast Daily", "05-06", 50),
        ("Tom Ashby", "Hill Times", "03-08", 60),
    )
]


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        ("What did Jane Roe write about the bridge?", {"J-03-04", "J-05-06"}),
        ("What did Jane Roe write in March about the bridge?", {"J-03-04"}),
        ("How much will the bridge cost, according to the Hill Times?", {"T-03-08"}),
        ("How much did the bridge of Jane Roe cost?", {"J-03-04", "J-05-06", "T-03-08"}),
    ],
)
def test_limits_of_the_question_are_filters(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path, question: str, ids: set[str]
) -> None:
    put(archive, BRIDGES, tmp_path)
    assert set(retrieve(retriever, question)) == ids


def test_limits_are_read_against_the_as_of_or_else_the_newest_article(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, BRIDGES, tmp_path)
    question = "In reports from last month, how much will the bridge cost?"
    assert retrieve(retriever, question, as_of="2024-04-10") == ["T-03-08", "J-03-04"]
    assert retrieve(retriever, question) == []  # the newest is of May: nothing is from April


def test_limits_of_the_question_that_leave_nothing_are_named(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, BRIDGES, tmp_path)
    found = retriever.retrieve(Question.parse("What did Tom Ashby write in May about the bridge?"))
    assert not found.hits
    assert found.absence is not None
    assert found.absence.reason == (
        "no article matches all of the filters together; the question asks for reports"
        " by Tom Ashby, published from 2024-05-01, published to 2024-05-31"
    )


def test_a_period_of_the_caller_and_one_of_the_question_both_hold(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, BRIDGES, tmp_path)
    question = "In reports from March 2024, how much will the bridge cost?"
    assert retrieve(retriever, question, published_from="2024-03-06") == ["T-03-08"]
    assert retrieve(retriever, question, published_from="2024-05-01") == []


def test_a_name_is_known_once_its_article_is_there(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    question = "According to the Hill Times, how much will the bridge cost?"
    put(archive, BRIDGES[:2], tmp_path)
    assert len(retrieve(retriever, question)) == 2
    put(archive, BRIDGES[2:], tmp_path)
    assert retrieve(retriever, question) == ["T-03-08"]


def test_a_question_finds_a_publisher_by_each_of_its_names_at_once(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    """Also one that is given to it while questions are answered."""
    domain = {"id": "page", "source": "hilltimes.example", "text": "The bridge may cost more."}
    put(archive, [*BRIDGES, domain], tmp_path)
    questions = [
        "According to the Hill Times, how much will the bridge cost?",
        "According to hilltimes.example, how much will the bridge cost?",
        "According to the HT, how much will the bridge cost?",
    ]
    found = [set(retrieve(retriever, question)) for question in questions]
    everything = {"J-03-04", "J-05-06", "T-03-08", "page"}
    assert found == [{"T-03-08"}, {"page"}, everything]
    plain = "How much will the bridge cost?"
    assert retrieve(retriever, plain, sources=("Hill Times",)) == ["T-03-08"]
    with archive.store.aside() as database:
        for name in ("hilltimes.example", "HT"):
            add_alias(database, name, "Hill Times")
    for question in questions:
        assert set(retrieve(retriever, question)) == {"T-03-08", "page"}
        parsed = retriever.retrieve(Question.parse(question)).question
        assert parsed.stated.sources == ("Hill Times", "hilltimes.example")
        limited = Question.parse(question, Filters(sources=("hilltimes.example",)))
        assert retriever.retrieve(limited).question.text == plain
    assert set(retrieve(retriever, plain, sources=("HT",))) == {"T-03-08", "page"}


def test_without_a_date_now_is_when_the_archive_ends(archive: Archive, tmp_path: Path) -> None:
    """Not when the newest report that was found is: "this week" would be of another year."""
    old = "The minister of the harbour resigned over the budget."
    records = [
        {"id": "old", "text": old, "published_at": "2020-03-04"},
        {"id": "new", "text": "An orchard bloomed.", "published_at": "2024-06-01"},
    ]
    put(archive, records, tmp_path)
    retriever = open_retriever(archive)
    asked = "Which harbour minister resigned this week?"
    assert retriever.retrieve(Question.parse(asked)).question.now == "2024-06-01"
    dated = Question.parse(asked, Filters(as_of="2020-03-06"))
    assert retriever.retrieve(dated).question.now == "2020-03-06"
