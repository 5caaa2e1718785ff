"""Text of articles and users for a platform's markup: flattened, cut, escaped. Pure functions."""

import re
from bisect import bisect_right
from collections.abc import Callable
from urllib.parse import quote, urlsplit, urlunsplit

_LONGEST_ADDRESS = 1000
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
# In an address, besides letters and digits: no quote, bracket or pipe of any markup.
_LEGAL = "%/:=&?~+!$,;@*-._"
# Markdown: emphasis, code, links, images, HTML, strike-through, tables, headings, entities.
_MARKDOWN = re.compile(r"[\\`*_\[\]<>|~#]|!(?=\[)|&(?=#?\w+;)")
# At the start of a line: lists, quotes, rules.
_LINE_START = re.compile(r"^(?:([-+=])|(\d{1,9})([.)])(?=\s|$))")
# Where apps see a mention, a hashtag, a command, a cashtag or an address begin.
_LIVE = re.compile(r"(?<=[@#/])(?=\w)|(?<=\$)(?=[^\W\d])|(?<=\w)(?=\.[^\W\d])")
_WORD_JOINER = "\u2060"  # invisible, and no part of any of those


def one_line(text: str) -> str:
    """The text on one line, so that no line of an article begins a list, a heading or a quote."""
    return " ".join(text.split())


def capitalize(text: str) -> str:
    """The text on one line, its first letter in upper case and the others as they are."""
    text = one_line(text)
    return text[:1].upper() + text[1:]


def units(text: str) -> int:
    """The length in UTF-16 code units, where an emoji is two: no platform counts more."""
    return len(text) + sum(character > "\uffff" for character in text)


def fit(text: str, most: int, escape: Callable[[str], str] = str) -> str:
    """Escape a text, cut to ``most`` units with an ellipsis, after a word if one is near."""
    if units(whole := escape(text)) <= most:
        return whole
    if most < 1:
        return ""
    cut = text[: fitting(text, most - 1, escape)]
    space = cut.rfind(" ")
    return escape(cut[:space] if space > 0.8 * len(cut) else cut).rstrip() + "…"


def fitting(text: str, most: int, escape: Callable[[str], str] = str) -> int:
    """How many characters of a text have at most ``most`` units when escaped."""
    lengths = range(len(text) + 1)
    return max(0, bisect_right(lengths, most, key=lambda end: units(escape(text[:end]))) - 1)


def defuse(text: str) -> str:
    """The text with an invisible character wherever an app would see a mention or a link begin."""
    return _LIVE.sub(_WORD_JOINER, text)


def escape_markdown(text: str) -> str:
    """A text on one line that Markdown shows as it is, in the middle of a line."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text))


def escape_markdown_line(text: str) -> str:
    """As `escape_markdown`, for the start of a line."""
    return _LINE_START.sub(_escape_start, escape_markdown(text))


def _escape_start(start: re.Match[str]) -> str:
    return f"\\{start[1]}" if start[1] else f"{start[2]}\\{start[3]}"


def web_address(url: str | None) -> str | None:
    """An article's address if a browser opens it; it cannot break out of any markup."""
    try:
        parts = urlsplit((url or "").strip())
        host = (parts.hostname or "").encode("idna").decode()
        port = f":{parts.port}" if parts.port is not None else ""
        path, query, fragment = (
            quote(part, safe=_LEGAL) for part in (parts.path, parts.query, parts.fragment)
        )
    except ValueError:  # an invalid port, half of a surrogate pair …
        return None
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return None
    # A user name before the host is left out: "https://bank.example@evil.example" only deceives.
    address = urlunsplit((parts.scheme, host + port, path, query, fragment))
    return address if len(address) <= _LONGEST_ADDRESS else None
