"""Fit how an answer is chosen among spans, and its confidence: ``make fit`` writes
`qa/answering/scorer.json`.

On questions of our own that the reader was not trained on, asked of an archive of all our own
reports. No line of any benchmark is used. Weights that these questions cannot show, since nearly
each of their events has one report, are set by hand and stay as they are in the file, as do the
thresholds of competing answers.
"""

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from eval import metrics
from eval.cases import load_cases
from eval.research.reader.sources import own_items, reports
from eval.research.train_reader import SEED
from qa import tuning
from qa.answering import evidence, scorer
from qa.answering.choice import candidates
from qa.answering.features import FEATURES
from qa.answering.reader import WEIGHTS_SHA256, shared_reader
from qa.bootstrap import open_archive, open_retriever
from qa.models.local import shared_local_model
from qa.question import Question
from qa.settings import Settings

TARGET = Path(scorer.__file__).with_name(scorer.FILE)
STEPS = 400
STRENGTH = 0.02  # of the pull of the weights towards zero
RIGHT = 0.5  # F1 from which an answer counts as right

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Example:
    """A held-out question with what could answer it: ``features`` (spans, features), and the F1 of
    each span.
    """

    question: str
    answers: tuple[str, ...]
    features: Floats
    right: Floats


class Unseen(NamedTuple):
    """A question that nothing was trained on."""

    text: str
    answers: tuple[str, ...]


def unseen() -> tuple[list[dict[str, Any]], list[Unseen]]:
    """The articles of one archive of all our own reports, and the held-out questions: about single
    reports, and about events that several sources report in their own words (`eval/data/archive/`).
    Always in the same order.
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
        Unseen(item.question, item.answers) for item in own_items(held) if not item.verdict
    ]
    with as_file(archive / "cases.jsonl") as path:
        questions += [Unseen(case.question, case.answers) for case in load_cases(path)]
    random.Random(SEED).shuffle(questions)  # noqa: S311 - the same order each time
    return articles, questions


def collect(
    settings: Settings,
    articles: Sequence[Mapping[str, Any]],
    questions: Sequence[Unseen],
    *,
    votes: bool,
) -> list[Example]:
    """What retrieval, reader and evidence bring for each question, except yes/no questions."""
    examples: list[Example] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.jsonl"
        path.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
        chosen = settings.model_copy(update={"data_dir": Path(folder) / "archive"})
        with open_archive(chosen, create=True) as archive:
            archive.ingest([path])
            retriever, reader = open_retriever(archive, chosen), shared_reader(settings.threads)
            model = shared_local_model(settings.cache_dir, settings.threads, settings.local_slots)
            for item in questions:
                question = Question.parse(item.text)
                hits = retriever.retrieve(Question.parse(item.text, k=tuning.EVIDENCE_HITS)).hits
                readings = reader.read(item.text, hits)
                sentences = evidence.select(question, hits, tuning.EVIDENCE_SENTENCES, readings)
                sentences = evidence.read_closely(question, sentences, reader)
                vote = model.vote(question, sentences) if votes else None
                scored = candidates(question, sentences, vote)
                if scored:
                    examples.append(_example(item, scored))
    return examples


def _example(item: Unseen, scored: Sequence[Any]) -> Example:
    features = [[float(getattr(one.features, name)) for name in FEATURES] for one in scored]
    right = [metrics.f1(one.span.text, item.answers) if item.answers else 0.0 for one in scored]
    return Example(
        item.text,
        item.answers,
        np.array(features, dtype=np.float32),
        np.array(right, dtype=np.float32),
    )


def fit_weights(examples: Sequence[Example], start: scorer.Scorer) -> dict[str, scorer.Weight]:
    """The weights under which a softmax over the spans expects the highest F1; those set by hand
    stay.
    """
    answerable = [item for item in examples if item.right.max() > 0]
    features = [torch.from_numpy(item.features) for item in answerable]
    rights = [torch.from_numpy(item.right) for item in answerable]
    initial = torch.tensor([start.weights[name].value for name in FEATURES])
    free = torch.tensor([start.weights[name].origin == "fitted" for name in FEATURES])
    change = torch.zeros(len(FEATURES), requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=0.05)
    for _ in range(STEPS):
        weights = initial + change * free
        gains = [
            torch.softmax(feature @ weights, 0) @ right
            for feature, right in zip(features, rights, strict=True)
        ]
        loss = -torch.log(torch.stack(gains) + 1e-3).mean() + STRENGTH * weights.square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        optimizer.step()
    fitted = (initial + change.detach() * free).tolist()
    return {
        name: scorer.Weight(value=round(value, 2), origin=start.weights[name].origin)
        for name, value in zip(FEATURES, fitted, strict=True)
    }


def fit_calibration(
    examples: Sequence[Example], weights: Mapping[str, scorer.Weight]
) -> scorer.Calibration:
    """Logistic regression of "the best span is right" on its score."""
    values = np.array([weights[name].value for name in FEATURES], dtype=np.float32)
    rows, labels = [], []
    for item in examples:
        scores = item.features @ values
        best = int(scores.argmax())
        rows.append((1.0, float(scores[best])))
        labels.append(float(item.right[best] >= RIGHT))
    features, right = torch.tensor(rows), torch.tensor(labels)
    chosen = torch.zeros(2, requires_grad=True)
    optimizer = torch.optim.LBFGS([chosen], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(features @ chosen, right)
        loss = loss + 1e-3 * chosen.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch's has no types
    intercept, slope = (round(float(value), 3) for value in chosen.detach())
    return scorer.Calibration(intercept=intercept, slope=slope)


def mean_f1(examples: Sequence[Example], weights: Mapping[str, scorer.Weight]) -> float:
    """F1 of the best span under the weights, over the answerable questions."""
    values = np.array([weights[name].value for name in FEATURES], dtype=np.float32)
    scores = [
        float(item.right[int((item.features @ values).argmax())])
        for item in examples
        if item.answers
    ]
    return sum(scores) / len(scores)


def digest(articles: Sequence[Mapping[str, Any]], questions: Sequence[Unseen]) -> str:
    """sha256 of what the fit used, in its order."""
    content = json.dumps([articles, questions], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--most", type=int, default=1500, help="questions")
    parser.add_argument("--no-votes", action="store_true", help="without the language model")
    parser.add_argument("--dry-run", action="store_true", help="print the fit, write nothing")
    options = parser.parse_args()
    articles, questions = unseen()
    questions = questions[: options.most]
    examples = collect(Settings.load(), articles, questions, votes=not options.no_votes)
    current = scorer.scorer()
    half = fit_weights(examples[::2], current)
    weights = fit_weights(examples, current)
    ceiling = [float(item.right.max()) for item in examples if item.answers]
    print(
        f"{len(examples)} questions; F1 of the best span of each {sum(ceiling) / len(ceiling):.3f}"
    )
    print(f"weights of the file: {mean_f1(examples, current.weights):.3f}")
    print(f"fitted on one half: there {mean_f1(examples[::2], half):.3f}", end="")
    print(f", on the other {mean_f1(examples[1::2], half):.3f}")
    print(f"fitted on all: {mean_f1(examples, weights):.3f}")
    fitted = scorer.Scorer(
        weights=weights,
        calibration=fit_calibration(examples, weights),
        competing=current.competing,
        training=scorer.Training(
            questions=len(examples),
            sha256=digest(articles, questions),
            reader_sha256=WEIGHTS_SHA256,
        ),
    )
    text = scorer.write(fitted)
    print(text)
    if not options.dry_run:
        TARGET.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
