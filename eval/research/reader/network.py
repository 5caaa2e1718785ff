"""The reader's network, its loss, its way into ONNX, and back out of it to be trained further.

BERT's network for extractive answers (Devlin et al., 2019): two logits a word piece, for the first
and the last of the answer, where the first piece means "no answer in this passage". Beside them,
from the first piece: whether the passage answers, and unknown, yes or no.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from embeddings.packaged import quiet
from eval.research.reader.examples import Example
from eval.research.reader.sources import VERDICTS

RELEVANCE_WEIGHT = 0.3
VERDICT_WEIGHT = 1.0
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_OUTPUTS = ("spans", "relevance", "verdict")


class ReaderNetwork(nn.Module):
    """(batch, pieces) → logits of start and end (batch, pieces, 2), of relevance (batch, 1), of
    `VERDICTS` (batch, 3).
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import BertModel

        self.encoder = BertModel.from_pretrained(
            folder,
            add_pooling_layer=False,
            attn_implementation="eager",  # a third faster here, and plain products for the exporter
            attention_probs_dropout_prob=0.0,
        )
        width = int(self.encoder.config.hidden_size)
        self.span = nn.Linear(width, 2)
        self.relevance = nn.Linear(width, 1)
        self.verdict = nn.Linear(width, len(VERDICTS))

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        hidden = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        first = hidden[:, 0]
        return self.span(hidden), self.relevance(first), self.verdict(first)


def inputs(batch: Sequence[Example]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids, mask and segments, (batch, longest)."""
    size = (len(batch), max(len(example.ids) for example in batch))
    ids, mask, types = (torch.zeros(size, dtype=torch.long) for _ in range(3))
    for row, example in enumerate(batch):
        length = len(example.ids)
        ids[row, :length] = torch.tensor(example.ids)
        types[row, :length] = torch.tensor(example.types)
        mask[row, :length] = 1
    return ids, mask, types


def loss_of(network: ReaderNetwork, batch: Sequence[Example]) -> torch.Tensor:
    """Negative log-likelihood of the right starts and ends, of the relevance and of the verdict;
    each over the examples that have it.
    """
    ids, mask, types = inputs(batch)
    right = torch.zeros((*ids.shape, 2), dtype=torch.bool)
    for row, example in enumerate(batch):
        right[row, example.starts, 0] = True
        right[row, example.ends, 1] = True
    with torch.autocast("cpu", dtype=torch.bfloat16):
        spans, relevance, verdict = network(ids, mask, types)
    logs = spans.float().masked_fill((mask == 0).unsqueeze(-1), -1e9).log_softmax(1)
    pointed = -logs.masked_fill(~right, -1e9).logsumexp(1)
    loss = _mean(pointed.mean(1), [bool(example.starts) for example in batch])
    relevant = torch.tensor([example.relevant for example in batch])
    loss = loss + RELEVANCE_WEIGHT * _mean(
        nn.functional.binary_cross_entropy_with_logits(
            relevance.float()[:, 0], relevant.clamp(min=0).float(), reduction="none"
        ),
        (relevant >= 0).tolist(),
    )
    right_verdict = torch.tensor([example.verdict for example in batch])
    return loss + VERDICT_WEIGHT * _mean(
        nn.functional.cross_entropy(verdict.float(), right_verdict.clamp(min=0), reduction="none"),
        (right_verdict >= 0).tolist(),
    )


def _mean(losses: torch.Tensor, counted: Sequence[bool]) -> torch.Tensor:
    """The sum over the counted ones, over the batch's size: a rare label weighs no more for it."""
    return (losses * torch.tensor(counted, dtype=torch.float32)).sum() / len(counted)


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
    with quiet(), tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            network,
            example,
            str(whole),
            input_names=list(_INPUTS),
            output_names=list(_OUTPUTS),
            dynamic_shapes=dict.fromkeys(_INPUTS, free),
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        model = onnx.load(whole)
        # Shapes that the quantizer infers again, and for some finds others.
        del model.graph.value_info[:]
        quantize_dynamic(model, path, weight_type=QuantType.QInt8, per_channel=True)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def restore(network: ReaderNetwork, path: Path) -> None:
    """Give the network the weights of an exported one, so that training can go on from it.

    The heads that the file lacks stay as they are. The 8-bit weights are read back as they round.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path).graph
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    state: dict[str, torch.Tensor] = {}
    own = network.state_dict()
    for name, array in arrays.items():
        stem = name.removesuffix("_quantized")
        if stem != name:
            whole = (array.astype("float32") - arrays[f"{stem}_zero_point"]) * arrays[
                f"{stem}_scale"
            ]
            state[stem] = torch.tensor(whole)
        elif name in own:
            state[name] = torch.tensor(array)
    state |= _products(graph, state)
    network.load_state_dict(
        {
            name: value.reshape(own[name].shape)
            for name, value in state.items()
            if name in own and own[name].numel() == value.numel()
        },
        strict=False,
    )


def _products(graph: Any, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The linear layers' weights by the name of the bias that is added to their product."""
    made_by = {output: node for node in graph.node for output in node.output}
    found: dict[str, torch.Tensor] = {}
    for node in graph.node:
        bias = next((name for name in node.input if name.endswith(".bias") and name in state), None)
        if node.op_type != "Add" or bias is None:
            continue
        maker = made_by.get(next(name for name in node.input if name != bias))
        while maker is not None and maker.op_type in ("Mul", "Cast"):  # the scale of the product
            maker = made_by.get(maker.input[0])
        if maker is None or maker.op_type != "MatMulInteger":
            continue
        weight = maker.input[1].removesuffix("_quantized")
        found[f"{bias.removesuffix('.bias')}.weight"] = state[weight].T.contiguous()
    return found
