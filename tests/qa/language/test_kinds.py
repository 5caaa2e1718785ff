"""What a question asks for, read off its words."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.language.kinds import asked_words, kind_of, names_in
from qa.types import AnswerKind

QUESTIONS: list[tuple[str, AnswerKind]] = [
    ("How much aid did the island ask for?", "money"),
    ("How much money was stolen from the museum?", "money"),
    ("How much did the new ferry cost?", "money"),
    ("What was the price of a ticket?", "money"),
    ("What is the cost of the bridge?", "money"),
    ("For how much was the painting sold?", "money"),
    ("Which fine did the bank pay?", "money"),
    ("What percentage of voters stayed at home?", "percent"),
    ("By how many percent did rents rise?", "percent"),
    ("What share of farms use the pump?", "percent"),
    ("What was the unemployment rate in May?", "percent"),
    ("How effective is the new vaccine?", "percent"),
    ("How long did the strike last?", "duration"),
    ("For how long was the tunnel closed?", "duration"),
    ("How many years did the trial take?", "duration"),
    ("How many days was the ferry stuck?", "duration"),
    ("How many sheep were stolen?", "number"),
    ("In May, how many people came to the fair?", "number"),
    ("How tall is the new lighthouse?", "number"),
    ("What was the death toll of the flood?", "number"),
    ("What is the population of the island?", "number"),
    ("When did the harbour freeze?", "date"),
    ("In which year was the school founded?", "date"),
    ("On what date does the fair open?", "date"),
    ("Since when has the mine been shut?", "date"),
    ("How long ago was the bridge built?", "date"),
    ("Who won the regatta?", "person"),
    ("Whose boat sank?", "person"),
    ("By whom was the letter signed?", "person"),
    ("What is the name of the minister who resigned?", "person"),
    ("Where did the balloon land?", "place"),
    ("Which country banned the toy?", "place"),
    ("In what city was the treaty signed?", "place"),
    ("A volcano erupted on which island?", "place"),
    ("Which company built the ferry?", "organisation"),
    ("What airline cancelled its flights?", "organisation"),
    ("By which newspaper was the story broken?", "organisation"),
    ("Did the mayor resign?", "boolean"),
    ("Is the tunnel open?", "boolean"),
    ("Weren’t the ferries cancelled?", "boolean"),
    ("Has the strike ended?", "boolean"),
    ("After the vote in March, did the mayor resign?", "boolean"),
    ("Between May and June, was there any change in the price of bread?", "boolean"),
    ("Who, did the paper say, was there?", "person"),
    ("Was the ship Danish or Swedish?", "text"),
    ("Why did the ferry sink?", "text"),
    ("What did the minister promise?", "text"),
    ("Which animal escaped from the zoo?", "text"),
    ("Tell me about the storm.", "text"),
    ("According to the mayor, who will pay?", "person"),
    ("“How many ships sank?”", "number"),
    ("  when did it open", "date"),
    ("HOW MANY SHEEP WERE STOLEN", "number"),
]


@pytest.mark.parametrize(("question", "kind"), QUESTIONS)
def test_a_question_asks_for_the_kind_of_answer_that_its_words_name(
    question: str, kind: AnswerKind
) -> None:
    assert kind_of(question) == kind


def test_the_table_is_large_and_knows_every_kind() -> None:
    assert len({question for question, _ in QUESTIONS}) >= 40
    assert {kind for _, kind in QUESTIONS} == set(get_args(AnswerKind))


@settings(deadline=None)
@given(st.text())
def test_any_text_has_a_kind_and_asked_words(text: str) -> None:
    assert kind_of(text) in get_args(AnswerKind)
    assert all(word == word.lower() and word for word in asked_words(text))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How many Russian soldiers are near the border?", ["russian", "soldiers"]),
        ("How many sheep were stolen?", ["sheep"]),
        ("Which animal has escaped from the zoo?", ["animal"]),
        ("What colour is the new bus?", ["colour"]),
        ("How much rain did the island get?", ["rain"]),
        ("How many people were there?", []),
        ("What year was it?", []),
        ("What is it?", []),
        ("Who won?", []),
        ("", []),
    ],
)
def test_asked_words_name_what_is_asked_for(question: str, words: list[str]) -> None:
    assert asked_words(question) == words


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("How much aid did Germany announce?", {"germani"}),
        ("Who won the 2022 Harrow Cup final?", {"2022", "harrow", "cup"}),
        (
            "Which airline flies to Hask? Norwind's rivals",
            {"hask"},
        ),  # a sentence's first word may be any word
        ("In May, how many ships sank off Kiel?", {"kiel"}),
        ("how many people died?", set()),
        ("", set()),
    ],
)
def test_names_are_what_tells_an_article_from_one_that_looks_like_it(
    question: str, names: set[str]
) -> None:
    assert names_in(question) == names
