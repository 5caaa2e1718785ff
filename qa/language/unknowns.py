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
# Which of these opens the clause that is not known, if it has one.
_INDIRECT = re.compile(
    r"\b(how (?:many|much|long|far|old|big|large)|how|why|who|whom|whose|when|where|whether|if"
    r"|which|what)\b",
    re.IGNORECASE,
)
_CAUSE = re.compile(
    r"\b(?:why|caused?|cause of|causes|led to|reason|motive|origin|set off|sparked|started?|starts"
    r"|began|begin|triggered)\b",
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


def leaves_open(text: str, question: str, kind: AnswerKind, aspect: Aspect | None) -> bool | None:
    """Whether a sentence says that something is not known: True if it names what is asked ("who",
    "whether", "the cause"), None if it does not say what, False if it names something else.
    """
    found = _OPEN.search(text)
    if found is None:
        return False
    of_cause = aspect == "cause" or asks_for_cause(question)
    asked = _INDIRECT.search(text, found.end()) or _INDIRECT.match(text)
    if asked is None:
        named = of_cause and speaks_of_cause(text)
        identified = kind in ("person", "organisation") and _IDENTIFIED.search(found[0])
        return True if named or identified else None
    if of_cause:
        fitting: frozenset[str] | None = _CAUSES
    elif aspect == "manner":
        fitting = frozenset({"how"})
    else:
        fitting = _FITTING.get("number" if kind in ("money", "percent") else kind)
    word = asked[1].lower()
    if word in _ANY:
        return True if of_cause else None
    if fitting is None:
        return None
    return word in fitting


def asks_for_cause(question: str) -> bool:
    """Return True for "why", "what caused" and "how did it start"."""
    return _CAUSE.search(question) is not None


def speaks_of_cause(text: str) -> bool:
    """Return True for a sentence that names a cause, a reason, or asks for one."""
    return _ABOUT_CAUSE.search(text) is not None
