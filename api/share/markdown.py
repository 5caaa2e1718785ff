"""An answer as Markdown."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from api.chat.markup import escape_markdown, escape_markdown_line
from api.share.outline import Block, Style

_WRITE: Final[Mapping[Style, Callable[[str], str]]] = {
    "title": lambda text: f"# {escape_markdown(text)}",
    "heading": lambda text: f"## {escape_markdown(text)}",
    "answer": lambda text: f"**{escape_markdown(text)}**",
    "text": escape_markdown_line,
    "item": lambda text: f"- {escape_markdown_line(text)}",
    "quote": lambda text: f"> {escape_markdown_line(text)}",
    "source": escape_markdown_line,
}


def to_markdown(blocks: Iterable[Block]) -> bytes:
    """A paragraph for each block, in UTF-8; an article's own markup is escaped."""
    return ("\n\n".join(map(_paragraph, blocks)) + "\n").encode("utf-8", "replace")


def _paragraph(block: Block) -> str:
    text = _WRITE[block.style](block.text)
    if block.numbers:
        numbered = (block.markers, text) if block.style == "source" else (text, block.markers)
        text = " ".join(numbered)
    return f"{text} <{block.url}>" if block.url else text
