"""One execution over cases: ask each, score what was said, keep it. An outage of the system is not a wrong answer."""

import hashlib
import json
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from eval.cases import EvalCase
from eval.outcomes import Outcome
from eval.run_file import FORMAT, KIND, Result, RunWriter
from eval.scoring import blame_of, is_right, scores_of
from eval.significance import SEED
from eval.summary import Comparable, Scoreboard
from eval.targets import Target, TargetFailed
from qa.bootstrap import open_archive
from qa.errors import BadInput
from qa.ingest.files import read_paths
from qa.settings import Settings

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run came to. ``board`` keeps the numbers of each case."""

    header: Mapping[str, Any]
    summary: Mapping[str, Any]
    board: Scoreboard

    def comparable(self, name: str) -> Comparable:
        """As gates and comparisons want it."""
        return self.board.comparable(name, self.header, self.summary)


def run_cases(
    cases: Sequence[EvalCase],
    target: Target,
    *,
    cases_name: str,
    out: Path | None = None,
    in_flight: int = 1,
    on_progress: OnProgress = lambda *_: None,
) -> Run:
    """Ask every case, in their order, up to ``in_flight`` at a time. With ``out`` a stopped run goes on where it was.

    Raises BadInput: cases for another corpus, a partial file of another run.
    """
    described = dict(target.describe())
    relevant = {name for case in cases if case.answerable for name in case.relevant}
    known = target.ingested(relevant)
    if relevant and known is not None and not known:
        raise BadInput(
            f"none of the {len(relevant)} relevant articles of {cases_name} is in this archive:"
            " are these cases for another corpus?"
        )
    header = {
        "kind": KIND,
        "format": FORMAT,
        "dateline": version("dateline"),
        "target": described,
        "cases": {"name": cases_name, "count": len(cases), "sha256": fingerprint(cases)},
        "relevant_not_ingested": len(relevant - known) if known is not None else None,
        "seed": SEED,
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    board = Scoreboard()
    started = time.perf_counter()
    waited = 0.0
    with RunWriter(out, header) if out is not None else nullcontext() as writer:
        done = writer.done if writer is not None else set()
        if writer is not None and done:
            for result in writer.earlier():
                board.add(result)
        on_progress(len(done), len(cases))
        for count, (case, outcome) in enumerate(
            _asked(target, [case for case in cases if case.id not in done], in_flight),
            start=len(done) + 1,
        ):
            result = scored(case, outcome, known)
            waited += result.outcome.seconds or 0.0 if result.outcome is not None else 0.0
            board.add(result)
            if writer is not None:
                writer.add(result)
            on_progress(count, len(cases))
        summary = board.summary()
        # With one case at a time, what the harness itself took is the rest.
        summary["time_s"] = {"whole": time.perf_counter() - started, "in_the_system": waited}
        if writer is not None:
            writer.finish(summary)
    return Run(header, summary, board)


def scored(case: EvalCase, outcome: Outcome | TargetFailed, ingested: set[str] | None) -> Result:
    if isinstance(outcome, TargetFailed):
        return Result(case=case, error=str(outcome), retries=outcome.retries)
    return Result(
        case=case,
        outcome=outcome,
        retries=outcome.retries,
        scores=scores_of(case, outcome),
        right=is_right(case, outcome),
        blame=blame_of(case, outcome, ingested),
    )


def fingerprint(cases: Sequence[EvalCase]) -> str:
    """sha256 over the cases, in their order."""
    digest = hashlib.sha256()
    for case in cases:
        digest.update(json.dumps(case.model_dump(mode="json"), sort_keys=True).encode())
    return digest.hexdigest()


@contextmanager
def fresh_archive(settings: Settings, articles: Path | None) -> Iterator[Settings]:
    """The settings over an archive of ``articles``, or of the sample corpus, gone afterwards."""
    with (
        as_file(files("qa") / "data" / "sample.jsonl") as sample,
        tempfile.TemporaryDirectory() as folder,
    ):
        path = articles or sample
        reads = read_paths([path])
        chosen = settings.model_copy(update={"data_dir": Path(folder) / "archive"})
        with open_archive(chosen, create=True) as archive:
            archive.ingest([path], reads)
        yield chosen


def _asked(
    target: Target, cases: Sequence[EvalCase], in_flight: int
) -> Iterator[tuple[EvalCase, Outcome | TargetFailed]]:
    """In the order of the cases; never more than ``in_flight`` asked and not yet handed out."""

    def ask(case: EvalCase) -> Outcome | TargetFailed:
        try:
            return target.ask(case)
        except TargetFailed as error:
            return error

    if in_flight == 1:
        for case in cases:
            yield case, ask(case)
        return
    pool = ThreadPoolExecutor(in_flight)
    waiting: deque[tuple[EvalCase, Future[Outcome | TargetFailed]]] = deque()
    try:
        for case in cases:
            waiting.append((case, pool.submit(ask, case)))
            if len(waiting) == in_flight:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:
        pool.shutdown(
            wait=False, cancel_futures=True
        )  # who stops a run does not want to wait for a slow system
