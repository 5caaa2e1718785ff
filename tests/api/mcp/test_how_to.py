"""What docs/how-to/mcp.md shows works as it is written."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import anyio
from mcp import Client

from api.mcp.transport import SCOPES
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.settings import Settings
from tests.support.cli import LocalCli
from tests.support.fakes import FirstSentenceModel
from tests.support.mcp import connected
from tests.support.server import serving
from tests.support.stores import folder_of

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "mcp.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_tool_prompt_and_resource_is_named(archive: Archive) -> None:
    async def run() -> None:
        async with connected(archive) as client:
            await _check_named(client)

    anyio.run(run)


async def _check_named(client: Client) -> None:
    tools = [tool.name for tool in (await client.list_tools()).tools]
    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    templates = (await client.list_resource_templates()).resource_templates
    for name in (*tools, *prompts, *(template.uri_template for template in templates)):
        assert f"`{name}`" in PAGE


def test_settings_and_the_key_are_as_shown(filled: Archive, tmp_path: Path) -> None:
    shown = dict(re.findall(r"export DATELINE_(\w+)=(\S+)", PAGE))
    assert Settings(**{name.lower(): value for name, value in shown.items()}).oauth_issuer
    for name in re.findall(r"`DATELINE_(\w+)`", PAGE):
        assert name.lower() in Settings.model_fields
    ran = []
    for line in "".join(blocks("sh")).splitlines():
        words = shlex.split(line)
        if words[:2] == ["dateline", "keys"]:
            cli = LocalCli(tmp_path, tmp_path)
            cli(*words[1:], DATELINE_DATA_DIR=str(folder_of(filled.store)))
            ran.append(
                json.loads(
                    cli(
                        "keys", "list", "--json", DATELINE_DATA_DIR=str(folder_of(filled.store))
                    ).stdout
                )
            )
    assert ran
    assert set(SCOPES) == set(ran[0]["keys"][0]["scopes"])


def test_the_python_client_reads_the_report_that_it_found(filled: Archive) -> None:
    _, secret = create_key(filled.store, "assistant", SCOPES)
    (example,) = blocks("python")
    with serving(filled, FirstSentenceModel()) as url:
        done = subprocess.run(
            [sys.executable, "-c", example],
            env={**os.environ, "DATELINE_MCP_URL": f"{url}/mcp", "DATELINE_MCP_KEY": secret},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.stderr == ""
    assert done.stdout.startswith("Relief for the coast 2024-03-04")


def test_the_configuration_starts_a_command_that_exists() -> None:
    (configuration,) = blocks("json")
    server = json.loads(configuration)["mcpServers"]["dateline"]
    assert [server["command"], *server["args"]] == ["dateline", "mcp"]
    assert "claude mcp add dateline -- dateline mcp" in PAGE
