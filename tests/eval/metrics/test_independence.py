"""The metrics share no code with the answers that they judge."""

import subprocess
import sys

# What an answer is made of, and the errors of files: records, without any reading of texts.
SHARED = {"qa", "qa.answer", "qa.errors", "qa.types"}


def test_judging_loads_no_code_of_the_answer_path() -> None:
    script = (
        "import sys\n"
        "import eval.disagreements, eval.metrics, eval.outcome, eval.scoring, eval.verdict\n"
        "print(*(name for name in sys.modules if name.partition('.')[0] == 'qa'))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=300
    )
    assert set(run.stdout.split()) == SHARED
