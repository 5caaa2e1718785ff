"""Agreement of two readers, worked out by hand."""

import pytest

from eval.agreement import agreement


def test_agreement_is_corrected_for_chance() -> None:
    """Of 10: both yes 4, both no 3, yes/no 2, no/yes 1. Raw .7.

    kappa: e = .6 * .5 + .4 * .5 = .5, (.7 - .5) / .5 = .4. AC1: yes is used .55 of the time,
    e = 2 * .55 * .45 / 1 = .495, (.7 - .495) / .505 = .4059.
    """
    first = ["yes"] * 4 + ["no"] * 3 + ["yes"] * 2 + ["no"]
    second = ["yes"] * 4 + ["no"] * 3 + ["no"] * 2 + ["yes"]
    found = agreement(first, second, ["yes", "no"])
    assert found.n == 10
    assert found.raw == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.ac1 == pytest.approx(0.205 / 0.505)


def test_kappa_is_unknown_where_both_only_use_one_label() -> None:
    found = agreement(["yes"] * 5, ["yes"] * 5, ["yes", "no"])
    assert found == (5, 1.0, None, 1.0)


def test_rare_labels_lower_kappa_and_not_ac1() -> None:
    first = ["yes"] * 98 + ["no", "yes"]
    second = ["yes"] * 98 + ["yes", "no"]
    found = agreement(first, second, ["yes", "no"])
    assert found.raw == 0.98
    assert found.kappa is not None
    assert found.kappa < 0
    assert found.ac1 > 0.97
