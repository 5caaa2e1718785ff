"""Measure clean installs of a wheel: seconds and megabytes, without extras and for each extra.

    python deploy/release/install_sizes.py dist/dateline-0.3.0-py3-none-any.whl

Each extra is installed on top of the same environment and removed again, so that what two extras
share counts for both. Downloads come from pip's cache where it has them.
"""

import argparse
import subprocess
import tempfile
import time
import venv
import zipfile
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

CONSTRAINTS = Path(__file__).parents[2] / "constraints.txt"


@dataclass(frozen=True)
class Environment:
    """A virtual environment of its own, empty but for pip."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> "Environment":
        venv.create(folder, with_pip=True)
        return cls(folder)

    def run(self, command: str, *arguments: str) -> str:
        """Run a command of this environment; return its output."""
        program = self.folder / "bin" / command
        done = subprocess.run(  # noqa: S603  # pip of the environment made here
            [str(program), *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
        return done.stdout

    def install(self, requirement: str) -> float:
        """Install, and return the seconds that it took."""
        start = time.perf_counter()
        self.run("pip", "install", "--quiet", "--constraint", str(CONSTRAINTS), requirement)
        return time.perf_counter() - start

    def packages(self) -> set[str]:
        """What is installed, as ``name==version``."""
        lines = self.run("pip", "list", "--format=freeze").splitlines()
        return set(lines)

    def megabytes(self) -> float:
        """The size on disk of everything installed."""
        du = subprocess.run(  # noqa: S603  # a fixed program, our own folder
            ["/usr/bin/du", "-sk", str(self.folder)], check=True, stdout=subprocess.PIPE
        )
        return int(du.stdout.split()[0]) / 1024


def extras(wheel: Path) -> list[str]:
    """The extras that a wheel names in its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(name).decode())
    return [extra for extra in metadata.get_all("Provides-Extra", []) if extra != "dev"]


def measure(wheel: Path, folder: Path) -> None:
    """Print a table in Markdown: a row for the plain install, and one for each extra."""
    environment = Environment.create(folder)
    empty = environment.megabytes()
    seconds = environment.install(str(wheel))
    base = environment.packages()
    size = environment.megabytes()
    print("| install | packages | MB | seconds |\n| --- | --- | --- | --- |")
    print(f"| `dateline` | {len(base)} | {size - empty:.0f} | {seconds:.0f} |", flush=True)
    for extra in extras(wheel):
        seconds = environment.install(f"{wheel}[{extra}]")
        added = environment.packages() - base
        more = environment.megabytes() - size
        row = f"| `dateline[{extra}]` | +{len(added)} | +{more:.0f} | +{seconds:.0f} |"
        print(row, flush=True)
        names = [package.partition("==")[0] for package in added]
        if names:
            environment.run("pip", "uninstall", "--quiet", "--yes", *names)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--keep", type=Path, help="keep the environment, in this new folder")
    arguments = parser.parse_args()
    if arguments.keep:
        measure(arguments.wheel.resolve(), arguments.keep)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(arguments.wheel.resolve(), Path(folder))


if __name__ == "__main__":
    main()
