"""Content words, worked out by hand."""

import pytest

from eval.metrics.words import content_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The mayor was in Hask, and she spoke.", {"mayor", "hask", "spoke"}),
        ("pledges pledged pledging", {"pledg"}),
        ("Łódź, Ørsted", {"lodz", "orst"}),
        ("Erdoğan’s aides don't agree", {"erdogan", "aid", "dont", "agre"}),
        ("the G7, not the G20", {"g7", "g20"}),
        ("It was there before them.", set()),
        ("", set()),
    ],
)
def test_content_words_are_stems_without_function_words(text: str, words: set[str]) -> None:
    assert content_words(text) == words
