"""What a question asks for, read off its words. Pure functions."""

import re

from qa.language.words import STOP_WORDS, tokens
from qa.types import AnswerKind

_PLACES = (
    "city|country|state|town|village|island|region|province|place|continent|county|capital|river"
)
_ORGANISATIONS = (
    "company|organi[sz]ation|team|party|club|alliance|bank|firm|agency|network|university|group|union|brand|retailer"
    "|airline|platform|newspaper"
)
_PEOPLE = "man|woman|author|actor|singer|player|president|minister"
_PRICED = (
    "money|aid|cash|funding|funds|compensation|revenue|profit|did .+ cost|does .+ cost|will .+ cost"
    "|was .+ (?:paid|worth|fined|pledged|given|raised)|is .+ worth"
)
_SUMS = (
    "bail|bid|bill|bonus|budget|compensation|cost|debt|donation|fine|fund|grant|loan|payment|price"
    "|salary|settlement"
)
_TIMES = "year|date|day|month|season|decade|century"
_WHICH = "(?:what|which)"
_IS_THE = "(?:was |is )?(?:the )?"
# The first that fits decides, so the particular stands before the general.
_OPENERS: list[tuple[AnswerKind, str]] = [
    ("money", rf"how much (?:{_PRICED})"),
    ("money", rf"{_WHICH} {_IS_THE}(?:price|cost|fine|salary|sum|prize|value|budget)\b"),
    ("money", r"for how much\b"),
    ("money", rf"how (?:large|big|high) (?:is|was|were|are|will|would) .*\b(?:{_SUMS})\b"),
    (
        "percent",
        rf"{_WHICH} {_IS_THE}(?:percentage|per cent|percent|share|proportion|(?:\w+ )?rate\b)",
    ),
    ("percent", r"(?:by )?how (?:many|much) per ?cent"),
    ("percent", r"how effective\b"),
    ("duration", r"(?:for )?how long\b(?! ago)"),
    ("duration", r"how many (?:years|months|weeks|days|hours|minutes|seconds|decades)\b"),
    ("number", r"how many\b"),
    ("number", r"how (?:far|tall|high|large|big|deep|old|fast|hot|cold|heavy)\b"),
    ("number", rf"{_WHICH} {_IS_THE}(?:number|score|death toll|toll|turn-?out|total|population)\b"),
    ("money", r"how much\b"),
    ("date", r"how long ago\b"),
    ("date", r"when\b|since when\b|until when\b"),
    (
        "date",
        rf"(?:(?:in|on|by|from|since|until) )?{_WHICH} (?:{_TIMES})\b",
    ),
    ("person", r"(?:to |by |with |from |for )?(?:who|whom|whose)\b"),
    ("person", rf"{_WHICH} (?:is|was) the name of the (?:{_PEOPLE})\b"),
    ("place", r"where\b|from where\b"),
    ("place", rf"(?:(?:in|on|at|from|to|near) )?{_WHICH} (?:\w+ )?(?:{_PLACES})\b"),
    ("organisation", rf"(?:(?:by|for|to|at|with) )?{_WHICH} (?:\w+ )?(?:{_ORGANISATIONS})\b"),
]
_KINDS = [(kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _OPENERS]
_POLAR = re.compile(
    r"(?!was (?:geschah|ist|passiert|sag|sind|wissen))"
    r"(?:is|are|was|were|am|did|do|does|has|have|had|can|could|will|would|should|may|might|must)"
    r"(?:n['’]t)?\b|any (?:survivors|casualties|victims|injuries)\b"
    r"|true or false\b|(?:confirm|check|verify) (?:if|that|whether)\b|whether\b"
    r"|(?:hat|haben|ist|kann|sind|war|waren|wird|wurde|wurden) (?:das|der|die|ein|es) \w",
    re.IGNORECASE,
)
_IF = re.compile(r"if\b|\w+ ли\b", re.IGNORECASE)
_TAG = re.compile(
    r",\s*(?:(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)(?:n['’]?t)?"
    r"\s+(?:it|he|she|they|there|we|you)|correct|right|true)\s*\?+\s*$",
    re.IGNORECASE,
)
_WH = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"(?<=[,;:.!?–—-])\s+")
# "Could you please tell me when …" asks "when …".
_POLITE = re.compile(
    r"^(?:(?:so|and|but|ok|please|then)\b[\s,]*)*"
    r"(?:(?:(?:can|could|will|would) you|i want you to|i['’]d like you to)\s+(?:please\s+)?"
    r"(?=(?:bring|describe|explain|give|list|name|quote|recap|summari[sz]e|tell)\b))?"
    r"(?:(?:(?:do|does) (?:anyone|you) know|i (?:need|want|would like) to know|i['’]d like to know"
    r"|i wonder|(?:show|tell) (?:me|us))\s+(?=(?:if|whether|wh\w+|how)\b))?",
    re.IGNORECASE,
)
# "When the fire broke out, were the exits locked?"
_SUBORDINATE = re.compile(r"^(?:when|where) (?:an?|he|it|she|the|they)\b[^,?]*,\s+", re.IGNORECASE)
_PREPOSITION = (
    "(?:about|after|at|because of|before|by|due to|during|for|from|in|near|of|on|since|through|to"
    "|under|until|with)"
)
_OPENS = re.compile(
    rf"(?:{_PREPOSITION} )?(?:wh?y|how|wh(?:o|om|ose|at|ich|en|ere))(?:['’]?s)?\b"
    r"|(?:describe|enumerate|explain|give|list|name|nenne|recap|state|summari[sz]e|tell)\b"
    r"|(?:brief|catch|bring|walk) (?:me|us)\b",
    re.IGNORECASE,
)


