"""What a web page states of its article: JSON-LD first, then meta tags, then visible elements."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from qa.ingest.metadata.jsonld import Node, article_node, text_of
from qa.ingest.metadata.moments import parse_moment, precision, seconds
from qa.ingest.metadata.names import clean_names, last_first, names_of
from qa.ingest.metadata.publisher import host_of, publisher_name
from qa.ingest.metadata.tags import Tags, text_in
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
_RIGHTS = ("dcterms.rights", "dc.rights", "rights")
_SECTIONS = ("article:section", "parsely-section", "section", "cxenseparse:section")

_LANGUAGE_CODE = re.compile(r"^([a-zA-Z]{2,3})(?:[-_].*)?$")
_NO_LANGUAGES = frozenset({"und", "mul", "zxx"})
_LANGUAGE_NAMES: Mapping[str, str] = {
    "english": "en", "eng": "en", "german": "de", "deutsch": "de", "deu": "de", "ger": "de",
    "french": "fr", "français": "fr", "fra": "fr", "fre": "fr", "spanish": "es", "español": "es",
    "spa": "es", "arabic": "ar", "ara": "ar", "chinese": "zh", "zho": "zh", "japanese": "ja",
    "jpn": "ja", "russian": "ru", "rus": "ru", "hindi": "hi", "hin": "hi", "portuguese": "pt",
    "por": "pt", "italian": "it", "ita": "it", "hebrew": "he", "iw": "he", "in": "id",
}  # fmt: skip
_LONGEST_TITLE = 500


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
    rights: str | None


def page_metadata(tree: HtmlElement) -> PageMetadata:
    """Return what the page states, None or () where it is silent."""
    tags = Tags(tree)
    stated = _stated_titles(tags)
    url = _first_address(*tags.values(("og:url", "twitter:url")), *tags.canonical())
    node = article_node(tags.blocks(), [title.text for title in stated], [url] if url else [])
    url = url or _first_address(node.get("url"), node.get("mainEntityOfPage"))
    host = host_of(url)
    language = _first_language(node.get("inLanguage"), *tags.languages(), *tags.values(_LANGUAGES))
    names = _site_names(tags, node)
    title = choose_title([*_ld_title(node), *stated], tags.headings(), names, url)
    source = publisher_name([*names, *tags.title_ends(title)], host, title)
    outlets = [name for name in [*names, source, host] if name]
    published, updated = _dates(tags, node)
    section = text_of(node.get("articleSection")) or text_of(tags.values(_SECTIONS))
    return PageMetadata(
        title=title,
        authors=tuple(_authors(tags, node, outlets, language)),
        published_at=published,
        updated_at=updated,
        source=source,
        url=url,
        language=language,
        section=section or None,
        rights=text_of(node.get("copyrightNotice")) or text_of(tags.values(_RIGHTS)) or None,
    )


def _stated_titles(tags: Tags) -> list[Stated]:
    found = [
        Stated(text_of(content), weight)
        for name, weight in _TITLES.items()
        for content in tags.values([name])[:1]
    ]
    found += [Stated(text_in(element), 3) for element in tags.marked("headline")[:1]]
    found += [Stated(text, 1) for text in tags.title_tags()]
    return [title for title in found if 0 < len(title.text) <= _LONGEST_TITLE]


def _site_names(tags: Tags, node: Node) -> list[str]:
    publisher = node.get("publisher") or node.get("sourceOrganization")
    names = [text_of(content) for content in tags.values(_SITES[:1])]
    names += names_of(publisher)
    names += [text_of(content) for content in tags.values(_SITES[1:])]
    return [name for name in names if name]


def _dates(tags: Tags, node: Node) -> tuple[str | None, str | None]:
    """Return when the article was published and, apart from that, last modified."""
    stated = [node.get("datePublished"), *tags.values(_PUBLISHED), *tags.times("datePublished")]
    published = _most_precise(stated)
    if published is None:
        published = _most_precise([node.get("dateCreated"), *tags.visible_times()])
    changed = [node.get("dateModified"), *tags.values(_MODIFIED), *tags.times("dateModified")]
    updated = _most_precise(changed)
    if published is None or updated is None:
        return published, updated
    # A change before publication is an error of the page; it must not let the text in earlier.
    return published, updated if seconds(updated) >= seconds(published) else None


def _authors(tags: Tags, node: Node, outlets: Sequence[str], language: str | None) -> list[str]:
    names = clean_names(names_of(node.get("author") or node.get("creator")), outlets, language)
    if names:
        # Some templates describe the first author only; the by-line has them all.
        shown = clean_names(tags.bylines(), outlets, language)
        return shown if set(names) < set(shown) else names
    for tag in _AUTHORS:
        values = [text_of(content) for content in tags.values([tag])]
        if tag in _LAST_FIRST_TAGS:
            values = [last_first(value) for value in values]
        names = clean_names(values, outlets, language)
        if names:
            return names
    marked = clean_names(tags.marked_authors(), outlets, language)
    return marked or clean_names(tags.bylines(), outlets, language)


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


def _first_address(*values: object) -> str | None:
    return next((url for value in values if (url := _web_address(value))), None)


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


def _first_language(*values: object) -> str | None:
    return next((code for value in values if (code := _language(value))), None)


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
    if code is None or code[1] in _NO_LANGUAGES:
        return None
    return _LANGUAGE_NAMES.get(code[1], code[1])
