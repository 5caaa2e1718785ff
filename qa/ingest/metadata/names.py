"""By-lines to authors' names, without roles, addresses and the outlet itself."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from qa.ingest.metadata.jsonld import text_of

_PREFIX = re.compile(
    r"^(?:(?:written|reported|posted|published|words|text|story|report|article|reporting|analysis|"
    r"review|interview|opinion|exclusive|edited)\s+)?by(?:\s*:\s*|\s+)(?=\S)"
    r"|^(?:text|words|authors?|autor|autora|auteur|автор|текст|tekst)\s*:\s*(?=\S)"
    r"|^(?:por|par|di|door|av|af|von|przez)(?:\s*:\s*|\s+)(?=\S+ \S)",
    re.IGNORECASE,
)
_KEPT_PARTICLES = re.compile(r"^(?:von|di|af|av) [a-zß-ÿ]|^(?:Von|Di|Af|Av) \S+$")
_SEPARATOR = r"\s*(?:[;|、\n]|\s[–—•·-]\s|\s*/\s*|(?<=\s)(?:and|&{words})(?=\s))\s*"
_AND: Mapping[str, str] = {
    "af": "en", "ar": "و", "da": "og", "de": "und", "es": "y", "fi": "ja", "fr": "et", "id": "dan",
    "it": "e", "ms": "dan", "nb": "og", "nl": "en", "no": "og", "pl": "i", "pt": "e", "ru": "и",
    "sv": "och", "sw": "na", "tr": "ve", "uk": "та|і",
}  # fmt: skip
_ROLE = re.compile(
    r"\b(?:correspondent|reporters?|editors?|editorial director|journalists?|writers?|columnist|"
    r"producer|chief|bureau|contributor|analyst|photographer|head of|redakteur(?:in)?|"
    r"korrespondent(?:in)?|journaliste|periodista|"
    r"(?:professor|lecturer|fellow)(?= of| in| at|$))\b",
    re.IGNORECASE,
)
_AFFILIATION = re.compile(
    r"\b(?:university|college|institute|school|centre|center|council|press|news|times|post|agency|"
    r"herald|reuters|afp|ap|bbc|dpa)\b",
    re.IGNORECASE,
)
_DESK = re.compile(
    r"\s+(?:newsroom|news desk|web desk|desk|staff|team|online|redaktion|rédaction)$",
    re.IGNORECASE,
)
_CREDENTIAL = re.compile(r"^(?:jr|sr|ii|iii|iv|m\.?d|ph\.?d|mba|rn|esq|cfa)\.?$", re.IGNORECASE)
_ABBREVIATED = re.compile(r"\b(?:[^\W\d]|[JS]r)\.$")  # "Bo Vane Jr."
_IN_BRACKETS = re.compile(r"\s*[(\[<][^)\]>]{0,80}[)\]>]")
_ADDRESS = re.compile(r"\S*@\S*|https?://\S*|\bwww\.\S*", re.IGNORECASE)
_LAST_FIRST = re.compile(r"^[^\W\d][\w'’. -]*, [^\W\d][\w'’. -]*$")
_IN_PLACE = re.compile(r"\s+(?:in|at|for|FOR)\s+\S.*$")  # "Ann Roe in Kyiv"
_NOT_NAMES = frozenset({
    "admin", "administrator", "editor", "unknown", "none", "null", "undefined", "by", "and", "und",
    "von", "et", "par", "por",
})  # fmt: skip
_LONGEST = 60
_LONGEST_TEXT = 1000  # of several by-lines in one; the patterns here are not linear
_DEEPEST = 8
_MOST_WORDS = 6


def names_of(value: Any, depth: int = 0) -> Iterator[str]:
    """Yield the names in a JSON-LD ``author``: a string, a node, or a list of them, nested or not.

    If there are persons, organisations beside them are left out.
    """
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        nodes = [item for item in value if isinstance(item, Mapping)]
        persons = any(_is_person(node) for node in nodes)
        for item in value:
            if persons and isinstance(item, Mapping) and _is_organisation(item):
                continue
            yield from names_of(item, depth + 1)
    elif isinstance(value, Mapping):
        name = value.get("name") or value.get("byline")
        if isinstance(name, list | Mapping):
            yield from names_of(name, depth + 1)
        elif isinstance(name, str) and name.strip():
            yield text_of(name)
        elif value.get("familyName"):
            yield f"{text_of(value.get('givenName'))} {text_of(value['familyName'])}".strip()
        elif isinstance(value.get("@value"), str):
            yield text_of(value)
    elif isinstance(value, str):
        yield text_of(value)


def clean_names(
    raw: Iterable[str], outlets: Sequence[str] = (), language: str | None = None
) -> list[str]:
    """Return the authors' names, each once, in order.

    ``outlets`` are names of the publisher, which are not authors; ``language`` is that of the
    page, for its word for "and".
    """
    words = _AND.get(language or "", "")
    separator = re.compile(_SEPARATOR.format(words=f"|{words}" if words else ""))
    stated = [text.strip() for text in raw if text.strip() and len(text) <= _LONGEST_TEXT]
    surnames_first = all(
        _LAST_FIRST.match(text) and " " not in text.split(",", 1)[0] for text in stated
    )
    if len(stated) > 1 and surnames_first:
        stated = [last_first(text) for text in stated]
    names: dict[str, str] = {}
    for text in stated:
        for part in _parts(text, separator, outlets):
            name = _name(part)
            if name is None or _is_outlet(name, outlets):
                continue
            key = _key(name)
            # Of "Chuck-Ross" and "Chuck Ross", the one with spaces.
            if key not in names or names[key].count(" ") < name.count(" "):
                names[key] = name
    return list(names.values())


def last_first(name: str) -> str:
    """Return "Ann Roe" for "Roe, Ann", as scholarly tags write it; any other text as it is."""
    text = " ".join(name.split())
    return " ".join(reversed(text.split(", "))) if _LAST_FIRST.match(text) else text


def _parts(text: str, separator: re.Pattern[str], outlets: Sequence[str]) -> Iterator[str]:
    bare = _IN_BRACKETS.sub("", _ADDRESS.sub(" ", text)).strip()
    for piece in separator.split(_unprefixed(bare)):
        yield from _persons(piece, outlets)


def _persons(piece: str, outlets: Sequence[str]) -> Iterator[str]:
    """Yield the parts between commas, without roles, degrees and where someone works."""
    named = place = False
    for part in map(str.strip, piece.split(",")):
        if not part or (named and _CREDENTIAL.match(part)):
            continue
        outside = _ROLE.search(part) or (named and _AFFILIATION.search(part))
        if outside or _is_outlet(part, outlets):
            place = True
            continue
        if place and " " not in part:
            continue  # "BBC News, Kyiv"
        yield part
        named = True
        place = bool(_AFFILIATION.search(part))


def _unprefixed(text: str) -> str:
    if _KEPT_PARTICLES.match(text):
        return text
    return _PREFIX.sub("", text, count=1).strip()


def _name(part: str) -> str | None:
    text = _IN_PLACE.sub("", _unprefixed(" ".join(part.split()))).strip(' ,:;-–—|*"“”').lstrip(". ")
    if not _ABBREVIATED.search(text):
        text = text.rstrip(". ")
    words = text.split()
    if not words or len(text) > _LONGEST or len(words) > _MOST_WORDS:
        return None
    if any(character.isdigit() for character in text):
        return None
    if re.fullmatch(r"[a-z]+(?:[-_][a-z]+)+", text):  # a slug, "ann-roe"
        return " ".join(word.capitalize() for word in re.split("[-_]", text))
    if text.islower() and len(words) == 1 and text.isascii():
        return None  # an account, "admin"
    if _key(text) in _NOT_NAMES:
        return None
    return text


def _is_outlet(name: str, outlets: Sequence[str]) -> bool:
    """Return True for a name of the outlet, its host, or its desk ("Gazette Newsroom")."""
    key = _outlet_key(_DESK.sub("", name))
    return not key or any(key == _outlet_key(outlet) for outlet in outlets)


def _outlet_key(name: str) -> str:
    return _key(name).removeprefix("www").removeprefix("the")


def _is_person(node: Mapping[str, Any]) -> bool:
    return "Person" in str(node.get("@type"))


def _is_organisation(node: Mapping[str, Any]) -> bool:
    return "Organization" in str(node.get("@type"))


def _key(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
