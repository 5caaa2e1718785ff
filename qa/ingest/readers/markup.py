"""HTML and its relatives inside other formats, as text that keeps its paragraphs.

For bodies that are articles already: nothing is left out for not looking like one, as `html.py`
has to. Ninjs, WordPress, NITF and NewsML-G2 share this.
"""

import html
import re
from typing import Any

from lxml import etree

from qa.errors import BadInput

_BLOCKS = frozenset({
    "abstract", "address", "article", "aside", "block", "blockquote", "body", "body.content",
    "body.head", "caption", "center", "dd", "details", "div", "dl", "dt", "fieldset", "figure",
    "footer", "fn", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hl1", "hl2", "hr", "li", "main",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "thead", "tr", "ul",
})  # fmt: skip
# Captions and credits of pictures are not sentences of the article.
_DROPPED = frozenset({
    "audio", "button", "canvas", "embed", "figcaption", "form", "head", "iframe", "media",
    "nitf-table-metadata", "noscript", "object", "script", "select", "style", "svg", "template",
    "textarea", "video",
})  # fmt: skip
_CAPTION_CLASS = "wp-caption-text"
_CELLS = frozenset({"td", "th"})
_TAG = re.compile(
    r"</?(?:p|div|br|span|a|em|strong|b|i|ul|ol|li|h[1-6]|blockquote|figure|img|section|table)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_BLANK_LINE = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_SPACES = re.compile(r"[^\S\n]+")


def looks_like_markup(text: str) -> bool:
    """Return True if the text has a tag that HTML bodies have."""
    return _TAG.search(text) is not None


def text_of_markup(markup: str, *, breaks: bool = False) -> str:
    """Return the text of an HTML fragment, with a blank line between two paragraphs.

    ``breaks``: line breaks of the source count as well, as WordPress shows what was typed. Raises
    BadInput for HTML that is nested too deep to be read whole.
    """
    parser = etree.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    content = markup.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace")
    root = etree.fromstring(b"<html><body><div>" + content + b"</div></body></html>", parser)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        raise BadInput("its HTML is nested too deep")
    return "" if root is None else text_of_element(root, breaks=breaks)


def line_of_markup(markup: str) -> str:
    """Return the text of an HTML fragment as one line, for titles."""
    return " ".join(text_of_markup(markup).split())


def text_of_element(element: Any, *, breaks: bool = False) -> str:
    """Return the text of an lxml element as `text_of_markup` does. Namespaces are ignored."""
    found = _Paragraphs(breaks=breaks)
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if not isinstance(node.tag, str):
            # An entity, when it begins: the parser resolves none but those of XML itself.
            if event == "start":
                found.add(html.unescape(node.text))
            else:
                found.add(node.tail)
            continue
        name = etree.QName(node).localname.lower()
        if event == "end":
            found.leave(name)
            if node is not element:
                found.add(node.tail)
        elif name in _DROPPED or _CAPTION_CLASS in (node.get("class") or ""):
            walk.skip_subtree()
        else:
            found.enter(name)
            found.add(node.text)
    return found.text()


class _Paragraphs:
    """Collects text in document order; where a block begins or ends, so does a paragraph."""

    def __init__(self, *, breaks: bool) -> None:
        self._breaks = breaks
        self._done: list[str] = []
        self._open: list[str] = []

    def add(self, text: str | None) -> None:
        if text:
            self._open.append(text if self._breaks else " ".join(_lines(text)))

    def enter(self, name: str) -> None:
        if name in _BLOCKS:
            self._close()
        elif name == "br":
            self._open.append("\n")
        elif name in _CELLS and any(not part.isspace() for part in self._open):
            self._open.append(" | ")

    def leave(self, name: str) -> None:
        if name in _BLOCKS:
            self._close()

    def text(self) -> str:
        self._close()
        return "\n\n".join(self._done)

    def _close(self) -> None:
        content = "".join(self._open)
        self._open.clear()
        for paragraph in _BLANK_LINE.split(content):
            lines = (_SPACES.sub(" ", line).strip() for line in paragraph.split("\n"))
            joined = "\n".join(line for line in lines if line)
            if joined:
                self._done.append(joined)


def _lines(text: str) -> list[str]:
    # By "\n" alone, so that spaces at the ends of an inline element's text are kept.
    return text.replace("\r", "\n").split("\n")
