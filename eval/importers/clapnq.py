"""ClapNQ (Rosenthal et al., 2025): long answers from selected sentences of a passage."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from eval.cases import Split
from eval.importers.found import Article, Case, Found, digest, split_in
from eval.importers.reading import Shape, convert_lines, json_lines_in, rows

CORPUS = "passages.tsv"


class _Passage(Shape):
    title: str | None = None
    text: str


class _Output(Shape):
    answer: str | None = None
    selected_sentences: tuple[str, ...] = ()


class _Question(Shape):
    id: str | int
    input: str
    passages: tuple[_Passage, ...] = Field(min_length=1)
    output: tuple[_Output, ...] = Field(min_length=1)


def clapnq(path: Path) -> Iterator[Found]:
    """An annotated file, or a folder of them, with `passages.tsv` as the corpus if it is there.

    The selected sentences are gold. A question without an answer is unanswerable; its passage is in
    the archive all the same. The split is in the name of the file. Raises BadInput.
    """
    for file in json_lines_in(path):
        yield from convert_lines(file, _Question, partial(_convert, split_in(file.name)))
    corpus = path / CORPUS
    if path.is_dir() and corpus.exists():
        for _, row in rows(corpus, delimiter="\t", header=("id", "text", "title")):
            text = row.get("text", "")
            yield Article(digest(text), text, row.get("title"))


def _convert(split: Split | None, _number: int, item: _Question) -> Iterator[Found]:
    for passage in item.passages:
        yield Article(digest(passage.text), passage.text, passage.title)
    answers = [output.answer for output in item.output if output.answer]
    fields: dict[str, Any] = {
        "question": item.input,
        "answerable": bool(answers),
        "split": split,
    }
    if answers:
        fields |= {
            "form": "sentences",
            "answers": answers,
            "relevant": list(dict.fromkeys(digest(passage.text) for passage in item.passages)),
            "gold": _gold(item),
        }
    yield Case(str(item.id), fields)


def _gold(item: _Question) -> list[dict[str, Any]]:
    """The selected sentences that are found in a passage; without any, the passages as a whole."""
    spans = []
    sentences = [each for output in item.output for each in output.selected_sentences]
    for selected in dict.fromkeys(sentences):
        sentence = selected.removesuffix("&").strip()
        for passage in item.passages:
            start = passage.text.find(sentence)
            if sentence and start >= 0:
                spans.append(_span(passage, start, start + len(sentence)))
    return spans or [_span(passage, 0, len(passage.text)) for passage in item.passages]


def _span(passage: _Passage, start: int, end: int) -> dict[str, Any]:
    return {"article_id": digest(passage.text), "start": start, "end": end}
