"""`dateline` inside the test's process through click's own runner, or in a process of its own."""

import os
import shutil
import subprocess
import sys
from contextlib import chdir
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from api.cli import cli


class LocalCli:
    """`dateline` with a data folder and a model cache of its own."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.environment = {
            "DATELINE_DATA_DIR": str(self.data),
            "DATELINE_CACHE_DIR": str(cache),
        }

    def __call__(self, *words: str | Path, code: int = 0, **environment: str) -> Result:
        """Run a command in the folder; its exit code must be ``code``."""
        with chdir(self.folder):
            done = CliRunner().invoke(
                cli, [str(word) for word in words], env={**self.environment, **environment}
            )
        assert isinstance(done.exception, SystemExit | None), repr(done.exception)
        assert done.exit_code == code, (done.exit_code, done.stdout, done.stderr)
        return done

    def refused(self, *words: str | Path, **environment: str) -> str:
        """Run what must be refused: exit code 2, one line on stderr, which is returned."""
        done = self(*words, code=2, **environment)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("dateline: ")
        return done.stderr

    def copy_of(self, archive: Path) -> None:
        """Take a copy of an archive as one's own."""
        shutil.copytree(archive, self.data)


class ProcessCli:
    """`dateline` in a process of its own, with a data folder and a model cache of its own."""

    def __init__(self, folder: Path, cache: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DATELINE_", "PYTEST"))
        }
        self.environment = {
            **kept,
            "DATELINE_DATA_DIR": str(self.data),
            "DATELINE_CACHE_DIR": str(cache),
        }

    def __call__(
        self, *words: str | Path, code: int = 0, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", *map(str, words)],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={**self.environment, **environment},
            timeout=500,
            check=False,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def refused(self, *words: str | Path, **environment: str) -> str:
        """Run what must be refused: exit code 2, one line on stderr, which is returned."""
        done = self(*words, code=2, **environment)
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("dateline: ")
        return done.stderr


# `dateline demo` as the tests share it: a process that asks its archive, and its answers.
Demo = tuple[ProcessCli, list[dict[str, Any]]]
