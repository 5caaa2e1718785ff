"""PDF: the text of its pages in reading order, by PDFium.

PDFium gives the characters with their places in the order in which they were drawn. Here they
become lines, columns are put one after the other, and lines that were merely wrapped are joined.
"""

import ctypes
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, BinaryIO

from qa.errors import BadInput
from qa.ingest.metadata.header import read_header
from qa.ingest.metadata.moments import parse_moment
from qa.ingest.readers.base import MAX_BYTES, Entry, read_bounded
from qa.ingest.readers.fields import Record

_MAX_FILE = 200_000_000  # a newspaper page with its pictures has up to 50 MB
_MAX_CHARACTERS = MAX_BYTES  # of all pages
_MAX_PAGES = 5_000
_MAX_LINES = 2_000  # of a page whose columns are looked for; the search is quadratic
_MAX_MEMORY = 2_000_000_000  # bytes; a drawn character takes some hundred
_MAX_SECONDS = 120  # of processor time; a page of text takes a hundredth
_WORKER = "qa.ingest.readers.pdf_worker"

_HYPHENS = "-\N{SOFT HYPHEN}\N{HYPHEN}"
_CUT = "\x02\ufffe"  # where PDFium saw a hyphen at a line's end; it leaves out the line break
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
)
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?:…]['\"”’»)\]]*$")
_NO_TITLE = re.compile(
    r"untitled|layout|document\d*|microsoft word|\.(?:docx?|indd|qxp|pdf|odt|tex)$", re.IGNORECASE
)


def read_pdf(file: BinaryIO) -> Iterator[Entry]:
    """Yield the file's article; ``pages`` of the record holds the offset where each begins."""
    content = read_bounded(file, _MAX_FILE)
    # In a process of its own: a small hostile file can take PDFium any memory, or crash it.
    paths = [str(Path(__file__).parents[3]), *filter(None, sys.path)]
    done = subprocess.run(  # noqa: S603  # our own module
        [sys.executable, "-P", "-m", _WORKER, str(_MAX_MEMORY), str(_MAX_SECONDS)],
        input=content,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        check=False,
    )
    if done.returncode:
        most = f"{_MAX_MEMORY // 1_000_000:,} MB or {_MAX_SECONDS} seconds"
        raise BadInput(f"PDFium failed, or would need more than {most}")
    reply = json.loads(done.stdout)
    if "reason" in reply:
        raise BadInput(reply["reason"])
    yield Entry(reply["record"], None, tuple(reply["warnings"]))


def pages_entry(content: bytes) -> Entry:
    """Return the article of a PDF, in this process. Raises BadInput."""
    import pypdfium2 as pdfium

    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise BadInput("encrypted: it opens with a password only") from error
        raise BadInput(f"invalid PDF: {str(error).rstrip('.')}") from error
    try:
        return _entry(document)
    except pdfium.PdfiumError as error:
        raise BadInput(f"invalid PDF: {str(error).rstrip('.')}") from error
    finally:
        document.close()


def _entry(document: Any) -> Entry:
    count = len(document)
    if count > _MAX_PAGES:
        raise BadInput(f"{count:,} pages, more than {_MAX_PAGES:,}")
    text, starts = "", []
    scanned, characters = [], 0
    for number in range(count):
        page = document[number]
        textpage = page.get_textpage()
        characters += textpage.count_chars()
        if characters > _MAX_CHARACTERS:
            raise BadInput(f"more than {_MAX_CHARACTERS:,} characters")
        lines = _without_page_number(list(_lines(textpage)), page.get_height())
        paragraphs = _paragraphs(_in_reading_order(lines))
        if not paragraphs and _has_picture(page):
            scanned.append(str(number + 1))
        text += _gap(text, paragraphs)
        starts.append(len(text))
        text += "\n\n".join(paragraphs)
        textpage.close()
        page.close()
    if not text:
        reason = "its pages are pictures, without recognised text" if scanned else "it has none"
        raise BadInput(f"no text: {reason}")
    warnings = []
    if scanned:
        warnings.append(f"page {', '.join(scanned)}: a scanned picture without text")
    metadata = document.get_metadata_dict(skip_empty=True)
    return Entry(_record(text, starts, metadata), None, tuple(warnings))


def _record(text: str, starts: list[int], metadata: dict[str, str]) -> Record:
    """Return the record. The file's own dates are of its production, so they only go along."""
    header = read_header(text)
    title = metadata.get("Title", "").strip()
    created = re.sub(r"^D:(\d{8}).*", r"\1", metadata.get("CreationDate", ""))
    author = metadata.get("Author", "").strip()
    return {
        "text": text,
        "title": header.title or (title if " " in title and not _NO_TITLE.search(title) else None),
        "authors": list(header.authors) or ([author] if " " in author else []),
        "published_at": header.published_at,
        "updated_at": header.updated_at,
        "pages": starts,
        "pdf_created": parse_moment(created),
    }


def _has_picture(page: Any) -> bool:
    from pypdfium2 import raw

    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4))


