"""Summaries of a run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.summary import percentile


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        # 15 20 35 40 50: 5 % of five is .25, so the first; 30 % is 1.5, so the second; 40 % is 2,
        # the second;
        # 50 % is 2.5, the third; 100 % the fifth. (The example of nearest rank in every textbook.)
        (0.05, 15.0),
        (0.30, 20.0),
        (0.40, 20.0),
        (0.50, 35.0),
        (1.0, 50.0),
        (0.0, 15.0),
    ],
)
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
