"""The loop behind jobs, feeds, watches, suggestions and what expires."""

import logging
import time

import anyio
import pytest

from api.http.background import repeating
from qa.errors import ArchiveBusy, BadInput, QAError


@pytest.mark.parametrize(
    ("error", "level", "said"),
    [
        (ArchiveBusy("another writes"), logging.DEBUG, "tidying: waiting: another writes"),
        (BadInput("no such place"), logging.WARNING, "tidying: waiting: no such place"),
        (KeyError("oops"), logging.ERROR, "tidying failed"),
    ],
)
def test_a_step_that_fails_is_logged_and_the_next_one_is_taken(
    error: QAError | KeyError, level: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        steps = 0
        again = anyio.Event()

        async def step() -> float:
            nonlocal steps
            steps += 1
            if steps == 1:
                raise error
            again.set()
            return 60

        with anyio.fail_after(60):
            async with repeating(step, "tidying", 0.01):
                await again.wait()
        assert steps == 2

    with caplog.at_level(logging.DEBUG, "dateline"):
        anyio.run(main)
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(level, said)]


def test_closing_waits_for_the_thread_of_a_step() -> None:
    async def main() -> list[str]:
        done: list[str] = []
        begun = anyio.Event()

        def work() -> None:
            anyio.from_thread.run_sync(begun.set)
            time.sleep(0.05)  # closing begins meanwhile
            done.append("whole")

        async def step() -> float:
            await anyio.to_thread.run_sync(work)
            return 60

        async with repeating(step, "tidying", 60):
            await begun.wait()
        return done

    assert anyio.run(main) == ["whole"]
