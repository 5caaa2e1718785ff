"""Articles from records and files. Pure but for reading files; knows nothing of the store."""

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from qa.errors import BadInput
from qa.types import Article, instant

SUFFIXES = (".jsonl", ".jsonl.gz", ".txt", ".md", ".html", ".htm")
_UNSTORABLE = re.compile("[\\0\ud800-\udfff]")
_FIELDS = frozenset(Article.model_fields) - {"extra"}


@dataclass(frozen=True, slots=True)
class Read:
    """An article that was read, where it stood, and what was wrong with it without spoiling it."""

    article: Article
    place: str  # "feed.jsonl:12", "notes/kyiv.txt"
    origin: str  # the path that was asked for; --prune compares articles of one origin
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line or file that is no article, and why."""

    place: str
    reason: str


def version_of(article: Article) -> str:
    """The version hash: 16 hex digits of the SHA-256 over title and text."""
    content = json.dumps([article.title, article.text], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def parse_record(
    record: object, *, fallback_id: str | None = None
) -> tuple[Article, tuple[str, ...]]:
    """An article from a JSON object, and warnings. Raises BadInput when it is none.

    Without an id: the url, else ``fallback_id``, else a hash of the text. A date that cannot be read becomes
    null, with a warning. NUL and lone surrogates, which no database keeps, become U+FFFD one for one, so that
    offsets hold.
    """
    if not isinstance(record, Mapping):
        raise BadInput(f"an article is a JSON object, this is {_json_name(record)}")
    try:
        given = {_clean(str(key)): _clean(value) for key, value in record.items()}
    except RecursionError as error:
        raise BadInput("nested too deep") from error
    text = given.get("text")
    if not isinstance(text, str) or not text.strip():
        raise BadInput(
            "no text" if text is None or isinstance(text, str) else "text is not a string"
        )
    warnings: list[str] = []
    fields: dict[str, Any] = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    for name in ("published_at", "updated_at"):
        fields[name], warning = _date(fields.get(name))
        if warning:
            warnings.append(f"{name} {warning}")
    fields["authors"] = _authors(fields.get("authors"))
    identity = fields.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    fields["id"] = (
        identity
        or fields.get("url")
        or fallback_id
        or hashlib.sha256(text.encode()).hexdigest()[:32]
    )
    fields["extra"] = {name: value for name, value in given.items() if name not in _FIELDS}
    try:
        return Article(**fields), tuple(warnings)
    except ValidationError as error:
        problem = error.errors()[0]
        raise BadInput(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        ) from error


def read_paths(paths: Sequence[Path]) -> Iterator[Read | Skipped]:
    """Every article in the files and folders given, in sorted order.

    Raises BadInput at once, before anything can be changed, when a path does not exist or is of a kind that cannot
    be read, or when nothing in all of them is an article.
    """
    for path in paths:
        if not path.exists():
            raise BadInput(f"no such file or folder: {path}")
        if path.is_file() and not path.name.lower().endswith(SUFFIXES):
            raise BadInput(
                f"{path}: cannot read this kind of file; known are {', '.join(SUFFIXES)}"
            )
    items = _read_all(paths)
    skipped: list[Skipped] = []
    for item in items:
        if isinstance(item, Read):
            return chain(skipped, [item], items)
        skipped.append(item)
    names = ", ".join(str(path) for path in paths)
    reasons = (
        f": {len(skipped)} skipped, the first being {skipped[0].place}: {skipped[0].reason}"
        if skipped
        else ""
    )
    raise BadInput(f"no article found in {names}{reasons}")


def _read_all(paths: Sequence[Path]) -> Iterator[Read | Skipped]:
    seen: set[Path] = set()
    for path in paths:
        origin = str(path.resolve())
        for file, name in _files(path):
            if (real := file.resolve()) in seen:
                continue
            seen.add(real)
            try:
                if name.lower().endswith((".jsonl", ".jsonl.gz")):
                    yield from _read_lines(file, name, origin)
                else:
                    yield _read_document(file, name, origin)
            except BadInput as error:
                yield Skipped(name, str(error))
            except OSError as error:
                yield Skipped(name, f"cannot be read: {error.strerror or error}")


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """The readable files of a path, each with its name relative to the folder given."""
    if path.is_file():
        yield path, path.name
        return
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
        if file.is_file() and not hidden and name.lower().endswith(SUFFIXES):
            yield file, name


def _read_lines(file: Path, name: str, origin: str) -> Iterator[Read | Skipped]:
    compressed = name.lower().endswith(".gz")
    number = 0
    try:
        with gzip.open(file) if compressed else file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                place = f"{name}:{number}"
                content = (
                    line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
                )
                if not content:
                    continue
                try:
                    article, warnings = parse_record(_json(content))
                except BadInput as error:
                    yield Skipped(place, str(error))
                else:
                    yield Read(article, place, origin, warnings)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield Skipped(f"{name}:{number + 1}", f"the compressed file breaks off here: {error}")


def _json(content: bytes) -> object:
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        raise BadInput(f"no JSON: {error.msg} at column {error.colno}") from error
    except (
        ValueError,
        RecursionError,
    ) as error:  # a number of 5,000 digits; a thousand open brackets
        raise BadInput(f"no JSON that can be read: {error}") from error


def _read_document(file: Path, name: str, origin: str) -> Read:
    if name.lower().endswith((".html", ".htm")):
        record = _from_html(file.read_bytes())
    else:
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BadInput(f"not UTF-8 text (byte {error.start + 1})") from error
        record = {"text": text, "title": _title(text)}
    article, warnings = parse_record(record, fallback_id=name)
    return Read(article, name, origin, warnings)


def _title(text: str) -> str | None:
    """A Markdown heading, or a short first line that stands alone."""
    first, _, rest = text.strip().partition("\n")
    if first.startswith("#"):
        return first.lstrip("#").strip() or None
    alone = (
        rest.startswith(("\n", "\r\n")) and len(first) <= 200 and not first.rstrip().endswith(".")
    )
    return first.strip() if alone else None


def _from_html(page: bytes) -> dict[str, Any]:
    from trafilatura import bare_extraction
    from trafilatura.settings import Document

    if not page.strip():
        raise BadInput("no text")
    found = bare_extraction(
        page,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        # Only a date that the page states: a guessed date would let an article into an `as_of` it is not of.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if not isinstance(found, Document) or not found.text:
        raise BadInput("no article text found in the page")
    return {
        "text": found.text,
        "title": found.title,
        "published_at": found.date,
        "source": found.sitename,
        "authors": [name.strip() for name in (found.author or "").split(";")],
        "url": found.url,
        "language": found.language,
    }


def _date(value: object) -> tuple[str | None, str | None]:
    """The date normalised, and what is wrong with it."""
    if value is None:
        return None, None
    if not isinstance(value, str):
        return None, f"is {_json_name(value)}, not an ISO 8601 string: kept without a date"
    if not value.strip():
        return None, None
    try:
        instant(value.strip())
        try:
            return date.fromisoformat(value.strip()).isoformat(), None
        except ValueError:
            return datetime.fromisoformat(value.strip()).isoformat(), None
    except ValueError:
        return None, f"'{value[:40]}' is no ISO 8601 date: kept without a date"


def _authors(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadInput("authors is neither a string nor a list of strings")
    return tuple(name.strip() for name in names if name.strip())


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() and "\0" not in value else _storable(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def _storable(text: str) -> str:
    # Code point for code point, so that offsets into the given text hold in the stored one.
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _json_name(value: object) -> str:
    names = {
        list: "a list",
        str: "a string",
        bool: "true or false",
        type(None): "null",
        dict: "an object",
    }
    return names.get(type(value), "a number")
