"""Train the reader (`qa/answering/reader.py`): ``make reader``.

On our own reports alone (`eval/research/data/`, the reproducible way, about two hours on two
cores), or with ``--public FOLDER`` on the public sets of `eval/research/reader/sources.py` as well,
which is how the packaged weights were made. From all-MiniLM-L6-v2 (Apache-2.0), or with ``--start``
from an exported reader. Questions close to a benchmark's are left out (``--benchmarks``).
"""

import argparse
import json
import math
import random
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from embeddings.embedder import SentenceTransformerEmbedder
from embeddings.packaged import checked_folder
from eval.cases import load_cases
from eval.held_out import refuse_held_out_in
from eval.research.reader import lies, sources
from eval.research.reader.examples import Example, batches, examples_of, lookalikes
from eval.research.reader.network import ReaderNetwork, export, loss_of, restore
from eval.research.reader.sources import Item
from eval.research.refusing import refusing
from qa.answering.fitted_on import ReaderCard

SEED = 7
BATCH = 32
LEARNING_RATE = 2e-4  # at its highest
WARM_UP = 0.05  # of the whole
CLAIMS = 7_000
# With the public sets, which bring names and figures enough: of our own questions on these, and of
# the public ones, so much; our own with a deciding sentence are shown twice.
OWN_SHARE = 0.3
PUBLIC_SHARE = 0.4
CLOSE = 0.75  # cosine of a training question and a benchmark's that counts as the same question


def leaks(questions: Iterable[str], benchmarks: Path, folder: Path) -> list[str]:
    """The questions that are close to one of a benchmark's (``NAME/cases.jsonl``)."""
    unique = sorted(set(questions))
    cases = [case for path in benchmarks.glob("*/cases.jsonl") for case in load_cases(path)]
    known = sorted({case.question for case in cases})
    embedder = SentenceTransformerEmbedder(str(folder))
    vectors = embedder.embed_passages(known)
    found: list[str] = []
    for low in range(0, len(unique), 4096):
        part = unique[low : low + 4096]
        closest = (embedder.embed_passages(part) @ vectors.T).max(axis=1)
        found += [part[index] for index in np.flatnonzero(closest >= CLOSE)]
    return found


def training_items(public: Path | None, rng: random.Random) -> list[Item]:
    """One epoch's questions: our own, a share of the public ones, and claims about both."""
    found = list(sources.own_items(sources.reports(held_out=False)))
    if public is not None:
        decided = [item for item in found if item.sentence]
        others = [item for item in found if not item.sentence]
        found = 2 * decided + rng.sample(others, round(OWN_SHARE * len(others)))
        found += [
            item
            for item in sources.public_items(public, rng, held_out=False)
            if item.verdict is not None or rng.random() < PUBLIC_SHARE
        ]
    found += lies.claims(found, rng, CLAIMS)
    return found


def train(network: ReaderNetwork, items: Sequence[Item], folder: Path, minutes: float) -> None:
    """Train in place for so long; the learning rate falls to zero with the time."""
    from transformers import AutoTokenizer

    rng = random.Random(SEED)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Words that the texts lack keep their place beside those that they hold.
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {"params": [item for item in trained if item.ndim > 1], "weight_decay": 0.01},
            {"params": [item for item in trained if item.ndim == 1], "weight_decay": 0.0},
        ],
        lr=LEARNING_RATE,
        fused=True,
    )
    others = lookalikes(items)
    network.train()
    step, epoch, smooth, started = 0, 0, math.nan, time.monotonic()
    while (passed := (time.monotonic() - started) / 60 / minutes) < 1:
        epoch += 1
        examples = list(examples_of(tokenizer, items, others, rng))
        print(f"epoch {epoch}: {len(items)} questions, {describe(examples)}", flush=True)
        for batch in batches(examples, BATCH, rng):
            passed = (time.monotonic() - started) / 60 / minutes
            if passed >= 1:
                break
            share = min(1.0, (step + 1) * BATCH / (WARM_UP * len(examples))) * (1 - passed)
            for group in optimizer.param_groups:
                group["lr"] = LEARNING_RATE * share
            loss = loss_of(network, batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            step += 1
            smooth = loss.item() if math.isnan(smooth) else 0.98 * smooth + 0.02 * loss.item()
            if step % 100 == 0:
                print(f"step {step}: loss {smooth:.3f}, {passed:.3f} of the time", flush=True)
    network.eval()


def describe(examples: Sequence[Example]) -> str:
    """How many examples there are of each kind."""
    answered = sum(1 for example in examples if example.starts and 0 not in example.starts)
    silent = sum(1 for example in examples if 0 in example.starts)
    verdicts = sum(1 for example in examples if example.verdict >= 0)
    return (
        f"{len(examples)} examples: {answered} answered, {silent} not, {verdicts} with a verdict,"
        f" {sum(len(example.ids) for example in examples) / len(examples):.0f} word pieces each"
    )


def card_of(sha256: str, public: Path | None) -> ReaderCard:
    """What the weights say of themselves: the files that they were trained on."""
    found = sources.own_files(held_out=False)
    if public is not None:
        found += sources.public_files(public, held_out=False)
    return ReaderCard(reader_sha256=sha256, fitted_on=tuple(found))


@refusing
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("qa/answering/reader.onnx"))
    parser.add_argument("--start", type=Path, help="an exported reader to train further")
    parser.add_argument("--public", type=Path, help="the folder of the public sets")
    parser.add_argument("--benchmarks", type=Path, help="the folder of the benchmarks")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--weights", type=Path, help="where to keep the unrounded weights")
    options = parser.parse_args()
    if options.public is not None:
        refuse_held_out_in(options.public)
    folder = checked_folder()
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    network = ReaderNetwork(folder)
    if options.start is not None:
        restore(network, options.start)
    items = training_items(options.public, rng)
    if options.benchmarks is not None:
        close = leaks((item.question for item in items), options.benchmarks, folder)
        items = sources.without_leaks(items, close)
        print(f"{len(close)} questions are close to a benchmark's and left out", flush=True)
    train(network, items, folder, options.minutes)
    if options.weights is not None:
        torch.save(network.state_dict(), options.weights)
    digest = export(network.eval(), options.out)
    card = card_of(digest, options.public).model_dump_json(indent=2)
    options.out.with_suffix(".json").write_text(card + "\n", "utf-8")
    print(json.dumps({"weights": str(options.out), "sha256": digest}))


if __name__ == "__main__":
    main()
