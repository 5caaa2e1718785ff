"""What somebody said, as a question; no question where the sentence leans on others."""

import pytest

from eval.drafting.sayings import saying


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "Mayor Ada Lind said on Monday that the new flood wall will be finished by June.",
            "What did Ada Lind say about the new flood wall?",
        ),
        (
            "“Inflation in Norway remains too high,” said Boris Falk, an economist.",
            "What did Boris Falk say about inflation in Norway?",
        ),
        (
            "ELMOUTH (AP) - Ada Lind said Elmouth has lost it.",
            "What did Ada Lind say about Elmouth?",
        ),
        ("Ada Lind said she would not run.", None),
        ("Ada Lind said the law is bad.", None),
        ("Ada Lind said no to the plan.", None),
        ("The council said that the Hask bridge is closed.", None),
        ("“We are tired of the Hask bridge,” said Ada Lind.", None),
        ("“The data of Norway that was shown is bad,” said Ada Lind.", None),
        ("“Rates in Norway haven’t risen,” said Ada Lind.", None),
        ("“That kind of Norway is gone,” said Ada Lind.", None),
        ("", None),
    ],
)
def test_the_topic_is_the_subject_of_what_was_said(sentence: str, question: str | None) -> None:
    made = saying(sentence)
    assert (made.question if made else None) == question
