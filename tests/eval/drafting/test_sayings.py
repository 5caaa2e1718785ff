"""What somebody said, as a question; no question where the sentence leans on others."""

import pytest

from eval.drafting.sayings import saying


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        (
            "Mayor Ada Lind said on Monday that the Hask flood wall will be finished by June.",
            "What did Ada Lind say about the Hask flood wall?",
        ),
        (
            "“Inflation in Norway remains too high,” said Boris Falk, an economist.",
            "What did Boris Falk say about inflation in Norway?",
        ),
        (
            "ELMOUTH (AP) - Ada Lind said Elmouth Harbour has lost it.",
            "What did Ada Lind say about Elmouth Harbour?",
        ),
        ("Ada Lind said she would not run.", None),
        (
            "“The price of bread has doubled,” said Ada Lind.",
            "What did Ada Lind say about the price of bread?",
        ),
        ("Ada Lind said the law is bad.", None),
        # Too broad, or only clear beside the report.
        ("Ada Lind said Elmouth has lost it.", None),
        ("Ada Lind said the new flood wall is done.", None),
        ("Ada Lind said the end of the strike is near.", None),
        ("Ada Lind said most of Elmouth is dry.", None),
        ("Ada Lind said the Hask school initially refused.", None),
        ("“I'm thrilled and blessed in Hask,” said Ada Lind.", None),
        ("Ada Lind said last year that Elmouth Harbour is closed.", None),
        # Parts of names, and names of something else than the speaker.
        ("Maria Lind Falk said the Hask bridge is done.", None),
        ("The Hask Human Rights Committee said Elmouth Harbour is closed.", None),
        ("After Lind said the Hask bridge is done, all left.", None),
        ("“The Hask bridge is done,” Elmouth Post editor Ada Lind wrote.", None),
        ("“The Hask bridge is done,” Elmouth's Lind said.", None),
        ("“The Hask bridge is done,” Council President Ada Lind said.", None),
        (
            "Senator Ada Lind said the Hask bridge is done.",
            "What did Ada Lind say about the Hask bridge?",
        ),
        (
            "“The Hask bridge is done,” Judge Ada B. Lind said.",
            "What did Judge Ada B. Lind say about the Hask bridge?",
        ),
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
