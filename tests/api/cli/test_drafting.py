"""`dateline eval init`, `review` and `gates`; docs/how-to/evaluate-your-archive.md as written."""

import json
import re
import shlex
import socket
from pathlib import Path

from eval.drafting.draft import Change, DraftFolder
from tests.support.archives import write
from tests.support.cli import LocalCli
from tests.support.drafts import draft_of, town_reports

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "evaluate-your-archive.md"


def test_the_commands_of_the_guide_lead_to_a_gate(cli: LocalCli) -> None:
    write(cli.folder / "articles.jsonl", *town_reports())
    text = GUIDE.read_text("utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    commands += re.findall(r"- run: (dateline eval run .*)", text)
    assert len(commands) == 10
    for line in commands:
        words = shlex.split(line)[1:]
        if words[:2] == ["eval", "review"]:
            _accept_all(cli.folder / words[2])
            continue
        if "--articles" in words:  # another machine, which has no run yet
            (cli.folder / "run.json").unlink()
        done = cli(*words)
        if words[:2] == ["eval", "gates"]:
            assert "by chance: declined, unanswerable (right) (" in done.stderr
    gates = cli.folder / "evaluation" / "gates.toml"
    assert "right" in gates.read_text()
    gates.write_text('[[gate]]\nmetric = "right"\nat_least = 1.1\n')
    told = cli("eval", "run", "--cases", "evaluation/cases.jsonl", "--gate", gates, code=1)
    assert "GATE right" in told.stderr


def test_drafts_are_counted_and_never_replaced(cli: LocalCli) -> None:
    write(cli.folder / "articles.jsonl", *town_reports())
    cli("ingest", "articles.jsonl")
    made = json.loads(cli("eval", "init", "--cases", "6", "--json").stdout)
    assert made["drafts"] == sum(made["kinds"].values()) == 6
    assert "exists" in cli.refused("eval", "init")
    fewer = cli("eval", "init", "--cases", "400", "--out", "more").stdout
    assert "fewer than 400: 8 articles read; without a draft: 0" in fewer
    for number in range(7):
        cli("articles", "delete", f"report-{number}")
    write(cli.folder / "rain.jsonl", {"id": "rain", "text": "Rain fell all day."})
    cli("ingest", "rain.jsonl")
    assert "without a draft: 1 without a sentence" in cli("eval", "init", "--out", "few").stdout
    made = json.loads(cli("eval", "init", "--out", "again", "--json").stdout)
    assert (made["articles_read"], made["left_out"]) == (2, {"no question": 1})


def test_what_cannot_be_drafted_or_reviewed_is_refused(cli: LocalCli) -> None:
    cli.refused("eval", "init")
    assert not (cli.folder / "evaluation").exists()
    assert "eval init" in cli.refused("eval", "review", "nothing")
    cli.refused("eval", "init", "--cases", "0")
    cli.refused("eval", "gates", "no.json", "--out", "gates.toml")


def test_a_port_that_is_taken_is_named(cli: LocalCli) -> None:
    DraftFolder.create(cli.folder / "evaluation", [draft_of("one")])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in cli.refused("eval", "review", "--port", port)


def _accept_all(folder: Path) -> None:
    with DraftFolder.open(folder) as drafts:
        for draft in drafts.drafts:
            case = draft.case
            accepted = Change(decision="accepted", question=case.question, answers=case.answers)
            drafts.decide(case.id, accepted)
