"""What a web page states of its article: JSON-LD first, then meta tags, then visible elements."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from qa.ingest.metadata.jsonld import Node, article_node, text_of
from qa.ingest.metadata.moments import parse_moment, precision, seconds
from qa.ingest.metadata.names import clean_names, last_first, names_of
from qa.ingest.metadata.publisher import host_of, publisher_name
from qa.ingest.metadata.titles import Stated, choose_title

# Names of meta tags, in lower case, the most trusted first. "articlefirstpublished" is left out:
# it is the day on which the address was first used, for whatever text.
_PUBLISHED = (
    "article:published_time", "og:article:published_time", "article:published", "og:published_time",
    "datepublished", "parsely-pub-date", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "sailthru.date", "publish-date", "publish_date", "publishdate", "published_at",
    "publication_date", "publisheddate", "published-date", "article.published", "article-published",
    "rnews:datepublished", "originalpublicationdate", "citation_online_date",
    "citation_publication_date", "dcterms.issued", "dcterms.created", "dc.date.issued",
    "dc.date.created", "dcterms.date", "dc.date", "dc:date", "pubdate", "pub_date", "ptime", "date",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:modified",
    "datemodified", "cxenseparse:modifiedtime", "parsely-updated-date", "dcterms.modified",
    "dc.date.modified", "dc.modified", "article.updated", "last-modified", "lastmod", "utime",
    "modified_date", "modified-date", "updated_at", "revised",
)  # fmt: skip
_AUTHORS = (
    "author", "parsely-author", "sailthru.author", "citation_author", "dc.creator",
    "dcterms.creator", "dc:creator", "article:author", "og:article:author", "cxenseparse:author",
    "byl", "bylineauthor", "authors", "article.author", "rnews:author", "news_authors",
    "twitter:data1",
)  # fmt: skip
_LAST_FIRST_TAGS = frozenset({"citation_author", "dc.creator", "dcterms.creator", "dc:creator"})
_TITLES: Mapping[str, int] = {
    "og:title": 3, "twitter:title": 1, "parsely-title": 1, "sailthru.title": 1, "dc.title": 1,
    "citation_title": 2, "headline": 1, "title": 1,
}  # fmt: skip
_SITES = (
    "og:site_name", "application-name", "citation_journal_title", "dc.publisher",
    "dcterms.publisher", "publisher", "cxenseparse:publisher", "apple-mobile-web-app-title",
    "copyright",
)  # fmt: skip
_LANGUAGES = ("og:locale", "content-language", "dc.language", "dcterms.language", "language")
_SECTIONS = ("article:section", "parsely-section", "section", "cxenseparse:section")

_LANGUAGE_CODE = re.compile(r"^([a-zA-Z]{2,3})(?:[-_].*)?$")
_LANGUAGE_NAMES: Mapping[str, str] = {
    "english": "en", "eng": "en", "german": "de", "deutsch": "de", "deu": "de", "ger": "de",
    "french": "fr", "français": "fr", "fra": "fr", "fre": "fr", "spanish": "es", "español": "es",
    "spa": "es", "arabic": "ar", "ara": "ar", "chinese": "zh", "zho": "zh", "japanese": "ja",
    "jpn": "ja", "russian": "ru", "rus": "ru", "hindi": "hi", "hin": "hi", "portuguese": "pt",
    "por": "pt", "italian": "it", "ita": "it", "hebrew": "he", "iw": "he", "in": "id",
}  # fmt: skip
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


@dataclass(frozen=True, slots=True)
class PageMetadata:
    """What a page states. Dates are ISO 8601; ``language`` is the primary subtag, "en"."""

    title: str | None
    authors: tuple[str, ...]
    published_at: str | None
    updated_at: str | None
    source: str | None
    url: str | None
    language: str | None
    section: str | None


def page_metadata(tree: HtmlElement) -> PageMetadata:
    """Return what the page states, None or () where it is silent."""
    page = _Page(tree)
    url = page.url()
    stated = page.stated_titles()
    node = article_node(page.blocks(), [title.text for title in stated], [url] if url else [])
    url = url or _web_address(node.get("url")) or _web_address(node.get("mainEntityOfPage"))
    host = host_of(url)
    language = _language(node.get("inLanguage")) or page.language()
    names = page.site_names(node)
    title = choose_title([*_ld_title(node), *stated], page.headings(), names, url)
    source = publisher_name([*names, *page.title_ends(title)], host, title)
    published, updated = page.dates(node)
    outlets = [*names, *([source] if source else []), *([host] if host else [])]
    return PageMetadata(
        title=title,
        authors=tuple(page.authors(node, outlets, language)),
        published_at=published,
        updated_at=updated,
        source=source,
        url=url,
        language=language,
        section=text_of(node.get("articleSection")) or page.first(_SECTIONS),
    )


def drop_other_dates(tree: HtmlElement) -> None:
    """Remove dates that are not the article's, which a search of the whole page would find."""
    for element in list(tree.iter("time", "abbr")):
        if _is_aside(element):
            element.drop_tree()
    for element in list(tree.iter("meta")):
        name = element.get("name") or element.get("property") or ""
        if "firstpublished" in name.lower():
            element.drop_tree()


