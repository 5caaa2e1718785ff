"""The elements of a web page that state something about its article, whatever they state."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from lxml.html import HtmlElement

from qa.ingest.metadata.moments import parse_moment
from qa.ingest.metadata.names import names_of

_SEPARATORS = re.compile(r"\s+[|–—•·»-]\s+|\s*\|\s*")
_LONGEST_TITLE = 500
_MOST_BYLINES = 50
_LONGEST_BYLINE = 200
_BYLINE = re.compile(
    r"(?:^|[\s_-])(?:by-?lines?|authors?|autor|auteur|article-author|contributors?|writer)"
    r"(?:$|[\s_-])|byline|author-?name",
    re.IGNORECASE,
)
_ASIDE = frozenset({"aside", "footer", "nav", "figure", "figcaption", "form"})
_NOT_BYLINE = re.compile(r"comment|related|bio\b|avatar|recirc|footer|widget|image", re.IGNORECASE)
_BY = re.compile(r"^(?:by|von|por|par|door|di|av|text|words)\b", re.IGNORECASE)


class Tags:
    """The elements of a page that state something about its article."""

    def __init__(self, tree: HtmlElement) -> None:
        self._tree = tree
        self._items = tree.xpath("//*[@itemprop]")
        self._meta: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            content = " ".join((element.get("content") or element.get("value") or "").split())
            if not content:
                continue
            for attribute in ("property", "name", "itemprop", "http-equiv"):
                name = (element.get(attribute) or "").strip().lower()
                if name:
                    self._meta.setdefault(name, []).append(content)
        self._read_parsely()

    def _read_parsely(self) -> None:
        """Spread the older form of parsely's tag, which holds all of them as JSON."""
        for content in self._meta.get("parsely-page", [])[:1]:
            try:
                fields = json.loads(content)
            except (ValueError, RecursionError):
                return
            if not isinstance(fields, Mapping):
                return
            keys = {"title": "title", "pub_date": "pub-date", "authors": "author"}
            for key, name in keys.items():
                texts = [text for text in names_of(fields.get(key)) if text]
                self._meta.setdefault(f"parsely-{name}", []).extend(texts)

    def values(self, names: Iterable[str]) -> list[str]:
        """Return the contents of the meta tags of those names, in the order of the names."""
        return [content for name in names for content in self._meta.get(name, ())]

    def languages(self) -> list[str | None]:
        """Return what the html tag states."""
        root = self._tree.getroottree().getroot()
        return [root.get("lang"), root.get("xml:lang"), self._tree.get("lang")]

    def canonical(self) -> list[str | None]:
        return [
            link.get("href")
            for link in self._tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ]

    def blocks(self) -> list[str]:
        """Return the contents of the page's JSON-LD scripts."""
        scripts = self._tree.iter("script")
        return [
            script.text
            for script in scripts
            if "ld+json" in (script.get("type") or "").lower() and script.text
        ]

    def headings(self) -> list[str]:
        return [text for element in self._tree.iter("h1") if (text := text_in(element))]

    def title_ends(self, title: str | None) -> list[str]:
        """Return what the title tag ends or begins with, beside the headline: the site's name."""
        ends: list[str] = []
        for tag in self.title_tags():
            if title and title in tag:
                end = _SEPARATORS.split(tag.replace(title, "").strip(" |-–—•·»_"))[-1]
                ends.append(end)
        return [end for end in ends if end]

    def title_tags(self) -> list[str]:
        tags = [text_in(element) for element in self._tree.iterfind("./head/title")]
        return [tag for tag in tags[:1] if len(tag) <= _LONGEST_TITLE]

    def marked(self, name: str) -> list[HtmlElement]:
        """Return the elements of that ``itemprop``."""
        return [
            element for element in self._items if name in (element.get("itemprop") or "").split()
        ]

    def times(self, name: str) -> list[str]:
        return [
            element.get("datetime") or element.get("content") or text_in(element)
            for element in self.marked(name)
        ]

    def visible_times(self) -> list[str]:
        """Return the first time in the page's main part; others belong to other reports."""
        for element in self._tree.iter("time"):
            if is_aside(element):
                continue
            moment = element.get("datetime") or text_in(element)
            if parse_moment(moment):
                return [moment]
        return []

    def marked_authors(self) -> list[str]:
        linked = self._tree.xpath("//a[contains(@rel, 'author')]")
        texts: list[str] = []
        for element in [*self.marked("author"), *linked]:
            if is_aside(element):
                continue
            names = element.xpath(".//*[@itemprop='name']")
            texts += [text_in(name) or name.get("content") or "" for name in names or [element]]
        return texts

    def bylines(self) -> list[str]:
        """Return the names in the first by-line: its links, or else its text line by line."""
        for element in islice(self._labelled_bylines(), _MOST_BYLINES):
            lines = [" ".join(text.split()) for text in element.itertext()]
            text = " ".join(line for line in lines if line)
            if not text or len(text) > _LONGEST_BYLINE:
                continue
            links = [linked for link in element.iter("a") if (linked := text_in(link))]
            if links:
                return links
            if _BY.match(text) or len(text.split()) <= 4:
                return ["\n".join(lines)]
        return []

    def _labelled_bylines(self) -> Iterator[HtmlElement]:
        for element in self._tree.iter("p", "div", "span", "a", "address", "ul"):
            label = f"{element.get('class') or ''} {element.get('data-testid') or ''}"
            if not _BYLINE.search(label) or _NOT_BYLINE.search(label) or is_aside(element):
                continue
            yield element


def drop_misleading(tree: HtmlElement) -> None:
    """Remove what would mislead a search of the whole page for a title and a date.

    That is dates of comments and other reports, and JSON-LD, which `Tags` has read and for which
    trafilatura's patterns need quadratic time.
    """
    for element in list(tree.iter("script")):
        element.drop_tree()
    for element in list(tree.iter("time", "abbr")):
        if is_aside(element):
            element.drop_tree()
    for element in list(tree.iter("meta")):
        name = element.get("name") or element.get("property") or ""
        if "firstpublished" in name.lower():
            element.drop_tree()


def text_in(element: HtmlElement) -> str:
    """Return an element's text on one line."""
    return " ".join(str(element.text_content()).split())


def is_aside(element: HtmlElement) -> bool:
    """Return True for an element beside the article, in comments, related reports or a footer."""
    for ancestor in element.iterancestors():
        if ancestor.tag in _ASIDE or _NOT_BYLINE.search(ancestor.get("class") or ""):
            return True
    return False
