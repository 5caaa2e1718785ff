"""BenchmarkQED (Microsoft, 2025): assertions that an answer should make."""

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from eval.files import read_json
from eval.importers.found import Article, Case, Found
from eval.importers.reading import Shape, converted
from qa.errors import BadInput

# "The response should state that …": the instruction is not part of the claim.
_INSTRUCTION = re.compile(
    r"^the (?:response|answer|report) (?:should|must) (?:also )?\w+(?: that)? ", re.IGNORECASE
)
_FIELD = re.compile(r"^(headline|title|firstcreated|published_at): (.*)$")
_TAG = re.compile(r"<[^>]{1,200}>")


class _Assertion(Shape):
    statement: str = Field(pattern=r"\S")


class _Source(Shape):
    source_id: str | int
    text: str


class _Claim(Shape):
    sources: tuple[_Source, ...] = ()


class _Question(Shape):
    question_id: str
    question_text: str
    assertions: tuple[_Assertion, ...] = Field(min_length=1)
    claims: tuple[_Claim, ...] = ()


def benchmark_qed(path: Path) -> Iterator[Found]:
    """A file of assertions, as `autoq` writes it: a JSON list. Raises BadInput.

    Each assertion becomes a nugget. The chunks that its claims rest on become articles; for the
    whole task ask an archive of the whole data set.
    """
    questions = read_json(path)
    if not isinstance(questions, list):
        raise BadInput(f"{path.name}: expected a list of questions with assertions")
    for number, record in enumerate(questions, start=1):
        yield from converted(f"{path.name}, question {number}", record, _Question, _convert)


def _convert(item: _Question) -> Iterator[Found]:
    sources = [source for claim in item.claims for source in claim.sources]
    for source in sources:
        yield _article(source)
    statements = [_INSTRUCTION.sub("", each.statement).strip() for each in item.assertions]
    fields = {
        "question": item.question_text,
        "answerable": True,
        "relevant": list(dict.fromkeys(str(source.source_id) for source in sources)),
        "nuggets": [{"answers": [statement]} for statement in statements],
    }
    yield Case(item.question_id, fields)


def _article(source: _Source) -> Article:
    """The lines "headline: …" and "firstcreated: …" above a chunk are its title and date."""
    stated: dict[str, str] = {}
    lines = source.text.split("\n")
    while lines and (field := _FIELD.match(lines[0])) is not None:
        stated[field[1]] = field[2].strip()
        lines.pop(0)
    return Article(
        str(source.source_id),
        _TAG.sub(" ", "\n".join(lines)).strip(),
        stated.get("headline") or stated.get("title"),
        published_at=stated.get("firstcreated") or stated.get("published_at"),
    )
