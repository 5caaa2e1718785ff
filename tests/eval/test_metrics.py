"""Scores, against values worked out by hand."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import (
    answer_in_passage,
    auroc,
    average_precision,
    calibration_error,
    choice_right,
    citation_precision,
    citation_recall,
    coverage_curve,
    curve_area,
    exact_match,
    f1,
    figure_match,
    hit_at_k,
    ndcg_at_k,
    normalise,
    percentile,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
    supports,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Harbour!", "harbour"),
        ("  a   ship, an  anchor ", "ship anchor"),
        ("U.S.", "us"),
        ("$3.5 million", "35 million"),  # SQuAD's own rule: punctuation goes, also inside numbers
        ("theatre and another", "theatre and another"),  # articles only as whole words
        ("", ""),
        ("the", ""),
        ("ÉCOLE", "école"),
    ],
)
def test_normalising_drops_case_punctuation_articles_and_spaces(text: str, expected: str) -> None:
    assert normalise(text) == expected


@settings(deadline=None)
@given(st.text())
def test_normalising_leaves_single_inner_spaces_only(text: str) -> None:
    assert normalise(text) == " ".join(normalise(text).split())


def test_an_exact_match_is_one_of_the_right_answers_normalised() -> None:
    assert exact_match("The Blue Harbour.", ["red harbour", "blue harbour"]) == 1.0
    assert exact_match("blue", ["blue harbour"]) == 0.0
    assert exact_match("", ["blue"]) == 0.0
    assert exact_match("blue", []) == 0.0


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        ("blue harbour", ["blue harbour"], 1.0),
        # one word of two shared, one right: P 1/2, R 1/1, 2PR/(P+R) = 1 / 1.5
        ("blue harbour", ["harbour"], 2 / 3),
        # three said, four right, two shared: P 2/3, R 2/4; 2 * 1/3 / (7/6) = 4/7
        ("red old ship", ["old ship sank fast"], 4 / 7),
        # counted with multiplicity: "ship ship" shares one with "ship sank": P 1/2, R 1/2
        ("ship ship", ["ship sank"], 0.5),
        # "ship ship" and "ship ship sank": two shared of 2 and of 3: 4/5
        ("ship ship", ["ship ship sank"], 0.8),
        # the best over the right answers
        ("blue harbour", ["red", "harbour", "the blue harbour"], 1.0),
        ("blue", ["red"], 0.0),
        ("", ["red"], 0.0),
        ("", [""], 0.0),  # silence is no answer
        ("the", ["a"], 0.0),
        ("A", ["A"], 1.0),  # a vitamin: what would vanish with its articles keeps them
        ("", ["A"], 0.0),
        ("red", [], 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_over_shared_words(
    answer: str, right: list[str], expected: float
) -> None:
    assert f1(answer, right) == pytest.approx(expected)


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_f1_lies_between_exact_match_and_one(answer: str, right: list[str]) -> None:
    assert exact_match(answer, right) <= f1(answer, right) <= 1


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


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        # 15 20 35 40 50: 5 % of five is .25, so the first; 30 % is 1.5, so the second; 40 % is 2, the second;
        # 50 % is 2.5, the third; 100 % the fifth. (The example of nearest rank in every textbook.)
        (0.05, 15.0), (0.30, 20.0), (0.40, 20.0), (0.50, 35.0), (1.0, 50.0), (0.0, 15.0),
    ],
)  # fmt: skip
def test_a_percentile_is_of_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([50.0, 15.0, 40.0, 20.0, 35.0], share) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    assert percentile([], 0.5) is None


@settings(deadline=None)
@given(
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=50),
    st.sampled_from([0.25, 0.5, 0.75, 1.0]),
)
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(
    values: list[int], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_the_coverage_curve_by_hand() -> None:
    # Sure and right, half sure and half right, unsure and wrong, and one without any answer.
    points = {
        point.threshold: point
        for point in coverage_curve([(0.9, 1.0), (0.5, 0.5), (0.1, 0.0), (-1.0, 0.0)])
    }
    assert (points[0.0].coverage, points[0.0].accuracy) == (0.75, 0.5)
    assert (points[0.5].coverage, points[0.5].accuracy) == (0.5, 0.75)
    assert (points[0.9].coverage, points[0.9].accuracy) == (0.25, 1.0)
    assert (points[0.95].coverage, points[0.95].accuracy) == (0.0, None)


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
    # gains of ranks 2 and 4: 1/log2(3) + 1/log2(5); best for three relevant: 1 + 1/log2(3) + 1/log2(4)
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


CURVE = [(0.9, 1.0), (0.8, 0.0), (0.8, 1.0), (0.3, 0.0), (-1.0, 0.0)]


def test_the_area_is_the_mean_accuracy_as_cases_come_in_surest_first() -> None:
    # 1/1; then two of equal confidence come together: 2/3 twice; then 2/4. The unanswered one never comes in.
    assert curve_area(CURVE) == pytest.approx((1 + 2 / 3 + 2 / 3 + 0.5) / 4)
    assert curve_area([(-1.0, 0.0)]) is None


def test_auroc_is_the_chance_that_a_right_one_is_surer_with_ties_half() -> None:
    # right .9 and .8 against wrong .8 and .3; the case without an answer is in neither: 3.5 of 4
    assert auroc(CURVE) == pytest.approx(3.5 / 4)
    assert auroc([(0.4, 1.0)]) is None


def test_auroc_equals_scikit_learns() -> None:
    from sklearn.metrics import roc_auc_score

    random = Random(4)
    for _ in range(50):
        cases = [(round(random.random(), 1), float(random.random() < 0.4)) for _ in range(60)]
        assert auroc(cases) == pytest.approx(
            roc_auc_score([right for _, right in cases], [c for c, _ in cases])
        )


def test_the_calibration_error_is_the_mean_distance_of_confidence_and_accuracy() -> None:
    # bins .9: |1 - .9|; .8: |.5 - .8| twice; .3: |0 - .3|; over four answered cases
    assert calibration_error(CURVE) == pytest.approx((0.1 + 2 * 0.3 + 0.3) / 4)
    assert calibration_error([]) is None
    assert calibration_error([(1.0, 1.0)]) == 0.0  # 1 falls into the last bin


QUESTION = "How much was pledged for the bridge?"


@pytest.mark.parametrize(
    ("statement", "quotes", "recall", "precision"),
    [
        ("USD 40 million", ["The council pledged $40m for it."], 1.0, 1.0),
        ("USD 40 million", ["The council pledged $40bn for it."], 0.0, 0.0),
        ("USD 40 million", [], 0.0, None),
        # the second quote says nothing of it, and the first does without it
        ("USD 40 million", ["It pledged $40m.", "Work begins soon."], 1.0, 0.5),
        # each alone is not enough, together they are
        (
            "The mayor pledged 40 million in Hask",
            ["The mayor spoke in Hask.", "40 million was the sum."],
            1.0,
            1.0,
        ),
        ("Elena Voss", ["The minister, Elena Voss, resigned."], 1.0, 1.0),
        ("Elena Voss", ["The minister resigned."], 0.0, 0.0),
    ],
)
def test_citations_are_scored_as_in_alce(
    statement: str, quotes: list[str], recall: float, precision: float | None
) -> None:
    assert citation_recall(statement, quotes, QUESTION) == recall
    assert citation_precision(statement, quotes, QUESTION) == precision


def test_a_bare_yes_can_neither_be_supported_nor_not() -> None:
    assert supports(["The bridge stands."], "Yes", "Was the bridge built?") is None
    assert citation_precision("Yes", ["The bridge stands."], "Was the bridge built?") is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Elon Musk", 1.0),
        ("Musk", 1.0),
        ("Kanye West", 0.0),
        ("nobody", 0.0),
        ("Musk or West", 0.0),  # equally near to two
        (None, 0.0),
    ],
)
def test_the_nearest_choice_is_the_one_that_was_meant(answer: str | None, expected: float) -> None:
    assert (
        choice_right(answer, ["Elon Musk"], ["Kanye West", "Elon Musk", "Pete Davidson"])
        == expected
    )
    assert choice_right(answer, ["Elon Musk"], []) is None


PAIRS = [
    json.loads(line)
    for line in (Path(__file__).parent / "figure_pairs.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair['answer']} / {pair['expected']}")
def test_figures_match_by_value_and_unit(pair: dict[str, Any]) -> None:
    """``missed`` pairs are the same to a reader, but not recognised yet: one that is mended must lose its mark."""
    match = figure_match(pair["answer"], [pair["expected"]])
    found = match is not None and match.same
    assert found == (pair["same"] and not pair.get("missed")), pair["why"]
    if match is not None and match.same:
        assert match.approximate == pair["approximate"], pair["why"]


def test_the_labelled_pairs_are_many_and_half_of_them_are_traps() -> None:
    same = [pair for pair in PAIRS if pair["same"]]
    assert len(PAIRS) >= 150
    assert len(same) * 2 <= len(PAIRS)
    assert sum(bool(pair.get("missed")) for pair in same) <= 0.2 * len(same)


def test_an_answer_that_is_no_figure_is_not_compared_as_one() -> None:
    for right in ("Boeing 737", "Elena Voss", "the M25 motorway near Hask", ""):
        assert figure_match("737", [right]) is None
