"""The fitted numbers: how the features of a candidate answer are weighed, and how sure that makes
us, for spans, whole sentences and verdicts.

`scorer.json` is written by ``make fit`` (`eval/research/fit_scorer.py`) and checked when it is
loaded.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from qa.answering.features import (
    Features,
    PolarityFeatures,
    SentenceFeatures,
    SpanFeatures,
    VerdictFeatures,
    names_of,
)
from qa.answering.fitted_on import DataSet
from qa.answering.reader import WEIGHTS_SHA256
from qa.errors import ModelUnavailable, first_problem

FILE = "scorer.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weight(_Part):
    """``origin``: "fitted", or "set" by hand where the training questions cannot show it."""

    value: float
    origin: Literal["fitted", "set"]


class Calibration(_Part):
    """Logistic regression of "the answer is right" on its score."""

    intercept: float
    slope: float

    def confidence(self, score: float) -> float:
        """0..1, rounded to four digits."""
        odds = self.intercept + self.slope * score
        return round(1 / (1 + math.exp(-odds)), 4)


class Competing(_Part):
    """When another report's span competes with the answer. Odds are the reader's log-odds against
    silence.

    ``least``: its own; ``behind``: how far it may lie behind the answer's; ``coverage``: the share
    of the question's words in the answer's passage that its own passage must contain.
    """

    least: float
    behind: float
    coverage: float


class Thresholds(_Part):
    other_day: (
        Competing  # figures of dated reports of different days: a change, not a contradiction
    )
    same_source: Competing
    other_source: Competing


class Training(_Part):
    """What the numbers were fitted on: ``sha256`` is of the questions, ``fitted_on`` has the files
    that they came from.
    """

    questions: int
    sha256: str
    reader_sha256: str
    fitted_on: tuple[DataSet, ...]


class Fit(_Part):
    """Weights and calibration of one kind of answer."""

    weights: dict[str, Weight]
    calibration: Calibration

    def score(self, features: Features) -> float:
        """The weighted sum of the features; higher is better."""
        return sum(
            weight.value * float(getattr(features, name)) for name, weight in self.weights.items()
        )


class Scorer(_Part):
    """The fits, the thresholds of competing reports, and what all were fitted on."""

    spans: Fit
    items: Calibration  # of the best span, where several are asked for
    sentences: Fit
    polarity: Fit
    verdicts: Fit
    competing: Thresholds
    training: Training

    @model_validator(mode="after")
    def _check_features(self) -> Self:
        for fit, features in (
            (self.spans, SpanFeatures),
            (self.sentences, SentenceFeatures),
            (self.polarity, PolarityFeatures),
            (self.verdicts, VerdictFeatures),
        ):
            names = names_of(features)
            if tuple(fit.weights) != names:
                raise ValueError(f"weights are for {list(fit.weights)}, the code has {list(names)}")
        if self.training.reader_sha256 != WEIGHTS_SHA256:
            raise ValueError("the scorer was fitted with another reader: run make fit")
        return self


@lru_cache(maxsize=1)
def scorer() -> Scorer:
    """The packaged scorer. Raises ModelUnavailable when it is missing, altered, or does not fit the
    code.
    """
    try:
        return read(files("qa.answering").joinpath(FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        reason = first_problem(error) if isinstance(error, ValidationError) else str(error)
        raise ModelUnavailable(f"{FILE}: {reason}; install dateline again") from error


def read(text: str) -> Scorer:
    """The scorer of a file's text. Raises ValueError when its checksum or its form is wrong."""
    content = json.loads(text)
    if not isinstance(content, dict) or content.pop("sha256", None) != checksum(content):
        raise ValueError("its checksum does not match")
    return Scorer.model_validate(content)


def write(scorer: Scorer) -> str:
    """The file's text, with the checksum of its content."""
    content = scorer.model_dump(mode="json")
    return json.dumps({**content, "sha256": checksum(content)}, indent=2) + "\n"


def checksum(content: Mapping[str, object]) -> str:
    """sha256 of the content as compact JSON with sorted keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
