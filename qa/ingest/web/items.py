"""What feeds and sitemaps list: one record for an entry, whatever the format."""

import hashlib
import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from qa.ingest.metadata.moments import seconds

_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|dclid|msclkid|mc_cid|mc_eid|at_medium|at_campaign")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of a feed or sitemap. ``guid`` names it there; dates are ISO 8601.

    ``text`` is the report as the feed itself has it, or a teaser, or "". ``changed`` is a date that
    only says when to look again, not when the report was changed.
    """

    guid: str
    link: str | None
    title: str | None = None
    published_at: str | None = None
    updated_at: str | None = None
    authors: tuple[str, ...] = ()
    source: str | None = None
    language: str | None = None
    text: str = ""
    changed: str | None = None
    warnings: tuple[str, ...] = ()
    section: str | None = None
    rights: str | None = None

    @property
    def digest(self) -> str:
        """Changes when the entry does: then its page is read again."""
        content = [
            self.link,
            self.title,
            self.published_at,
            self.updated_at,
            self.text,
            self.changed,
        ]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries in the order to read them. ``fault``: what was wrong, though it could be read.

    ``final``: without a change of the document there is nothing new in it.
    """

    items: list[Item]
    fault: str | None = None
    final: bool = True


def without_tracking(url: str) -> str:
    """The address without its fragment and the parameters that only count clicks."""
    parts = urlsplit(url)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if not _TRACKING.fullmatch(name)]
    query = parts.query if len(kept) == len(given) else urlencode(kept)
    return urlunsplit(parts._replace(query=query, fragment=""))


def same_site(url: str, other: str) -> bool:
    """Return True if two addresses are on one host, or on one of its subdomains."""
    first, second = (_host(address) for address in (url, other))
    return bool(first and second) and (
        first == second or first.endswith(f".{second}") or second.endswith(f".{first}")
    )


def in_order(published_at: str | None, updated_at: str | None) -> str | None:
    """The date of the update, unless it is not after publication."""
    if published_at is None or updated_at is None:
        return updated_at
    return updated_at if seconds(updated_at) > seconds(published_at) else None


def language_code(text: object) -> str | None:
    """The primary subtag: "en" of "en-GB"."""
    found = _LANGUAGE.fullmatch(text.strip()) if isinstance(text, str) else None
    return found[1].lower() if found is not None else None


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
