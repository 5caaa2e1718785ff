"""Fit how the answer is chosen among spans, and its confidence (`qa/answering/spans.py`): ``make fit``.

On questions of our own that the reader was not trained on, asked of an archive of all our own reports. No line of any
benchmark is used. Prints the weights; they are copied into the code by hand, with the measurement that they brought.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from eval import metrics
from eval.cases import load_cases
from eval.research.train_reader import SEED, asked, reports
from qa.answering import evidence
from qa.answering.answerer import EVIDENCE_HITS, EVIDENCE_SENTENCES
from qa.answering.reader import shared_reader
from qa.answering.spans import CONFIDENCE, WEIGHTS, Span, candidates
from qa.bootstrap import open_archive, open_retriever
from qa.models.local import shared_local_model
from qa.settings import Settings
from qa.types import Filters

STEPS = 400
STRENGTH = 0.02  # of the pull of the weights towards zero


@dataclass(frozen=True, slots=True)
class Held:
    """A held-out question with what could answer it, and how right each of those is (F1)."""

    question: str
    answers: tuple[str, ...]
    spans: Sequence[Span]
    right: Sequence[float]


class Unseen(NamedTuple):
    """A question that nothing was trained on."""

    text: str
    answers: tuple[str, ...]


def unseen() -> tuple[list[dict[str, Any]], list[Unseen]]:
    """The articles of one archive of all our own reports, and the questions of those that are held out: of single
    reports, and of events that several sources tell in their own words (`eval/data/archive/`).
    """
    held, archive = reports(held_out=True), files("eval") / "data" / "archive"
    articles = [
        {"id": f"r{index}", **report.model_dump(include={"title", "text", "published_at"})}
        for index, report in enumerate([*held, *reports(held_out=False)])
    ]
    articles += [
        json.loads(line) for line in (archive / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    questions = [
        Unseen(item.question, item.answers)
        for index, report in enumerate(held)
        for item in asked(index, report)
        if not item.verdict
    ]
    with as_file(archive / "cases.jsonl") as path:
        told = [Unseen(case.question, case.answers) for case in load_cases(path)]
    random.Random(SEED).shuffle(questions := [*questions, *told])  # noqa: S311 - the same order each time
    return articles, questions


def collect(settings: Settings, most: int, *, votes: bool) -> list[Held]:
    """What retrieval, reader and evidence bring for each question; yes/no questions are left out."""
    articles, questions = unseen()
    found: list[Held] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.jsonl"
        path.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
        chosen = settings.model_copy(update={"data_dir": Path(folder) / "archive"})
        with open_archive(chosen, create=True) as archive:
            archive.ingest([path])
            retriever, reader = open_retriever(archive, chosen), shared_reader(settings.threads)
            model = shared_local_model(settings.cache_dir, settings.threads, settings.local_slots)
            for item in questions[:most]:
                hits = retriever.retrieve(item.text, EVIDENCE_HITS, Filters()).hits
                readings = reader.read(item.text, hits)
                sentences = evidence.select(item.text, hits, EVIDENCE_SENTENCES, readings)
                vote = model.vote(item.text, sentences) if votes else None
                spans = candidates(item.text, sentences, vote)
                right = [
                    metrics.f1(span.text, item.answers) if item.answers else 0.0 for span in spans
                ]
                found.append(Held(item.text, item.answers, spans, right))
    return found


def fit(held: Sequence[Held]) -> dict[str, float]:
    """The weights under which a softmax over the spans expects the highest F1 ."""
    answerable = [item for item in held if item.spans and max(item.right) > 0]
    names = list(WEIGHTS)
    features = [
        torch.tensor([[float(getattr(span, name)) for name in names] for span in item.spans])
        for item in answerable
    ]
    rights = [torch.tensor(item.right) for item in answerable]
    weights = torch.tensor([WEIGHTS[name] for name in names], requires_grad=True)
    optimizer = torch.optim.Adam([weights], lr=0.05)
    for _ in range(STEPS):
        gains = [
            (torch.softmax(feature @ weights, 0) @ right)
            for feature, right in zip(features, rights, strict=True)
        ]
        loss = -torch.log(torch.stack(gains) + 1e-3).mean() + STRENGTH * weights.square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        optimizer.step()
    return dict(zip(names, (round(float(weight), 2) for weight in weights.detach()), strict=True))


def mean_f1(held: Sequence[Held], weights: dict[str, float]) -> float:
    """F1 of the best span under the weights, over the answerable."""
    scores = []
    for item in held:
        if item.answers:
            totals = [_total(span, weights) for span in item.spans]
            scores.append(item.right[int(np.argmax(totals))] if totals else 0.0)
    return sum(scores) / len(scores)


def fit_confidence(held: Sequence[Held], weights: dict[str, float]) -> tuple[list[float], float]:
    """Logistic regression of "F1 at least .5" on the best span's score under the weights: constant and slope, and its
    mean log-loss.
    """
    rows, labels = [], []
    for item in held:
        if item.spans:
            totals = [_total(span, weights) for span in item.spans]
            best = int(np.argmax(totals))
            rows.append((1.0, totals[best]))
            labels.append(float(item.right[best] >= 0.5))
    features, right = torch.tensor(rows), torch.tensor(labels)
    chosen = torch.zeros(features.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([chosen], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(features @ chosen, right)
        loss = loss + 1e-3 * chosen.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch's has no types
    return [round(float(weight), 3) for weight in chosen.detach()], float(closure().detach())


def _total(span: Span, weights: dict[str, float]) -> float:
    return sum(weight * float(getattr(span, name)) for name, weight in weights.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=1500, help="questions")
    parser.add_argument("--no-votes", action="store_true", help="without the language model")
    options = parser.parse_args()
    held = collect(Settings.load(), options.most, votes=not options.no_votes)
    ceiling = [max(item.right, default=0.0) for item in held if item.answers]
    print(
        f"{len(held)} questions, {len(ceiling)} answerable; best span of each: F1 {sum(ceiling) / len(ceiling):.3f}"
    )
    print(f"weights in the code: F1 {mean_f1(held, WEIGHTS):.3f}")
    half = fit(held[::2])
    print(
        f"fitted on one half: F1 {mean_f1(held[::2], half):.3f}, on the other {mean_f1(held[1::2], half):.3f}"
    )
    fitted = fit(held)
    print(f"fitted on all: F1 {mean_f1(held, fitted):.3f}")
    print(json.dumps(fitted, indent=1))
    print(
        f"confidence under the weights in the code, {CONFIDENCE}: fit gives {fit_confidence(held, WEIGHTS)}"
    )


if __name__ == "__main__":
    main()
