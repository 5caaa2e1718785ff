"""SQuAD 1.1 and 2.0 (Rajpurkar et al., 2018)."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.cases import Split
from eval.files import read_json
from eval.importers.found import Article, Case, Found, Skipped, digest, split_in
from qa.errors import BadInput


def squad(path: Path) -> Iterator[Found]:
    """A SQuAD file, its split by its name. Each paragraph is an article. Raises BadInput."""
    split = split_in(path.name)
    try:
        for page in read_json(path)["data"]:
            for paragraph in page["paragraphs"]:
                yield from _paragraph(page.get("title"), paragraph, split)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"no {error}" if isinstance(error, KeyError) else str(error)
        raise BadInput(f"{path.name} is not a SQuAD file: {problem}") from error


def _paragraph(title: object, paragraph: Mapping[str, Any], split: Split | None) -> Iterator[Found]:
    article_id = digest(paragraph["context"])
    yield Article(article_id, paragraph["context"], title)
    for item in paragraph["qas"]:
        case_id = str(item["id"])
        answers = list(dict.fromkeys(answer["text"] for answer in item["answers"]))
        is_impossible = item.get("is_impossible", False)
        if not answers and not is_impossible:
            yield Skipped(f"{case_id}: answerable, but without an answer")
            continue
        fields = {
            "question": item["question"],
            "answers": [] if is_impossible else answers,
            "answerable": not is_impossible,
            "relevant": [] if is_impossible else [article_id],
            "split": split,
        }
        yield Case(case_id, fields)
