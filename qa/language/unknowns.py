"""What reports say of things that are not known, or that nobody says. Pure functions."""

import re

from qa.types import AnswerKind, Aspect

_YET = r"(?:(?:yet|immediately|publicly|been|be|so far|still|able to|willing to|currently)\s+)*"
_NOT = rf"(?:not|never|cannot|\w+n[’']t)\s+{_YET}"
_SAID = (
    r"(?:know[ns]?|clear|certain|sure|said|say|saying|shared?|disclosed?|gi(?:ve|ven|ving)"
    r"|released?|revealed?|identif(?:y|ied)|named?|comment(?:ed)?|figured? out|determined?"
    r"|established?|confirm(?:ed)?|specif(?:y|ied)|explain(?:ed)?|provided?|announced?"
    r"|decided?|found|made public|traced|published|tell|told|have the data|reached)"
)
_ASKS_SAID = re.compile(rf"\b{_SAID}\b", re.IGNORECASE)
_KEPT = (
    r"(?:say|saying|comment|name|identify|give|giving|disclose|discuss|be drawn|confirm|explain"
    r"|answer|elaborate|speculate|put a)"
)
_OPEN = re.compile(
    rf"\b(?:unknown|unclear|undisclosed|undetermined|undecided|unexplained|unanswered|unsolved"
    rf"|{_NOT}{_SAID}"
    rf"|(?:declin|refus)(?:e|ed|es|ing)\s+to\s+{_KEPT}|would(?: not|n[’']t)\s+{_KEPT}"
    r"|too (?:early|soon) to (?:say|tell|know|call)|remains? to be seen|(?:a|remains) mystery"
    r"|anyone[’']s guess|in doubt|open question"
    r"|no (?:one (?:knows|would say)|motive|cause|details?|word|immediate|information|explanation"
    r"|decision|date has|official (?:cause|explanation|word))"
    r"|neither (?:\w+ ){1,3}(?:said|gave|offered|named|would)|gave (?:none|no (?:\w+ )?\w+)\b"
    r"|without (?:saying|giving|naming)"
    r"|yet to (?:be )?(?:said?|say|determined?|named?|disclosed?|decided?|announced?|identified"
    r"|set|fixed)"
    r"|(?:still |yet )?under investigation|still (?:being )?(?:investigat|examin|determin)\w+"
    r"|(?:is|are) (?:being investigated|investigating (?:how|the cause|what|whether|why))"
    r"|trying to (?:determine|establish|find out|learn))\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?P<subject>[^,;:()“”\"]{1,80}) (?P<verb>ha[sd]|have|is|are|was|were|remain(?:s|ed)?)"
    r" (?:still )?$",
    re.IGNORECASE,
)
_ANY_SUBJECT = re.compile(
    r"\b(?:it|that|this|what|who\w*|how|whether|details?|much|causes?|motives?|numbers?|reasons?"
    r"|whereabouts)\b",
    re.IGNORECASE,
)
# Which of these opens the clause that is not known, if it has one.
_INDIRECT = re.compile(
    r"\b(how (?:many|much|long|far|old|big|large)|how|why|who|whom|whose|when|where|whether|if"
    r"|which|what)\b",
    re.IGNORECASE,
)
# What stands for such a word: "the names of the dead" is "who died".
_NOUNS = {
    "who": re.compile(r"\b(?:identit(?:y|ies)|names?)\b", re.IGNORECASE),
    "when": re.compile(r"\b(?:dates?|timetables?|timing)\b", re.IGNORECASE),
    "where": re.compile(r"\b(?:locations?|whereabouts)\b", re.IGNORECASE),
    "how many": re.compile(r"\b(?:amounts?|figures?|numbers?|sums?|toll)\b", re.IGNORECASE),
    "why": re.compile(r"\b(?:causes?|explanations?|motives?|reasons?)\b", re.IGNORECASE),
}
_CAUSE = re.compile(
    r"\b(?:why|how\b.*\bstart|caused?|cause of|causes|led to|reason|motive|origin|set off|sparked"
    r"|started?|starts|began|begin|triggered)\b",
    re.IGNORECASE,
)
_ABOUT_CAUSE = re.compile(
    r"\b(?:causes?|caused|motive|reasons?|origins?|why|explanation|how|what)\b", re.IGNORECASE
)
_IDENTIFIED = re.compile(r"identif|named?\b", re.IGNORECASE)
_ANY = frozenset({"what", "which"})
_CAUSES = frozenset({"how", "why"})
_FITTING: dict[AnswerKind, frozenset[str]] = {
    "person": frozenset({"who", "whom", "whose"}),
    "organisation": frozenset({"who", "whom", "whose"}),
    "place": frozenset({"where"}),
    "date": frozenset({"when", "how long"}),
    "duration": frozenset({"how long", "when"}),
    "number": frozenset({"how many", "how much", "how far", "how old", "how big", "how large"}),
    "boolean": frozenset({"whether", "if"}),
}


def is_left_open(text: str) -> bool:
    """Return True if a sentence says that something is not known, or not said."""
    return _OPEN.search(text) is not None


def asks_what_is_known(question: str) -> bool:
    """Return True where the question is about knowing or saying: "Did police name the dead?"."""
    return _ASKS_SAID.search(question) is not None


def leaves_open(text: str, question: str, kind: AnswerKind, aspect: Aspect | None) -> bool | None:
    """Whether a sentence says that something is not known: True if it names what is asked ("who",
    "whether", "the cause"), None if it does not say what, False if it names something else.
    """
    found = _OPEN.search(text)
    if found is None:
        return False
    of_cause = aspect == "cause" or asks_for_cause(question)
    fitting = _fitting(kind, aspect, of_cause=of_cause)
    asked = _INDIRECT.search(text, found.end()) or _INDIRECT.match(text)
    if asked is None:
        named = of_cause and speaks_of_cause(text)
        identified = kind in ("person", "organisation") and _IDENTIFIED.search(found[0])
        if named or identified:
            return True
        nouns = {word for word, noun in _NOUNS.items() if noun.search(text, found.end())}
        asked_for = {word for word in nouns if _NOUNS[word].search(question)} | (fitting or set())
        return False if nouns and nouns.isdisjoint(asked_for) and kind != "boolean" else None
    word = asked[1].lower()
    if word in _ANY:
        return True if of_cause else None
    return None if fitting is None else word in fitting


def _fitting(kind: AnswerKind, aspect: Aspect | None, *, of_cause: bool) -> frozenset[str] | None:
    """The question words that ask the same; None where any may."""
    if of_cause:
        return _CAUSES
    if aspect == "manner":
        return frozenset({"how"})
    return _FITTING.get("number" if kind in ("money", "percent") else kind)


def subject_left_open(text: str) -> str | None:
    """The words of what is said not to be known: "a guest list" that "has not been announced". None
    for "it is not known" and the like.
    """
    found = _OPEN.search(text)
    before = _SUBJECT.search(text, 0, found.start()) if found is not None else None
    if found is None or before is None or _ANY_SUBJECT.search(before["subject"]):
        return None
    is_active = before["verb"].lower() in ("has", "had", "have") and "been" not in found[0]
    return None if is_active else before["subject"].strip()


def asks_for_cause(question: str) -> bool:
    """Return True for "why", "what caused" and "how did it start"."""
    return _CAUSE.search(question) is not None


def speaks_of_cause(text: str) -> bool:
    """Return True for a sentence that names a cause, a reason, or asks for one."""
    return _ABOUT_CAUSE.search(text) is not None