class _Page:
    """The parts of a page that state something, each found once."""

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

    def blocks(self) -> list[str]:
        """Return the contents of the page's JSON-LD scripts."""
        scripts = self._tree.iter("script")
        return [
            script.text
            for script in scripts
            if "ld+json" in (script.get("type") or "").lower() and script.text
        ]

    def every(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            for content in self._meta.get(name, ()):
                yield name, content

    def first(self, names: Iterable[str]) -> str | None:
        return next((text_of(content) for _, content in self.every(names)), None)

    def url(self) -> str | None:
        links = [
            link.get("href")
            for link in self._tree.iter("link")
            if "canonical" in (link.get("rel") or "").lower().split()
        ]
        metas = [content for _, content in self.every(("og:url", "twitter:url"))]
        return next((url for link in [*links, *metas] if (url := _web_address(link))), None)

    def language(self) -> str | None:
        root = self._tree.getroottree().getroot()
        stated = [root.get("lang"), root.get("xml:lang"), self._tree.get("lang")]
        stated += [content for _, content in self.every(_LANGUAGES)]
        return next((code for text in stated if (code := _language(text))), None)

    def stated_titles(self) -> list[Stated]:
        found = [
            Stated(text_of(content), weight)
            for name, weight in _TITLES.items()
            for content in self._meta.get(name, [])[:1]
        ]
        marked = [_text(element) for element in self._marked("headline")]
        found += [Stated(text, 3) for text in marked[:1]]
        found += [Stated(text, 1) for text in self._title_tags()]
        return [title for title in found if 0 < len(title.text) <= _LONGEST_TITLE]

    def headings(self) -> list[str]:
        return [text for element in self._tree.iter("h1") if (text := _text(element))]

    def title_ends(self, title: str | None) -> list[str]:
        """Return what the title tag ends or begins with, beside the headline: the site's name."""
        ends: list[str] = []
        for tag in self._title_tags():
            if title and title in tag:
                end = _SEPARATORS.split(tag.replace(title, "").strip(" |-–—•·»_"))[-1]
                ends.append(end)
        return [end for end in ends if end]

    def _title_tags(self) -> list[str]:
        tags = [_text(element) for element in self._tree.iterfind("./head/title")]
        return [tag for tag in tags[:1] if len(tag) <= _LONGEST_TITLE]

    def site_names(self, node: Node) -> list[str]:
        names = [text_of(content) for _, content in self.every(_SITES[:1])]
        publisher = node.get("publisher") or node.get("sourceOrganization")
        names += [name for name in names_of(publisher) if name]
        names += [text_of(content) for _, content in self.every(_SITES[1:])]
        return [name for name in names if name]

    def dates(self, node: Node) -> tuple[str | None, str | None]:
        """Return when the article was published and, apart from that, last modified."""
        stated = [node.get("datePublished"), *self._values(_PUBLISHED)]
        stated += self._times("datePublished")
        published = _most_precise(stated)
        if published is None:
            published = _most_precise([node.get("dateCreated"), *self._visible_times()])
        changed = [node.get("dateModified"), *self._values(_MODIFIED)]
        changed += self._times("dateModified")
        updated = _most_precise(changed)
        if published is None or updated is None:
            return published, updated
        # A change before publication is an error of the page; it must not let the text in earlier.
        return published, updated if seconds(updated) >= seconds(published) else None

    def authors(self, node: Node, outlets: Sequence[str], language: str | None) -> list[str]:
        stated = [name for name in names_of(node.get("author") or node.get("creator")) if name]
        names = clean_names(stated, outlets, language)
        if names:
            # Some templates describe the first author only; the by-line has them all.
            shown = clean_names(self._bylines(), outlets, language)
            return shown if set(names) < set(shown) else names
        for tag in _AUTHORS:
            values = [text_of(content) for content in self._meta.get(tag, ())]
            if tag in _LAST_FIRST_TAGS:
                values = [last_first(value) for value in values]
            names = clean_names(values, outlets, language)
            if names:
                return names
        for texts in (self._marked_authors(), self._bylines()):
            names = clean_names(texts, outlets, language)
            if names:
                return names
        return []

    def _values(self, names: Iterable[str]) -> list[str]:
        return [content for _, content in self.every(names)]

    def _marked(self, name: str) -> list[HtmlElement]:
        """Return the elements of that ``itemprop``."""
        return [
            element for element in self._items if name in (element.get("itemprop") or "").split()
        ]

    def _times(self, name: str) -> list[str]:
        return [
            element.get("datetime") or element.get("content") or _text(element)
            for element in self._marked(name)
        ]

    def _visible_times(self) -> list[str]:
        """Return the first time of the page's main part; what is beside it belongs to others."""
        for element in self._tree.iter("time"):
            if _is_aside(element):
                continue
            moment = element.get("datetime") or _text(element)
            if parse_moment(moment):
                return [moment]
        return []

    def _marked_authors(self) -> list[str]:
        linked = self._tree.xpath("//a[contains(@rel, 'author')]")
        texts: list[str] = []
        for element in [*self._marked("author"), *linked]:
            if _is_aside(element):
                continue
            names = element.xpath(".//*[@itemprop='name']")
            texts += [_text(name) or name.get("content") or "" for name in names or [element]]
        return texts

    def _bylines(self) -> list[str]:
        """Return the names in the first by-line: its links, or else its text line by line."""
        for element in islice(self._labelled_bylines(), _MOST_BYLINES):
            lines = [" ".join(text.split()) for text in element.itertext()]
            text = " ".join(line for line in lines if line)
            if not text or len(text) > _LONGEST_BYLINE:
                continue
            links = [linked for link in element.iter("a") if (linked := _text(link))]
            if links:
                return links
            if _BY.match(text) or len(text.split()) <= 4:
                return ["\n".join(lines)]
        return []

    def _labelled_bylines(self) -> Iterator[HtmlElement]:
        for element in self._tree.iter("p", "div", "span", "a", "address", "ul"):
            label = f"{element.get('class') or ''} {element.get('data-testid') or ''}"
            if not _BYLINE.search(label) or _NOT_BYLINE.search(label) or _is_aside(element):
                continue
            yield element


def _ld_title(node: Node) -> list[Stated]:
    text = text_of(node.get("headline")) or text_of(node.get("name"))
    return [Stated(text, 3)] if text else []


def _most_precise(values: Iterable[object]) -> str | None:
    """Return the first date, or one of the same moment that states its time or zone as well."""
    moments = [moment for value in values if (moment := parse_moment(value))]
    if not moments:
        return None
    first = moments[0]
    same = [moment for moment in moments if _same_moment(first, moment)]
    return max(same, key=precision)  # the first of equals


def _same_moment(first: str, other: str) -> bool:
    if first[:10] != other[:10]:
        return False
    # Times of two zones differ by whole hours, as a rule; "08:05" and "13:05Z" may be the same.
    return precision(first) != 1 or first[14:16] == other[14:16]


def _web_address(value: object) -> str | None:
    """Return an absolute http(s) address that leads deeper than the front page."""
    if isinstance(value, Mapping):
        value = value.get("@id") or value.get("url")
    if not isinstance(value, str):
        return None
    url = value.strip()
    if url.startswith("//"):
        url = f"https:{url}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return url if parts.path.strip("/") or parts.query else None


def _language(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, Mapping):
        value = value.get("alternateName") or value.get("name")
    if not isinstance(value, str):
        return None
    text = value.strip().lower()
    if text in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[text]
    code = _LANGUAGE_CODE.match(text)
    return _LANGUAGE_NAMES.get(code[1], code[1]) if code else None


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _is_aside(element: HtmlElement) -> bool:
    for ancestor in element.iterancestors():
        if ancestor.tag in _ASIDE or _NOT_BYLINE.search(ancestor.get("class") or ""):
            return True
    return False
