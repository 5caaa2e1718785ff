"""One name for each publisher, whichever of its templates a page was made with."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

_DOMAIN = re.compile(r"^(?:www\.)?([\w-]+)((?:\.[a-z]{2,6}){1,2})$", re.IGNORECASE)
_PARTS = re.compile(r"\s+[|–—•·»:-]\s+|\s*\|\s*")
_NOT_A_NAME = re.compile(r"^@|https?:|©|copyright|all rights|版权|版權", re.IGNORECASE)
_ARTICLES = re.compile(r"^(?:the|der|die|das|le|la|les|el|il|de|het)\s+", re.IGNORECASE)
_MOST_WORDS = 6
_LONGEST = 45
_GENERIC = frozenset(
    {"com", "org", "net", "co", "gov", "edu", "ac", "www", "m", "amp", "edition", "news"}
)


def host_of(url: str | None) -> str | None:
    """Return the host of an address without "www."; None without one."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        return None
    return host.removeprefix("www.") if host else None


def publisher_name(stated: Sequence[str], host: str | None, title: str | None) -> str | None:
    """Return the best of the names that a page states, most trusted first, or else its host.

    A name that is the host's own word wins over the parent company and over a slogan, so that pages
    that state different ones still come out under the same name.
    """
    names = [name for text in stated if len(text) <= 200 for name in _names(text, host)]
    usable = [name for name in names if _usable(name) and _letters(name) != _letters(title or "")]
    if not usable:
        return host
    # `max` takes the first of equals.
    return max(usable, key=lambda name: (_match(name, host), _spaced(name, usable)))


def is_domain(name: str) -> bool:
    """Return True for a name that is a host: bayherald.example."""
    return " " not in name and "." in name.strip(".") and host_of(f"//{name}") is not None


def is_word_of(name: str, host: str) -> bool:
    """Return True if a name is the host's own word: "The Bay Herald", bayherald.example."""
    return _match(name, host) == 3


def same_name(left: str, right: str) -> bool:
    """Return True if two names differ at most in case, spacing, "The" and a domain's ending."""
    return _core(left) == _core(right) != ""


def _names(text: str, host: str | None) -> list[str]:
    """Split off slogans and drop a domain's ending: "Metro.co.uk" is "Metro"."""
    whole = " ".join(text.replace("_", " ").split()).strip(" .,-–|")
    parts = [part.strip() for part in _PARTS.split(whole) if part.strip()]
    matching = [part for part in parts if _match(part, host) >= 2]
    chosen = matching[:1] or ([whole] if len(parts) < 2 else parts[:1])
    return [_without_ending(name) for name in chosen]


def _without_ending(name: str) -> str:
    domain = _DOMAIN.match(name)
    # A short or everyday word needs its ending to be a name: "lrt.lt", "news.com.au".
    if domain and len(domain[1]) > 4:
        word = domain[1]
        return word.capitalize() if word.islower() else word
    return name


def _usable(name: str) -> bool:
    if not name or len(name) > _LONGEST or len(name.split()) > _MOST_WORDS:
        return False
    return not _NOT_A_NAME.search(name) and any(character.isalpha() for character in name)


def _match(name: str, host: str | None) -> int:
    """How well a name fits the host: 3 its word, 2 its initials, 1 begins alike, 0 not at all."""
    if not host:
        return 0
    labels = [label.replace("-", "") for label in host.split(".")[:-1] if label not in _GENERIC]
    letters, core = _letters(name), _core(name)
    if not core:
        return 0
    if any(label in (letters, core) for label in labels) or letters == _letters(host):
        return 3
    words = re.findall(r"\w+", name.casefold())
    initials = "".join(word[0] for word in words)
    if len(words) > 2 and any(label in (initials, initials[1:]) for label in labels):
        return 2
    alike = any(
        len(label) > 2 and (core.startswith(label) or label.startswith(core)) for label in labels
    )
    return 1 if alike else 0


def _spaced(name: str, names: Sequence[str]) -> int:
    """Prefer "Financial Post" to "Financialpost", where both are stated."""
    alike = [other for other in names if _letters(other) == _letters(name)]
    return int(len(alike) > 1 and " " in name)


def _core(name: str) -> str:
    domain = _DOMAIN.match(name.strip())
    return _letters(_ARTICLES.sub("", domain[1] if domain else name.strip()))


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
