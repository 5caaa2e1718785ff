"""Checks of the server that need no server."""

import pytest

from qa.archive.postgres.search import count_waited_for


@pytest.mark.parametrize(
    ("names", "standbys"),
    [
        ("", 0),
        ("*", 1),
        ("s1, s2", 1),
        ("FIRST 2 (*)", 2),
        ("any 3 (a, b, c)", 3),
        ("2 (s1, s2)", 2),
        ("first", 1),
    ],
)
def test_how_many_standbys_a_write_waits_for(names: str, standbys: int) -> None:
    assert count_waited_for(names) == standbys
