"""The article that a page describes as JSON-LD, however broken the JSON is."""

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]

_WRAPPERS = re.compile(
    r"<!--|-->|(?://|/\*)?\s{0,9}<!\[CDATA\[\s{0,9}(?:\*/)?|(?://|/\*)?\s{0,9}\]\]>\s{0,9}(?:\*/)?"
)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_COMMENT_LINE = re.compile(r"^[ \t]*//[^\n]*$", re.MULTILINE)
_STRAY_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_FLAT = re.compile(
    r'"(headline|datePublished|dateModified|inLanguage|articleSection)"\s{0,9}:\s{0,9}'
    r'"((?:[^"\\\n]|\\.){1,400})"\s{0,9}(?:[,}\n]|$)'
)
_FLAT_AUTHOR = re.compile(
    r'"author"\s{0,9}:\s{0,9}[\[{\s]{0,20}(?:"@type"\s{0,9}:\s{0,9}"\w+"\s{0,9},\s{0,9})?'
    r'"name"\s{0,9}:\s{0,9}"([^"\n]{1,200})"'
)
_ARTICLE = re.compile(r"(?:Article|BlogPosting|SocialMediaPosting|^Report|^Review)$")
_PAGE_TYPES = frozenset({"WebPage", "ItemPage", "MedicalWebPage"})
_OTHER_TYPES = frozenset({"VideoObject", "PodcastEpisode"})  # a page may be about nothing else
_FIELDS = ("headline", "datePublished", "dateModified", "author", "publisher", "inLanguage")
_INNER = frozenset({  # a report inside these is another one
    "liveBlogUpdate", "hasPart", "isPartOf", "isBasedOn", "citation", "comment", "review",
    "itemListElement", "mentions", "relatedLink", "video", "associatedMedia", "image", "about",
})  # fmt: skip
_DEEPEST = 12


def article_node(blocks: Sequence[str], titles: Sequence[str], urls: Sequence[str]) -> Node:
    """Return the node of the page's article, its references resolved; empty if there is none.

    ``titles`` and ``urls`` are those that the page states elsewhere; they decide among several.
    Fields that the node lacks come from the page's other nodes (``WebPage`` and the like).
    """
    nodes = [node for block in blocks for node in _nodes(_parse(block))]
    known = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    articles = [node for node in nodes if _is_article(node)]
    pages = [node for node in nodes if _types(node) & _PAGE_TYPES]
    others = [node for node in nodes if _types(node) & _OTHER_TYPES and not articles]
    wanted_titles = {_key(title) for title in titles} - {""}
    wanted_urls = {_address(url) for url in urls}

    def rank(node: Node) -> tuple[bool, bool, int]:
        headline = _key(text_of(node.get("headline") or node.get("name")))
        same_title = bool(headline) and headline in wanted_titles
        same_url = any(_address(url) in wanted_urls for url in _urls(node))
        return same_url, same_title, sum(bool(node.get(name)) for name in _FIELDS)

    groups = (articles, others, pages)
    ranked = [node for group in groups for node in sorted(group, key=rank, reverse=True)]
    if not ranked:
        return {}
    best = ranked[0]
    same = [node for node in ranked[1:] if node in pages or rank(node)[:2] > (False, False)]
    merged: dict[str, Any] = {}
    for node in [best, *same]:
        for name, value in node.items():
            if value not in (None, "", [], {}):
                merged.setdefault(name, value)
    return {name: _resolved(value, known) for name, value in merged.items()}


def text_of(value: Any) -> str:
    """Return a value's plain text: entities and tags undone; "" for anything but text."""
    if isinstance(value, Mapping):
        value = value.get("@value") or value.get("name")
    if isinstance(value, list):
        value = next((item for item in value if isinstance(item, str)), None)
    if not isinstance(value, str):
        return ""
    unescaped = html.unescape(html.unescape(value)) if "&" in value else value
    return " ".join(re.sub(r"</?[a-zA-Z][^<>]{0,200}>", "", unescaped).split())


def _parse(block: str) -> Any:
    """Return the block's values; one broken beyond repair is searched for flat fields."""
    text = _WRAPPERS.sub("", block).strip().rstrip(";")
    for candidate in _repairs(text):
        try:
            return _documents(candidate)
        except (ValueError, RecursionError):
            continue
    return _flat(text)


def _repairs(text: str) -> Iterator[str]:
    yield text
    yield html.unescape(text)
    repaired = _STRAY_ESCAPE.sub(r"\\\\", _COMMENT_LINE.sub("", text))
    yield _TRAILING_COMMA.sub(r"\1", repaired)


def _documents(text: str) -> list[Any]:
    """Read one JSON document after another; control characters in strings are let pass."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    at = 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        at = end
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return values


def _flat(text: str) -> list[Any]:
    found: dict[str, Any] = {}
    for match in _FLAT.finditer(text):
        found.setdefault(match[1], match[2].replace('\\"', '"').replace("\\/", "/"))
    author = _FLAT_AUTHOR.search(text)
    if author is not None:
        found["author"] = author[1]
    return [{"@type": "Article", **found}] if found else []


def _nodes(value: Any, depth: int = 0) -> Iterator[Node]:
    """Yield every node, outer ones first; those of other reports are left out."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, Mapping):
        yield value
        for name, inner in value.items():
            if name not in _INNER and isinstance(inner, Mapping | list):
                yield from _nodes(inner, depth + 1)


def _types(node: Node) -> set[str]:
    kinds = node.get("@type", node.get("type"))
    names = kinds if isinstance(kinds, list) else [kinds]
    return {str(name).rsplit("/", 1)[-1].rsplit(":", 1)[-1] for name in names if name}


def _is_article(node: Node) -> bool:
    return any(_ARTICLE.search(name) for name in _types(node))


def _urls(node: Node) -> Iterator[str]:
    for name in ("url", "mainEntityOfPage", "@id"):
        value = node.get(name)
        if isinstance(value, Mapping):
            value = value.get("@id") or value.get("url")
        if isinstance(value, str):
            yield value


def _resolved(value: Any, known: Mapping[str, Node], depth: int = 0) -> Any:
    """Replace ``{"@id": …}`` by the node of that id; a node's own fields come first."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, list):
        return [_resolved(item, known, depth + 1) for item in value]
    if isinstance(value, Mapping):
        if isinstance(value.get("@list"), list):
            return _resolved(value["@list"], known, depth + 1)
        return {**known.get(str(value.get("@id")), {}), **value}
    return value


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())


def _address(url: str) -> str:
    bare = url.split("#", 1)[0].split("?", 1)[0]
    return bare.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
