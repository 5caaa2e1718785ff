"""Sentences that say that something is not known, and what it is."""

import pytest

from qa.language.kinds import kind_of
from qa.language.unknowns import is_left_open, leaves_open, subject_left_open


@pytest.mark.parametrize(
    "text",
    [
        "Investigators have not said how the fire started.",
        "How the mite reached the valley is a mystery.",
        "The cause is still being investigated.",
        "The hospital cannot yet say whether any records were lost.",
        "A visit was discussed, although neither side offered a date.",
        "The mayor refused to be drawn on the reasons.",
        "The minister resigned without giving a reason.",
        "It is too early to say who will pay.",
    ],
)
def test_a_sentence_leaves_something_open(text: str) -> None:
    assert is_left_open(text)


@pytest.mark.parametrize("text", ["The fire started in a heater.", "Nobody was hurt.", "No."])
def test_other_sentences_leave_nothing_open(text: str) -> None:
    assert not is_left_open(text)


@pytest.mark.parametrize(
    ("question", "text", "named"),
    [
        ("Who owns the yacht?", "Police have not said who owns it.", True),
        ("Who owns the yacht?", "The owner of the yacht has not been identified.", True),
        ("Who owns the yacht?", "Police have not said why it sank.", False),
        ("Who owns the yacht?", "That is not known.", None),
        ("Has oil leaked?", "The coastguard does not know whether oil has leaked.", True),
        ("Why did it sink?", "The cause is under investigation.", True),
        ("Why did it sink?", "It is not known who was on board.", False),
        # a noun says as much as the question word that it stands for
        ("Why were they held?", "Police did not provide the names of those held.", False),
        ("Why were they held?", "Police did not give the reasons.", True),
        ("How many were held?", "Police did not give a number.", None),
        ("What will happen to them?", "An unknown number of men remained there.", False),
        ("Did police name them?", "Police did not provide the names.", None),
        ("How did the fire start?", "Police do not know the cause.", True),
        ("What is the name of the boy?", "Police did not provide his name.", None),
        ("How many died?", "Police did not give the number or names.", None),
        ("What caused the blast?", "Investigators have not said what set it off.", True),
        ("How many people died?", "It is not clear how many people died.", True),
        ("How many people died?", "It is not clear how the fire started.", False),
        ("How many people died?", "The fire started in a heater.", False),
    ],
)
def test_what_is_not_known_is_what_is_asked(question: str, text: str, named: bool | None) -> None:
    assert leaves_open(text, question, kind_of(question), None) is named


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("While a guest list has not yet been announced, he will come.", "While a guest list"),
        ("The price of the deal was not disclosed.", "The price of the deal"),
        ("How the mite came is not known.", None),
        ("It is not known.", None),
        ("Police have not said so.", None),  # not what is open, but who leaves it open
        ("The mill burned down.", None),
    ],
)
def test_a_noun_may_be_what_is_open(text: str, subject: str | None) -> None:
    assert subject_left_open(text) == subject
