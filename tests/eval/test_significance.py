"""Intervals and tests, against values worked out by hand and against exhaustive counting."""

from itertools import product
from random import Random

import numpy as np
import pytest

from eval.significance import Mean, clusters, holm, interval_of, mean_interval, mean_of, paired


def test_cases_that_share_an_article_are_one_cluster_also_through_others() -> None:
    found = clusters([["a"], ["b"], ["a", "c"], [], ["c"], [], ["b"]])
    assert found[0] == found[2] == found[4]
    assert found[1] == found[6]
    assert len({found[0], found[1], found[3], found[5]}) == 4


def test_the_interval_of_a_mean_is_that_of_theory_where_cases_are_independent() -> None:
    random = np.random.default_rng(1)
    values = list(random.normal(0.5, 0.2, 400))
    interval = mean_interval(values, range(400))
    assert interval is not None
    half = 1.96 * np.std(values) / 20  # 1.96 standard errors
    assert interval.low == pytest.approx(np.mean(values) - half, abs=0.003)
    assert interval.high == pytest.approx(np.mean(values) + half, abs=0.003)


def test_a_mean_is_stored_with_its_count_and_interval() -> None:
    found = mean_of([0.0, 1.0, 1.0], [0, 1, 2])
    assert found.interval is not None
    low, high = found.interval
    assert found.as_json() == {"mean": pytest.approx(2 / 3), "n": 3, "low": low, "high": high}
    of_one = mean_of([1.0], [0])  # one cluster says nothing of how they vary
    assert of_one.as_json() == {"mean": 1.0, "n": 1, "low": None, "high": None}
    assert mean_of([], []) == Mean(None, 0)


def test_cases_that_go_together_widen_the_interval() -> None:
    """Ten articles with twenty equal cases each know as much as ten cases."""
    random = Random(2)
    of_article = [random.random() for _ in range(10)]
    values = [value for value in of_article for _ in range(20)]
    together = mean_interval(values, [number // 20 for number in range(200)])
    apart = mean_interval(values, range(200))
    alone = mean_interval(of_article, range(10))
    assert together is not None
    assert apart is not None
    assert together == pytest.approx(alone)
    assert (together.high - together.low) == pytest.approx(
        (apart.high - apart.low) * 20**0.5, rel=0.15
    )


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    random = np.random.default_rng(5)
    held = 0
    for _ in range(200):
        values = list((random.random(80) < 0.6).astype(float))
        interval = mean_interval(values, range(80))
        assert interval is not None
        held += interval.low <= 0.6 <= interval.high
    assert 0.9 <= held / 200 <= 0.99


def test_one_cluster_has_no_interval() -> None:
    assert mean_interval([0.1, 0.9], [0, 0]) is None
    assert mean_interval([], []) is None
    assert interval_of(lambda drawn: float(len(drawn)), [0, 0]) is None


def test_any_statistic_has_an_interval_of_whole_clusters() -> None:
    values = [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]
    found = interval_of(lambda drawn: sum(values[i] for i in drawn) / len(drawn), range(6))
    mean = mean_interval(values, range(6))
    assert found is not None
    assert mean is not None
    assert found == pytest.approx(mean, abs=0.1)
    assert interval_of(lambda _: None, range(6)) is None


def test_the_paired_test_agrees_with_counting_every_flip() -> None:
    first = [0.2, 0.5, 0.1, 0.9, 0.4, 0.3, 0.6, 0.2]
    second = [0.4, 0.7, 0.1, 0.8, 0.9, 0.5, 0.9, 0.6]
    differences = np.array(second) - np.array(first)
    means = [abs(np.dot(signs, differences)) for signs in product((-1, 1), repeat=8)]
    exact = sum(mean >= abs(differences.sum()) - 1e-12 for mean in means) / len(means)
    result = paired(first, second, range(8))
    assert result.p == pytest.approx(exact, abs=0.01)
    assert result.difference == pytest.approx(differences.mean())


def test_equal_runs_differ_by_chance_for_sure() -> None:
    result = paired([0.2, 0.7, 1.0], [0.2, 0.7, 1.0], range(3))
    assert (result.difference, result.p) == (0.0, 1.0)


def test_flips_are_of_clusters() -> None:
    """Eight cases of one article are one piece of news: its sign alone decides nothing."""
    assert paired([0.0] * 8, [1.0] * 8, [0] * 8).p == 1.0
    assert paired([0.0] * 8, [1.0] * 8, range(8)).p < 0.02


def test_false_alarms_are_as_rare_as_the_p_value_says() -> None:
    random = np.random.default_rng(6)
    alarms = sum(
        paired(list(random.random(30)), list(random.random(30)), range(30)).p < 0.05
        for _ in range(100)
    )
    assert alarms <= 12


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    # .01 * 3 = .03; .02 * 2 = .04; .03 * 1 = .03, not below what stands before it
    assert holm({"a": 0.02, "b": 0.01, "c": 0.03}) == pytest.approx(
        {"b": 0.03, "a": 0.04, "c": 0.04}
    )
    assert holm({"a": 0.9, "b": 0.8}) == pytest.approx({"a": 1.0, "b": 1.0})
