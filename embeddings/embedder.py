"""The embedder seam: texts in, float32 unit vectors out."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol

import numpy as np

from embeddings.errors import EmbedderUnavailable
from embeddings.index import Vectors

if TYPE_CHECKING:  # importing it for real takes seconds; done when a model is first needed
    from sentence_transformers import SentenceTransformer

BATCH_SIZE = 32  # passages a forward pass; measured flat from 16 to 64 on two cores


class Embedder(Protocol):
    """Turns texts into vectors of one space."""

    @property
    def name(self) -> str:
        """What the setting said: a packaged model's name, a path or a hub name."""

    @property
    def digest(self) -> str:
        """SHA-256 that changes whenever the weights do. Vectors of different digests never mix."""

    @property
    def dimension(self) -> int: ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of length 1, in the order given."""

    def embed_question(self, text: str) -> Vectors:
        """(dimension,) float32 of length 1; a method of its own, as models prompt questions
        differently.
        """


class SentenceTransformerEmbedder:
    """Any sentence-transformers model, by path or hub name.

    Loads on first use; never talks to the user.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._embedding = Lock()  # its tokenizer changes state, and several texts come at once

    @cached_property
    def _model(self) -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
        from safetensors import SafetensorError

        try:
            return SentenceTransformer(self.name, device="cpu")
        except (
            OSError,
            ValueError,
            ImportError,
            TypeError,
            KeyError,
            RuntimeError,
            SafetensorError,
        ) as error:  # what it raises for a bad path or an unknown name
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise EmbedderUnavailable(
                f"embedder '{self.name}' cannot be loaded: {reason}"
            ) from error

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the parameters' names and bytes, so that it is the same however they were
        stored.
        """
        import torch

        sha = hashlib.sha256()
        for name, tensor in sorted(self._model.state_dict().items()):
            sha.update(name.encode())
            sha.update(
                tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
            )
        return sha.hexdigest()

    @cached_property
    def dimension(self) -> int:
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EmbedderUnavailable(f"embedder '{self.name}' reports no dimension")
        return dimension

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        # encode() sorts by length itself, so that a batch pads little
        with self._embedding:
            vectors = self._model.encode_document(
                list(texts),
                batch_size=BATCH_SIZE,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, dtype=np.float32)

    def embed_question(self, text: str) -> Vectors:
        with self._embedding:
            vectors = self._model.encode_query(
                [text], normalize_embeddings=True, show_progress_bar=False
            )
        vector: Vectors = np.asarray(vectors[0], dtype=np.float32)
        return vector


def resolve(name: str) -> str:
    """A path that exists is made absolute, so that the same folder has one name wherever it is used
    from.
    """
    path = Path(name).expanduser()
    return str(path.resolve()) if path.is_dir() else name
