"""Score a stored run again, without a model: after a metric changed, or to check what somebody else reports."""

from collections.abc import Callable, Sequence

from eval.cases import EvalCase
from eval.run import Run, fingerprint, scored
from eval.run_file import Stored
from eval.summary import Scoreboard
from eval.targets import TargetFailed
from qa.errors import BadInput


def replay_run(
    stored: Stored,
    cases: Sequence[EvalCase] | None,
    corpus: str | None,
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> Run:
    """``cases`` and ``corpus`` (an archive's fingerprint), where given, must be those of the run. Raises BadInput."""
    header = stored.header
    wanted, known = header["cases"], header["target"].get("corpus", {}).get("fingerprint")
    if cases is not None and fingerprint(cases) != wanted["sha256"]:
        raise BadInput(
            f"{stored.path.name} was made with other cases than these ({wanted['name']}): run them anew"
        )
    if corpus is not None and corpus != known:
        raise BadInput(
            f"{stored.path.name} was made over another corpus than this one: run the cases anew"
        )
    board, seen = Scoreboard(), []
    for result in stored.results():
        # What was not ingested then is not known any more but by its blame.
        missing = result.blame == "not ingested"
        outcome = result.outcome or TargetFailed(result.error or "no reason given", result.retries)
        board.add(scored(result.case, outcome, set() if missing else None))
        seen.append(result.case)
        on_progress(len(seen), wanted["count"])
    if fingerprint(seen) != wanted["sha256"]:
        raise BadInput(
            f"{stored.path.name} does not hold the cases that its header names: it was changed"
        )
    return Run(header, board.summary(), board)
