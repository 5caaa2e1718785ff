"""Questions about what somebody said, made from a sentence that reports it. For English."""

import re

from qa.language.suggesting import (
    DATELINE,
    PERSON,
    Proposal,
    as_subject,
    is_whole,
    is_whole_name,
)
from qa.language.tagger import tagged

_VERB = "(?:said|says|announced|warned|argued|insisted|claimed|explained)"
_DAY = r"(?: on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)?"
_ROLE = r"(?:(?:[A-Z]?[a-z-]+|[A-Z]{2,5}) ){0,5}"  # "US climate envoy John Kerry"
_ASIDE = r"(?:, [^,\"“”]{2,80},)?"
_SHAPES = (
    re.compile(rf"{_ROLE}(?P<who>{PERSON}){_ASIDE} {_VERB}{_DAY}(?: that|,)? (?P<words>[^\n]+)"),
    re.compile(rf"[\"“](?P<words>[^\"“”]+),[\"”] (?:{_VERB} {_ROLE})?(?P<who>{PERSON})\b"),
)
_LONGEST_TOPIC = 50  # characters
_LONGEST = 400  # characters of a sentence
# A subject that says nothing about what was said, or that is cut inside a clause.
_EMPTY = re.compile(
    r"(?:people|many|some|one|no|nobody|everyone|every|each|most|part|what|who|all|if|when|that"
    r"|these|those|this|i)\b|.*(?: (?:that|which|who|what)\b|n[’']t$)",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r" (?:of|for|in|on|from|to|with|between|against) ")


def saying(sentence: str) -> Proposal | None:
    """The question "What did NAME say about TOPIC?", which the whole sentence answers."""
    text = DATELINE.sub("", " ".join(sentence.split()))
    if len(text) > _LONGEST:
        return None
    for shape in _SHAPES:
        match = shape.match(text)
        if match is None:
            continue
        topic = _topic(match["words"])
        if topic is None or match["who"] in topic or not _is_speaker(match):
            return None
        question = f"What did {match['who']} say about {topic}?"
        return Proposal(question, "", "said") if is_whole(question) else None
    return None


def _is_speaker(match: re.Match[str]) -> bool:
    """Return False for a part of a name, and for "Elmouth Post" in "Elmouth Post columnist X"."""
    end = match.end("who")
    after = next((word for word in tagged(match.string) if word.start == end + 1), None)
    is_title = after is not None and after.tag in ("NOUN", "ADJ") and after.text.islower()
    return is_whole_name(match, "who") and not is_title


def _topic(words: str) -> str | None:
    """The subject of what was said: all before its verb."""
    words = words.lstrip("\"“‘' ")
    verb = next((word for word in tagged(words) if word.tag.startswith(("VERB|Fin", "AUX"))), None)
    if verb is None or verb.start == 0:
        return None
    subject = words[: verb.start].rstrip()
    if len(subject) > _LONGEST_TOPIC or re.search(r"[^\w '’-]", subject) or _EMPTY.match(subject):
        return None
    return as_subject(subject) if _is_topic(subject) else None


def _is_topic(subject: str) -> bool:
    """Return False for what may be anything: "Apple", "the new odds", "the end of the war"."""
    words = tagged(subject)
    named = [word for word in words if word.tag == "PROPN"]
    if words[-1].tag == "ADV" or len(words) - (words[0].tag == "DET") < 2:
        return False
    the = sum(word.text.lower() == "the" for word in words)
    return bool(named) or (the < 2 and _PREPOSITION.search(subject) is not None)
