"""`dateline eval sheet`, `judge` and `disagreements`, as a user meets them."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.support.archives import write
from tests.support.cli import LocalCli

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "label-answers.md").read_text("utf-8")
QUOTE = "The council pledged $40 million for the bridge."
CASES = [
    {"id": "sum", "question": "How much was pledged?", "answers": ["$40m"], "answerable": True},
    {"id": "who", "question": "Who resigned?", "answers": ["Elena Voss"], "answerable": True},
    {"id": "none", "question": "Who won?", "answers": [], "answerable": False},
]
ANSWERS = [
    {
        "id": "sum",
        "answer": "$40 million",
        "figures": [],
        "citations": [{"n": 1, "article_id": "a", "quote": QUOTE}],
    },
    {"id": "who", "answer": "the mayor"},
    {"id": "none", "answer": None},
]


@pytest.fixture
def run(cli: LocalCli) -> Path:
    cases = write(cli.folder / "cases.jsonl", *CASES)
    answers = write(cli.folder / "answers.jsonl", *ANSWERS)
    path = cli.folder / "run.json"
    cli("eval", "score", answers, "--cases", cases, "--out", path)
    return path


def test_a_sheet_is_drawn_filled_in_and_judged(cli: LocalCli, run: Path) -> None:
    done = cli("eval", "sheet", run, "--into", "sheet")
    assert done.stdout == "2 answers to read in sheet/answers.md, to label in sheet/labels.jsonl\n"
    sheet = cli.folder / "sheet" / "labels.jsonl"
    rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    assert "How much was pledged?" in (cli.folder / "sheet" / "answers.md").read_text("utf-8")
    for row in rows:
        row["first"] = {"right": "right", "supported": row["case"] == "sum"}
    write(sheet, *rows)

    done = cli("eval", "judge", run, "--labels", sheet, "--wrong")
    assert "2 labelled answers, 0 not in these runs." in done.stdout
    assert "run who: wrong by the metric, right by the label" in done.stdout
    numbers = json.loads(cli("eval", "judge", run, "--labels", sheet, "--json").stdout)
    verdict = next(error for error in numbers["errors"] if error["metric"] == "right")
    assert verdict["recall"]["mean"] == 0.5


def test_a_sheet_is_never_overwritten(cli: LocalCli, run: Path) -> None:
    cli("eval", "sheet", run, "--into", "sheet")
    assert "labels.jsonl exists" in cli.refused("eval", "sheet", run, "--into", "sheet")


def test_labels_that_nobody_filled_in_are_refused(cli: LocalCli, run: Path) -> None:
    cli("eval", "sheet", run, "--into", "sheet")
    problem = cli.refused("eval", "judge", run, "--labels", "sheet/labels.jsonl")
    assert "no run has an answer that is labelled" in problem


def test_disagreements_are_listed_with_exit_code_1(cli: LocalCli, run: Path) -> None:
    assert cli("eval", "disagreements", run, code=1).stdout.splitlines() == [
        "sum: figure is not listed: $40000000",
        "1 disagreements",
    ]
    found = json.loads(cli("eval", "disagreements", run, "--json", code=1).stdout)
    assert found == [{"case": "sum", "problem": "figure is not listed", "text": "$40000000"}]


def test_the_how_to_works_as_written(cli: LocalCli, run: Path) -> None:
    """Its first command makes the run, which is made without a model here."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    making, *commands = [shlex.split(line)[1:] for block in blocks for line in block.splitlines()]
    assert making[:2] == ["eval", "run"]
    assert making[-1] == run.name
    (shown,) = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
    draw, judge, disagreements = commands
    cli(*draw)
    sheet = cli.folder / "sheet" / "labels.jsonl"
    rows = [json.loads(line) for line in sheet.read_text("utf-8").splitlines()]
    assert rows[0].keys() == shown.keys()
    write(sheet, *(row | {"first": shown["first"]} for row in rows))
    assert "2 labelled answers" in cli(*judge).stdout
    assert "1 disagreements" in cli(*disagreements, code=1).stdout
