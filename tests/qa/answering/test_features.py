"""What speaks for a candidate answer, worked out by hand, number by number."""

import math
from typing import Any

import pytest

from qa.answering.features import SpanFeatures, counts_asked, describe
from qa.answering.proposals import Proposal
from qa.answering.reader import Reading
from qa.answering.sentence import Sentence, Span, locate
from qa.language.words import tokens
from qa.question import Question
from tests.support.evidence import sentence
from tests.support.fakes import ScriptedReader

WHO = Question.parse("Who left the council?")


def features(question: Question, evidence: list[Sentence], text: str, **match: Any) -> SpanFeatures:
    """The features of the first span with this text."""
    span = locate(text, evidence)
    assert span is not None
    proposal = Proposal(span, match.get("kind_match", 1.0))
    ((_, found),) = describe(question, evidence, [proposal])
    return found


def place(text: str, part: str) -> tuple[int, int]:
    start = text.index(part)
    return start, start + len(part)


@pytest.mark.parametrize(
    ("text", "span", "share"),
    [
        ("It held 210 Kordovan soldiers.", "210", 1.0),
        ("It held 210 of their tired soldiers.", "210", 0.0),  # the fourth word behind
        ("It held 210 soldiers.", "210", 0.5),
        ("It held 210 soldiers.", "210 soldiers", 0.5),
        ("Kordovan soldiers held 210.", "210", 0.0),  # before it
    ],
)
def test_a_number_of_the_thing_asked_for_has_its_words_inside_or_right_behind(
    text: str, span: str, share: float
) -> None:
    asked = frozenset({"kordovan", "soldier"})
    assert counts_asked(tokens(text), *place(text, span), asked) == share


def test_without_words_asked_for_no_number_has_them() -> None:
    assert counts_asked(tokens("210 men"), 0, 3, frozenset()) == 0.0


def test_the_kind_match_is_that_of_the_proposal() -> None:
    found = [sentence(1, "Elena Voss left.")]
    assert features(WHO, found, "Elena Voss", kind_match=0.3).kind_match == 0.3


def test_repeats_counts_other_sentences_with_the_same_words_up_to_three() -> None:
    texts = ["Elena Voss left.", "It was Elena Voss.", "Elena Vossberg stayed."]
    found = [sentence(n, text) for n, text in enumerate(texts, start=1)]
    assert features(WHO, found, "Elena Voss").repeats == pytest.approx(1 / 3)
    many = [sentence(n, "Elena Voss left.") for n in range(1, 7)]
    assert features(WHO, many, "Elena Voss").repeats == 1.0


def test_context_and_names_look_at_passage_title_and_year() -> None:
    question = Question.parse("Who left the council of Kordova in 2024?")
    item = sentence(1, "Elena Voss left.", title="Kordova", published_at="2024-03-04")
    found = features(question, [item], "Elena Voss")
    assert found.named == 1.0
    # left, Kordova and 2024 are there, the council is not; in one sentence a word present weighs
    # log(1 + 1/1), a word absent log(1 + 1/0.5). The title and year are outside the sentence.
    present, absent = math.log(2), math.log(3)
    assert found.context == pytest.approx((present + 2 * absent) / (present + 3 * absent))
    other = sentence(1, "Elena Voss left.", title="Kordova", published_at="2023-03-04")
    assert features(question, [other], "Elena Voss").named == 0.5
    assert features(WHO, [other], "Elena Voss").named == 1.0  # without names nothing is missed


def test_echoes_is_the_share_of_the_spans_words_that_the_question_has() -> None:
    found = [sentence(1, "The council chair left.")]
    assert features(WHO, found, "council chair").echoes == 0.5


def test_read_is_the_readers_log_odds_and_nothing_without_a_reader() -> None:
    item = sentence(1, "Elena Voss left.")
    assert features(WHO, [item], "Elena Voss").read == 0.0
    (reading,) = ScriptedReader({"Elena Voss": 2.5}).read(WHO.text, [item.hit])
    assert features(WHO, [_read(item, reading)], "Elena Voss").read == pytest.approx(2.5)


def test_a_span_without_a_word_is_left_out() -> None:
    item = sentence(1, "Elena Voss left …")
    assert describe(WHO, [item], [Proposal(Span(item, item.end - 1, item.end), 1.0)]) == []


def _read(item: Sentence, reading: Reading) -> Sentence:
    return Sentence(item.n, item.hit, item.start, item.end, reading=reading)
