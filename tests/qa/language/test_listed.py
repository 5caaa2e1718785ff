"""Items in lines: the sentence that introduces them, and where each is."""

import pytest

from qa.language.listed import joined, lines
from qa.language.sentences import sentences


@pytest.mark.parametrize(
    ("text", "items"),
    [
        (
            "Meals are at these sites:\n\n- Ames School\n- the Fairgrounds;\n\nChess is off.",
            ["Ames School", "the Fairgrounds"],
        ),
        ("The demands:\n1. New fans\n2. A canteen\n\nIt rained.", ["New fans", "A canteen"]),
        (
            "The shortlist:\n\nSmall Hours, by Ann Okafor\nGlasshouse\n\nTwo are out.",
            ["Small Hours, by Ann Okafor", "Glasshouse"],
        ),
    ],
)
def test_lines_belong_to_the_sentence_that_introduces_them(text: str, items: list[str]) -> None:
    spans = joined(text, sentences(text))
    assert "".join(text[start:end] for start, end in spans) == text
    first = text[slice(*spans[0])]
    assert [first[start:end] for start, end in lines(first)] == items
    assert len(spans) == 2


def test_a_colon_before_a_paragraph_introduces_no_list() -> None:
    text = "He said:\n\nThe harbour will be closed for a week.\n\nThe tugs are at sea."
    spans = joined(text, sentences(text))
    assert spans == sentences(text)
    assert [lines(text[start:end]) for start, end in spans] == [[], [], []]