def _gap(text: str, paragraphs: Sequence[str]) -> str:
    """Return what goes between two pages: a space where a sentence runs on."""
    if not text or not paragraphs:
        return ""
    return " " if _runs_on(text[-80:], paragraphs[0]) else "\n\n"


@dataclass(frozen=True, slots=True)
class _Line:
    """A run of characters on one line; its box is in points, from the page's bottom left."""

    text: str
    left: float
    right: float
    bottom: float
    top: float

    @property
    def height(self) -> float:
        return self.top - self.bottom


class _OpenLine:
    """The line that characters are being added to."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._box: tuple[float, float, float, float] | None = None

    def is_far(self, left: float) -> bool:
        """Return True if the gap up to ``left`` is wider than gaps between words."""
        if self._box is None:
            return False
        _, right, bottom, top = self._box
        return left - right > 2 * max(top - bottom, 4)

    def add(self, character: str, box: tuple[float, float, float, float] | None) -> None:
        self._text.append(character)
        if box is None:
            return
        left, right, bottom, top = self._box or box
        self._box = min(left, box[0]), max(right, box[1]), min(bottom, box[2]), max(top, box[3])

    def close(self) -> Iterator[_Line]:
        """Yield the line unless it is empty."""
        text = " ".join("".join(self._text).translate(_LIGATURES).split())
        if text and self._box is not None:
            yield _Line(text, *self._box)


def _lines(textpage: Any) -> Iterator[_Line]:
    """Yield the lines as drawn, cut where a gap is wider than words have."""
    from pypdfium2 import raw

    edges = [ctypes.c_double() for _ in range(4)]
    pointers = [ctypes.byref(edge) for edge in edges]  # left, right, bottom, top
    line = _OpenLine()
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(textpage, index)
        character = chr(code) if code else " "
        if character in "\r\n" or character in _CUT:
            if character in _CUT:
                line.add("-", None)
            yield from line.close()
            line = _OpenLine()
            continue
        if character.isspace() or not raw.FPDFText_GetCharBox(textpage, index, *pointers):
            line.add(character, None)
            continue
        left, right, bottom, top = (edge.value for edge in edges)
        if line.is_far(left):
            yield from line.close()
            line = _OpenLine()
        line.add(character, (left, right, bottom, top))
    yield from line.close()


def _without_page_number(lines: list[_Line], height: float) -> list[_Line]:
    """Leave out a number alone in the margin, which would cut a sentence in two."""
    return [
        line
        for line in lines
        if 0.08 * height < line.bottom < 0.92 * height or not _PAGE_NUMBER.fullmatch(line.text)
    ]


def _in_reading_order(lines: list[_Line]) -> list[list[_Line]]:
    """Return the lines as blocks: what is above columns, each column, what is below them.

    Inside a block the order is that of the file.
    """
    return [lines] if len(lines) > _MAX_LINES else _blocks(lines)


def _blocks(lines: list[_Line]) -> list[list[_Line]]:
    gutter = _gutter(lines)
    if gutter is not None:
        left = [line for line in lines if line.right <= gutter]
        right = [line for line in lines if line.right > gutter]
        return [*_blocks(left), *_blocks(right)]
    cuts = _cuts(lines)
    # The highest cut below which there are columns, else the lowest above which there are some.
    for cut in cuts:
        lower = [line for line in lines if line.top <= cut]
        if _gutter(lower) is not None:
            return [[line for line in lines if line.top > cut], *_blocks(lower)]
    for cut in reversed(cuts):
        upper = [line for line in lines if line.top > cut]
        if _gutter(upper) is not None:
            return [*_blocks(upper), [line for line in lines if line.top <= cut]]
    return [_rows(lines)] if lines else []


def _gutter(lines: list[_Line]) -> float | None:
    """Return where the widest gap between two columns of prose begins, from left to right."""
    best: tuple[float, float] | None = None
    ordered = sorted(lines, key=lambda line: line.left)
    right = ordered[0].right if ordered else 0.0
    for number, line in enumerate(ordered):
        gap = line.left - right
        if gap > 6 and _is_column(ordered[:number]) and _is_column(ordered[number:]):
            best = max(best or (0.0, 0.0), (gap, right))
        right = max(right, line.right)
    return best[1] if best else None


def _is_column(lines: Sequence[_Line]) -> bool:
    """Return True for lines of prose, False for the cells of a table's column."""
    return len(lines) >= 3 and sum(len(line.text) for line in lines) >= 18 * len(lines)


