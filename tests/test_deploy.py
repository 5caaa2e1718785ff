"""The files of deploy/ and docs/deployment.md do what they promise and agree with the code."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import pytest

from api.cli import cli as dateline
from api.http.app import MAX_BODY
from api.http.routes.health import Health
from qa.archive.archive import Archive
from qa.archive.keys import SHORTEST
from qa.errors import BadInput
from qa.settings import Settings
from tests.support.cli import Demo
from tests.support.fakes import FirstSentenceModel
from tests.support.server import serving

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
DOCUMENT = (ROOT / "docs" / "deployment.md").read_text("utf-8")
EXAMPLE = (DEPLOY / "dateline.env.example").read_text("utf-8")
CADDYFILE = (DEPLOY / "Caddyfile").read_text("utf-8")
FILES = {
    path.name: path.read_text("utf-8")
    for path in sorted(DEPLOY.iterdir())
    if path.is_file() and not path.name.endswith(".env")
}
GRACE = 30  # seconds that `serve` gives running requests

Words = list[str]


# What is read


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, each with its arguments on one line."""
    lines = [line for line in FILES["Dockerfile"].splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    pairs = [line.split(None, 1) for line in joined if line.strip()]
    return [(name.upper(), " ".join(rest.split())) for name, rest in pairs]


def last_stage() -> list[tuple[str, str]]:
    every = instructions()
    return every[max(i for i, (name, _) in enumerate(every) if name == "FROM") :]


def only(name: str) -> str:
    """The arguments of an instruction that occurs once in the last stage."""
    (rest,) = [rest for found, rest in last_stage() if found == name]
    return rest


def image_environment() -> dict[str, str]:
    return dict(
        part.split("=", 1)
        for name, rest in last_stage()
        if name == "ENV"
        for part in shlex.split(rest)
    )


def compose() -> dict[str, Any]:
    found: dict[str, Any] = msgspec.yaml.decode(FILES["compose.yaml"])
    return found


def unit(text: str = FILES["dateline.service"]) -> dict[str, list[str]]:
    """What is set in a unit, by option, in the order in which it is set."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line and not line.startswith(("#", "[")):
            option, value = line.split("=", 1)
            found.setdefault(option, []).append(value)
    return found


def example(*, commented: bool) -> Iterator[tuple[str, str]]:
    mark = "#?" if commented else ""
    yield from re.findall(rf"^{mark}([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE)


# Settings


def test_every_setting_that_is_named_exists() -> None:
    named = {
        (place, name)
        for place, text in {**FILES, "deployment.md": DOCUMENT}.items()
        for name in re.findall(r"\bDATELINE_([A-Z_]*[A-Z])\b", text)
    }
    assert {"DATA_DIR", "CACHE_DIR", "THREADS", "FIRST_KEY"} <= {name for _, name in named}
    assert [
        (place, name) for place, name in named if name.lower() not in Settings.model_fields
    ] == []


def test_every_value_of_the_example_is_one_that_the_service_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in example(commented=True):
        monkeypatch.setenv(name, value)
        Settings.load()
    assert Settings.load().first_key is None, "an empty line is no key"
    monkeypatch.setenv("DATELINE_FRIST_KEY", "k" * SHORTEST)
    with pytest.raises(BadInput, match="unknown setting"):
        Settings.load()


def test_systemd_compose_and_sh_read_the_example_alike(tmp_path: Path) -> None:
    """Quotes, spaces and dollars are where they differ."""
    assigned = dict(example(commented=False))
    assert all(re.fullmatch(r"[\w./:-]*", value) for _, value in example(commented=True))
    (tmp_path / "env").write_text(EXAMPLE, "utf-8")
    done = subprocess.run(
        ["sh", "-c", "set -a; . ./env; env"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={},
    )
    assert assigned.items() <= dict(line.split("=", 1) for line in done.stdout.splitlines()).items()


def test_the_example_holds_no_secret() -> None:
    for name, value in example(commented=True):
        assert not re.search(r"(KEY|SECRET|TOKEN)$", name) or value == "", name


def test_the_defaults_that_the_document_gives_are_the_settings_own() -> None:
    rows = re.findall(r"^\| ((?:`DATELINE_\w+`(?:, )?)+) \| ([^|]*) \|", DOCUMENT, re.MULTILINE)
    written = {
        name.lower(): value.strip("`")
        for names, values in rows
        for name, value in zip(
            re.findall(r"DATELINE_(\w+)", names), values.strip().split(", "), strict=False
        )
        if re.match(r"`?\d", value) or value == "`local`"
    }
    assert written.keys() >= {
        "model",
        "min_confidence",
        "write_wait",
        "answers_kept",
        "ask_limit",
        "read_limit",
    }
    assert written == {name: str(Settings.model_fields[name].default) for name in written}


# Commands


def simple_commands(line: str) -> Iterator[Words]:
    """The simple commands of a line of shell, without redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
    lexer.whitespace_split = True
    words: Words = []
    for token in lexer:
        if set(token) <= set("();<>|&"):
            yield words
            words = []
        else:
            words.append(token)
    yield words


def dateline_words(words: Words) -> Words | None:
    """The words after `dateline` where it is a command: in a shell, a container, or by its path."""
    if words[:1] == ["dateline"]:
        return words[1:]
    if words[:2] == ["docker", "compose"] and {"exec", "run"} & set(words):
        after = words[words.index("dateline") + 1 :]  # the service
        return (
            after[1:] if "exec" in words else after
        )  # the image's entry point is the command itself
    paths = [i for i, word in enumerate(words) if word == "/opt/dateline/bin/dateline"]
    return words[paths[0] + 1 :] if paths and words[paths[0] + 1 :] != ["$@"] else None


def shell_lines() -> Iterator[str]:
    for block in blocks("sh"):
        yield from (
            line
            for line in block.replace("\\\n", " ").splitlines()
            if not line.startswith("dateline() {")
        )
    for text in (FILES["dateline.service"], *blocks("ini")):
        for option, values in unit(text).items():
            yield from (value for value in values if option.startswith("Exec"))
    yield "dateline " + shlex.join(json.loads(only("CMD")))


def shown_commands() -> list[Words]:
    found = [dateline_words(words) for line in shell_lines() for words in simple_commands(line)]
    return [words for words in found if words is not None]


def mentioned_commands() -> list[Words]:
    return [shlex.split(text)[1:] for text in re.findall(r"`(dateline [^`]+)`", DOCUMENT)]


def resolve(words: Words, *, name_suffices: bool = False) -> str:
    """The command that the words name, if its arguments parse. Raises click.UsageError."""
    command: click.Command = dateline
    context, rest = click.Context(dateline, info_name="dateline"), list(words)
    while isinstance(command, click.Group) and rest:
        name, command_found, rest = command.resolve_command(context, rest)
        assert name is not None
        assert command_found is not None
        command = command_found
        context = click.Context(command, info_name=name, parent=context)
    if not isinstance(command, click.Group) and (rest or not name_suffices):
        command.make_context(command.name, rest, parent=context.parent)
    return context.command_path


def test_every_command_shown_parses() -> None:
    commands = {resolve(words) for words in shown_commands()}
    commands |= {resolve(words, name_suffices=True) for words in mentioned_commands()}
    assert {
        f"dateline {name}" for name in ("serve", "ingest", "doctor", "reindex", "backup", "ask")
    } <= commands
    assert {f"dateline keys {name}" for name in ("create", "list", "revoke")} <= commands


@pytest.mark.parametrize(
    "wrong", ["sreve", "serve --hots x", "keys mint A", "backup", "backup A B", "serve --port x"]
)
def test_a_command_that_does_not_exist_would_be_seen(wrong: str) -> None:
    with pytest.raises(click.UsageError):
        resolve(wrong.split())


def test_commands_are_found_wherever_they_stand() -> None:
    shown = "sudo x && docker compose -f c run --rm -v /a:/b dateline backup /b/c;"
    shown += " ENV=1 /opt/dateline/bin/dateline serve"
    assert [dateline_words(words) for words in simple_commands(shown)] == [
        None,
        ["backup", "/b/c"],
        ["serve"],
    ]
    assert dateline_words(
        ["docker", "compose", "exec", "dateline", "dateline", "keys", "list"]
    ) == ["keys", "list"]
    assert dateline_words(["sudo", "systemctl", "restart", "dateline"]) is None


def test_files_that_the_document_and_the_deployment_name_exist() -> None:
    for text in (DOCUMENT, *FILES.values()):
        for name in re.findall(r"\bdeploy/([\w.]+[\w])", text):
            assert (DEPLOY / name).is_file() or name == "dateline.env", name
    assert {
        "Dockerfile",
        "compose.yaml",
        "Caddyfile",
        "dateline.service",
        "dateline.env.example",
    } <= FILES.keys()


def test_no_file_of_settings_with_secrets_is_in_the_tree() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "deploy"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert not [name for name in tracked.stdout.split() if name.endswith(".env")]


# The image


def test_the_base_is_pinned_and_one_for_all_stages() -> None:
    stages = [rest.split(" AS ") for name, rest in instructions() if name == "FROM"]
    named = {stage[1] for stage in stages if len(stage) == 2}
    (base,) = {stage[0] for stage in stages} - named
    # the interpreter that the project is tested with, and a release of Debian
    assert re.fullmatch(r"python:3\.11(\.\d+)?-slim-[a-z]+", base)


def test_the_image_runs_as_nobody_in_particular() -> None:
    user, group = only("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    (made,) = [rest for name, rest in last_stage() if name == "RUN"]
    assert f"useradd --uid {user} --gid {group}" in made
    assert f"install -d -o {user} -g {group} -m 0700 /data" in made
    order = [name for name, _ in last_stage()]
    assert "RUN" not in order[order.index("USER") :], "what runs after USER would belong to it"


def test_nothing_is_fetched_but_by_the_package_managers() -> None:
    assert not [rest for name, rest in instructions() if name == "ADD"]
    assert not re.search(r"\b(curl|wget|git clone)\b", FILES["Dockerfile"])


def test_torch_is_the_cpu_build_of_the_version_that_was_tested() -> None:
    (pinned,) = re.findall(
        r"^torch==\S+$", (ROOT / "constraints.txt").read_text("utf-8"), re.MULTILINE
    )
    torch = [rest for name, rest in instructions() if name == "RUN" and "torch" in rest]
    expected = 'pip install --no-deps --index-url "$TORCH_INDEX"'
    expected += " \"$(grep '^torch==' constraints.txt)+cpu\""
    assert torch == [expected]
    assert ("ARG", "TORCH_INDEX=https://download.pytorch.org/whl/cpu") in instructions()
    assert (
        f"install {pinned} --no-deps --index-url https://download.pytorch.org/whl/cpu" in DOCUMENT
    )


def test_all_else_is_pinned_too() -> None:
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip install" in rest]
    assert len(installs) == 3
    assert all("--no-deps" in rest or "-c constraints.txt" in rest for rest in installs)


def test_no_secret_is_baked_in() -> None:
    for name, rest in instructions():
        if name in ("ENV", "ARG"):
            assert not re.search(r"KEY|SECRET|TOKEN|PASSWORD", rest.upper())
    assert [rest for name, rest in instructions() if name == "COPY"] == [
        "pyproject.toml constraints.txt ./",
        ". .",
        "--from=build /opt/dateline /opt/dateline",
    ]


def test_the_context_is_what_the_package_is_built_from_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = [name + "/" for name in project["tool"]["hatch"]["build"]["only-include"]]
    files = [
        "pyproject.toml",
        "constraints.txt",
        project["project"]["readme"],
        *project["project"]["license-files"],
    ]
    assert rules[0] == "*"
    assert sorted(rule for rule in rules if rule.startswith("!")) == sorted(
        "!" + name for name in packages + files
    )
    assert all((ROOT / name).exists() for name in packages + files)


def test_the_image_keeps_its_archive_in_the_volume_and_its_models_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (volume,) = json.loads(only("VOLUME"))
    environment = image_environment()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert settings.data_dir.is_relative_to(volume)
    assert settings.data_dir != Path(volume), (
        "a disk's root holds lost+found, and an archive's folder nothing else"
    )
    assert not settings.cache_dir.is_relative_to(volume)
    (prepared,) = [
        rest for name, rest in instructions() if name == "RUN" and "dateline demo" in rest
    ]
    assert f"DATELINE_CACHE_DIR={settings.cache_dir} " in "".join(
        f"{rest} " for _, rest in instructions()[:-1]
    )
    assert 'chmod -R a+rX "$DATELINE_CACHE_DIR"' in prepared, "made by root, read by another"


def test_what_indexing_loads_does_not_hide_what_answering_lacks() -> None:
    """torch brings its own OpenMP, llama.cpp needs the system's: so answer without torch."""
    (prepared,) = [
        rest for name, rest in instructions() if name == "RUN" and "dateline demo" in rest
    ]
    asked = [dateline_words(words) for words in simple_commands(prepared)]
    assert [words[0] for words in asked if words] == ["demo", "ask"]
    (base,) = [rest for name, rest in instructions() if name == "RUN" and "apt-get install" in rest]
    assert "libgomp1" in base
    assert "libgomp1" in DOCUMENT


def test_the_image_starts_the_service_on_the_port_that_it_exposes_and_stops_it_gently() -> None:
    assert json.loads(only("ENTRYPOINT")) == ["dateline"]
    command = json.loads(only("CMD"))
    assert command[:3] == ["serve", "--host", "0.0.0.0"]  # noqa: S104  # a container's own addresses
    assert command[command.index("--port") + 1] == only("EXPOSE")
    assert "--json" in command
    assert only("STOPSIGNAL") == "SIGTERM"


def healthcheck() -> Words:
    words: Words = json.loads(only("HEALTHCHECK").split(" CMD ", 1)[1])
    return words


def test_the_health_check_asks_what_needs_no_key() -> None:
    assert "http://127.0.0.1:8000/health/ready" in healthcheck()[-1]
    assert Health.path == "/health"
    assert Health.opt is not None
    assert Health.opt["scope"] is None


def test_the_health_check_distinguishes_a_service_that_answers(
    archive: Archive, tmp_path: Path
) -> None:
    program, *arguments = healthcheck()
    assert program == "python"

    def checked(url: str) -> int:
        there = [argument.replace("http://127.0.0.1:8000", url) for argument in arguments]
        environment = {**os.environ, "http_proxy": "http://127.0.0.1:9"}  # which nobody listens on
        return subprocess.run(
            [sys.executable, *there], capture_output=True, env=environment, check=False
        ).returncode

    with serving(archive, FirstSentenceModel()) as url:
        assert checked(url) == 0
        assert checked(f"{url}/nowhere") == 1
    assert checked(url) == 1


# Compose


@pytest.mark.parametrize("name", ["dateline", "proxy"])
def test_every_container_is_confined(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["pids_limit"] > 0
    assert all("noexec" in mount for mount in service["tmpfs"])
    assert (
        not {"privileged", "network_mode", "pid", "ipc", "userns_mode", "devices", "user"}
        & service.keys()
    )
    assert not [
        mount for mount in service["volumes"] if "docker.sock" in mount or mount.startswith("/")
    ]
    for source, target in (mount.split(":")[:2] for mount in service["volumes"]):
        assert source in compose()["volumes"] or (DEPLOY / source).is_file(), target


def test_only_the_proxy_is_reached_from_outside_and_only_when_asked_for() -> None:
    services = compose()["services"]
    assert services.keys() == {"dateline", "proxy"}
    assert [port.rsplit(":", 1)[0] for port in services["dateline"]["ports"]] == ["127.0.0.1:8000"]
    assert "cap_add" not in services["dateline"]
    assert services["proxy"]["profiles"] == ["tls"]
    assert services["proxy"]["cap_add"] == ["NET_BIND_SERVICE"]
    assert re.fullmatch(r"caddy:\d+\.\d+(\.\d+)?(-alpine)?", services["proxy"]["image"])
    assert services["proxy"]["environment"]["UPSTREAM"] == "dateline:8000"


def test_compose_builds_and_runs_the_image_as_it_is_meant() -> None:
    service = compose()["services"]["dateline"]
    assert (DEPLOY / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]).is_file()
    assert service["volumes"] == ["data:/data"]
    image = image_environment()
    # dateline.env is written for systemd too, whose places are others
    assert service["environment"] == {
        name: image[name] for name in ("DATELINE_DATA_DIR", "DATELINE_CACHE_DIR")
    }
    assert service["healthcheck"]["test"] == ["CMD", *healthcheck()]
    assert "command" not in service
    assert "entrypoint" not in service
    assert int(service["stop_grace_period"].removesuffix("s")) > GRACE


# systemd


def test_the_unit_serves_loopback_as_a_user_of_its_own() -> None:
    options = unit()
    assert options["User"] == options["Group"] == ["dateline"]
    (start,) = options["ExecStart"]
    words = dateline_words(shlex.split(start))
    assert words is not None
    assert words[:3] == ["serve", "--host", "127.0.0.1"]
    assert "--json" in words
    assert "ORT_DISABLE_TELEMETRY=1" in options["Environment"][0].split()


def test_the_units_places_are_the_examples() -> None:
    options, places = unit(), dict(example(commented=False))
    assert places["DATELINE_DATA_DIR"].startswith(f"/var/lib/{options['StateDirectory'][0]}/")
    assert places["DATELINE_CACHE_DIR"] == f"/var/cache/{options['CacheDirectory'][0]}"
    assert "ReadWritePaths" not in options
    assert options["EnvironmentFile"] == ["/etc/dateline/dateline.env"]
    assert "deploy/dateline.env.example /etc/dateline/dateline.env" in DOCUMENT


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("AmbientCapabilities", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("PrivateUsers", "yes"),
        ("ProtectKernelTunables", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectControlGroups", "yes"),
        ("RestrictSUIDSGID", "yes"),
        ("RestrictNamespaces", "yes"),
        ("SystemCallArchitectures", "native"),
        ("IPAddressDeny", "any"),
        ("IPAddressAllow", "localhost"),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
    ],
)
def test_the_unit_is_confined(option: str, value: str) -> None:
    assert unit()[option] == [value]


def test_the_unit_limits_memory_restarts_after_failures_and_waits_for_running_requests() -> None:
    options = unit()
    assert re.fullmatch(r"\d+G", options["MemoryMax"][0])
    assert options["Restart"] == ["on-failure"]
    assert options["RestartPreventExitStatus"] == ["2"], (
        "refused: the same again would be refused again"
    )
    assert options["KillMode"] == ["mixed"], "workers are stopped by their parent"
    assert int(options["TimeoutStopSec"][0]) > GRACE
    assert options["SystemCallFilter"] == ["@system-service", "~@privileged"]
    assert "MemoryDenyWriteExecute" not in options, (
        "torch compiles kernels while it runs, and fails without"
    )


# The proxy


def test_the_proxy_streams_and_takes_what_the_service_takes() -> None:
    assert "flush_interval -1" in CADDYFILE
    sizes = re.findall(r"max_size (\d+)MiB", CADDYFILE)
    assert [int(size) * 1024 * 1024 for size in sizes] == [MAX_BODY]
    assert f"bodies of {MAX_BODY // 1024**2} MiB" in DOCUMENT


def test_the_proxy_hides_neither_whom_it_forwards_for_nor_the_host() -> None:
    """That is how the service distinguishes its clients from local users while there is no key."""
    assert not re.search(r"header_up|X-Forwarded|trusted_proxies", CADDYFILE)
    assert "respond /metrics* 404" in CADDYFILE


# The models, as the image prepares them


def test_prepared_models_are_not_written_again_and_nothing_else_is_left_behind(
    demo: Demo, tmp_path: Path
) -> None:
    """So a read-only root serves. The image runs `dateline demo`, as this fixture did."""
    cli, _ = demo
    cache, home = Path(cli.environment["DATELINE_CACHE_DIR"]), tmp_path / "home"
    home.mkdir()

    def state() -> dict[str, int]:
        return {path.name: path.stat().st_mtime_ns for path in cache.rglob("*")}

    before = state()
    assert before
    cli(
        "ask",
        "How much aid was announced?",
        HOME=str(home),
        XDG_CACHE_HOME=str(home),
        ORT_DISABLE_TELEMETRY="1",
        CI="",
    )
    assert state() == before
    assert list(home.iterdir()) == []


def test_a_backup_is_tried_out_as_the_document_says(demo: Demo, tmp_path: Path) -> None:
    cli, _ = demo
    cli("backup", tmp_path / "now.sqlite3")
    tried = tmp_path / "tried"
    tried.mkdir()
    shutil.copy(tmp_path / "now.sqlite3", tried / "archive.sqlite3")
    (block,) = [block for block in blocks("sh") if "/var/lib/dateline/tried" in block]
    shown = [
        words
        for words in map(dateline_words, map(shlex.split, block.splitlines()))
        if words is not None
    ]
    assert [words[0] for words in shown] == ["reindex", "doctor", "ask"]
    for words in shown[:2]:
        cli(*words[: words.index("--data-dir")], "--data-dir", tried)
