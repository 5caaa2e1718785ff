"""What the command line says of itself."""

import re
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import cli, main
from qa.ingest.readers import READERS

FORMATS = (Path(__file__).parents[3] / "docs" / "how-to" / "formats.md").read_text("utf-8")


def test_the_command_has_one_name_however_it_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`python -m api.cli` too: a hint that is pasted must work."""
    monkeypatch.setattr(sys, "argv", ["api/cli/__main__.py", "aks"])
    with pytest.raises(SystemExit) as done:
        main()
    assert done.value.code == 2
    assert "(see: dateline --help)" in capsys.readouterr().err


def test_every_format_is_named_where_people_look() -> None:
    named = (cli.commands["ingest"].help or "").replace(",", " ").replace(". ", " ").split()
    assert [suffix for suffix in READERS if suffix not in named] == []
    assert [suffix for suffix in READERS if f"`{suffix}`" not in FORMATS] == []


def test_the_help_of_ingest_is_set_as_paragraphs() -> None:
    shown = CliRunner().invoke(cli, ["ingest", "--help"]).stdout
    about = shown.partition("Options:")[0]
    assert "Unchanged articles cost nothing." in " ".join(about.split())
    assert not re.search(r"\w {2,}\w", about)
