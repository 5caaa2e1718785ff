"""Ranking metrics, against values worked out by hand and against TREC's own code."""

import math
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from eval.metrics.ranking import (
    answer_in_passage,
    average_precision,
    hit_at_k,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
)

RANKED = ["x", "x", "a", "y", "b", "a"]  # different articles: x, a, y, b


@pytest.mark.parametrize(
    ("relevant", "k", "expected"),
    [
        (["a"], 1, 0.0),  # the first different article is x
        (["a"], 2, 1.0),  # x counts once, so a is second
        (["b"], 3, 0.0),
        (["b"], 4, 1.0),
        (["z"], 10, 0.0),
        (["z", "x"], 1, 1.0),
        ([], 5, None),
    ],
)
def test_hit_at_k_counts_each_article_at_its_first_hit(
    relevant: list[str], k: int, expected: float | None
) -> None:
    assert hit_at_k(RANKED, relevant, k) == expected


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [(["x"], 1.0), (["a"], 1 / 2), (["b", "y"], 1 / 3), (["b"], 1 / 4), (["z"], 0.0), ([], None)],
)
def test_the_reciprocal_rank_is_of_the_first_relevant_article(
    relevant: list[str], expected: float | None
) -> None:
    assert reciprocal_rank(RANKED, relevant) == expected


def test_nothing_ranked_is_a_miss_and_not_a_case_that_does_not_apply() -> None:
    assert hit_at_k([], ["a"], 5) == 0.0
    assert reciprocal_rank([], ["a"]) == 0.0
    assert answer_in_passage([], ["five"], 5) == 0.0


PASSAGES = ["Some 15 ships came.", "The Old Harbour froze.", "Trains ran."]


@pytest.mark.parametrize(
    ("answers", "k", "expected"),
    [
        (["15 ships"], 1, 1.0),
        (["old harbour"], 1, 0.0),  # stands in the second passage
        (["old harbour"], 2, 1.0),
        (["zebra", "the trains"], 3, 1.0),  # any one is right; "the" is normalised away
        (["zebra"], 3, 0.0),
        ([], 3, None),
        (["5"], 3, 0.0),  # "15" is another number
        (["arbour"], 3, 0.0),  # words, not letters
    ],
)
def test_an_answer_is_in_a_passage_as_whole_words(
    answers: list[str], k: int, expected: float | None
) -> None:
    assert answer_in_passage(PASSAGES, answers, k) == expected


def test_an_answer_of_which_nothing_is_left_is_in_no_passage() -> None:
    assert answer_in_passage(PASSAGES, ["the"], 3) == 0.0


# relevant a, b, z of RANKED (x, a, y, b): a at 2, b at 4, z nowhere
def test_recall_and_precision_count_different_articles() -> None:
    assert recall_at_k(RANKED, ["a", "b", "z"], 2) == pytest.approx(1 / 3)
    assert recall_at_k(RANKED, ["a", "b", "z"], 10) == pytest.approx(2 / 3)
    assert precision_at_k(RANKED, ["a", "b", "z"], 2) == pytest.approx(1 / 2)
    assert precision_at_k(RANKED, ["a", "b", "z"], 10) == pytest.approx(
        2 / 10
    )  # over k, as TREC has it
    assert recall_at_k(RANKED, [], 2) is None
    assert precision_at_k(RANKED, [], 2) is None


def test_average_precision_counts_what_was_not_found_as_nothing() -> None:
    # at rank 2 one of 2, at rank 4 two of 4, z never: (1/2 + 2/4 + 0) / 3
    assert average_precision(RANKED, ["a", "b", "z"]) == pytest.approx(1 / 3)
    assert average_precision(RANKED, []) is None


def test_ndcg_is_the_gain_over_the_best_order() -> None:
    # gains of ranks 2 and 4: 1/log2(3) + 1/log2(5)
    # best for three relevant: 1 + 1/log2(3) + 1/log2(4)
    gained = 1 / math.log2(3) + 1 / math.log2(5)
    assert ndcg_at_k(RANKED, ["a", "b", "z"], 10) == pytest.approx(
        gained / (1 + 1 / math.log2(3) + 0.5)
    )
    assert ndcg_at_k(RANKED, ["a"], 1) == 0.0
    assert ndcg_at_k(RANKED, [], 10) is None


def test_rankings_equal_those_of_trecs_own_code() -> None:
    """1,000 random rankings through ir-measures, which runs trec_eval's code."""
    import ir_measures
    from ir_measures import AP, RR, P, R, Success, nDCG

    random = Random(3)
    names = [f"d{number}" for number in range(30)]
    rankings, judged = {}, {}
    for query in range(1_000):
        rankings[f"q{query}"] = random.sample(names, random.randint(1, 20))
        judged[f"q{query}"] = random.sample(names, random.randint(1, 6))
    run = [
        ir_measures.ScoredDoc(query, name, -float(rank))
        for query, ranked in rankings.items()
        for rank, name in enumerate(ranked)
    ]
    qrels = [
        ir_measures.Qrel(query, name, 1) for query, relevant in judged.items() for name in relevant
    ]
    ours: dict[Any, Callable[[list[str], list[str]], float | None]] = {
        Success @ 5: lambda ranked, relevant: hit_at_k(ranked, relevant, 5),
        R @ 10: lambda ranked, relevant: recall_at_k(ranked, relevant, 10),
        P @ 10: lambda ranked, relevant: precision_at_k(ranked, relevant, 10),
        RR: reciprocal_rank,
        AP: average_precision,
        nDCG @ 10: lambda ranked, relevant: ndcg_at_k(ranked, relevant, 10),
    }
    compared = 0
    for found in ir_measures.iter_calc(list(ours), qrels, run):
        mine = ours[found.measure](rankings[found.query_id], judged[found.query_id])
        assert mine == pytest.approx(found.value, abs=1e-9), (found.measure, found.query_id)
        compared += 1
    assert compared == 6_000
