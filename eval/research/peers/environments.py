"""The peers, and their environments: one each, made from pinned requirements, never our own."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_STAMP = "requirements.sha256"


class NotInstalled(Exception):
    """An environment could not be made."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A system of the comparison.

    ``requirements``: a file beside this one; None runs in our own environment. ``encoder``: the
    peer whose environment runs `adapters.encoder` for this one.
    """

    name: str
    module: str
    requirements: str | None = None
    python: tuple[int, int] = (3, 11)  # the oldest that it runs on
    encoder: str | None = None


_ADAPTERS = "eval.research.peers.adapters"
PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer("Dateline", f"{_ADAPTERS}.dateline"),
        Peer("txtai", f"{_ADAPTERS}.txtai", "txtai.txt"),
        Peer("haiku.rag", f"{_ADAPTERS}.haiku", "haiku.txt", (3, 12), encoder="Haystack"),
        Peer("Haystack", f"{_ADAPTERS}.haystack", "haystack.txt"),
    )
}
# Adapters load the packaged weights. Nothing is fetched from a model hub or sent to a vendor.
OFFLINE: Mapping[str, str] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HAYSTACK_TELEMETRY_ENABLED": "False",
}


def install(peer: Peer, folder: Path, pythons: Iterable[str] = ()) -> Path:
    """The interpreter of a peer's environment below ``folder``, made if it is missing or stale.

    ``pythons``: interpreters to try first. Raises NotInstalled.
    """
    if peer.requirements is None:
        return Path(sys.executable)
    requirements = HERE / "requirements" / peer.requirements
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    home = folder / requirements.stem
    interpreter = home / "bin" / "python"
    stamp = home / _STAMP
    if stamp.is_file() and stamp.read_text() == digest:
        return interpreter
    python = find_python(peer.python, pythons)
    if python is None:
        wanted = ".".join(map(str, peer.python))
        raise NotInstalled(f"needs Python {wanted} or newer; name one with --python")
    if home.exists():
        shutil.rmtree(home)
    _run([python, "-m", "venv", str(home)])
    pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    _run([*pip, "install", "-r", str(requirements)])
    stamp.write_text(digest)
    return interpreter


def find_python(
    oldest: tuple[int, int],
    pythons: Iterable[str] = (),
    version_of: Callable[[str], tuple[int, int] | None] | None = None,
) -> str | None:
    """The first interpreter that is new enough: our own, those named, those on the path."""
    version_of = version_of or _version_of
    on_path = (f"python3.{minor}" for minor in range(oldest[1], oldest[1] + 3))
    for python in (sys.executable, *pythons, *on_path):
        version = version_of(python)
        if version is not None and version >= oldest:
            return python
    return None


def _version_of(python: str) -> tuple[int, int] | None:
    found = shutil.which(python)
    if found is None:
        return None
    command = [found, "-c", "import sys; print(*sys.version_info[:2])"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode:
        return None
    major, minor = done.stdout.split()
    return int(major), int(minor)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - venv and pip
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise NotInstalled(lines[-1] if lines else f"{command[2]} failed")
