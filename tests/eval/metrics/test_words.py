"""Content words, worked out by hand."""

import pytest

from eval.metrics.words import content_words, is_about


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


@pytest.mark.parametrize(
    ("sentence", "about"),
    [
        ("Seven people were hurt.", True),  # two of people, hurt, accident, ferry
        ("Seven people left.", False),  # one of the four is less than a third
        ("It was there before them.", False),
    ],
)
def test_a_sentence_is_about_a_question_by_a_third_of_its_words(sentence: str, about: bool) -> None:
    asked = content_words("Which people were hurt in the accident of the ferry?")
    assert is_about(content_words(sentence), asked) is about
    assert not is_about(content_words(sentence), set())
