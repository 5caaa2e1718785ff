"""Parts of speech: by context, with places in the text."""

import pytest

from qa.language.tagger import tagged


@pytest.mark.parametrize(
    ("text", "word", "tag"),
    [
        ("She walks home.", "walks", "VERB|Fin"),
        ("The evening walks were long.", "walks", "NOUN"),
        ("They want to buy bread.", "buy", "VERB|Inf"),
        ("The bread was sold in May.", "sold", "VERB|Part"),
    ],
)
def test_a_word_is_tagged_in_its_sentence(text: str, word: str, tag: str) -> None:
    assert {item.text: item.tag for item in tagged(text)}[word] == tag


def test_words_have_their_places() -> None:
    text = "Joon-ho's A68 cost $4.6 million."
    assert [item.text for item in tagged(text)] == ["Joon-ho's", "A68", "cost", "4.6", "million"]
    assert all(text[item.start : item.end] == item.text for item in tagged(text))


def test_a_text_without_words_has_no_tags() -> None:
    assert tagged(" … ") == ()
