"""Questions that a sentence answers: the ones that a person would ask, and no others."""

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from qa.language.suggesting import proposals

SHEET = [
    json.loads(line)
    for line in Path(__file__)
    .with_name("questions_suggested.jsonl")
    .read_text("utf-8")
    .splitlines()
]


@pytest.mark.parametrize("row", SHEET, ids=lambda row: row["sentence"][:40])
def test_the_sheet_of_sentences(row: dict[str, Any]) -> None:
    found = {made.question: made.answer for made in proposals(row["sentence"], "2024-05-06")}
    assert found == row["questions"]


def test_a_dateline_before_the_sentence_is_no_part_of_it() -> None:
    for dateline in ("BRAST (Reuters)", "BRAST, March 4 (Coast Press)", "BRAST, Oct. 14", "BRAST"):
        (made,) = proposals(f"{dateline} - Mayor Ada Lind opened the Hask bridge.")
        assert made.question == "Who opened the Hask bridge?", dateline
    (made,) = proposals("BRAST, May 6 (Coast Press) - Six miners were lifted out of the Hask pit.")
    assert made.question == "How many miners were lifted out of the Hask pit?"


@pytest.mark.parametrize("end", ["", ".", ", he said", "\ue003", " \ue000 \ue000 million"])
def test_a_character_that_stands_for_a_figure_is_never_shown(end: str) -> None:
    for made in proposals(f"The council of Elmouth pledged USD 40 million in relief{end}"):
        assert not any("\ue000" <= character <= "\ue003" for character in made.question)


def test_no_sentence_takes_long() -> None:
    parts = ["The ", "a ", "Ada Lind ", "was ", "closed ", "because ", ", and ", "in ", "Friday ",
             "17 ", "people ", "killed ", "USD 40 million ", "rose ", "who ", "; ", "and Ada Lind ",
             "Aaaa ", "be held ", " after "]  # fmt: skip
    mixtures = random.Random(1)
    for _ in range(60):
        words = mixtures.sample(parts, 4)
        text = "".join(mixtures.choice(words) for _ in range(300))
        for length in (400, 1200):
            started = time.process_time()
            proposals(text[:length])
            assert time.process_time() - started < 1, text
