"""What the reader is trained on: our own reports and, where they are at hand, public sets.

Own data (`eval/research/data/`, Apache-2.0): reports and questions written for this project. Public
sets: a folder of ``*.jsonl.gz`` with passages and questions (``question, context, answers``) or
with pairs (``premise, hypothesis, label``); `PUBLIC` lists those that are used, with how much of
each. They are not part of the repository; NOTICE names their licences.
"""

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from embeddings.files import sha256_of
from qa.answering.fitted_on import DataSet

DATA = files("eval.research") / "data"
HELD_OUT = ("forms.jsonl", "held-out.jsonl")  # the scorer is fitted on them
LONGEST_QUESTION = 250  # characters: more would leave no room for a passage
HELD_OUT_SHARE = 20  # one text in so many of a public set is kept out of training

Verdict = Literal["unknown", "yes", "no"]
VERDICTS: tuple[Verdict, ...] = ("unknown", "yes", "no")

# Rows of each public set that an epoch takes; the rest wait for another. Passages that are far from
# reports, and sets of one text each, count less.
PUBLIC = {
    "squadshifts-new_wiki": 7_731,
    "squadshifts-reddit": 5_000,
    "squadshifts-amazon_reviews": 5_000,
    "squad1-du-test": 11_815,
    "squad1-20titles": 2_463,
    "squad1-sample": 3_638,
    "squad1-1000paragraphs": 3_273,
    "squad2-10titles": 347,
    "squad1-reqa-sentences": 3_000,
    "qamr-wikinews-wikipedia": 8_000,
    "nq-swap": 4_028,
    "multispanqa-valid": 652,
    "timeqa-human": 2_218,
    "quoref-1000": 1_000,
    "quoref-contrast": 408,
    "hotpotqa-amor": 249,
    "covid-qa": 500,
    "boolq-5270": 5_266,
    "fever-evidence": 13_174,
    "fever-symmetric": 1_416,
    "fool-me-twice": 2_548,
    "bump": 785,
    "strategyqa-facts": 2_060,
    "mnli-sample": 10_469,
}
# Never trained on: the scorer and the calibrator are fitted on it.
KEPT_OUT = "qed-nq-dev"


class Question(BaseModel):
    """A question with its right spans ``a`` of the text, none if the text has no answer; with
    ``evidence``, the sentence in which they count.

    Or a yes/no question, with the sentence that decides it unless the text leaves it open.
    """

    model_config = ConfigDict(extra="forbid")

    q: str
    a: list[str] = []
    yes_no: Verdict | None = None
    evidence: str | None = None


class Report(BaseModel):
    """Reports of one ``event`` share it; those of others never answer its questions."""

    model_config = ConfigDict(extra="forbid")

    event: str
    title: str
    published_at: str
    text: str
    questions: list[Question] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Item:
    """A question and a text: where the text answers it (nowhere: no ``spans``), or the verdict.

    ``group``: texts of one group are never shown as ones that do not answer. ``pointed``: whether
    ``spans`` are known; a pair has a verdict only, a sentence only its relevance.
    """

    source: str
    group: str
    title: str
    text: str
    question: str
    spans: tuple[tuple[int, int], ...] = ()
    answers: tuple[str, ...] = ()
    verdict: Verdict | None = None
    pointed: bool = True
    sentence: bool = False  # one of our own that names the sentence which answers or decides

    @property
    def relevant(self) -> bool | None:
        """Whether the text answers; None where the data do not say."""
        if self.verdict is not None:
            return True if self.verdict != "unknown" else None
        return bool(self.spans)


def reports(*, held_out: bool) -> list[Report]:
    """The reports to train on, or those held out, in the order of their files.

    No event is in both. Raises ValidationError.
    """
    lines = (
        line
        for path in sorted(DATA.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".jsonl") and (path.name in HELD_OUT) is held_out
        for line in path.read_text("utf-8").splitlines()
    )
    return [Report.model_validate_json(line) for line in lines]


def own_files(*, held_out: bool) -> list[DataSet]:
    """The files that `reports` reads."""
    names = sorted(path.name for path in DATA.iterdir() if path.name.endswith(".jsonl"))
    return [
        DataSet(name=name, sha256=hashlib.sha256(DATA.joinpath(name).read_bytes()).hexdigest())
        for name in names
        if (name in HELD_OUT) is held_out
    ]


def public_files(folder: Path, *, held_out: bool) -> list[DataSet]:
    """The files that `public_items` reads. Raises FileNotFoundError for a set that is missing."""
    names = [*PUBLIC, KEPT_OUT] if held_out else list(PUBLIC)
    return [
        DataSet(name=f"{name}.jsonl.gz", sha256=sha256_of(_public_path(folder, name)))
        for name in names
    ]


