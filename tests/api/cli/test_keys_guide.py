"""The commands of docs/how-to/keys-limits-and-rights.md, as they are written."""

import json
import re
import shlex
from pathlib import Path

from tests.support.cli import LocalCli

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "keys-limits-and-rights.md"


def test_the_commands_of_the_guide_do_what_it_says(cli: LocalCli) -> None:
    block = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[0]
    commands = [shlex.split(line, comments=True)[1:] for line in block.splitlines()]
    assert len(commands) == 8
    for words in commands:
        listed = (
            json.loads(cli("keys", "list", "--json").stdout)["keys"] if cli.data.exists() else []
        )
        partner = next((key for key in listed if key["name"] == "partner"), None)
        last = cli(*(word if partner is None else _named(word, partner["id"]) for word in words))
    assert last.stdout.startswith("revoked")
    listed = json.loads(cli("keys", "list", "--json").stdout)["keys"]
    newsroom, partner = sorted(listed, key=lambda key: str(key["name"]))
    assert newsroom["rights"] == ["wire-internal"]
    assert (newsroom["questions_per_day"], newsroom["questions_today"]) == (None, 0)
    assert (partner["questions_per_day"], partner["tokens_per_day"]) == (1000, None)
    assert partner["rights"] == []
    shown = cli("keys", "list").stdout
    assert "\trights: wire-internal\n" in shown
    assert "\tquestions today: 0 of 1000\n" in shown


def test_a_budget_that_is_not_a_number_is_refused(cli: LocalCli) -> None:
    for wrong in ("many", "-1", "1.5", "1" * 13):
        said = cli.refused("keys", "create", "desk", "--questions-per-day", wrong)
        assert "neither a number nor unlimited" in said


def test_rights_are_either_given_or_taken(cli: LocalCli) -> None:
    cli("keys", "create", "desk")
    cli.refused("keys", "set", "key_1", "--rights", "board", "--no-rights")


def _named(word: str, identity: str) -> str:
    return identity if word.startswith("key_") else word
