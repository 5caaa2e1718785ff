"""Ask every case, score the answers, store them; or score a stored run again.

An outage of the system is a failure, not a wrong answer.
"""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run_file import FORMAT, KIND, Result, RunWriter, Stored
from eval.scoring import blame_of, is_right, scores_of
from eval.significance import SEED
from eval.summary import Comparable, Scoreboard
from eval.targets.base import Target, TargetFailed
from qa.errors import BadInput

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a run. ``board`` holds the numbers of each case."""

    header: Mapping[str, Any]
    summary: Mapping[str, Any]
    board: Scoreboard

    def comparable(self, name: str) -> Comparable:
        """The form that gates and comparisons take."""
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
    """Ask every case, in their order, up to ``in_flight`` at a time.

    With ``out`` the run is stored, and a stopped run continues where it was. Raises BadInput for
    cases of another corpus and for a partial file of another run.
    """
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
        "target": dict(target.describe()),
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
        left = [case for case in cases if case.id not in done]
        asked = enumerate(_outcomes(target, left, in_flight), start=len(done) + 1)
        for count, (case, outcome) in asked:
            result = score(case, outcome, known)
            if result.outcome is not None:
                waited += result.outcome.seconds or 0.0
            board.add(result)
            if writer is not None:
                writer.add(result)
            on_progress(count, len(cases))
        summary = board.summary()
        # With one case at a time, the rest is the harness.
        summary["time_s"] = {"whole": time.perf_counter() - started, "in_the_system": waited}
        if writer is not None:
            writer.finish(summary)
    return Run(header, summary, board)


def replay(
    stored: Stored,
    cases: Sequence[EvalCase] | None = None,
    corpus: str | None = None,
    on_progress: OnProgress = lambda *_: None,
) -> Run:
    """Score a stored run again, without asking: a metric changed, or its numbers are to be checked.

    ``cases`` and ``corpus`` (an archive's fingerprint), if given, must be those of the run. Raises
    BadInput.
    """
    header = stored.header
    wanted = header["cases"]
    if cases is not None and fingerprint(cases) != wanted["sha256"]:
        raise BadInput(
            f"{stored.path.name} was made with other cases ({wanted['name']}): run these again"
        )
    if corpus is not None and corpus != header["target"].get("corpus", {}).get("fingerprint"):
        raise BadInput(f"{stored.path.name} was made over another corpus: run the cases again")
    board = Scoreboard()
    seen: list[EvalCase] = []
    for result in stored.results():
        # Which articles were missing is only known by the stored blame.
        ingested: set[str] | None = set() if result.blame == "not ingested" else None
        failure = TargetFailed(result.error or "no reason given", result.retries)
        board.add(score(result.case, result.outcome or failure, ingested))
        seen.append(result.case)
        on_progress(len(seen), wanted["count"])
    if fingerprint(seen) != wanted["sha256"]:
        raise BadInput(f"{stored.path.name} was changed: its cases are not those of its header")
    return Run(header, board.summary(), board)


def score(case: EvalCase, outcome: Outcome | TargetFailed, ingested: set[str] | None) -> Result:
    """One case's result. ``ingested``: the relevant articles that the archive has, if known."""
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
    """sha256 over the cases, in their order. What they may be used for changes nothing."""
    digest = hashlib.sha256()
    for case in cases:
        content = case.model_dump(mode="json", exclude={"split"})
        digest.update(json.dumps(content, sort_keys=True).encode())
    return digest.hexdigest()


def _outcomes(
    target: Target, cases: Sequence[EvalCase], in_flight: int
) -> Iterator[tuple[EvalCase, Outcome | TargetFailed]]:
    """In the order of the cases; at most ``in_flight`` are asked and not yet yielded."""

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
        # Stopping a run must not wait for a slow system.
        pool.shutdown(wait=False, cancel_futures=True)
