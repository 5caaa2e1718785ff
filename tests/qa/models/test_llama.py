"""Any instruct model in GGUF: what is checked before llama.cpp sees it, and how it is asked."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from qa.errors import AnswerModelMalformed, AnswerModelUnreachable, ModelUnavailable
from qa.models import llama
from qa.models.base import Repairing, Rewriting, Statement, Usage
from qa.models.gguf import read_header
from qa.models.llama import LlamaModel, check_file
from qa.question import Question
from tests.support.evidence import sentence

TEMPLATE = "{% for m in messages %}{{ m.content }}{% endfor %}"
EVIDENCE = [sentence(1, "The council pledged USD 40 million.")]
QUESTION = Question.parse("How much did the council pledge?")


def gguf(path: Path, template: str | None = TEMPLATE, context: int = 8192) -> Path:
    """The head of a model, without its weights."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    values = [
        text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"),
        text("tokenizer.ggml.scores") + struct.pack("<IIQ", 9, 6, 2) + struct.pack("<ff", 0, 1),
        text("general.name") + struct.pack("<I", 8) + text("tiny"),
        text("llama.context_length") + struct.pack("<II", 4, context),
    ]
    if template is not None:
        values.append(text("tokenizer.chat_template") + struct.pack("<I", 8) + text(template))
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, len(values))
    path.write_bytes(head + b"".join(values))
    return path


def test_the_head_says_how_the_model_wants_to_be_asked(tmp_path: Path) -> None:
    header = read_header(gguf(tmp_path / "m.gguf"))
    assert (header.chat_template, header.context) == (TEMPLATE, 8192)


@pytest.mark.parametrize(("context", "used"), [(2048, 2048), (131_072, llama.CONTEXT)])
def test_no_more_context_is_taken_than_the_model_has(
    tmp_path: Path, context: int, used: int
) -> None:
    assert check_file(gguf(tmp_path / "m.gguf", context=context)) == used


def test_a_path_without_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no file"):
        check_file(tmp_path / "none.gguf")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no file"):
        check_file(tmp_path)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"gguf"])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(ModelUnavailable, match="not a GGUF file"):
        check_file(path)


@pytest.mark.parametrize("length", [8, 30, 100, -3])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, length: int) -> None:
    path = gguf(tmp_path / "m.gguf")
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ModelUnavailable, match="damaged"):
        check_file(path)


def test_a_head_that_claims_absurd_lengths_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 2**63))
    with pytest.raises(ModelUnavailable, match="damaged"):
        check_file(path)


def test_a_base_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="no chat template"):
        check_file(gguf(tmp_path / "m.gguf", template=None))


def test_a_model_that_reads_too_little_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="512 tokens at once; at least 2048"):
        check_file(gguf(tmp_path / "m.gguf", context=512))


def test_a_model_that_is_larger_than_memory_is_refused_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = gguf(tmp_path / "m.gguf")
    with path.open("r+b") as file:
        file.truncate(10_000_000_000)  # sparse: takes no disk
    monkeypatch.setattr(llama, "available_memory", lambda: 4_000_000_000)
    with pytest.raises(ModelUnavailable, match=r"needs about 12\.0 GB of memory; 4\.0 GB"):
        check_file(path)


def test_what_llama_cpp_cannot_load_is_refused_with_its_path(tmp_path: Path) -> None:
    path = gguf(tmp_path / "m.gguf")
    with pytest.raises(ModelUnavailable, match=r"llama\.cpp cannot load .*m\.gguf"):
        LlamaModel(path, 1).prepare()


class Server:
    """Stands in for llama.cpp's server."""

    def __init__(self, *replies: Any) -> None:
        self._replies = list(replies)
        self.asked: list[Mapping[str, Any]] = []

    def handle_chat_completions(self, request: Mapping[str, Any]) -> Any:
        self.asked.append(request)
        reply = self._replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def said(text: str) -> Mapping[str, Any]:
    return {
        "choices": [{"message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 9},
    }


def model(server: Server) -> LlamaModel:
    made = LlamaModel(Path("tiny.gguf"), 1)
    made.__dict__["_server"] = server  # a cached property
    return made


def test_it_is_asked_through_its_chat_template_and_parsed_like_a_remote_model() -> None:
    server = Server(said("Short answer: USD 40 million\nThe council pledged USD 40 million [1]."))
    assert list(model(server).write(QUESTION, EVIDENCE)) == [
        Statement("The council pledged USD 40 million.", (1,), "USD 40 million"),
        Usage(300, 9),
    ]
    (asked,) = server.asked
    assert [message["role"] for message in asked["messages"]] == ["system", "user"]
    assert "[1] (Gazette, undated) The council pledged" in asked["messages"][1]["content"]


def test_it_can_be_told_what_is_wrong_with_a_statement() -> None:
    server = Server(said("The council pledged USD 40 million [1]."))
    wrong = Statement("It pledged USD 400 million.", (1,))
    fault = "the sentence does not hold the figure USD 400 million"
    repaired = list(model(server).repair(wrong, [fault], EVIDENCE))
    assert repaired[0] == Statement("The council pledged USD 40 million.", (1,))
    assert fault in server.asked[0]["messages"][1]["content"]


def test_it_can_complete_a_follow_up_question() -> None:
    server = Server(said("<think>he is Vane</think>When did J. R. Vane resign?"))
    made = model(server)
    assert made.rewrite("When did he resign?", ["Who is J. R. Vane?"]) == (
        "When did J. R. Vane resign?"
    )
    assert isinstance(made, Repairing)
    assert isinstance(made, Rewriting)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (RuntimeError("out of memory"), AnswerModelUnreachable),
        ({"error": {"message": "context"}}, AnswerModelMalformed),
        ({"choices": []}, AnswerModelMalformed),
    ],
)
def test_what_goes_wrong_in_llama_cpp_is_one_of_our_errors(
    reply: Any, error: type[Exception]
) -> None:
    with pytest.raises(error):
        list(model(Server(reply)).write(QUESTION, EVIDENCE))


def test_without_evidence_it_is_not_asked() -> None:
    server = Server()
    assert list(model(server).write(QUESTION, [])) == []
