"""An adapter's process: requests to it, and what it and its children use, as Linux counts it."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from types import TracebackType
from typing import IO, Any, Self

from eval.research.usage import cpu_seconds, memory_mb

ROOT = Path(__file__).parents[3]
TIMEOUT = 3600  # seconds for one request; then the process is ended


class PeerFailed(Exception):
    """An adapter reported an error, or ended."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Of a process and its children. ``peak_mb`` adds up each one's own peak."""

    cpu_seconds: float
    resident_mb: int
    peak_mb: int


class PeerProcess:
    """A running adapter. What it writes to standard error goes to ``log``.

    ``cores``: how many it and its children may run on; libraries start a thread for each.
    """

    def __init__(
        self,
        python: Path,
        module: str,
        log: Path,
        environment: Mapping[str, str] | None = None,
        cores: int = 1,
    ) -> None:
        self._log = log
        with log.open("w") as errors, _held_to(cores):
            self._process = subprocess.Popen(  # noqa: S603 - our own adapter
                [python, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                cwd=log.parent,
                env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the adapter: it closes what it opened when its input ends."""
        stdin, stdout = self._pipes()
        with suppress(BrokenPipeError):  # what an adapter that has ended did not read
            stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        stdout.close()

    def ask(self, op: str, **fields: Any) -> Any:
        """Send a request and wait for its result. Raises PeerFailed."""
        stdin, stdout = self._pipes()
        timer = Timer(TIMEOUT, self._process.kill)
        timer.start()
        try:
            stdin.write(json.dumps({"op": op, **fields}) + "\n")
            stdin.flush()
            line = stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        if not line:
            raise PeerFailed(f"ended during '{op}': {self._last_words()}")
        reply = json.loads(line)
        if "error" in reply:
            raise PeerFailed(f"'{op}': {reply['error']}")
        return reply["result"]

    def usage(self) -> Usage:
        """What the process and its children have used until now."""
        pid = self._process.pid
        return Usage(cpu_seconds(pid), memory_mb(pid), memory_mb(pid, "VmHWM"))

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process.stdin is not None  # noqa: S101 - both are pipes
        assert self._process.stdout is not None  # noqa: S101
        return self._process.stdin, self._process.stdout

    def _last_words(self) -> str:
        lines = self._log.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "nothing in its log"


@contextmanager
def _held_to(cores: int) -> Iterator[None]:
    """What is started meanwhile runs on the first of our cores alone."""
    all_cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(all_cores)[:cores])
    try:
        yield
    finally:
        os.sched_setaffinity(0, all_cores)
