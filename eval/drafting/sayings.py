"""Questions about what somebody said, made from a sentence that reports it. For English."""

import re

from qa.language.suggesting import DATELINE, PERSON, Proposal, as_subject, is_whole
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
    r"(?:people|many|some|one|no one|nobody|everyone|what|who|all|if|when|that|these|those|this)\b"
    r"|.*(?: that| which| who|n[’']t)$",
    re.IGNORECASE,
)


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
        if topic is None or match["who"] in topic:
            return None
        question = f"What did {match['who']} say about {topic}?"
        return Proposal(question, "", "said") if is_whole(question) else None
    return None


def _topic(words: str) -> str | None:
    """The subject of what was said: all before its verb."""
    words = words.lstrip("\"“‘' ")
    verb = next((word for word in tagged(words) if word.tag.startswith(("VERB|Fin", "AUX"))), None)
    if verb is None or verb.start == 0:
        return None
    subject = words[: verb.start].rstrip()
    if len(subject) > _LONGEST_TOPIC or re.search(r"[^\w '’-]", subject) or _EMPTY.match(subject):
        return None
    has_name = any(word.tag == "PROPN" for word in tagged(subject))
    if not has_name and len(subject.split()) < 3:  # "the law" is any law
        return None
    return as_subject(subject)
