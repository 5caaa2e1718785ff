"""WordPress: posts of its REST API (JSON), and its export files (WXR)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from qa.ingest.readers.fields import Record, authors_of, dates_of, first_text, status_of, with_text
from qa.ingest.readers.markup import line_of_markup, text_of_markup

NAMESPACE = "http://wordpress.org/export/"
# What WordPress keeps beside what people wrote.
NOT_POSTS = frozenset({
    "attachment", "custom_css", "customize_changeset", "nav_menu_item", "oembed_cache", "revision",
    "user_request", "wp_block", "wp_font_face", "wp_font_family", "wp_global_styles",
    "wp_navigation", "wp_template", "wp_template_part",
})  # fmt: skip
_NO_DATE = "0000-00-00"
_WITH_CAPTION = re.compile(r"\[(caption|wp_caption)\b[^\]]*\].*?\[/\1\]", re.DOTALL)
_SHORTCODE = re.compile(
    r"\[/?(?:audio|caption|embed|gallery|playlist|video|wp_caption)\b[^\]]*\]", re.IGNORECASE
)


def is_post(item: Mapping[str, Any]) -> bool:
    """Return True for a post of the REST API."""
    content = item.get("content")
    return isinstance(content, Mapping) and "rendered" in content


def post_record(item: Mapping[str, Any]) -> Record:
    """Return the record of a post of the REST API; names only where `_embed` brought them."""
    embedded = item.get("_embedded")
    embedded = embedded if isinstance(embedded, Mapping) else {}
    authors = [author.get("name") for author in _objects(embedded.get("author"))]
    groups = embedded.get("wp:term")
    terms = [
        term
        for group in (groups if isinstance(groups, list) else [])
        for term in _objects(group)
        if term.get("taxonomy") == "category"
    ]
    yoast = item.get("yoast_head_json")
    site = first_text(yoast.get("og_site_name")) if isinstance(yoast, Mapping) else None
    content = item["content"]
    post = {
        "title": _rendered(item.get("title")),
        "content": _rendered(content),
        "link": item.get("link"),
        "date": _utc(item.get("date_gmt")) or item.get("date"),
        "modified": _utc(item.get("modified_gmt")) or item.get("modified"),
        "status": "private" if content.get("protected") is True else item.get("status"),
        "language": item.get("lang"),
    }
    record = _record(post, site, authors, [term.get("name") for term in terms])
    return record | {"wordpress_id": item.get("id")}


def export_record(item: Any, site: str | None, language: str | None) -> Record | None:
    """Return the record of an ``item`` of a WXR file; None for one that is not a post."""
    found: dict[str, str] = {}
    categories: list[str] = []
    for child in item:
        name = str(child.tag).rpartition("}")[2]
        space = str(child.tag).rpartition("}")[0]
        if name == "category" and child.get("domain", "category") == "category":
            categories.append(child.text or "")
        elif name == "encoded" and "excerpt" in space:
            continue
        elif child.text and not len(child):
            found.setdefault(name, child.text.strip())
    if found.get("post_type") in NOT_POSTS:
        return None
    # A draft has no date in UTC yet.
    dates = [_day(found.get(name)) for name in ("post_date_gmt", "post_date")]
    modified = [_day(found.get(name)) for name in ("post_modified_gmt", "post_modified")]
    post = {
        "title": found.get("title"),
        "content": _SHORTCODE.sub("", _WITH_CAPTION.sub("", found.get("encoded", ""))),
        "link": found.get("link"),
        "date": _utc(dates[0]) or dates[1] or found.get("pubDate"),
        "modified": _utc(modified[0]) or modified[1],
        "status": "private" if found.get("post_password") else found.get("status"),
        "language": language,
    }
    record = _record(post, site, [found.get("creator")], categories, breaks=True)
    return record | {"wordpress_id": found.get("post_id"), "post_type": found.get("post_type")}


def _record(
    post: Mapping[str, Any],
    site: str | None,
    authors: Iterable[object],
    categories: Iterable[object],
    *,
    breaks: bool = False,
) -> Record:
    published, updated = dates_of(post["date"], post["modified"])
    planned = post["status"] == "future"
    status = "publish" if planned and published else post["status"]
    sections = [line_of_markup(name) for name in categories if isinstance(name, str)]
    return with_text({
        "title": line_of_markup(post["title"] or "") or None,
        "text": text_of_markup(post["content"] or "", breaks=breaks),
        "published_at": published,
        "updated_at": updated,
        "source": site,
        "authors": authors_of(authors, [site], post["language"]),
        "section": ", ".join(sections) or None,
        "url": first_text(post["link"]),
        "language": first_text(post["language"]),
        "status": status_of(status),
        "embargoed_until": published if planned else None,
    })  # fmt: skip


def _rendered(value: object) -> str | None:
    return first_text(value.get("rendered") if isinstance(value, Mapping) else value)


def _day(value: str | None) -> str | None:
    return None if not value or value.startswith(_NO_DATE) else value


def _utc(value: object) -> str | None:
    """Return a moment that WordPress gives in UTC without saying so."""
    text = first_text(value)
    if text is None or text.startswith(_NO_DATE):
        return None
    return text if text.endswith("Z") else f"{text}Z"


def _objects(value: object) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]
