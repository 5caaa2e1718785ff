"""Write what an importer finds as `articles.jsonl` and `cases.jsonl`, as it comes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, NamedTuple

from pydantic import ValidationError

from eval.cases import EvalCase
from eval.files import write_atomically
from eval.importers.found import Article, Case, Found, Skipped
from qa.errors import BadInput, first_problem

OnSkipped = Callable[[str], object]


class Written(NamedTuple):
    """The files and what is in them. ``articles_file``: None for a benchmark without articles."""

    articles_file: Path | None
    cases_file: Path
    articles: int
    cases: int
    skipped: int


def write(found: Iterable[Found], folder: Path, on_skipped: OnSkipped = lambda _: None) -> Written:
    """Write both files; nothing is left behind if that fails.

    Only ids are held in memory. Of two articles or cases with one id the first is written;
    ``on_skipped`` is called with each reason why something is left out. Raises BadInput if a file
    exists, if nothing could be imported, and for whatever the importer raises.
    """
    articles, cases = folder / "articles.jsonl", folder / "cases.jsonl"
    _check_new((articles, cases))
    is_new = not folder.exists()
    partial = (folder / "articles.jsonl.partial", folder / "cases.jsonl.partial")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writer = _write_partial(found, partial, on_skipped)
        if writer.article_ids:
            partial[0].replace(articles)
        partial[1].replace(cases)
    except OSError as error:
        raise BadInput(f"cannot write {folder}: {error.strerror}") from error
    finally:
        for path in partial:
            path.unlink(missing_ok=True)
        if is_new and folder.exists() and not any(folder.iterdir()):
            folder.rmdir()
    return Written(
        articles if writer.article_ids else None,
        cases,
        len(writer.article_ids),
        len(writer.case_ids),
        writer.skipped,
    )


def write_records(folder: Path, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Path]:
    """Write each file of JSON lines to the folder. Raises BadInput if one of them exists."""
    paths = [folder / name for name in files]
    _check_new(paths)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write {folder}: {error.strerror}") from error
    for path, records in zip(paths, files.values(), strict=True):
        write_atomically(path, map(_line, records))
    return paths


def _check_new(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.exists():
            raise BadInput(f"{path} already exists: choose another folder")


def _write_partial(
    found: Iterable[Found], paths: tuple[Path, Path], on_skipped: OnSkipped
) -> "_Writer":
    with ExitStack() as stack:
        articles, cases = (stack.enter_context(path.open("w", encoding="utf-8")) for path in paths)
        writer = _Writer(articles, cases, on_skipped)
        for item in found:
            writer.add(item)
    if not writer.case_ids:
        reason = f" ({writer.first_reason})" if writer.first_reason else ""
        raise BadInput(f"nothing to import: no case could be used{reason}")
    return writer


class _Writer:
    def __init__(self, articles: IO[str], cases: IO[str], on_skipped: OnSkipped) -> None:
        self._articles, self._cases = articles, cases
        self._on_skipped = on_skipped
        self.article_ids: set[str] = set()
        self.case_ids: set[str] = set()
        self.skipped = 0
        self.first_reason: str | None = None

    def add(self, item: Found) -> None:
        if isinstance(item, Skipped):
            self._skip(item.reason)
        elif isinstance(item, Article):
            self._add_article(item)
        else:
            self._add_case(item)

    def _add_article(self, article: Article) -> None:
        if article.id in self.article_ids:
            return  # benchmarks repeat the passages that several questions share
        if not isinstance(article.text, str) or not article.text.strip():
            self._skip(f"{article.id}: an article without text")
            return
        title = article.title if isinstance(article.title, str) and article.title else None
        record = _given(article._replace(title=title)._asdict())
        self.article_ids.add(article.id)
        self._articles.write(_line(record))

    def _add_case(self, case: Case) -> None:
        question = case.fields.get("question")
        if not isinstance(question, str) or not question.strip():
            self._skip(f"{case.id}: no question")
            return
        if case.id in self.case_ids:
            self._skip(f"{case.id}: duplicate id")
            return
        record = _given({"id": case.id, **case.fields})
        try:
            EvalCase.model_validate(record)
        except ValidationError as error:
            self._skip(f"{case.id}: {first_problem(error)}")
            return
        self.case_ids.add(case.id)
        self._cases.write(_line(record))

    def _skip(self, reason: str) -> None:
        self.skipped += 1
        self.first_reason = self.first_reason or reason
        self._on_skipped(reason)


def _given(record: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if value is not None}


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
