"""The numbers of runs, made up."""

from random import Random
from typing import Any

from eval.summary import Comparable


def comparable(name: str, scores: dict[str, dict[str, float]], corpus: str = "f") -> Comparable:
    metrics: dict[str, Any] = {}
    for metric in {metric for of in scores.values() for metric in of}:
        values = [of[metric] for of in scores.values() if metric in of]
        metrics[metric] = {
            "mean": sum(values) / len(values),
            "n": len(values),
            "low": None,
            "high": None,
        }
    summary = {
        "metrics": metrics,
        "failures": 1,
        "latency_s": {"p95": 2.5},
        "by_tag": {"money": {"F1": {"mean": 0.4, "n": 3}}},
    }
    relevant = {case: [case] for case in scores}
    tags = {case: ["money"] if int(case[1:]) < 20 else [] for case in scores}
    return Comparable(
        name,
        {"target": {"corpus": {"fingerprint": corpus}}, "cases": {"sha256": "s"}},
        summary,
        scores,
        relevant,
        tags,
    )


def noisy(seed: int, shift: float = 0.0, metric: str = "F1") -> Comparable:
    random = Random(seed)
    return comparable(
        f"run {seed}",
        {f"c{n}": {metric: min(1.0, max(0.0, random.random() + shift))} for n in range(100)},
    )
