"""Scores of answers, against values worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.metrics.answers import choice_right, exact_match, f1, is_right, normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Harbour!", "harbour"),
        ("  a   ship, an  anchor ", "ship anchor"),
        ("U.S.", "us"),
        ("$3.5 million", "35 million"),  # SQuAD's own rule: punctuation goes, also inside numbers
        ("theatre and another", "theatre and another"),  # articles only as whole words
        ("", ""),
        ("the", ""),
        ("ÉCOLE", "école"),
    ],
)
def test_normalising_drops_case_punctuation_articles_and_spaces(text: str, expected: str) -> None:
    assert normalise(text) == expected


@settings(deadline=None)
@given(st.text())
def test_normalising_leaves_single_inner_spaces_only(text: str) -> None:
    assert normalise(text) == " ".join(normalise(text).split())


def test_an_exact_match_is_one_of_the_right_answers_normalised() -> None:
    assert exact_match("The Blue Harbour.", ["red harbour", "blue harbour"]) == 1.0
    assert exact_match("blue", ["blue harbour"]) == 0.0
    assert exact_match("", ["blue"]) == 0.0
    assert exact_match("blue", []) == 0.0


@pytest.mark.parametrize(
    ("answer", "right", "expected"),
    [
        ("blue harbour", ["blue harbour"], 1.0),
        # one word of two shared, one right: P 1/2, R 1/1, 2PR/(P+R) = 1 / 1.5
        ("blue harbour", ["harbour"], 2 / 3),
        # three said, four right, two shared: P 2/3, R 2/4; 2 * 1/3 / (7/6) = 4/7
        ("red old ship", ["old ship sank fast"], 4 / 7),
        # counted with multiplicity: "ship ship" shares one with "ship sank": P 1/2, R 1/2
        ("ship ship", ["ship sank"], 0.5),
        # "ship ship" and "ship ship sank": two shared of 2 and of 3: 4/5
        ("ship ship", ["ship ship sank"], 0.8),
        # the best over the right answers
        ("blue harbour", ["red", "harbour", "the blue harbour"], 1.0),
        ("blue", ["red"], 0.0),
        ("", ["red"], 0.0),
        ("", [""], 0.0),  # silence is no answer
        ("the", ["a"], 0.0),
        ("A", ["A"], 1.0),  # a vitamin: what would vanish with its articles keeps them
        ("", ["A"], 0.0),
        ("red", [], 0.0),
    ],
)
def test_f1_is_the_harmonic_mean_over_shared_words(
    answer: str, right: list[str], expected: float
) -> None:
    assert f1(answer, right) == pytest.approx(expected)


@settings(deadline=None)
@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_f1_lies_between_exact_match_and_one(answer: str, right: list[str]) -> None:
    assert exact_match(answer, right) <= f1(answer, right) <= 1


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Elon Musk", 1.0),
        ("Musk", 1.0),
        ("Kanye West", 0.0),
        ("nobody", 0.0),
        ("Musk or West", 0.0),  # equally near to two
        (None, 0.0),
    ],
)
def test_the_nearest_choice_is_the_one_that_was_meant(answer: str | None, expected: float) -> None:
    assert (
        choice_right(answer, ["Elon Musk"], ["Kanye West", "Elon Musk", "Pete Davidson"])
        == expected
    )
    assert choice_right(answer, ["Elon Musk"], []) is None


def test_an_answer_may_have_other_accents() -> None:
    assert is_right("Iga Świątek", ["Iga Swiatek"])
    assert is_right("Ronald Acuna", ["Ronald Acuña"])
    assert not is_right("Iga Świątek", ["Ons Jabeur"])
