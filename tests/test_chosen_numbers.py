"""docs/measurements/chosen-numbers.md lists what the code has, with the values that it has."""

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from eval.held_out import THRESHOLD_SETS, looked_at
from qa import tuning
from qa.answering.scorer import scorer
from qa.settings import Settings

PAGE = Path(__file__).parents[1] / "docs" / "measurements" / "chosen-numbers.md"
ROW = re.compile(r"^\| `(?P<name>[\w.]+)` \| (?P<value>[^|]+) \| (?P<data>[^|]+) \|", re.MULTILINE)


def listed() -> dict[str, tuple[Any, str]]:
    """Value and data by the name of the number."""
    rows = ROW.finditer(PAGE.read_text("utf-8"))
    return {row["name"]: (ast.literal_eval(row["value"]), row["data"]) for row in rows}


def value_of(name: str) -> Any:
    head, _, rest = name.partition(".")
    if head == "settings":
        return Settings.model_fields[rest].default
    if head == "scorer":
        part, *path = rest.split(".")
        if part == "competing":
            return getattr(getattr(scorer().competing, path[0]), path[1])
        return getattr(scorer(), part).weights[path[0]].value
    module, _, constant = name.rpartition(".")
    return getattr(import_module(module), constant)


def test_each_number_has_the_value_that_the_page_gives() -> None:
    found = {name: value for name, (value, _) in listed().items()}
    assert found == {name: value_of(name) for name in found}


def test_no_number_chosen_by_hand_is_missing() -> None:
    constants = {f"qa.tuning.{name}" for name in vars(tuning) if name.isupper()}
    weights = {
        f"scorer.{part}.{name}"
        for part in ("spans", "sentences", "polarity", "verdicts")
        for name, weight in getattr(scorer(), part).weights.items()
        if weight.origin == "set"
    }
    assert constants | weights <= set(listed())


def test_each_benchmark_that_the_page_names_counts_as_looked_at() -> None:
    benchmarks = {each.name for each in looked_at()}
    text = " ".join(data for _, data in listed().values())
    named = {path.stem for path in (PAGE.parents[2] / "eval" / "baselines").glob("*.json")}
    of_others = named - {"sample", "archive-retrieval"}
    assert {name for name in of_others if re.search(rf"\b{name}\b", text)} <= benchmarks
    assert set(THRESHOLD_SETS) <= benchmarks
    assert all(name in listed()["settings.min_confidence"][1] for name in THRESHOLD_SETS)
