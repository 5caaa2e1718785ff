"""Which cases had a part in choosing Dateline's numbers, and which were held out.

A case had a part if its file says so (``split``), or if its question is one of a benchmark that
somebody looked at while choosing a number by hand. `eval/data/chosen_on.json` lists those, as
digests of questions, since benchmarks are third-party text; docs/measurements/chosen-numbers.md
says which number was chosen on which.
"""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from eval.cases import EvalCase, cases_name, load_cases
from qa.answering.fitted_on import DataSet, reader_card
from qa.answering.scorer import scorer
from qa.errors import BadInput
from qa.settings import Settings

FILE = "chosen_on.json"
FITTED, HELD_OUT = "fitted on", "not fitted on"
# Beyond these the threshold of a run was chosen by whoever set it.
THRESHOLD_SETS = ("realtimeqa-2022", "rgb")  # docs/decisions/0020


class LookedAt(BaseModel):
    """A benchmark that numbers were chosen on. ``sha256``: `eval.run.fingerprint` of its cases."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str
    questions: tuple[str, ...]  # `digest_of` each


class ChosenOn(BaseModel):
    """The content of `FILE`, written by `eval.research.chosen_on`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sets: tuple[LookedAt, ...]


@lru_cache(maxsize=1)
def looked_at() -> tuple[LookedAt, ...]:
    """The benchmarks that hand-chosen numbers were chosen on."""
    text = (files("eval") / "data" / FILE).read_text("utf-8")
    return ChosenOn.model_validate_json(text).sets


@lru_cache(maxsize=1)
def _set_of_question() -> dict[str, str]:
    return {digest: each.name for each in looked_at() for digest in each.questions}


def digest_of(question: str) -> str:
    """Twelve hexadecimal digits; case and spaces do not matter."""
    plain = " ".join(question.casefold().split())
    return hashlib.sha256(plain.encode()).hexdigest()[:12]


def fitted_on(case: EvalCase) -> str | None:
    """What gave the case a part in Dateline's numbers: its split, or a benchmark. None: held out.

    >>> fitted_on(EvalCase(id="q", question="Why?", answerable=False, split="dev"))
    'split dev'
    """
    if case.split != "test":
        return f"split {case.split}"
    return _set_of_question().get(digest_of(case.question))


def use_of(case: EvalCase) -> str:
    """`FITTED` or `HELD_OUT`: the two groups that reports show apart."""
    return HELD_OUT if fitted_on(case) is None else FITTED


def cases_to_fit_on(path: Path | None) -> list[EvalCase]:
    """The cases of a file, to fit or choose numbers on. Raises BadInput if one is held out."""
    cases = load_cases(path)
    refuse_held_out(cases, cases_name(path))
    return cases


def refuse_held_out(cases: Sequence[EvalCase], name: str) -> None:
    """Raise BadInput if any of the cases is held out: a number fitted on it would be no test."""
    held = [case.id for case in cases if case.split == "test"]
    if held:
        raise BadInput(
            f"{name}: {len(held)} of {len(cases)} cases are held out for testing, such as"
            f' \'{held[0]}\'; to fit on them, give each a "split": "train" or "dev"'
        )


def refuse_held_out_in(folder: Path) -> None:
    """The same for each case file in a folder of training data and below."""
    for path in sorted(folder.rglob("*cases*.jsonl")):
        refuse_held_out(load_cases(path), str(path.relative_to(folder)))


def chosen_by(settings: Settings) -> dict[str, Any]:
    """The data that chose the numbers of a system with these settings, for a run's header."""
    hand = {each.name: each.sha256 for each in looked_at()}
    default = Settings.model_fields["min_confidence"].default
    threshold = THRESHOLD_SETS if settings.min_confidence == default else ()
    return {
        "reader": _listed(reader_card().fitted_on),
        "scorer": _listed(scorer().training.fitted_on),
        "by hand": [{"name": name, "sha256": sha256} for name, sha256 in hand.items()],
        "min_confidence": [{"name": name, "sha256": hand[name]} for name in threshold],
    }


def _listed(sets: Iterable[DataSet]) -> list[dict[str, Any]]:
    return [each.model_dump() for each in sets]