def asking(question: str) -> str:
    """The question from the clause that asks: without what precedes it and without politeness.

    "Please tell me, after the vote, why did he go?" and "If it was safe, why was it shut?" both
    ask from "why" on. The whole question if no clause opens with a question word.
    """
    text = question.strip().lstrip("¿\"'“‘(")
    text = _POLITE.sub("", text, count=1)
    text = _SUBORDINATE.sub("", text, count=1)
    if _OPENS.match(text) or _POLAR.match(text):
        return text
    for boundary in _CLAUSE.finditer(text):
        if _OPENS.match(text, boundary.end()):
            return text[boundary.end() :]
    return text


def asks_yes_or_no(question: str) -> bool:
    """Return True for a question that a yes or no answers; "red or blue?" is not one."""
    text = asking(question)
    if " or " in text and not text.lower().startswith("true or false"):
        return False
    if _POLAR.match(text) or (_TAG.search(text) and not _OPENS.match(text)):
        return True
    if _WH.search(text):
        return False
    # "After the vote, did the mayor resign?"
    behind = _CLAUSE.split(text)[1:]
    return any(_POLAR.match(clause) for clause in behind) or bool(_IF.match(text))


def kind_of(question: str) -> AnswerKind:
    """The kind of answer that is asked for; "text" when the words do not tell.

    "In May, how many people came?" is asked by its last clause; the earliest question word of a
    clause decides.
    """
    if asks_yes_or_no(question):
        return "boolean"
    text = asking(question)
    behind = _CLAUSE.split(text)[1:]
    for clause in [text, *reversed(behind)]:
        for kind, pattern in _KINDS:
            if pattern.match(clause):
                return kind
    # "A volcano erupted on which island?": the question word stands inside.
    found = [
        (match.start(), order, kind)
        for order, (kind, pattern) in enumerate(_KINDS)
        if (match := re.search(rf"\b(?:{pattern.pattern})", text, re.IGNORECASE))
    ]
    return min(found)[2] if found else "text"


_ASKED = re.compile(
    r"\b(?:how (?:many|much)|what|which)\s+((?:[^\W\d_]+[\s-]+){0,3}?[^\W\d_]+)"
    r"(?=\s+(?:did|do|does|is|are|was|were|has|have|had|can|could|will|would|in|at|on|of|for|from|to|by|with|near)\b|[?,.]|$)",
    re.IGNORECASE,
)
# Words that may follow "what" and "how many" and name nothing.
_EMPTY = frozenset({
    "people", "number", "percent", "percentage", "amount", "name", "year", "date", "day", "month",
    "money", "kind", "type", "is", "was", "are", "were", "the", "it",
})  # fmt: skip


def asked_words(question: str) -> list[str]:
    """The words that name what is asked for: "how many Russian soldiers are …" → ["russian",
    "soldiers"].
    """
    match = _ASKED.search(question)
    words = re.findall(r"[^\W\d_]+", match[1].lower()) if match else []
    return [word for word in words if word not in _EMPTY]


_NAME = re.compile(r"\b[^\W\d_a-z][^\W_]+|\b\d[\d.,]*\b")
_TO_BEGIN_WITH = re.compile(r"(?:^|[.?!]\s+)\W*\w+")


def names_in(question: str) -> set[str]:
    """Stems of the capitalised words inside sentences, and of its numbers: the names and years that
    distinguish an article that answers from one that only looks like it.
    """
    opening = {match.end() for match in _TO_BEGIN_WITH.finditer(question)}
    found = {
        match.group().rstrip(".,")
        for match in _NAME.finditer(question)
        if match.end() not in opening
    }
    return {
        token.stem for name in found for token in tokens(name) if name.lower() not in STOP_WORDS
    }
