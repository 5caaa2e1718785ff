"""Fit how an answer is chosen among spans, sentences and verdicts, and its confidence: ``make fit``
writes `qa/answering/scorer.json`.

On questions that the reader was not trained on: our own held-out ones, and with ``--public FOLDER``
those kept out of the public sets, asked of one archive of all their texts. The texts of a quarter
of the public questions are left out of it, so that nothing answers them. No line of any benchmark
is used. Weights that these questions cannot show, since nearly each of their events has one report,
are set by hand and stay as they are in the file, as do the thresholds of competing answers, and the
weights of yes and no: see docs/decisions/0020.
"""

import argparse
import hashlib
import json
import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from eval import metrics
from eval.held_out import cases_to_fit_on, refuse_held_out_in
from eval.research.reader.sources import (
    Item,
    asked,
    own_files,
    own_items,
    public_files,
    public_items,
    reports,
)
from eval.research.refusing import refusing
from eval.research.train_reader import SEED
from qa import tuning
from qa.answering import evidence, features, scorer
from qa.answering.choice import candidates
from qa.answering.extraction import telling, verdicts
from qa.answering.fitted_on import DataSet
from qa.answering.reader import WEIGHTS_SHA256, shared_reader
from qa.answering.sentence import Sentence
from qa.bootstrap import open_archive, open_retriever
from qa.question import Question
from qa.settings import Settings
from qa.types import Form

TARGET = Path(scorer.__file__).with_name(scorer.FILE)
STEPS = 400
STRENGTH = 0.02  # of the pull of the weights towards zero
_ASKED = "boolq-5270"  # the public pairs that are questions; the others are claims
RIGHT = 0.5  # F1 from which an answer counts as right
SILENT = 4  # one public text in so many is left out of the archive
MOST = 600  # questions of one form
BACKGROUND = 3_000  # texts

Floats = npt.NDArray[np.float32]


class Unseen(NamedTuple):
    """A question that nothing was trained on. ``article``: the id of the one that answers; ""
    where none does.
    """

    text: str
    form: Form | None
    article: str
    answers: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    verdict: str | None = None


class Read(NamedTuple):
    """A question with its evidence, as an answer would be made of it."""

    unseen: Unseen
    question: Question
    evidence: list[Sentence]


@dataclass(frozen=True, slots=True)
class Example:
    """What could answer a question: ``features`` (candidates, features), and how right each is."""

    answerable: bool
    form: Form
    features: Floats
    right: Floats


