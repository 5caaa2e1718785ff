"""Whether there was any: decided by the newest sentence that says so."""

import pytest

from qa.answering.extraction.existence import by_existence
from qa.question import Question
from tests.support.evidence import sentence

HURT = "Was anyone hurt in the eruption of Hask?"


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        (HURT, "No injuries were reported after the eruption of Hask.", False),
        (HURT, "After the eruption in Hask there were no reports of deaths or injuries.", False),
        (HURT, "Nobody was hurt in the eruption of Hask.", False),
        (HURT, "Three people were hurt in the eruption of Hask.", True),
        (HURT, "No serious injuries were reported after the eruption of Hask.", None),
        (HURT, "It is not known whether anyone was hurt in the eruption of Hask.", None),
        (HURT, "Some feared that people were hurt in the eruption of Hask.", None),
        (HURT, "No damage was reported after the eruption of Hask.", None),
        (HURT, "No injuries were reported after a fire in Brast.", None),
        (
            "Were there any survivors of the crash in Hask?",
            "The crash in Hask left no survivors.",
            False,
        ),
        (HURT, "No one was hurt in the eruption of Hask.", False),
        (HURT, "Two people escaped without injury from the eruption of Hask.", None),
        ("Was there a tsunami in Hask?", "No tsunami warning was issued in Hask.", None),
        ("Is there a cure for hay fever?", "He wants to find a cure for hay fever.", None),
        ("Is there a truce in Hask?", "The council called for a truce in Hask.", None),
        ("Was Roe hurt in the eruption of Hask?", "Nobody was hurt in the eruption of Hask.", None),
        ("Was anyone hurt?", "Nobody was hurt in the eruption of Hask.", None),  # in which event
    ],
)
def test_a_sentence_says_whether_there_was_any(
    question: str, text: str, expected: bool | None
) -> None:
    decided = by_existence(Question.parse(question), [sentence(1, text)])
    assert (decided.value if decided else None) == expected


def test_the_newest_report_decides() -> None:
    early = sentence(
        1, "Nobody was hurt in the eruption of Hask.", published_at="2024-03-04T10:00:00+00:00"
    )
    late = sentence(
        2, "Two people were hurt in the eruption of Hask.", published_at="2024-03-05T10:00:00+00:00"
    )
    decided = by_existence(Question.parse(HURT), [early, late])
    assert decided is not None
    assert (decided.value, decided.sentence.n) == (True, 2)


def test_a_title_names_the_event() -> None:
    item = sentence(1, "No injuries were reported.", title="Eruption of Hask shuts airport")
    decided = by_existence(Question.parse(HURT), [item])
    assert decided is not None
    assert (decided.value, decided.confidence) == (False, 1.0)