def _cuts(lines: list[_Line]) -> list[float]:
    """Return the heights, from the top, at which no line is cut."""
    cuts: list[float] = []
    bottom = None
    for line in sorted(lines, key=lambda line: -line.top):
        if bottom is not None and line.top < bottom:
            cuts.append(line.top)
        bottom = line.bottom if bottom is None else min(bottom, line.bottom)
    return cuts


def _rows(lines: list[_Line]) -> list[_Line]:
    """Join neighbours on the same line that are no columns: the cells of a table."""
    rows: list[_Line] = []
    for line in lines:
        last = rows[-1] if rows else None
        if last is not None and line.left > last.right and _overlap(last, line) > 0.5:
            rows[-1] = _Line(
                f"{last.text} {line.text}",
                last.left,
                line.right,
                min(last.bottom, line.bottom),
                max(last.top, line.top),
            )
        else:
            rows.append(line)
    return rows


def _overlap(one: _Line, other: _Line) -> float:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared / max(min(one.height, other.height), 0.1)


def _paragraphs(blocks: list[list[_Line]]) -> list[str]:
    """Return the paragraphs of a page; one that goes on in the next column is one."""
    paragraphs: list[str] = []
    for block in blocks:
        width = _Width.of(block)
        previous: _Line | None = None
        for line in block:
            if previous is None:
                goes_on = bool(paragraphs) and _runs_on(paragraphs[-1], line.text)
            else:
                goes_on = not width.ends(previous, line)
            if goes_on:
                paragraphs[-1] = _joined(paragraphs[-1], line.text)
            else:
                paragraphs.append(line.text)
            previous = line
    return [paragraph.replace("\N{SOFT HYPHEN}", "") for paragraph in paragraphs]


@dataclass(frozen=True, slots=True)
class _Width:
    """How a block's lines are usually set, to see where a paragraph ends."""

    left: float
    right: float
    pitch: float  # from one line to the next
    height: float

    @classmethod
    def of(cls, block: list[_Line]) -> "_Width":
        tops = sorted((line.top for line in block), reverse=True)
        steps = [above - below for above, below in pairwise(tops)]
        heights = [line.height for line in block]
        steps = [step for step in steps if step > 1] or heights
        return cls(
            min(line.left for line in block),
            max(line.right for line in block),
            median(steps),
            median(heights),
        )

    def ends(self, line: _Line, following: _Line) -> bool:
        """Return True if a paragraph ends between two lines."""
        step = line.bottom - following.bottom
        if step < 0 or step > 1.45 * self.pitch:
            return True
        if abs(line.height - following.height) > 0.35 * max(line.height, following.height):
            return True  # a headline; capitals alone make less of a difference
        filled = (line.right - self.left) / max(self.right - self.left, 1)
        if not _SENTENCE_END.search(line.text):
            return filled < 0.6 and not following.text[0].islower()  # a by-line
        is_indented = following.left > self.left + 0.7 * self.height
        return filled < 0.88 or is_indented


def _runs_on(text: str, following: str) -> bool:
    """Return True if a sentence goes on in the next column or on the next page."""
    return following[0].islower() and not _SENTENCE_END.search(text)


def _joined(text: str, following: str) -> str:
    """Join two lines; a hyphen at the end of the first goes if a word was cut there."""
    if text[-1] not in _HYPHENS:
        return f"{text} {following}"
    if following[0].islower() and text[-2:-1].isalpha():
        return text[:-1] + following
    return text + following
