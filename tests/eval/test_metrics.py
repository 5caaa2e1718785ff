"""Scores, against values worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics import (
    answer_in_passage,
    coverage_curve,
    exact_match,
    f1,
    hit_at_k,
    normalise,
    percentile,
    reciprocal_rank,
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
        ("", [""], 1.0),
        ("the", ["a"], 1.0),  # both normalise to nothing
        ("red", [], 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_over_shared_words(answer: str, right: list[str], expected: float) -> None:
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
def test_hit_at_k_counts_each_article_at_its_first_hit(relevant: list[str], k: int, expected: float | None) -> None:
    assert hit_at_k(RANKED, relevant, k) == expected


@pytest.mark.parametrize(
    ("relevant", "expected"),
    [(["x"], 1.0), (["a"], 1 / 2), (["b", "y"], 1 / 3), (["b"], 1 / 4), (["z"], 0.0), ([], None)],
)
def test_the_reciprocal_rank_is_of_the_first_relevant_article(relevant: list[str], expected: float | None) -> None:
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
def test_an_answer_is_in_a_passage_as_whole_words(answers: list[str], k: int, expected: float | None) -> None:
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
@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=50), st.sampled_from([0.25, 0.5, 0.75, 1.0]))
def test_a_percentile_is_the_smallest_value_that_the_share_does_not_exceed(values: list[int], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)
    assert sum(value < found for value in values) < share * len(values)


def test_the_coverage_curve_by_hand() -> None:
    # Sure and right, half sure and half right, unsure and wrong, and one without any answer.
    points = {point.threshold: point for point in coverage_curve([(0.9, 1.0), (0.5, 0.5), (0.1, 0.0), (-1.0, 0.0)])}
    assert (points[0.0].coverage, points[0.0].accuracy) == (0.75, 0.5)
    assert (points[0.5].coverage, points[0.5].accuracy) == (0.5, 0.75)
    assert (points[0.9].coverage, points[0.9].accuracy) == (0.25, 1.0)
    assert (points[0.95].coverage, points[0.95].accuracy) == (0.0, None)
