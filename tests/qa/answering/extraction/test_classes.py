"""What a question wants a list of, and whether an item is one."""

import pytest

from qa.answering.extraction.classes import AskedClass
from qa.language.enumerations import enumerations


@pytest.mark.parametrize(
    ("question", "noun"),
    [
        ("Which countries sent ships?", "country"),
        ("Which African countries had hosted the cup before?", "country"),
        ("In which low-lying counties did schools close?", "county"),
        ("What toxic substances turned up in the river?", "substance"),
        ("What are the demands of the strikers?", "demand"),
        ("Name the ships.", "ship"),
        ("What did the passengers eat?", ""),
        ("Who condemned the coup?", ""),
    ],
)
def test_the_class_is_what_the_question_names(question: str, noun: str) -> None:
    assert AskedClass.of(question).noun == noun


@pytest.mark.parametrize(
    ("question", "text", "fits"),
    [
        ("Which countries?", "It was Norway, Paris, Quenby and the weather.", [1, 0, None, 0]),
        ("Which cities?", "It was Denmark, Oslo and Quenby.", [0, 1, None]),
        ("Which substances were it?", "It was mercury, a nurse and lead.", [None, None, None]),
        ("Which chemicals were it?", "It was mercury, a nurse and glorfin.", [None, 0, None]),
        ("Which counties?", "It was Tolland County, Kent and France.", [1, 1, 0]),
        ("Which places?", "It was France, Kent and Oslo.", [None, None, None]),
        ("Who came?", "It was Ann Lee, the nurses and a storm.", [None, None, 0]),
    ],
)
def test_an_item_is_of_the_class_or_not_or_unknown(
    question: str, text: str, fits: list[int | None]
) -> None:
    (enumeration,) = enumerations(text)
    asked = AskedClass.of(question)
    found = [asked.fit(text, item) for item in enumeration.items]
    assert found == [None if fit is None else bool(fit) for fit in fits]