def unseen(folder: Path | None) -> tuple[list[dict[str, Any]], list[Unseen]]:
    """The articles of one archive, and questions about them, always in the same order: our own
    held-out reports, events that several sources report (`eval/data/archive/`), and where there is
    a ``folder`` of public sets, the texts that were kept out of training.
    """
    rng = random.Random(SEED)
    items = list(own_items(reports(held_out=True)))
    if folder is not None:
        public = public_items(folder, rng, held_out=True)
        items += [item for item in public if item.pointed or item.source == _ASKED]
    texts = {item.text: item.title for item in items if not _silent(item)}
    texts |= _background(folder, rng)
    articles = [
        {"id": _digest(text), "title": title or None, "text": text} for text, title in texts.items()
    ]
    archive = files("eval") / "data" / "archive"
    articles += [
        json.loads(line) for line in (archive / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    questions = [_unseen(_questioned(item, rng)) for item in items]
    with as_file(archive / "cases.jsonl") as path:
        questions += [
            Unseen(case.question, None, "several" if case.answers else "", case.answers)
            for case in cases_to_fit_on(path)
        ]
    return articles, questions


def _background(folder: Path | None, rng: random.Random) -> dict[str, str]:
    """Texts that the reader was trained on, with their titles. They answer nothing here, but look
    as if they might: an archive holds many reports for each that answers, and a confidence that was
    fitted without them is too sure.
    """
    items = list(own_items(reports(held_out=False)))
    if folder is not None:
        items += [item for item in public_items(folder, rng, held_out=False) if item.pointed]
    texts = sorted({(item.text, item.title) for item in items})
    return dict(rng.sample(texts, min(len(texts), BACKGROUND)))


def _questioned(item: Item, rng: random.Random) -> Item:
    if item.verdict is None or item.question.endswith("?"):
        return item
    return replace(item, question=asked(item.question, rng))


def _unseen(item: Item) -> Unseen:
    answered = not _silent(item) and (bool(item.spans) or item.verdict in ("yes", "no"))
    return Unseen(
        item.question,
        "yes_no" if item.verdict is not None else None,
        _digest(item.text) if answered else "",
        item.answers if answered else (),
        item.spans,
        item.verdict,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _silent(item: Item) -> bool:
    return item.source != "own" and int(_digest(item.text), 16) % SILENT == 0


def sampled(questions: Sequence[Unseen], most: int) -> list[Unseen]:
    """At most so many questions of each form."""
    rng = random.Random(SEED)
    by_form: dict[str, list[Unseen]] = {}
    for item in questions:
        by_form.setdefault(Question.parse(item.text, form=item.form).form, []).append(item)
    return [item for group in by_form.values() for item in rng.sample(group, min(most, len(group)))]


def collect(
    settings: Settings, articles: Sequence[dict[str, Any]], questions: Sequence[Unseen]
) -> Iterator[Read]:
    """What retrieval, reader and evidence bring for each question."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reports.jsonl"
        path.write_text("\n".join(json.dumps(article) for article in articles), "utf-8")
        chosen = settings.in_folder(Path(folder) / "archive")
        with open_archive(chosen, create=True) as archive:
            archive.ingest([path])
            retriever, reader = open_retriever(archive, chosen), shared_reader(settings.threads)
            for item in questions:
                question = Question.parse(item.text, form=item.form, k=tuning.EVIDENCE_HITS)
                hits = retriever.retrieve(question).hits
                readings = evidence.Readings(reader, item.text)
                sentences = evidence.select(question, hits, tuning.EVIDENCE_SENTENCES, readings)
                yield Read(item, question, evidence.read_closely(question, sentences, readings))


def span_example(read: Read) -> Example | None:
    """The spans that could answer, by their F1."""
    scored = candidates(read.question, read.evidence)
    answers = read.unseen.answers
    right = [metrics.f1(one.span.text, answers) if answers else 0.0 for one in scored]
    return _example(read, [one.features for one in scored], right)


def sentence_example(read: Read) -> Example | None:
    """The sentences that could answer: right where one holds an answer."""
    told = telling.rank(read.question, read.evidence)
    right = [float(_holds(read.unseen, one.sentence)) for one in told]
    return _example(read, [one.features for one in told], right)


def verdict_example(read: Read, polarity: scorer.Fit) -> Example | None:
    """The sentences that could decide: right where one does so rightly, in the right article."""
    rows, right = [], []
    scores = telling.highest(read.evidence)
    for item in read.evidence:
        if item.closer:
            described, value = verdicts.describe(read.question, item, scores, polarity)
            rows.append(described)
            agrees = value == (read.unseen.verdict == "yes")
            right.append(float(agrees and item.article.id == read.unseen.article))
    return _example(read, rows, right)


def polarity_rows(read: Read) -> Iterator[tuple[features.PolarityFeatures, bool]]:
    """The best sentence of the article that decides, with the right verdict."""
    for told in telling.rank(read.question, read.evidence):
        item = told.sentence
        spans = read.unseen.spans
        if item.article.id == read.unseen.article and (not spans or _holds(read.unseen, item)):
            yield verdicts.polarity(read.question, item), read.unseen.verdict == "yes"
            return


def _holds(unseen: Unseen, item: Sentence) -> bool:
    if item.article.id != unseen.article:
        return False
    return any(start < item.end and item.start < end for start, end in unseen.spans)


def _example(read: Read, rows: Sequence[Any], right: Sequence[float]) -> Example | None:
    if not rows:
        return None
    names = features.names_of(type(rows[0]))
    values = [[float(getattr(row, name)) for name in names] for row in rows]
    return Example(
        bool(read.unseen.article),
        read.question.form,
        np.array(values, dtype=np.float32),
        np.array(right, dtype=np.float32),
    )


def fit(examples: Sequence[Example], start: scorer.Fit, given: int = 1) -> scorer.Fit:
    """Weights under which a softmax over the candidates expects the most right answers, and the
    calibration of the best; weights set by hand stay. ``given``: how many candidates an answer
    gives, of which one must be right.
    """
    answerable = [item for item in examples if item.right.max() > 0]
    rows = [torch.from_numpy(item.features) for item in answerable]
    rights = [torch.from_numpy(item.right) for item in answerable]
    names = tuple(start.weights)
    initial = torch.tensor([start.weights[name].value for name in names])
    free = torch.tensor([start.weights[name].origin == "fitted" for name in names])
    change = torch.zeros(len(names), requires_grad=True)
    optimizer = torch.optim.Adam([change], lr=0.05)
    for _ in range(STEPS):
        weights = initial + change * free
        gains = [
            torch.softmax(row @ weights, 0) @ right for row, right in zip(rows, rights, strict=True)
        ]
        loss = -torch.log(torch.stack(gains) + 1e-3).mean() + STRENGTH * weights.square().mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        optimizer.step()
        with torch.no_grad():  # each feature speaks for an answer, or not at all
            change.copy_(torch.maximum(initial + change, torch.zeros(len(names))) - initial)
    fitted = (initial + change.detach() * free).tolist()
    weights_by_name = {
        name: scorer.Weight(value=round(value, 3), origin=start.weights[name].origin)
        for name, value in zip(names, fitted, strict=True)
    }
    of_one = [item for item in examples if item.form != "list"]
    return scorer.Fit(
        weights=weights_by_name, calibration=calibration(of_one, weights_by_name, given)
    )


def calibration(
    examples: Sequence[Example], weights: dict[str, scorer.Weight], given: int = 1
) -> scorer.Calibration:
    """Logistic regression of "one of the ``given`` best candidates is right" on the best score."""
    values = np.array([weight.value for weight in weights.values()], dtype=np.float32)
    rows, labels = [], []
    for item in examples:
        scores = item.features @ values
        best = np.argsort(-scores, kind="stable")[:given]
        rows.append((1.0, float(scores[best[0]])))
        labels.append(float(item.right[best].max() >= RIGHT))
    intercept, slope = logistic(torch.tensor(rows), torch.tensor(labels))
    return scorer.Calibration(intercept=intercept, slope=slope)


def logistic(table: torch.Tensor, right: torch.Tensor) -> list[float]:
    """The coefficients of a logistic regression of ``right`` (n,) on ``table`` (n, k)."""
    chosen = torch.zeros(table.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([chosen], max_iter=500, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(table @ chosen, right)
        loss = loss + 1e-3 * chosen.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]  # torch's has no types
    return [round(float(value), 4) for value in chosen.detach()]


def fit_polarity(reads: Sequence[Read], start: scorer.Fit) -> scorer.Fit:
    """Weights of yes against no, by logistic regression."""
    rows = [row for read in reads for row in polarity_rows(read)]
    names = tuple(start.weights)
    table = torch.tensor([[float(getattr(row, name)) for name in names] for row, _ in rows])
    right = torch.tensor([float(yes) for _, yes in rows])
    half = torch.tensor(logistic(table[::2], right[::2]))
    agreed = float(((table[1::2] @ half > 0) == (right[1::2] > 0)).float().mean())
    print(f"polarity: {len(rows)} questions; fitted on one half {agreed:.3f} right on the other")
    weights = dict(zip(names, logistic(table, right), strict=True))
    return scorer.Fit(
        weights={name: scorer.Weight(value=weights[name], origin="fitted") for name in names},
        calibration=scorer.Calibration(intercept=0, slope=1),
    )


def share_right(examples: Sequence[Example], weights: dict[str, scorer.Weight]) -> float:
    """How right the best candidate is on average, over the answerable questions."""
    values = np.array([weight.value for weight in weights.values()], dtype=np.float32)
    found = [
        float(item.right[int((item.features @ values).argmax())])
        for item in examples
        if item.answerable
    ]
    return sum(found) / len(found)


def _is_set(fit: scorer.Fit) -> bool:
    """Whether nothing of it is to be fitted."""
    return all(weight.origin == "set" for weight in fit.weights.values())


def fit_all(reads: Sequence[Read], start: scorer.Scorer) -> dict[str, Any]:
    """The fits and the calibration of items. Of each fit is printed how one fitted on one half does
    on the other.
    """
    polarity = start.polarity
    if not _is_set(polarity):
        decided = [read for read in reads if read.unseen.verdict in ("yes", "no")]
        polarity = fit_polarity(decided, polarity)
    kinds: dict[str, tuple[Callable[[Read], Example | None], tuple[Form, ...]]] = {
        "spans": (span_example, ("short", "list")),
        "sentences": (sentence_example, ("sentences", "brief")),
        "verdicts": (partial(verdict_example, polarity=polarity), ("yes_no",)),
    }
    fits: dict[str, Any] = {"polarity": polarity}
    for name, (describe, forms) in kinds.items():
        of_form = [read for read in reads if read.question.form in forms]
        examples = [found for read in of_form if (found := describe(read)) is not None]
        before: scorer.Fit = getattr(start, name)
        if _is_set(before):
            fits[name] = before
            continue
        given = 2 if name == "sentences" else 1
        half, fits[name] = fit(examples[::2], before), fit(examples, before, given)
        possible = [float(item.right.max()) for item in examples if item.answerable]
        print(
            f"{name}: {len(examples)} questions; best possible {np.mean(possible):.3f};"
            f" weights of the file {share_right(examples, before.weights):.3f};"
            f" fitted on one half {share_right(examples[::2], half.weights):.3f}, on the other"
            f" {share_right(examples[1::2], half.weights):.3f};"
            f" on all {share_right(examples, fits[name].weights):.3f}",
            flush=True,
        )
        if name == "spans":
            lists = [item for item in examples if item.form == "list"]
            fits["items"] = calibration(lists, fits[name].weights)
    return fits


def fitted_on(public: Path | None) -> list[DataSet]:
    """The files of the questions, for the artifact."""
    archive = files("eval") / "data" / "archive" / "cases.jsonl"
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    found = [*own_files(held_out=True), DataSet(name="archive/cases.jsonl", sha256=digest)]
    return found if public is None else found + public_files(public, held_out=True)


@refusing
def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--public", type=Path, help="the folder of the public sets")
    parser.add_argument("--most", type=int, default=MOST, help="questions of a form")
    parser.add_argument("--dry-run", action="store_true", help="print the fit, write nothing")
    options = parser.parse_args()
    if options.public is not None:
        refuse_held_out_in(options.public)
    articles, questions = unseen(options.public)
    reads = list(collect(Settings.load(), articles, sampled(questions, options.most)))
    current = scorer.scorer()
    fitted = scorer.Scorer(
        **fit_all(reads, current),
        competing=current.competing,
        training=scorer.Training(
            questions=len(reads),
            sha256=hashlib.sha256(json.dumps([read.unseen for read in reads]).encode()).hexdigest(),
            reader_sha256=WEIGHTS_SHA256,
            fitted_on=tuple(fitted_on(options.public)),
        ),
    )
    text = scorer.write(fitted)
    print(text)
    if not options.dry_run:
        TARGET.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
