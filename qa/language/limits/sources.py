"""Sources: "according to Reuters", "Reuters reported that …", "in the Guardian"."""

import re
from collections.abc import Iterator, Sequence

from qa.language.limits.modifiers import extend
from qa.language.limits.phrases import Asked, Phrase

REPORTS = re.compile(
    r"(?:(?:news|newspaper|press|media) )?"
    r"(?:reports|articles|stories|pieces|columns|editorials|headlines|op-eds|dispatches|coverage"
    r"|reporting|news|papers|newspapers)\b",
    re.IGNORECASE,
)
REPORTED = re.compile(r" (?:report|write|publish|reported|written|published)\b", re.IGNORECASE)
HAS_REPORTED = re.compile(
    r" (?:(?:has|had|have) )?(?:reported|wrote|written|published|reports|writes)\b", re.IGNORECASE
)
SPEAKS_OF_REPORTING = re.compile(
    r"\b(?:appeared|articles?|columns?|coverage|covered|editorials?|headlines?|news|op-eds?"
    r"|pieces?|printed|published|read|reported|reports?|said|say|says|stor(?:y|ies)|write|written"
    r"|wrote)\b",
    re.IGNORECASE,
)
# Who works there does not ask what it printed.
AT_WORK = re.compile(
    r"\b(?:clos|cut|edit|employ|hir|invest|job|laid|lay|sat|seat|shar|sit|staff|strik|work)\w*\b",
    re.IGNORECASE,
)
_REPORT = re.compile(r"(?:report|article|story|piece|column|editorial|op-ed)\b", re.IGNORECASE)
_CREDITED = re.compile(
    r"\baccording to (?P<one>an? )?"
    r"|\bas (?:reported|published|covered|described|written) (?:by|in) |(?<=, )reported by ",
    re.IGNORECASE,
)
_SAID_THAT = re.compile(r"(?:(?:^|(?<=, ))(?P<opening>)|\bdid )(?=\S)", re.IGNORECASE)
_THAT = re.compile(r"(?P<word> that\b)|\W*$")
_IN = re.compile(r"\b(?:in|from) (?=\S)", re.IGNORECASE)

# Other publications in a question that compares them.
_CREDITS_ANOTHER = re.compile(
    r"\b(?:articles?|posts?|reports?|stor(?:y|ies)) (?:by|from|in|on) (?:an? |the )?[A-Z]"
    r"|\b(?:claimed|covered|described|discussed|mentioned|noted|reported|suggested) (?:by|in|on)"
    r" (?:an? |the )?[A-Z]"
)
_BEFORE_SOURCE = re.compile(
    r"\b(?:according to|and|by|from|in|than|to|with) (?:(?:an?|another|both|the) )?$", re.IGNORECASE
)
_BEHIND_SOURCE = re.compile(
    r"(?:['’]s)? (?:\w+ )?(?:articles?|indicate|posts?|reported|reports?|stor(?:y|ies)|suggest)\b"
)
_CAPITALISED = re.compile(r"\b[A-Z]\w*")


def find_credits(asked: Asked) -> Iterator[Phrase]:
    """Find "according to Reuters", "as reported by the BBC", "according to a BBC report"."""
    text = asked.text
    for opening in _CREDITED.finditer(text):
        found = asked.names_at("sources", opening.end())
        if found is None:
            continue
        behind = found.end + 1
        is_word = text[found.end : behind].isspace()
        noun = (REPORTS.match(text, behind) or _REPORT.match(text, behind)) if is_word else None
        if noun is None and (found.possessive or opening["one"]):
            continue
        phrase = Phrase(opening.start(), noun.end() if noun is not None else found.end)
        phrase.add("sources", found.values)
        extend(asked, phrase)
        if asked.is_apart(phrase):
            yield phrase


def find_reported_that(asked: Asked) -> Iterator[Phrase]:
    """Find "Reuters reported that …", "how much did Reuters report that …"."""
    for opening in _SAID_THAT.finditer(asked.text):
        found = asked.names_at("sources", opening.end())
        if found is None or found.possessive:
            continue
        verbs = REPORTED if opening["opening"] is None else HAS_REPORTED
        verb = verbs.match(asked.text, found.end)
        if verb is None:
            continue
        phrase = Phrase(opening.start(), verb.end())
        phrase.add("sources", found.values)
        extend(asked, phrase)
        that = _THAT.match(asked.text, phrase.end)
        if that is not None:
            phrase.end += len(that["word"] or "")
            yield phrase


def find_inside(asked: Asked) -> Iterator[Phrase]:
    """Find "in the Guardian" where the words before it speak of reporting, or it opens."""
    for opening in _IN.finditer(asked.text):
        found = asked.names_at("sources", opening.end())
        if found is None or found.possessive:
            continue
        before = asked.text[: opening.start()]
        phrase = Phrase(opening.start(), found.end)
        phrase.add("sources", found.values)
        extend(asked, phrase)
        if not asked.ends_at(phrase.end) or AT_WORK.search(before):
            continue
        opens = not before.strip() and asked.text[phrase.end : phrase.end + 1] in (",", ":")
        if opens or (SPEAKS_OF_REPORTING.search(before) and asked.is_whole(phrase)):
            yield phrase


def credits_another(asked: Asked, phrases: Sequence[Phrase]) -> bool:
    """Return True if the question without these phrases credits another publication."""
    others = asked.without(phrases)
    if _CREDITS_ANOTHER.search(others.text):
        return True
    for word in _CAPITALISED.finditer(others.text):
        source = others.name_at("sources", word.start())
        if source is not None and (
            _BEFORE_SOURCE.search(others.text, 0, word.start())
            or _BEHIND_SOURCE.match(others.text, source.end)
        ):
            return True
    return False
