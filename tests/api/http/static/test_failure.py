"""Errors on the page say what to do, and offer "Ask again" only where that may help."""

from typing import Any

import pytest

from tests.support.browser import RELIEF, ask, served

QUEUE_FULL = {"type": "urn:dateline:queue-full", "detail": "3 questions are waiting already"}
MISMATCH = {"type": "urn:dateline:embedder-mismatch", "detail": "the archive needs a reindex"}


@pytest.mark.parametrize(
    ("status", "headers", "problem", "advice", "again"),
    [
        (503, {"retry-after": "8"}, QUEUE_FULL, "Many people are asking at this moment.", True),
        (503, {}, MISMATCH, "Asking again will not help", False),
        (429, {"retry-after": "30"}, {"detail": "slow down"}, "", True),
        (429, {"retry-after": "30000"}, {"detail": "no questions left today"}, "", False),
        (400, {}, {"detail": "the question has 6,399 characters"}, "Change the question", False),
        (403, {}, {"detail": "this key may not ask"}, "a key that may ask", False),
    ],
)
def test_a_problem_comes_with_advice(
    page: Any, status: int, headers: dict[str, str], problem: Any, advice: str, again: bool
) -> None:
    served(page, "/v1/ask", status=status, headers=headers, json=problem)
    ask(page, RELIEF)
    said = page.inner_text(".failure")
    assert problem["detail"][1:] in said
    assert advice in said
    assert page.locator(".failure button").count() == again


def test_a_long_wait_is_said_in_words(page: Any) -> None:
    served(
        page, "/v1/ask", status=429, headers={"retry-after": "36000"}, json={"detail": "used up"}
    )
    ask(page, RELIEF)
    assert page.inner_text(".failure p") == "Used up. Try again in 10 hours."
