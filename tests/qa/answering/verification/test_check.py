"""What a lying model gets through, kind by kind; and what a truthful one keeps.

Every kind of lie is told about every ``EVERY``-th sentence of the sample corpus; `make test-slow`
tells it about all of them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from eval.stress.lies import KINDS, STITCHED, Teller
from qa.answering.verification import Verified, verify
from qa.models.base import Statement
from qa.question import Question
from tests.support.evidence import sentence
from tests.support.lies import paraphrase_subject, told

EVERY = 16
PARAPHRASES = Path(__file__).with_name("paraphrases.jsonl")


def _through(kind: str, teller: Teller, every: int) -> tuple[list[str], int]:
    """The lies that verification lets pass, and how many were told."""
    passed, count = [], 0
    cites = STITCHED.get(kind, (1,))
    for subject, statement, lie in told(teller, cites, every):
        count += 1
        found = verify(statement, subject.question, subject.evidence)
        if isinstance(found, Verified) and lie in found.text:
            passed.append(found.text)
    return passed, count


def _shares(kinds: Mapping[str, Teller], every: int) -> dict[str, tuple[list[str], int]]:
    return {kind: _through(kind, teller, every) for kind, teller in kinds.items()}


@pytest.mark.parametrize("group", ["figures", "names", "claims"])
def test_there_are_many_kinds_of_lies(group: str) -> None:
    assert len(KINDS[group]) >= 10


def test_no_invented_figure_date_unit_or_currency_passes() -> None:
    for kind, (passed, _) in _shares(KINDS["figures"], EVERY).items():
        assert passed == [], kind


def test_no_invented_name_place_speaker_or_quotation_passes() -> None:
    for kind, (passed, _) in _shares(KINDS["names"], EVERY).items():
        assert passed == [], kind


def test_hardly_a_negation_cause_crime_address_or_stitched_half_passes() -> None:
    for kind, (passed, count) in _shares(KINDS["claims"], EVERY).items():
        assert len(passed) <= max(1, 0.05 * count), (kind, passed)


def test_faithful_copies_are_kept() -> None:
    for kind, teller in KINDS["copies"].items():
        kept = [
            isinstance(verify(statement, subject.question, subject.evidence), Verified)
            for subject, statement, _ in told(teller, every=EVERY)
        ]
        assert sum(kept) >= 0.95 * len(kept), kind


def test_faithful_paraphrases_are_kept() -> None:
    rows = [json.loads(line) for line in PARAPHRASES.read_text("utf-8").splitlines()]
    lost = []
    for row in rows:
        subject = paraphrase_subject(row["article"], row["sentence"], row["question"])
        statement = Statement(row["paraphrase"], (1,))
        if not isinstance(verify(statement, subject.question, subject.evidence), Verified):
            lost.append(row["paraphrase"])
    assert len(rows) >= 60
    assert len(lost) <= 0.2 * len(rows), lost


@pytest.mark.parametrize(
    ("given", "statement", "kept"),
    [
        ("Nobody was hurt on Monday.", "Nobody was not hurt on Monday.", False),
        ("The harvest had failed.", "The harvest had not failed.", False),
        ("Nkemelu won the Aldermere Prize.", "Aldermere Prize won the Nkemelu.", False),
        ("Visits by Biden to Kyiv were planned.", "Visits by Kyiv to Biden were planned.", False),
        ("It rained on 5 May 2021.", "It rained on May 5, 2021.", True),
        ("On Monday Biden flew to Kyiv.", "Biden flew to Kyiv on Monday.", True),
    ],
)
def test_a_copy_with_a_negation_more_or_with_names_that_changed_places_is_none(
    given: str, statement: str, kept: bool
) -> None:
    evidence = [sentence(1, given)]
    found = verify(Statement(statement, (1,)), Question.parse("What happened?"), evidence)
    assert isinstance(found, Verified) is kept


@pytest.mark.slow
def test_the_same_of_all_sentences() -> None:
    for group, most in (("figures", 0.0), ("names", 0.02), ("claims", 0.05)):
        for kind, (passed, count) in _shares(KINDS[group], 1).items():
            assert len(passed) <= most * count, (kind, passed)
