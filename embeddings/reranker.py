"""The reranker seam: a question and texts in, how well each answers out."""

from collections.abc import Sequence
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from embeddings.errors import EmbedderUnavailable

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder


class Reranker(Protocol):
    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """One score a text, in the order given; higher is better, on the model's own scale."""


class CrossEncoderReranker:
    """Any sentence-transformers cross-encoder, by path or hub name. Loads on first use."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._scoring = Lock()  # its tokenizer changes state; the first call loads the model

    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        if not texts:
            return []
        pairs = [(question, text) for text in texts]
        with self._scoring:
            scores = self._model.predict(pairs, show_progress_bar=False)
        return [float(score) for score in np.asarray(scores, dtype=np.float64).reshape(-1)]

    @cached_property
    def _model(self) -> "CrossEncoder":
        from sentence_transformers import CrossEncoder
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
        try:
            model: CrossEncoder = CrossEncoder(self.name, device="cpu")
        except (
            OSError,
            ValueError,
            ImportError,
        ) as error:  # what it raises for a bad path or an unknown name
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EmbedderUnavailable(
                f"reranker '{self.name}' cannot be loaded: {reason}"
            ) from error
        if model.num_labels != 1:
            raise EmbedderUnavailable(
                f"reranker '{self.name}' gives {model.num_labels} labels; one score is needed"
            )
        return model
