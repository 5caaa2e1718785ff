"""RAMDocs (Wang et al., 2025): ambiguous questions, misinformation and noise."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from pydantic import Field

from eval.cases import Split
from eval.importers.found import Article, Case, Found, digest, split_in
from eval.importers.reading import Shape, convert_lines


class _Document(Shape):
    text: str
    type: str


class _Question(Shape):
    question: str
    documents: tuple[_Document, ...]
    gold_answers: tuple[str, ...] = Field(min_length=1)
    wrong_answers: tuple[str, ...] = ()


def ramdocs(path: Path) -> Iterator[Found]:
    """`RAMDocs_test.jsonl`. Every gold answer must be given, and no wrong one. Raises BadInput.

    The documents of all questions become one archive; those of type "correct" are relevant. The
    split is in the name of the file.
    """
    return convert_lines(path, _Question, partial(_convert, split_in(path.name)))


def _convert(split: Split | None, number: int, item: _Question) -> Iterator[Found]:
    for document in item.documents:
        yield Article(digest(document.text), document.text)
    correct = [digest(each.text) for each in item.documents if each.type == "correct"]
    types = {each.type for each in item.documents}
    tags = [f"has-{kind}" for kind in ("misinfo", "noise") if kind in types]
    if len(item.gold_answers) > 1:
        tags.append("ambiguous")
    fields = {
        "question": item.question,
        "answerable": True,
        "form": "every_answer",
        "answers": list(item.gold_answers),
        "items": [[answer] for answer in item.gold_answers],
        "wrong_answers": list(dict.fromkeys(item.wrong_answers)),
        "relevant": list(dict.fromkeys(correct)),
        "tags": tags,
        "split": split,
    }
    yield Case(f"line-{number}", fields)
