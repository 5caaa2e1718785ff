"""Train the reader (`qa/answering/reader.py`): ``make reader``. Some two hours on two cores.

From all-MiniLM-L6-v2 (Apache-2.0) on `eval/research/data/`: reports and questions written for this
project (Apache-2.0), invented except for the encyclopedic ones, some modelled on real events. No
line of any benchmark is among them. `held-out.jsonl` is not trained on: the scorer behind the
reader is fitted on it (`eval/research/fit_scorer.py`).

The network is BERT's for extractive answers (Devlin et al., 2019): two logits a word piece, for the
first and the last of the answer; the first piece means "no answer in this passage". Passages that
look right but hold no answer are part of training (Clark and Gardner, 2018), so that log-odds
compare between passages.
"""

import argparse
import hashlib
import json
import math
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import nn

from embeddings.embedder import SentenceTransformerEmbedder
from embeddings.packaged import checked_folder, quiet
from qa.answering.reader import MAX_TOKENS
from qa.language.sentences import sentences

DATA = files("eval.research") / "data"
HELD_OUT = "held-out.jsonl"
SEED = 7
BATCH = 16
WARM_UP = 0.1  # of all steps
TITLED = 0.75  # of the examples show the title before the text, as most archives do
CUT = 0.7  # of the questions see a part of their report
LOOKALIKE = 0.6  # see a report of another event as well …
LONG = 160  # words; of a longer report a part is always cut, as an archive's passages are
LOOKALIKES = 12  # … of so many that look most like the answer
# A yes or no is trained beside the spans, but a network of this size does not learn it (.47 right
# of 171 held out); only the spans are used.
VERDICT_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass of training. The second continues the first.

    It adds what the first was weak at (figures that change, events that look alike, parts of long
    reports), and reports with the answer's own sentences cut away.
    """

    files: tuple[str, ...] | None  # None: all that are not held out
    epochs: float
    learning_rate: float  # at its highest
    silenced: float  # of the questions see their report without the answer as well


FIRST = (
    "business",
    "conflict",
    "culture",
    "disasters",
    "encyclopedia-and-local",
    "politics",
    "science",
    "sport",
)
STAGES = (Stage(FIRST, 2.7, 3e-4, 0.25), Stage(None, 1.1, 2e-4, 0.4))


class Question(BaseModel):
    """A question with its right spans ``a`` of the text, none if the text has no answer.

    Or a yes/no question, with the sentence that decides it.
    """

    model_config = ConfigDict(extra="forbid")

    q: str
    a: list[str] = []
    yes_no: str | None = None
    evidence: str | None = None


class Report(BaseModel):
    """Reports of one ``event`` share it; those of others never answer its questions."""

    model_config = ConfigDict(extra="forbid")

    event: str
    title: str
    published_at: str
    text: str
    questions: list[Question] = Field(min_length=1)


class Example(NamedTuple):
    """Word pieces, their segment (0 question, 1 passage), and where an answer may start and end."""

    ids: list[int]
    types: list[int]
    starts: list[int]
    ends: list[int]
    verdict: int  # 0 none, 1 yes, 2 no


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a report with the places of its answers in the text."""

    report: int
    question: str
    spans: tuple[tuple[int, int], ...]
    answers: tuple[str, ...]
    verdict: int


