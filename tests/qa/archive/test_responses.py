"""Responses as they are stored: once, and as many as answers are."""

import pytest

from qa.archive.responses import StoredResponse, find_response, store_response
from qa.archive.store import Store
from qa.errors import NotFound


def test_a_response_is_found_until_newer_ones_take_its_place(store: Store) -> None:
    stored = [StoredResponse(f"resp_{n}", 1.5, "answer", "{}") for n in range(3)]
    for response in (*stored, stored[0]):
        store_response(store, response, 2)
    assert [find_response(store, f"resp_{n}") for n in (0, 2)] == [stored[0], stored[2]]
    with pytest.raises(NotFound, match="resp_1"):
        find_response(store, "resp_1")