def own_items(corpus: Iterable[Report]) -> Iterator[Item]:
    """The questions of our own reports."""
    for report in corpus:
        for question in report.questions:
            start, end = 0, len(report.text)
            if question.evidence is not None:
                start = report.text.index(question.evidence)
                end = start + len(question.evidence.rstrip(" ."))
            spans: tuple[tuple[int, int], ...]
            if question.yes_no is not None:
                spans = ((start, end),) if question.evidence else ()
            else:
                spans = tuple(
                    (low, high)
                    for answer in question.a
                    for low, high in places(report.text, answer)
                    if start <= low and high <= end
                )
                if question.a and not spans:
                    continue
            yield Item(
                source="own",
                group=report.event,
                title=report.title,
                text=report.text,
                question=question.q,
                spans=spans,
                answers=tuple(question.a),
                verdict=question.yes_no,
                sentence=question.evidence is not None or question.yes_no is not None,
            )


def places(text: str, answer: str) -> Iterator[tuple[int, int]]:
    """Every whole-word occurrence; the labels do not say which one counts."""
    start = text.find(answer)
    while start >= 0:
        end = start + len(answer)
        inside = (start > 0 and text[start - 1].isalnum() and answer[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and answer[-1].isalnum()
        )
        if not inside:
            yield start, end
        start = text.find(answer, start + 1)


def public_items(folder: Path, rng: random.Random, *, held_out: bool) -> list[Item]:
    """The rows of the public sets in ``folder`` and below that `PUBLIC` names, an epoch's share of
    each; or the part of each that is kept out of training, and `KEPT_OUT` whole.

    Raises FileNotFoundError for a set that is missing.
    """
    found: list[Item] = []
    for name, count in {**PUBLIC, **({KEPT_OUT: 10_000} if held_out else {})}.items():
        rows = [_item(name, row) for row in _rows(_public_path(folder, name))]
        rows = [
            row
            for row in rows
            if _is_held_out(row) is held_out and len(row.question) <= LONGEST_QUESTION
        ]
        found += rows if len(rows) <= count else rng.sample(rows, count)
    return found


def _public_path(folder: Path, name: str) -> Path:
    paths = sorted(folder.rglob(f"{name}.jsonl.gz"))
    if not paths:
        raise FileNotFoundError(f"no {name}.jsonl.gz in {folder}")
    return paths[0]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _is_held_out(item: Item) -> bool:
    digest = hashlib.sha256(item.text.encode()).digest()
    return item.source == KEPT_OUT or digest[0] % HELD_OUT_SHARE == 0


def _item(name: str, row: dict[str, Any]) -> Item:
    if "premise" in row:
        text = untokenized(row["premise"])
        if name == "boolq-5270":
            title, _, text = text.partition(" -- ")
            question = row["hypothesis"].strip().rstrip("?") + "?"
        else:
            title, question = "", untokenized(row["hypothesis"])
        return Item(name, text, title, text, question, verdict=row["label"], pointed=False)
    spans = {(answer["start"], answer["start"] + len(answer["text"])) for answer in row["answers"]}
    answers = tuple(dict.fromkeys(answer["text"] for answer in row["answers"]))
    sentence = name == "squad1-reqa-sentences"
    return Item(
        name,
        row["context"],
        "",
        row["context"],
        row["question"].strip(),
        tuple(sorted(spans)),
        () if sentence else answers,
        pointed=not sentence,
    )


_BEFORE = re.compile(r" (?=[,.;:?!)\]'’%](?:\s|$)|n't\b|'s\b)")
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}


def untokenized(text: str) -> str:
    """A tokenised text as it is usually written: brackets, and no space before a comma."""
    for written, meant in _BRACKETS.items():
        text = text.replace(written, meant)
    return " ".join(_BEFORE.sub("", text).replace("( ", "(").replace(" )", ")").split())


_AUXILIARY = re.compile(
    r"^(?P<subject>[^,;:]{2,60}?) (?P<verb>is|was|are|were|has|have|had|will|can|could|would)"
    r"(?P<negated> not)? (?P<rest>\S.*?)[.\s]*$"
)


def asked(claim: str, rng: random.Random) -> str:
    """A claim as a question of yes or no where its verb allows it, else as it is."""
    match = _AUXILIARY.match(claim)
    if match is None:
        statement = claim.rstrip(". ")
        return f"Is it true that {statement}?" if rng.random() < 0.5 else claim
    subject = match["subject"]
    first, _, others = subject.partition(" ")
    if first in {"The", "A", "An", "There", "It", "He", "She", "They", "His", "Her", "Its"}:
        subject = f"{first.lower()} {others}".strip()
    verb = match["verb"].capitalize()
    return f"{verb} {subject}{match['negated'] or ''} {match['rest']}?"


def without_leaks(items: Sequence[Item], leaks: Iterable[str]) -> list[Item]:
    """The items whose question is none of ``leaks``."""
    dropped = set(leaks)
    return [item for item in items if item.question not in dropped]
