"""Figures as the judge reads them, against values worked out by hand."""

from fractions import Fraction

import pytest

from eval.metrics.quantities import read, rewritten, same


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a quarter of a billion dollars", "250000000 dollars"),
        ("three and a half million", "3500000"),
        ("two hundred and five", "205"),
        ("1,23,45,678", "12345678"),
        ("1.234.567,8", "1234567.8"),
        ("1 250 000", "1250000"),
        ("5-10 million", "5000000-10000000"),
        ("two-thirds", "2/3"),
        ("the third", "the 3th"),
        ("30 seconds", "30 seconds"),
        ("twenty-third", "23th"),
        ("one in five", "1/5"),
        ("2 lakh crore", "2000000000000"),
        ("the M25 and the Boeing 737", "the M25 and the Boeing 737"),
        ("٢٣", "23"),
    ],
)
def test_numbers_are_rewritten_in_digits(text: str, expected: str) -> None:
    assert rewritten(text) == expected


@pytest.mark.parametrize(
    ("text", "kind", "value", "unit"),
    [
        ("$40m", "money", 40_000_000, "$"),
        ("75 cents", "money", Fraction(3, 4), "$"),
        ("$80 a barrel", "money", 80, "$/barrel"),
        ("0.5%", "share", Fraction(1, 200), ""),
        ("25 basis points", "points", Fraction(1, 4), ""),
        ("19 January 2022", "date", "2022-1-19", ""),
        ("in May 2021", "date", "2021-5-?", ""),
        ("19/01/2022", "date", "2022-1-19", ""),
        ("7 p.m.", "clock", 19 * 60, ""),
        ("12 am", "clock", 0, ""),
        ("an hour and a half", "duration", 5400, "s"),
        ("2 years and 6 months", "duration", 30, "mo"),
        ("3 decades", "duration", 360, "mo"),  # not the third of December
        ("5 miles", "measure", Fraction(804_672, 100), "m"),
        ("-5°C", "measure", -5, "celsius"),
        ("the 23rd", "ordinal", 23, ""),
        ("dozens", "vague", "dozens", ""),
        ("1998", "number", 1998, ""),
    ],
)
def test_each_kind_is_read_with_its_value_and_unit(
    text: str, kind: str, value: Fraction | str, unit: str
) -> None:
    (found,) = read(text)
    assert (found.kind, found.value, found.unit) == (kind, value, unit)


def test_a_range_has_both_ends_and_a_text_all_of_its_figures() -> None:
    (found,) = read("between $3m and $4m")
    assert [found.value, found.high] == [3_000_000, 4_000_000]
    assert [figure.value for figure in read("17, up from nine in 2019")] == [17, 9, 2019]


def test_a_number_alone_is_like_a_measure_of_which_the_unit_is_left_out() -> None:
    (bare,), (miles,), (kilometres,) = read("5"), read("5 miles"), read("5 km")
    assert same(bare, miles)
    assert same(bare, kilometres)
    assert not same(miles, kilometres)


def test_a_date_that_can_be_read_in_two_ways_is_like_either() -> None:
    (either,), (may,), (september,) = read("09/05/2021"), read("9 May 2021"), read("5 Sept 2021")
    assert same(either, may)
    assert same(either, september)
    assert not same(may, september)


def test_a_comma_behind_a_number_is_no_part_of_it() -> None:
    (crowd, town) = read("The crowd was between 40,000 and 60,000, in a town of 85,000.")
    assert [crowd.value, crowd.high, town.value] == [Fraction(40_000), Fraction(60_000), 85_000]


def test_an_endless_run_of_digits_is_not_a_figure() -> None:
    assert read(f"It cost {'9' * 5000} euros in 2019.") == read("It cost   euros in 2019.")
