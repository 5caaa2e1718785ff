"""`llama:/path/to/model.gguf`: any instruct model in GGUF, run in this process by llama.cpp.

It is prompted through the file's own chat template, and its replies are parsed and verified like
those of a remote model.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any

from embeddings.texts import whole_characters
from qa.answering.sentence import Sentence
from qa.errors import AnswerModelMalformed, AnswerModelUnreachable, ModelUnavailable
from qa.models.base import Statement, Usage, Written
from qa.models.gguf import read_header
from qa.models.prompt import (
    REPAIR,
    REWRITE,
    instructions,
    messages,
    parse,
    repair_message,
    rewrite_message,
)
from qa.models.replies import plain_text
from qa.question import Question

if TYPE_CHECKING:
    from xllamacpp import Server

CONTEXT = 4096  # tokens; the instructions and sixteen sentences have some 1,500
LEAST_CONTEXT = 2048
MOST_TOKENS = 600
ROOM = 1.2  # memory that a model takes, as a multiple of its file


class LlamaModel:
    """Loads on first use, once. One reply at a time: the same prompt gives the same reply."""

    def __init__(self, path: Path, threads: int) -> None:
        self.name = f"llama:{path.name}"
        self._path = path
        self._threads = threads
        self._free = BoundedSemaphore(1)
        self._loading = Lock()

    def prepare(self) -> None:
        with self._loading:
            _ = self._server

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        """See `AnswerModel.write`."""
        if not evidence:
            return
        text, usage = self._reply(instructions(question.form), messages(question.text, evidence))
        yield from parse([text], question.form)
        yield usage

    def repair(
        self, statement: Statement, faults: Sequence[str], evidence: Sequence[Sentence]
    ) -> Iterator[Written]:
        """See `Repairing.repair`."""
        text, usage = self._reply(REPAIR, repair_message(statement, faults, evidence))
        yield from parse([text])
        yield usage

    def rewrite(self, question: str, earlier: Sequence[str]) -> str:
        """See `Rewriting.rewrite`."""
        return self.reply(REWRITE, rewrite_message(question, earlier))

    def reply(self, system: str, message: str) -> str:
        """See `Prompted.reply`."""
        text, _ = self._reply(system, message)
        return "".join(plain_text([text]))

    def _reply(self, system: str, message: str) -> tuple[str, Usage]:
        self.prepare()
        request = {
            "messages": [
                {"role": "system", "content": whole_characters(system)},
                {"role": "user", "content": whole_characters(message)},
            ],
            "max_tokens": MOST_TOKENS,
            "temperature": 0,
            "cache_prompt": False,
        }
        with self._free:  # questions wait for each other here and nowhere else
            try:
                reply: Mapping[str, Any] = self._server.handle_chat_completions(request)
            except RuntimeError as error:
                raise AnswerModelUnreachable(f"{self.name}: llama.cpp failed: {error}") from error
        try:
            text = reply["choices"][0]["message"]["content"] or ""
            usage = reply["usage"]
            return str(text), Usage(usage["prompt_tokens"], usage["completion_tokens"])
        except (KeyError, TypeError, IndexError) as error:
            raise AnswerModelMalformed(
                f"{self.name}: llama.cpp answered {str(reply)[:200]}"
            ) from error

    @cached_property
    def _server(self) -> "Server":
        context = check_file(self._path)
        try:
            import xllamacpp
        except ImportError as error:  # slim systems lack libgomp, which llama.cpp's threads need
            raise ModelUnavailable(
                f"llama.cpp cannot be loaded: {error}; on Debian: apt install libgomp1"
            ) from error

        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self._path)
        parameters.n_ctx = context
        parameters.n_parallel = 1
        parameters.n_gpu_layers = 0
        parameters.cpuparams.n_threads = self._threads
        parameters.cpuparams_batch.n_threads = self._threads
        parameters.use_jinja = True
        parameters.cache_prompt = False
        parameters.cache_ram_mib = 0
        parameters.warmup = False
        parameters.fit_params = False
        parameters.verbosity = -1
        # It opens a port on loopback whether one wants it or not; a secret that nobody knows closes
        # it.
        parameters.api_keys = [secrets.token_urlsafe(32)]
        try:
            return xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelUnavailable(f"llama.cpp cannot load {self._path}: {error}") from error


@lru_cache(maxsize=1)
def shared_llama_model(path: Path, threads: int) -> LlamaModel:
    """One for the process: it holds as much memory as the file is large."""
    return LlamaModel(path, threads)


def check_file(path: Path) -> int:
    """The context to load it with, in tokens. Raises ModelUnavailable for a file that cannot work,
    before llama.cpp sees it.
    """
    if not path.is_file():
        raise ModelUnavailable(f"no file {path}: `llama:` needs the path of a model in GGUF")
    header = read_header(path)
    if not header.chat_template:
        raise ModelUnavailable(
            f"{path} has no chat template: a base model; `llama:` needs an instruct model"
        )
    if header.context is not None and header.context < LEAST_CONTEXT:
        raise ModelUnavailable(
            f"{path} reads {header.context} tokens at once; at least {LEAST_CONTEXT} are needed"
        )
    size, available = path.stat().st_size, available_memory()
    if available is not None and size * ROOM > available:
        raise ModelUnavailable(
            f"{path} needs about {_gigabytes(size * ROOM)} of memory;"
            f" {_gigabytes(available)} are available"
        )
    return min(CONTEXT, header.context or CONTEXT)


def available_memory() -> int | None:
    """Bytes that can be taken without swapping; None where the system does not say."""
    try:
        content = Path("/proc/meminfo").read_text("ascii")
    except OSError:
        return None
    for line in content.splitlines():
        name, _, rest = line.partition(":")
        if name == "MemAvailable":
            return int(rest.split()[0]) * 1024
    return None


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB"