class ReaderNetwork(nn.Module):
    """(batch, pieces) → logits of start and end (batch, pieces, 2), of none, yes, no (batch, 3)."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import BertModel

        self.encoder = BertModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            attn_implementation="eager",  # half as slow here, and plain products for the exporter
            attention_probs_dropout_prob=0.0,
        )
        width = int(self.encoder.config.hidden_size)
        self.span = nn.Linear(width, 2)
        self.verdict = nn.Linear(width, 3)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        return self.span(hidden), self.verdict(hidden[:, 0])


def reports(*, held_out: bool, names: Sequence[str] | None = None) -> list[Report]:
    """The reports to train on, or those held out, in the order of their files.

    No event is in both. ``names``: only of these files. Raises ValidationError.
    """
    lines = (
        line
        for path in sorted(DATA.iterdir(), key=lambda path: path.name)
        if path.name.endswith(".jsonl") and (path.name == HELD_OUT) is held_out
        if names is None or path.name.removesuffix(".jsonl") in names
        for line in path.read_text("utf-8").splitlines()
    )
    return [Report.model_validate_json(line) for line in lines]


def asked(index: int, report: Report) -> Iterator[Asked]:
    for question in report.questions:
        if question.yes_no is not None and question.evidence:
            start = report.text.index(question.evidence)
            end = start + len(question.evidence.rstrip(" ."))
            yield Asked(
                index, question.q, ((start, end),), (), 1 if question.yes_no == "yes" else 2
            )
        else:
            spans = tuple(place for answer in question.a for place in _places(report.text, answer))
            if spans or not question.a:
                yield Asked(index, question.q, spans, tuple(question.a), 0)


def _places(text: str, answer: str) -> Iterator[tuple[int, int]]:
    """Every whole-word occurrence; the labels do not say which one counts."""
    start = text.find(answer)
    while start >= 0:
        end = start + len(answer)
        inside = (start > 0 and text[start - 1].isalnum() and answer[0].isalnum()) or (
            end < len(text) and text[end].isalnum() and answer[-1].isalnum()
        )
        if not inside:
            yield start, end
        start = text.find(answer, start + 1)


def lookalikes(
    corpus: Sequence[Report], questions: Sequence[Asked], folder: Path
) -> list[list[int]]:
    """By question: reports of other events that look most like its answer but do not hold it."""
    embedder = SentenceTransformerEmbedder(str(folder))
    passages = embedder.embed_passages([f"{report.title}. {report.text}" for report in corpus])
    vectors = embedder.embed_passages([item.question for item in questions])
    found: list[list[int]] = []
    for item, vector in zip(questions, vectors, strict=True):
        own: list[int] = []
        for other in np.argsort(-(passages @ vector), kind="stable"):
            text = corpus[other].text.lower()
            if corpus[other].event == corpus[item.report].event or any(
                answer.lower() in text for answer in item.answers
            ):
                continue
            own.append(int(other))
            if len(own) == LOOKALIKES:
                break
        found.append(own)
    return found


def window(
    text: str, places: Sequence[tuple[int, int]], rng: random.Random, *, holds: bool
) -> tuple[int, int] | None:
    """A run of whole sentences that holds one of the places, or none; None if there is no such run.

    Shorter texts train faster, and a cut-away answer trains the reader to decline.
    """
    bounds = list(sentences(text))
    answering = {
        index
        for index, (start, end) in enumerate(bounds)
        for low, high in places
        if start < high and low < end
    }
    if holds:
        one = rng.choice(places)
        inside = [
            index for index, (start, end) in enumerate(bounds) if start < one[1] and one[0] < end
        ]
        first, last = inside[0], inside[-1]
    else:
        free = [index for index in range(len(bounds)) if index not in answering]
        if not free:
            return None
        first = last = rng.choice(free)
    room = rng.randint(1, 4)
    while room:
        sides = [
            index
            for index in (first - 1, last + 1)
            if 0 <= index < len(bounds) and (holds or index not in answering)
        ]
        if not sides:
            break
        grown = rng.choice(sides)
        first, last, room = min(first, grown), max(last, grown), room - 1
    return bounds[first][0], bounds[last][1]


def encoded(
    tokenizer: Any, item: Asked, report: Report, cut: tuple[int, int], *, titled: bool, own: bool
) -> Example:
    """The question beside ``text[cut]`` of a report: its own, or one that does not answer it."""
    lead = f"{report.title}. " if titled else ""
    pieces = tokenizer(
        item.question,
        lead + report.text[slice(*cut)],
        truncation="only_second",
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    starts: list[int] = []
    ends: list[int] = []
    if own:
        shift = cut[0] - len(lead)
        of_text = [
            (index, start + shift, end + shift)
            for index, (part, (start, end)) in enumerate(
                zip(pieces.sequence_ids(), pieces["offset_mapping"], strict=True)
            )
            if part == 1 and start >= len(lead)
        ]
        for low, high in item.spans:
            first = [index for index, start, end in of_text if start <= low < end]
            last = [index for index, start, end in of_text if start < high <= end]
            if first and last:
                starts.append(first[0])
                ends.append(last[0])
    return Example(
        pieces["input_ids"],
        pieces["token_type_ids"],
        starts or [0],
        ends or [0],
        item.verdict if starts else 0,
    )


def examples_of(
    tokenizer: Any,
    corpus: Sequence[Report],
    questions: Sequence[Asked],
    others: Sequence[Sequence[int]],
    rng: random.Random,
    silenced: float,
) -> list[Example]:
    """One epoch: every question with its report or a part of it; some also with other text."""
    found: list[Example] = []
    for item, alike in zip(questions, others, strict=True):
        report = corpus[item.report]
        text = report.text

        def add(report: Report, cut: tuple[int, int], *, own: bool, item: Asked = item) -> None:
            found.append(
                encoded(tokenizer, item, report, cut, titled=rng.random() < TITLED, own=own)
            )

        whole = (0, len(text))
        cuts = CUT if len(text.split()) <= LONG else 1.0
        cut = window(text, item.spans, rng, holds=bool(item.spans)) if rng.random() < cuts else None
        add(report, cut or whole, own=True)
        if item.spans and rng.random() < silenced:
            without = window(text, item.spans, rng, holds=False)
            if without is not None:
                add(report, without, own=False)
        if alike and rng.random() < LOOKALIKE:
            other = corpus[rng.choice(alike)]
            add(other, window(other.text, (), rng, holds=False) or (0, len(other.text)), own=False)
    return found


def batches(examples: Sequence[Example], rng: random.Random) -> Iterator[list[Example]]:
    """Each example once, in random order, those of like length together: padding costs time."""
    order = rng.sample(range(len(examples)), len(examples))
    groups: list[list[Example]] = []
    pool = BATCH * 32
    for low in range(0, len(order), pool):
        near = sorted(order[low : low + pool], key=lambda index: len(examples[index].ids))
        groups += [
            [examples[index] for index in near[at : at + BATCH]]
            for at in range(0, len(near), BATCH)
        ]
    rng.shuffle(groups)
    yield from groups


def loss_of(network: ReaderNetwork, batch: Sequence[Example]) -> torch.Tensor:
    """Negative log-likelihood of the right starts and ends, plus that of the verdict."""
    size = (len(batch), max(len(example.ids) for example in batch))
    ids, mask, types = (torch.zeros(size, dtype=torch.long) for _ in range(3))
    right = torch.zeros((*size, 2), dtype=torch.bool)
    for row, example in enumerate(batch):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        types[row, :length] = torch.tensor(example.types)
        mask[row, :length] = 1
        right[row, example.starts, 0] = True
        right[row, example.ends, 1] = True
    with torch.autocast("cpu", dtype=torch.bfloat16):
        spans, verdict = network(ids, mask, types)
    logs = spans.float().masked_fill((mask == 0).unsqueeze(-1), -1e9).log_softmax(1)
    pointed = -logs.masked_fill(~right, -1e9).logsumexp(1).mean()
    verdict_loss = nn.functional.cross_entropy(
        verdict.float(), torch.tensor([example.verdict for example in batch])
    )
    loss: torch.Tensor = pointed + VERDICT_WEIGHT * verdict_loss
    return loss


def train(network: ReaderNetwork, stage: Stage, folder: Path) -> None:
    """Train further, in place."""
    from transformers import AutoTokenizer

    corpus = reports(held_out=False, names=stage.files)
    rng = random.Random(SEED)  # noqa: S311 - nothing secret hangs on it
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Words that the reports lack keep their place beside those that they hold.
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        [
            {
                "params": [parameter for parameter in trained if parameter.ndim > 1],
                "weight_decay": 0.01,
            },
            {
                "params": [parameter for parameter in trained if parameter.ndim == 1],
                "weight_decay": 0.0,
            },
        ],
        lr=stage.learning_rate,
    )
    questions = [item for index, report in enumerate(corpus) for item in asked(index, report)]
    others = lookalikes(corpus, questions, folder)

    examples = examples_of(tokenizer, corpus, questions, others, rng, stage.silenced)
    steps = math.ceil(stage.epochs * len(examples) / BATCH)
    print(f"{len(corpus)} reports, {len(questions)} questions, {steps} steps", flush=True)
    network.train()
    step, started, smooth = 0, time.monotonic(), 0.0
    while step < steps:
        for batch in batches(examples, rng):
            if step == steps:
                break
            share = min(1.0, (step + 1) / (WARM_UP * steps)) * (1 - step / steps)
            for group in optimizer.param_groups:
                group["lr"] = stage.learning_rate * share
            loss = loss_of(network, batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's has no types
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            smooth = 0.98 * smooth + 0.02 * loss.item() if step else loss.item()
            step += 1
            if step % 100 == 0:
                print(
                    f"step {step}: loss {smooth:.3f}, {time.monotonic() - started:.0f} s",
                    flush=True,
                )
        examples = examples_of(tokenizer, corpus, questions, others, rng, stage.silenced)
    network.eval()


def export(network: ReaderNetwork, path: Path) -> str:
    """Write the network as ONNX with 8-bit weights, and return the file's sha256."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    example = (
        torch.full((2, 9), 2129),
        torch.ones((2, 9), dtype=torch.long),
        torch.zeros((2, 9), dtype=torch.long),
    )
    free = {0: "batch", 1: "pieces"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with quiet(), tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            network,
            example,
            str(whole),
            input_names=names,
            output_names=["spans", "verdict"],
            dynamic_shapes=dict.fromkeys(names, free),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        model = onnx.load(whole)
        del model.graph.value_info[
            :
        ]  # shapes that the quantizer infers again, and for some finds others
        quantize_dynamic(model, path, weight_type=QuantType.QInt8, per_channel=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--out", type=Path, default=Path("qa/answering/reader.onnx"))
    parser.add_argument(
        "--checkpoints",
        type=Path,
        help="a folder for the weights after each stage; what is there is not redone",
    )
    options = parser.parse_args()
    folder = checked_folder()
    torch.manual_seed(SEED)
    network = ReaderNetwork(folder)
    for number, stage in enumerate(STAGES, start=1):
        checkpoint = (
            options.checkpoints / f"stage-{number}.pt" if options.checkpoints is not None else None
        )
        if checkpoint is not None and checkpoint.exists():
            network.load_state_dict(torch.load(checkpoint, weights_only=True))
            continue
        train(network, stage, folder)
        if checkpoint is not None:
            torch.save(network.state_dict(), checkpoint)
    digest = export(network.eval(), options.out)
    print(json.dumps({"weights": str(options.out), "sha256": digest}))


if __name__ == "__main__":
    main()
