"""Questions in other words ask for the same."""

from random import Random

import pytest

from eval.stress import wording
from eval.stress.wording import WORDINGS, Rule, rewordings

QUESTION = "How many people did Antony Blinken meet in Kyiv on Monday?"


@pytest.mark.parametrize(
    ("rule", "question", "changed"),
    [
        (
            wording.other_voice,
            "Who won the cup in Paris?",
            "By whom was the cup won in Paris?",
        ),
        (wording.other_voice, "Who designed the bridge?", "By whom was the bridge designed?"),
        (wording.other_voice, "By whom was the book written?", "Who wrote the book?"),
        (wording.other_voice, "Who was the bridge designed by?", "Who designed the bridge?"),
        (wording.other_voice, "Who resigned on Friday?", None),
        (wording.other_voice, "Who is the mayor?", None),
        (wording.other_voice, "Who was the mayor in 2020?", None),
        (wording.other_voice, "Who was the man killed in Hask?", None),
        (wording.other_opening, "How many boats sank?", "What number of boats sank?"),
        (wording.other_opening, "How much does it cost?", None),
        (wording.contracted, "Who is the mayor?", "Who's the mayor?"),
        (wording.contracted, "What's the plan?", "What is the plan?"),
        (wording.contracted, "Which team did not win?", "Which team didn't win?"),
        (wording.contracted, "Why didn't he go?", None),
        (wording.polite, "Which team won?", "Could you please tell me which team won?"),
        (wording.polite, "How many did he see?", None),
        (wording.without_diacritics, "Where is Türkiye?", "Where is Turkiye?"),
        (wording.without_diacritics, "Where is Paris?", None),
        (wording.other_spelling, "Who flew to Kyiv?", "Who flew to Kiev?"),
        (wording.other_spelling, "Who met Kharlanova?", "Who met Harlanova?"),
        (wording.other_spelling, "Approximately how many came?", None),
        (wording.initials, "When did Antony Blinken leave?", "When did A. Blinken leave?"),
        (wording.initials, "When did New York flood?", None),
        (wording.phrase_first, "Who won in Paris?", "In Paris, who won?"),
        (wording.phrase_first, "How long did it go on for?", None),
        (wording.keywords, "How many boats sank in May 2021?", "many boats sank May 2021"),
        (wording.keywords, "SpaceX flew. What was its aim?", "SpaceX flew aim"),
        (wording.keywords, "Who?", None),
        (wording.keywords, "???", None),
    ],
)
def test_a_rule_changes_the_words_alone(rule: Rule, question: str, changed: str | None) -> None:
    assert rule(question, Random(1)) == changed


@pytest.mark.parametrize("rule", WORDINGS["typos"])
def test_a_typo_is_in_one_long_word_behind_its_first_letter(rule: Rule) -> None:
    for seed in range(50):
        changed = rule(QUESTION, Random(seed))
        assert changed is not None
        pairs = zip(QUESTION.split(), changed.split(), strict=True)
        (before, after) = next(pair for pair in pairs if pair[0] != pair[1])
        assert before[0] == after[0]
        assert len(before.strip("?")) >= 5


def test_the_same_seed_gives_the_same_changes_and_another_seed_others() -> None:
    first = rewordings(QUESTION, "typos", "1")
    assert first == rewordings(QUESTION, "typos", "1")
    assert len(first) == 2
    assert any(rewordings(QUESTION, "typos", str(seed)) != first for seed in range(2, 6))
