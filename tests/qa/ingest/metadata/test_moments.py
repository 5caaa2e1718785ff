"""Dates as pages write them."""

import pytest

from qa.ingest.metadata.moments import parse_moment, precision, seconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-03-04T08:00:00Z", "2024-03-04T08:00:00+00:00"),
        ("2024-03-04T08:00:00+0130", "2024-03-04T08:00:00+01:30"),
        ("2024-03-04T08:00:00.1234567Z", "2024-03-04T08:00:00+00:00"),
        ("2024-03-04T08:00:00 +01:00", "2024-03-04T08:00:00+01:00"),
        ("2024-03-04T08:00:00+01:00[Europe/Berlin]", "2024-03-04T08:00:00+01:00"),
        ("2024-03-04 08:00:00", "2024-03-04T08:00:00"),
        ("2024-3-4 8:05", "2024-03-04T08:05:00"),
        ("2024/03/04", "2024-03-04"),
        ("Mon, 04 Mar 2024 08:00:00 GMT", "2024-03-04T08:00:00+00:00"),
        ("Mon Mar 04 2024 08:00:00 GMT+0100 (CET)", "2024-03-04T08:00:00+01:00"),
        ("Mon Mar 04 08:00:00 EST 2024", "2024-03-04T08:00:00-05:00"),
        ("March 4, 2024 8:00 a.m. EST", "2024-03-04T08:00:00-05:00"),
        ("July 4, 2024 12:30 a.m. ET", "2024-07-04T00:30:00-04:00"),
        ("4 mars 2024", "2024-03-04"),
        ("1709539200", "2024-03-04T08:00:00+00:00"),
        ("1709539200000", "2024-03-04T08:00:00+00:00"),
        (1709539200000, "2024-03-04T08:00:00+00:00"),
        ("04/03/2024", None),  # 4 March or 3 April
        ("0001-01-01T00:00:00Z", None),  # a filler
        ("2024-02-30", None),
        ("99999-99-99", None),
        ("Thursday", None),
        ("", None),
        ("9" * 5000, None),
        (1e300, None),
        (True, None),
        (None, None),
        (["2024-03-04"], None),
    ],
)
def test_a_moment_is_read_as_precisely_as_it_is_stated(value: object, expected: str | None) -> None:
    assert parse_moment(value) == expected


def test_precision_and_order_of_moments() -> None:
    moments = ["2024-03-04", "2024-03-04T08:00:00", "2024-03-04T08:00:00+01:00"]
    assert [precision(moment) for moment in moments] == [0, 1, 2]
    # Without a zone UTC is meant, an hour after the same time at +01:00.
    assert seconds(moments[1]) - seconds(moments[2]) == 3600
