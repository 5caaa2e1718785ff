"""The scorer's file: it says the same after reading and writing, and anything else is refused."""

import json
import math
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from qa.answering import scorer as module
from qa.answering.features import SpanFeatures, names_of
from qa.answering.scorer import (
    FILE,
    Calibration,
    Scorer,
    checksum,
    read,
    scorer,
    write,
)
from qa.errors import ModelUnavailable

PACKAGED = files("qa.answering").joinpath(FILE).read_text("utf-8")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(autouse=True)
def _uncached() -> Iterator[None]:
    scorer.cache_clear()
    yield
    scorer.cache_clear()


def altered(change: Change) -> str:
    """The packaged file with a change and the checksum that fits it."""
    content = json.loads(PACKAGED)
    del content["sha256"]
    change(content)
    return json.dumps({**content, "sha256": checksum(content)})


def load(text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scorer:
    """The scorer of an installation whose file has this text, or that lacks the file."""
    if text is not None:
        (tmp_path / FILE).write_text(text, "utf-8")
    monkeypatch.setattr(module, "files", lambda _: tmp_path)
    return scorer()


def test_the_packaged_scorer_is_written_as_it_was_read() -> None:
    assert write(read(PACKAGED)) == PACKAGED


def test_the_checksum_covers_every_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = json.loads(PACKAGED)
    content["spans"]["calibration"]["slope"] += 0.001
    with pytest.raises(
        ModelUnavailable, match=r"scorer\.json: its checksum does not match; install"
    ):
        load(json.dumps(content), tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda content: content["spans"]["weights"].pop("named"), "weights are for"),
        (
            lambda content: content["verdicts"]["weights"].update(
                luck={"value": 1, "origin": "set"}
            ),
            "weights are for",
        ),
        (
            lambda content: content["sentences"].update(
                weights=dict(reversed(list(content["sentences"]["weights"].items())))
            ),
            "weights are for",
        ),
        (
            lambda content: content["training"].update(reader_sha256="0" * 64),
            "fitted with another reader: run make fit",
        ),
        (lambda content: content["spans"].pop("calibration"), "Field required"),
        (lambda content: content.update(luck=1), "Extra inputs are not permitted"),
    ],
)
def test_a_scorer_that_does_not_fit_the_code_is_refused(
    change: Change, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelUnavailable, match=rf"scorer\.json: .*{reason}"):
        load(altered(change), tmp_path, monkeypatch)


@pytest.mark.parametrize("text", [None, "", "not JSON", "[]"])
def test_a_missing_or_damaged_file_is_refused(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelUnavailable, match=r"scorer\.json: .*; install dateline again"):
        load(text, tmp_path, monkeypatch)


def test_a_score_is_the_weighted_sum_of_the_features() -> None:
    names = names_of(SpanFeatures)
    weights = {name: {"value": 10.0**-n, "origin": "set"} for n, name in enumerate(names)}
    chosen = read(altered(lambda content: content["spans"].update(weights=weights)))
    values = {name: float(n + 1) for n, name in enumerate(names)}
    # 1·1 + 2·0.1 + 3·0.01 + …
    assert chosen.spans.score(SpanFeatures(**values)) == pytest.approx(
        sum((n + 1) * 10.0**-n for n in range(len(names)))
    )


def test_a_confidence_is_the_logistic_of_the_score() -> None:
    calibration = Calibration(intercept=-1.0, slope=2.0)
    assert calibration.confidence(0.5) == 0.5  # -1 + 2 · 0.5 = 0
    assert calibration.confidence(1.0) == round(1 / (1 + math.exp(-1.0)), 4)
