"""The reranker, with a tiny cross-encoder made here."""

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from embeddings.errors import EmbedderUnavailable
from embeddings.reranker import CrossEncoderReranker
from qa.archive.archive import Archive
from qa.question import Question
from qa.retrieval.hybrid import HybridRetriever
from tests.support.archives import put


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A one-layer BERT with random weights that scores pairs: real code and files, no sense."""
    import torch

    transformers: Any = import_module("transformers")  # its types know neither of these arguments

    folder = tmp_path_factory.mktemp("cross-encoder")
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "rain",
        "fell",
        "council",
        "spoke",
        "who",
    ]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(words))
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16,
        num_labels=1,
        initializer_range=1.0,
    )  # fmt: skip
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
    transformers.BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(folder)
    return folder


class LongestFirst:
    """A reranker whose order is plain to see."""

    def score(self, question: str, texts: list[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def test_a_cross_encoder_scores_each_text_on_its_own(tiny: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny))
    together = reranker.score("who spoke", ["council spoke", "rain fell", "council spoke"])
    assert together[0] == pytest.approx(together[2], abs=1e-5)
    assert together[0] != pytest.approx(together[1], abs=1e-5)
    assert reranker.score("who spoke", ["rain fell"])[0] == pytest.approx(together[1], abs=1e-5)
    assert reranker.score("who spoke", []) == []


def test_what_is_no_cross_encoder_is_refused_by_name() -> None:
    with pytest.raises(EmbedderUnavailable, match=r"reranker .*nowhere.* cannot be loaded"):
        CrossEncoderReranker("./nowhere").score("a", ["b"])


def test_hits_come_in_the_rerankers_order_with_its_scores(archive: Archive, tmp_path: Path) -> None:
    texts = {
        "short": "Rain fell.",
        "long": "Rain fell on the whole of the coast all week long.",
        "mid": "Rain fell on us.",
    }
    put(archive, [{"id": name, "text": text} for name, text in texts.items()], tmp_path)
    retriever = HybridRetriever(archive, LongestFirst())  # type: ignore[arg-type]  # lists will do
    hits = retriever.retrieve(Question.parse("rain", k=2)).hits
    assert [hit.passage.article.id for hit in hits] == ["long", "mid"]
    assert [hit.scores.rerank for hit in hits] == [
        float(len(texts["long"])),
        float(len(texts["mid"])),
    ]
    assert hits[0].score == hits[0].scores.rerank
