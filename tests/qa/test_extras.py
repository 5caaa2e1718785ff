"""Where an extra is missing, one line says so; what does not need it works."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pydantic import SecretStr

from eval import report
from qa.bootstrap import open_model
from qa.errors import BadInput
from qa.extras import CHATS, chat_is_set, installed, require, require_for
from qa.settings import Settings
from tests.support.cli import ProcessCli

ROOT = Path(__file__).parents[2]
OPTIONAL = (
    "anthropic",
    "matplotlib",
    "mcp",
    "microsoft_teams",
    "nacl",
    "openai",
    "opentelemetry.sdk",
    "opentelemetry.exporter",
)
# A finder that behaves as if the packages were not installed, for a process of its own.
BLOCKER = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in {OPTIONAL!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(OPTIONAL)]:
        monkeypatch.delitem(sys.modules, name)
    for name in OPTIONAL:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture
def bare(process_cli: ProcessCli) -> ProcessCli:
    """The command line in processes in which no extra is installed."""
    folder = process_cli.folder / "blocker"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BLOCKER, "utf-8")
    process_cli.environment["PYTHONPATH"] = f"{folder}:{ROOT}"
    return process_cli


def test_a_module_and_its_parents_are_looked_for() -> None:
    assert installed("json.decoder")
    assert not installed("no_such_package")
    assert not installed("no_such_package.module")


def test_the_message_names_the_extra_and_how_to_install_it() -> None:
    with pytest.raises(
        BadInput, match=r"^the mcp extra is missing: pip install 'dateline\[mcp\]'$"
    ):
        require("json", "no_such_package", extra="mcp")


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize("name", ["openai:gpt", "anthropic:claude"])
def test_a_remote_model_needs_the_remote_extra(name: str) -> None:
    with pytest.raises(BadInput, match=r"dateline\[remote\]"):
        open_model(Settings(model=name))
    with pytest.raises(BadInput, match=r"dateline\[remote\]"):
        require_for(Settings(model=name))


@pytest.mark.usefixtures("without_extras")
@pytest.mark.parametrize("chat", CHATS)
def test_a_chat_that_is_set_up_needs_the_chat_extra(chat: str) -> None:
    require_for(Settings())
    with pytest.raises(BadInput, match=r"dateline\[chat\]"):
        require_for(set_up(chat))


def test_teams_needs_an_extra_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "microsoft_teams.api", None)
    with pytest.raises(BadInput, match=r"dateline\[teams\]"):
        require_for(set_up("Teams"))
    require_for(set_up("Slack"))


@pytest.mark.parametrize("chat", [chat for chat, needed in CHATS.items() if len(needed) > 1])
def test_a_chat_that_is_set_up_in_part_is_refused_by_name(chat: str) -> None:
    assert not chat_is_set(Settings.load(), chat)
    assert chat_is_set(set_up(chat), chat)
    for name in CHATS[chat]:
        missing = set_up(chat).model_copy(update={name: SecretStr(" ")})
        with pytest.raises(BadInput, match=f"{chat} is set up in part: DATELINE_{name.upper()}"):
            require_for(missing)


def set_up(chat: str) -> Settings:
    guid = "11111111-2222-3333-4444-555555555555"
    return Settings.load(
        **{name: guid if name.endswith("_id") else "ab" * 32 for name in CHATS[chat]}
    )


@pytest.mark.usefixtures("without_extras")
def test_traces_need_the_telemetry_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    with pytest.raises(BadInput, match=r"dateline\[telemetry\]"):
        require_for(Settings())


@pytest.mark.usefixtures("without_extras")
def test_a_report_as_a_page_needs_the_eval_extra() -> None:
    with pytest.raises(BadInput, match=r"dateline\[eval\]"):
        report._svg(lambda _: None)


def test_commands_refuse_with_one_line_without_their_extra(bare: ProcessCli) -> None:
    assert bare.refused("mcp") == (
        "dateline: the mcp extra is missing: pip install 'dateline[mcp]'\n"
    )
    assert "dateline[chat]" in bare.refused("serve", DATELINE_DISCORD_PUBLIC_KEY="ab" * 32)


def test_serving_without_any_extra_leaves_out_mcp_and_chats(bare: ProcessCli) -> None:
    code = (
        "import json; from api.http.app import create_app; from qa.settings import Settings;"
        " app = create_app(lambda: None, Settings());"
        " print(json.dumps(sorted(route.path for route in app.routes)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=bare.folder,
        env=bare.environment,
    )
    routes = json.loads(done.stdout)
    assert "/v1/ask" in routes
    assert not [route for route in routes if route.startswith(("/mcp", "/slack", "/discord"))]


def test_every_extra_that_is_checked_is_declared_and_part_of_all() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    used = {"chat", "llama", "mcp", "parquet", "postgres", "remote", "teams", "telemetry", "eval"}
    assert used | {"all", "dev"} == set(extras)
    assert extras["all"] == [
        "dateline[chat,llama,mcp,parquet,postgres,remote,teams,telemetry,eval]"
    ]
    assert "dateline[all]" in extras["dev"]
    core = {line.partition(">")[0].partition("=")[0] for line in project["dependencies"]}
    optional = {line.partition(">")[0] for name in used for line in extras[name]}
    assert not core & optional
