"""An answer made of whatever a language model writes is found true when it is verified again."""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.extraction.extract import extract
from qa.answering.recheck import check_answer
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.models.base import Written
from qa.models.prompt import parse
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import ScriptedReader

PLACES = ("Hask", "Marlow Bay", "Quell", "Port Ennis")
FIGURES = ("17", "23", "USD 40 million", "9 days", "3 per cent", "some 340", "the 1990s", "$2.5bn")
DAYS = ("on Tuesday", "last month", "on 4 March", "in 2021", "yesterday", "on 4 March 2022")
SENTENCES = (
    "The flood in {place} killed {figure} people {day}.",
    "{place} pledged {figure} in relief {day}, the council said.",
    "A boy, 9 days old, was found in {place} {day}.",
    "Relief of {figure} and then {figure2} reached\n{place} {day}.",
    "The council of {place} met {day}.",
)
QUESTIONS = (
    "How much relief did {place} pledge?",
    "How many people did the flood in {place} kill?",
    "Did {place} pledge {figure} in relief?",
    "Did the flood kill {figure} people in {place}?",
    "When did the council of {place} meet?",
    "What happened in {place} {day}?",
)
SEEDS = 12


class RandomModel:
    """Writes replies of all shapes from the evidence, parsed as a remote model's are."""

    name = "random"

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        dice = self._dice
        short = ""
        if dice.random() < 0.6:
            words = dice.choice(evidence[:4]).text.split()
            first = dice.randrange(len(words))
            short = " ".join(words[first : first + dice.randint(1, 4)])
            if question.form == "yes_no":
                short = dice.choice(["yes", "no"])
        lines = [f"Short answer: {short}\n"] if short else []
        lines += [self._statement(question, evidence) for _ in range(dice.randint(1, 3))]
        return parse(["".join(lines)])

    def _statement(self, question: Question, evidence: Sequence[Sentence]) -> str:
        dice = self._dice
        said = dice.choice(evidence[:6])
        words = said.text.split()
        kind = dice.randrange(5)
        if kind == 0:  # word for word
            text = " ".join(words)
        elif kind == 1:  # a part
            first = dice.randrange(max(1, len(words) - 3))
            text = " ".join(words[first : first + dice.randint(3, 8)])
        elif kind == 2:  # of two sentences, with figures of both
            other = dice.choice(evidence[:6])
            text = f"{' '.join(words).rstrip('.')}, and {' '.join(other.text.split())}"
        elif kind == 3:
            text = f"{' '.join(words[: len(words) // 2])} {question.text.rstrip('?')}"
        else:
            dice.shuffle(words)
            text = " ".join(words)
        if question.form == "yes_no" and dice.random() < 0.7:
            text = f"{dice.choice(['Yes, ', 'No, ', 'Yes: ', 'No. '])}{text}"
        cited = [said.n, *(dice.choice(evidence).n for _ in range(dice.randint(0, 2)))]
        markers = "".join(f"[{n}]" for n in cited if dice.random() < 0.8)
        return f"{text.rstrip('.')} {markers}.\n"


def corpus(dice: random.Random) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for number in range(dice.randint(2, 5)):
        sentences = [filled(dice, dice.choice(SENTENCES)) for _ in range(dice.randint(1, 4))]
        day = dice.choice([None, "2022-03-04", "2022-03-06T10:00:00+02:00", "2024-05-01"])
        records.append(
            {
                "id": f"a{number}",
                "title": dice.choice([None, filled(dice, "Flood in {place}")]),
                "source": dice.choice([None, "Herald", "Post"]),
                "text": " ".join(sentences),
                "published_at": day,
            }
        )
    return records


def filled(dice: random.Random, text: str) -> str:
    return text.format(
        place=dice.choice(PLACES),
        figure=dice.choice(FIGURES),
        figure2=dice.choice(FIGURES),
        day=dice.choice(DAYS),
    )


@pytest.mark.parametrize("seed", range(SEEDS))
def test_an_answer_that_was_made_holds(archive: Archive, tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    put(archive, corpus(dice), tmp_path)
    reader = ScriptedReader({figure: dice.uniform(-2, 8) for figure in (*FIGURES, *PLACES)})
    answerer = Answerer(open_retriever(archive), RandomModel(dice), 0.0, reader)
    for _ in range(20):
        as_of = dice.choice([None, None, "2023-01-01", "2024-06-01T10:00:00Z"])
        question = Question.parse(
            filled(dice, dice.choice(QUESTIONS)), Filters(as_of=as_of, include_undated=True)
        )
        answer = answerer.answer(question)
        sent = json.loads(answer.without_hits().model_dump_json())
        with archive.snapshot() as snapshot:
            assert check_answer(sent, snapshot) == [], shown(answer)


def shown(answer: Answer) -> str:
    return answer.model_dump_json(indent=1, exclude={"hits"})


def test_a_yes_that_code_decided_holds_although_its_sentence_has_a_relative_date(
    archive: Archive, tmp_path: Path
) -> None:
    class Decided(RandomModel):
        name = "local:test"

        def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
            yield from extract(question, evidence)

    text = "Hask pledged USD 40 million in relief on Tuesday."
    put(archive, [{"id": "a", "text": text, "published_at": "2022-03-04"}], tmp_path)
    answerer = Answerer(open_retriever(archive), Decided(random.Random(0)), 0.0)
    answer = answerer.answer(Question.parse("Did Hask pledge USD 40 million in relief?"))
    assert answer.answer == f"Yes: {text}"
    assert [figure.value for figure in answer.figures] == ["40000000", "2022-03-01"]
    with archive.snapshot() as snapshot:
        assert check_answer(json.loads(answer.model_dump_json()), snapshot) == []
