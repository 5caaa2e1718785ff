"""Whole sentences as answers, who speaks in them, and which say the same."""

import pytest

from qa.answering.extraction.telling import rank, repeats, speaker_of, tell
from qa.question import Question
from tests.support.evidence import read_closely, sentence

WHY = Question.parse("Why did the bridge close?")


def test_the_sentence_that_the_reader_finds_relevant_answers() -> None:
    found = [
        read_closely(1, "The bridge closed at noon.", relevance=-6.0),
        read_closely(2, "Rust in its cables forced the closure.", relevance=6.0),
    ]
    statements = tell(WHY, found)
    assert statements[0].text == "Rust in its cables forced the closure."
    assert statements[0].cites == (2,)
    assert len(statements) == 1  # the other is not sure enough to stand beside it


def test_a_word_of_cause_counts_where_a_cause_is_asked_for() -> None:
    because = read_closely(1, "It closed because of rust.")
    (told,) = rank(WHY, [because])
    assert told.features.cue == 1.0
    (told,) = rank(Question.parse("What happened at the bridge?"), [because])
    assert told.features.cue == 0.0


def test_the_clause_that_decides_is_marked() -> None:
    item = read_closely(
        1, "It closed at noon for rust in its cables.", marks={"rust in its cables": 5.0}
    )
    (statement,) = tell(WHY, [item])
    assert statement.span is not None
    assert statement.span.text == "rust in its cables"


@pytest.mark.parametrize("above", ["Friday, 8 March 2024", "2024-03-08", "By Ann B. Lee-Ward"])
def test_what_is_above_a_report_says_nothing(above: str) -> None:
    text = "The bridge closed on Friday, 8 March 2024."
    found = [
        read_closely(1, above, relevance=6.0),
        read_closely(2, text, relevance=4.0),
    ]
    assert [statement.text for statement in tell(WHY, found)] == [text]


def test_equally_sure_sentences_are_told_together_but_none_twice() -> None:
    texts = [
        "The bridge closed for rust in its cables.",
        "The bridge in Hask closed for rust in its cables.",
        "Engineers feared a storm on Friday.",
        "Divers found cracks under the water line.",
        "A second team counted fourteen broken wires.",
    ]
    found = [read_closely(n, text, relevance=4.0) for n, text in enumerate(texts, start=1)]
    told = [statement.text for statement in tell(WHY, found)]
    assert len(told) == 3  # at most
    assert not {texts[0], texts[1]} <= set(told)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“We will rebuild,” said Elena Voss, the mayor.", "Elena Voss"),
        ("Elena Voss said the bridge was safe.", "Elena Voss"),
        ("Elena Voss, the mayor of Hask, told reporters that it was safe.", "Elena Voss"),
        ("The bridge is safe, according to Piet Maas.", "Piet Maas"),
        ("“It is safe,” she said.", None),
        ("The bridge is safe.", None),
    ],
)
def test_the_speaker_is_who_the_sentence_names(text: str, speaker: str | None) -> None:
    assert speaker_of(text) == speaker


def test_sentences_with_nearly_the_same_words_repeat_each_other() -> None:
    one = sentence(1, "The flood killed 17 people in Hask.")
    assert repeats(one, sentence(2, "In Hask the flood killed 17 people on Monday."))
    assert not repeats(one, sentence(2, "The council of Hask met on Monday."))


def test_a_question_answers_nothing() -> None:
    asks = read_closely(1, "Why did the bridge close?", relevance=9.0)
    tells = read_closely(2, "Rust in its cables forced the closure.", relevance=2.0)
    assert [statement.cites for statement in tell(WHY, [asks, tells])] == [(2,)]


def test_what_somebody_else_says_is_not_what_is_asked() -> None:
    asked = Question.parse("What does Ida Brandt say about the bridge?", form="sentences")
    other = read_closely(1, "Piet Maas openly accused Brandt of closing the bridge.", relevance=9.0)
    own = read_closely(2, "Brandt said that the bridge was not safe.", relevance=8.0)
    assert [statement.cites for statement in tell(asked, [other, own])] == [(2,)]
    assert [statement.cites for statement in tell(asked, [other])] == [(1,)]  # better than nothing


def test_who_somebody_is_is_said_beside_the_name() -> None:
    asked = Question.parse("Who is Ida Roe?")
    told = [
        read_closely(1, "Piet Maas, a sailor, met Roe.", relevance=9.0),
        read_closely(2, "Roe's ship was the fastest of all.", relevance=9.0),
        read_closely(3, "Ida Roe, a lawyer from Hask, won the vote.", relevance=8.0),
    ]
    assert [statement.cites for statement in tell(asked, told)] == [(3,), (1,)]
    assert tell(asked, told[1:2]) == []


def test_what_something_is_is_found_in_its_own_spelling() -> None:
    told = [read_closely(1, "A tour of Hask."), read_closely(2, "The Hask Tour is a race.")]
    (statement,) = tell(Question.parse("What is the Hask Tour?"), told)
    assert statement.cites == (2,)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("What is Diphtheria?", "He said that diphtheria is a rare disease."),
        ("What is a drone?", "Drones are aircraft without a pilot."),
        ("Who was King Olaf II?", "King Olaf was the son of a smith."),
    ],
)
def test_what_is_to_be_explained_may_be_written_otherwise(question: str, text: str) -> None:
    assert [item.cites for item in tell(Question.parse(question), [read_closely(1, text)])] == [
        (1,)
    ]


def test_a_day_or_a_place_is_nobody_who_speaks() -> None:
    asked = Question.parse("What did Voss say about the bridge?", form="sentences")
    for text in (
        "The mayor said on Monday that it was safe.",
        "The mayor said Hask was proud of it.",
    ):
        own = read_closely(1, text, relevance=9.0)
        other = read_closely(2, "Voss said that it was old.", relevance=8.5)
        assert (1,) in [statement.cites for statement in tell(asked, [own, other])]
