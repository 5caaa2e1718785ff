"""An answer as a Word document (.docx)."""

import io
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from api.share.outline import Block, Style

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

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
    document.core_properties.author = "Dateline"
    for block in blocks:
        text = _ILLEGAL.sub("\ufffd", block.text)
        numbered = (block.markers, text) if block.style == "source" else (text, block.markers)
        paragraph = document.add_paragraph(" ".join(numbered).strip(), style=_STYLES[block.style])
        if block.style == "title":
            document.core_properties.title = text[:255]
        if block.url:
            paragraph.add_run(" ")
            _link(paragraph, block.url)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _link(paragraph: "Paragraph", url: str) -> None:
    """Add an address that can be clicked, for which python-docx has no call."""
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP_TYPE.HYPERLINK, True))
    link.append(paragraph.add_run(url)._element)  # noqa: SLF001  # no other way to move a run
    paragraph._element.append(link)  # noqa: SLF001
