"""An answer as a Word document (.docx)."""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Final

from api.share.outline import Block, Style

# Styles of python-docx's own template.
_STYLES: Final[Mapping[Style, str]] = {
    "title": "Title",
    "heading": "Heading 1",
    "answer": "Subtitle",
    "text": "Normal",
    "item": "List Bullet",
    "quote": "Intense Quote",
    "source": "Normal",
}
# What XML cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_word(blocks: Iterable[Block]) -> bytes:
    """A paragraph for each block."""
    from docx import Document

    document = Document()
    for block in blocks:
        text = _ILLEGAL.sub("\ufffd", block.text)
        numbered = (block.markers, text) if block.style == "source" else (text, block.markers)
        document.add_paragraph(" ".join(numbered).strip(), style=_STYLES[block.style])
        if block.style == "title":
            document.core_properties.title = text[:255]
    document.core_properties.author = "Dateline"
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()
