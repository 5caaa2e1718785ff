"""CRAG (Yang et al., 2024): questions over web pages."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field

from eval.cases import Split
from eval.importers.found import Article, Case, Found
from eval.importers.reading import Shape, convert_lines
from qa.errors import BadInput
from qa.ingest.metadata.moments import parse_moment
from qa.ingest.readers.html import page_record

_FALSE_PREMISE = "invalid question"
_SPLITS: Mapping[int | None, Split] = {0: "dev", 1: "test"}  # "validation" and "public test"


class _Page(Shape):
    page_name: str | None = None
    page_url: str
    page_snippet: str | None = None
    page_result: str | None = None
    page_last_modified: str | None = None


class _Question(Shape):
    interaction_id: str
    query: str
    answer: str
    alt_ans: tuple[str, ...] = ()
    query_time: str | None = None
    domain: str | None = None
    question_type: str | None = None
    static_or_dynamic: str | None = None
    split: int | None = None
    search_results: tuple[_Page, ...] = Field(default=())


def crag(path: Path) -> Iterator[Found]:
    """The question-answer pairs with their pages (tasks 1 and 2), .jsonl or .jsonl.bz2.

    The text of each page is extracted as `dateline ingest` does; without one its snippet is taken.
    Each question is asked as of its ``query_time``. No page is judged relevant. Raises BadInput.
    """
    return convert_lines(path, _Question, _convert)


def _convert(_number: int, item: _Question) -> Iterator[Found]:
    for page in item.search_results:
        yield _article(page)
    answers = [item.answer, *item.alt_ans]
    is_false = any(answer.strip().lower() == _FALSE_PREMISE for answer in answers)
    is_known = item.answer.strip().lower() != "i don't know"
    tags = [item.domain, item.question_type, item.static_or_dynamic]
    if item.split is not None:
        tags.append("public-test" if item.split == 1 else "validation")
    fields = {
        "question": item.query,
        "answerable": is_known,
        "answers": list(dict.fromkeys(answers)) if is_known and not is_false else [],
        "form": "false_premise" if is_false else None,
        "as_of": _query_time(item.query_time),
        "include_undated": True,
        "tags": [tag for tag in tags if tag],
        "split": _SPLITS.get(item.split),
    }
    yield Case(item.interaction_id, fields)


def _article(page: _Page) -> Article:
    try:
        record = page_record((page.page_result or "").encode())
    except BadInput:
        record = {"text": page.page_snippet}
    return Article(
        page.page_url,
        record["text"],
        page.page_name or record.get("title"),
        page.page_url,
        record.get("published_at"),
        parse_moment(page.page_last_modified) or record.get("updated_at"),
    )


def _query_time(text: str | None) -> str | None:
    """A time like "03/13/2024, 10:19:56 PT" in ISO 8601; None for another form."""
    try:
        moment = datetime.strptime(text or "", "%m/%d/%Y, %H:%M:%S PT")  # noqa: DTZ007  # next line
    except ValueError:
        return None
    return moment.replace(tzinfo=ZoneInfo("America/Los_Angeles")).isoformat()
