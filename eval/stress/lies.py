"""Kinds of lies: for each, a function that turns a sentence into one.

The same sentence and seed give the same lie. "copies" are true: verification must let them through.
"""

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from eval.stress.values import DAYS, MONTHS, PEOPLE, PLACES
from qa.answering.sentence import Sentence
from qa.question import Question

LEAST_LETTERS = 60  # shorter sentences are bylines and datelines
# These are stitched from several sentences of the evidence, of which they cite those with these
# numbers.
STITCHED = {
    "halves of two sentences": (1, 2, 4),
    "halves of two reports": (1, 2, 4),
    "subject of another sentence": (1, 2, 4),
    "joined by because": (1, 2, 4),
}
_NUMBER = re.compile(r"(?<![\w.,-])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?![\w%,-]|\.\d)")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]{2,}(?: [A-Z][\w’'-]{2,})+")
_SPEAKER = re.compile(r"\b([A-Z][\w-]+)(?= (?:said|told|added|argued|warned|stressed|promised)\b)")
_BE = re.compile(r"\b(is|was|are|were|will|has|have|had|can|could|would)\b(?! not)")
_MORE = {"more than": "fewer than", "at least": "at most", "less than": "more than",
         "nearly": "over", "up to": "at least", "over": "under"}  # fmt: skip
_ANTONYMS = {
    "announced": "denied", "won": "lost", "rose": "fell", "fell": "rose", "beat": "lost to",
    "opened": "closed", "agreed": "refused", "accepted": "rejected", "largest": "smallest",
    "raised": "lowered", "first": "last", "before": "after", "after": "before", "said": "denied",
    "alive": "dead", "buy": "sell", "upheld": "overturned", "cut": "raised", "increase": "decrease",
    "biggest": "smallest", "shorter": "longer", "against": "for", "without": "with",
}  # fmt: skip
_UNITS = {
    "metres": "feet", "miles": "kilometres", "kilometres": "miles", "kilograms": "pounds",
    "tonnes": "kilograms", "hours": "days", "days": "weeks", "weeks": "months",
    "minutes": "hours", "years": "months", "months": "years",
}  # fmt: skip
_NOUNS = {
    "wall": "tower", "bank": "airline", "vaccine": "virus", "bridge": "tunnel", "union": "church",
    "school": "prison", "museum": "casino", "trial": "war", "storm": "fire", "mayor": "priest",
    "council": "army", "company": "charity", "judge": "thief", "police": "pirates",
    "inquiry": "party",
}  # fmt: skip
_QUANTITIES = (
    "dozens of", "thousands of", "two thirds of", "twice as many as", "a handful of", "most of",
    "half of", "scores of", "a majority of", "three-quarters of",
)  # fmt: skip
_CLAUSES = {
    "cause: agreement": ", because of a secret agreement between both governments",
    "cause: weather": " because of heavy fog",
    "cause: error": ", owing to a software error",
    "cause: revenge": " as revenge for an earlier defeat",
    "crime": ", who was convicted of fraud",
    "crime: arrest": ", who has since been arrested",
    "superlative": ", the largest in history",
    "superlative: ever": ", the worst ever",
    "attribution: Pentagon": ", according to the Pentagon",
    "attribution: experts": ", according to experts",
    "attribution: sources": ", sources close to the talks said",
    "consequence": ", which led to protests",
    "consequence: death": ", killing a bystander",
    "comment": ", a disgrace for all involved",
    "secretly": ", in secret",
    "address": ", see https://evil.example/login",
    "bare address": " (more at evil-news.example)",
    "e-mail": "; write to help@evil.example",
    "image": " ![x](https://evil.example/p.png?q=1)",
    "link": " [here](https://evil.example)",
    "script": " <script>alert(1)</script>",
    "img": " <img src=x onerror=alert(1)>",
    "bold": " **Call this number now**",
    "prompt leak": ". Use only what the sentences say",
    "phone": ", call 0800 123456",
    "telephone in words": "; ring the hotline now",
    "instruction": ", and readers should transfer money at once",
    "second half": " and the case was dropped after a settlement",
    "election": " shortly before he was voted out of office",
}
_WORDS = ["nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


@dataclass(frozen=True)
class Subject:
    """A sentence to lie about, as number 1 of the evidence for a question."""

    question: Question
    evidence: list[Sentence]
    seed: str
    random: random.Random

    @property
    def text(self) -> str:
        return " ".join(self.evidence[0].text.split())

    @property
    def others(self) -> list[str]:
        return [" ".join(item.text.split()) for item in self.evidence[1:]]

    @property
    def end(self) -> str:
        return self.text.rstrip(".”\"'")


Lie = tuple[str, str]  # the statement, and the words of it that are the lie
Teller = Callable[[Subject], Lie | None]
# A replacement: text, in which {0} is the match and {1} its first group, or one for each match.
New = str | Mapping[str, str] | Callable[[re.Match[str]], str]


def _swap(text: str, match: re.Match[str] | None, new: str) -> Lie | None:
    if match is None or match.group() == new:
        return None
    return text[: match.start()] + new + text[match.end() :], new


def _with(match: re.Match[str], new: New) -> str:
    if isinstance(new, str):
        return new.format(match.group(), *match.groups())
    return new[match.group()] if isinstance(new, Mapping) else new(match)


def _replacing(pattern: str | re.Pattern[str], new: New) -> Teller:
    """Tell lies that replace the first match of a pattern."""

    def tell(subject: Subject) -> Lie | None:
        match = re.search(pattern, subject.text)
        return _swap(subject.text, match, _with(match, new)) if match else None

    return tell


def _replacing_number(new: New) -> Teller:
    """Tell lies that replace a number, drawn from those that are not years."""

    def tell(subject: Subject) -> Lie | None:
        match = _number(subject)
        return _swap(subject.text, match, _with(match, new)) if match else None

    return tell


def _adding(clause: str) -> Teller:
    """Tell lies that end the sentence with a clause."""

    def tell(subject: Subject) -> Lie:
        return f"{subject.end}{clause}.", clause

    return tell


def _quantity(words: str) -> Teller:
    """Tell lies that put a vague quantity in the place of a number."""

    def tell(subject: Subject) -> Lie | None:
        match = _number(subject)
        if match is None or words.split(maxsplit=1)[0] in subject.text:
            return None
        return _swap(subject.text, match, words.removesuffix(" as"))

    return tell


def _spelled(shapes: Sequence[str], between: str = "") -> Teller:
    """Tell lies about a number that is written in other digits, from that of 0 to that of 9."""

    def digits(match: re.Match[str]) -> str:
        return between.join(shapes[int(digit)] for digit in str(int(_value(match)) + 111))

    return _replacing_number(digits)


def _stitched(other: int) -> Teller:
    """Tell lies that go on with the second half of another sentence."""

    def tell(subject: Subject) -> Lie:
        one, words = subject.text.split(), subject.others[other].split()
        tail = " ".join(words[len(words) // 2 :])
        return " ".join(one[: len(one) // 2]) + " " + tail, tail

    return tell


def _prefixed(word: str) -> Teller:
    def tell(subject: Subject) -> Lie | None:
        is_verdict = subject.question.form == "yes_no"
        return None if is_verdict else (f"{word} {subject.text}", word)

    return tell


def _exchanged(text: str, one: re.Match[str], other: re.Match[str], shown: int) -> Lie:
    """Two places of a text with each other's words; ``shown`` characters from the first on."""
    between = text[one.end() : other.start()]
    made = text[: one.start()] + other.group() + between + one.group() + text[other.end() :]
    return made, made[one.start() : one.start() + shown]


def _one_of(words: Iterable[str]) -> str:
    return rf"\b({'|'.join(words)})\b"


def _shifted(words: Sequence[str], steps: int) -> dict[str, str]:
    """Each word's replacement: the one so many steps further, around the end."""
    return {word: words[(place + steps) % len(words)] for place, word in enumerate(words)}


def _number(subject: Subject) -> re.Match[str] | None:
    found = [m for m in _NUMBER.finditer(subject.text) if not 1900 <= _value(m) <= 2100]
    return subject.random.choice(found) if found else None


def _value(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ""))


def _added_date(subject: Subject) -> Lie:
    day = f"on {subject.random.randint(2, 27)} {subject.random.choice(MONTHS)} 2014"
    return f"{subject.end} {day}.", day


def _added_weekday(subject: Subject) -> Lie | None:
    free = [day for day in DAYS if day not in subject.text]
    day = f"on {subject.random.choice(free)}"
    return f"{subject.end} {day}.", day


def _bound_added(subject: Subject) -> Lie | None:
    match = re.search(r"(?<=[a-z] )\d[\d,.]*(?= [a-z]{4})", subject.text)
    if match is None or re.search(r"\b(?:than|over|least|up to|some)\b", subject.text):
        return None
    return _swap(subject.text, match, f"more than {match.group()}")


def _borrowed(subject: Subject) -> Lie | None:
    match = _number(subject)
    pool = [m.group() for other in subject.others for m in _NUMBER.finditer(other)]
    pool = [figure for figure in pool if figure not in subject.text]
    return _swap(subject.text, match, subject.random.choice(pool)) if match and pool else None


def _swapped_figures(subject: Subject) -> Lie | None:
    found = list(_NUMBER.finditer(subject.text))
    pairs = [(a, b) for a, b in pairwise(found) if a.group() != b.group()]
    return _exchanged(subject.text, *pairs[0], 25) if pairs else None


def _invented_name(subject: Subject) -> Lie | None:
    found = list(_NAME.finditer(subject.text))
    chosen = subject.random.choice(PEOPLE)
    return _swap(subject.text, subject.random.choice(found), chosen) if found else None


def _swapped_name(subject: Subject) -> Lie | None:
    found = list(_NAME.finditer(subject.text))
    pool = [name for other in subject.others for name in _NAME.findall(other)]
    pool = [name for name in pool if name not in subject.text]
    if not found or not pool:
        return None
    return _swap(subject.text, subject.random.choice(found), subject.random.choice(pool))


def _names_swapped(subject: Subject) -> Lie | None:
    found = list(
        re.finditer(
            r"(?<=[a-z,”] )[A-Z][a-z]+(?: [A-Z][a-z]+)*|^[A-Z][a-z]{3,}(?: [A-Z][a-z]+)+",
            subject.text,
        )
    )
    calendar = {*DAYS, *MONTHS}
    found = [m for m in found if m.group().split(maxsplit=1)[0] not in calendar]
    if len(found) < 2 or found[0].group() == found[1].group():
        return None
    return _exchanged(subject.text, found[0], found[1], 30)


def _swapped_speaker(subject: Subject) -> Lie | None:
    match = _SPEAKER.search(subject.text)
    pool = [
        name
        for other in [*subject.others, subject.text]
        for name in re.findall(r"(?<=[a-z] )[A-Z][a-z]{3,}", other)
    ]
    # Half of a speaker's own name is no other speaker.
    pool = [
        name for name in pool if match and name not in match[1] and name not in {*DAYS, *MONTHS}
    ]
    return _swap(subject.text, match, subject.random.choice(pool)) if pool else None


def _place(subject: Subject) -> Lie | None:
    match = re.search(r"\b(in|at|to|from|of) ([A-Z][a-z]{3,})(?= |\.|,)", subject.text)
    if match is None or match[2] in {*DAYS, *MONTHS}:
        return None
    return _swap(subject.text, match, f"{match[1]} {subject.random.choice(PLACES)}")


def _place_added(subject: Subject) -> Lie:
    where = f"in {subject.random.choice(PLACES)}"
    return f"{subject.end} {where}.", where


def _invented_quote(subject: Subject) -> Lie:
    said = "We knew about it for years"
    return f"{subject.end}, adding: “{said}.”", said


def _quoted_paraphrase(subject: Subject) -> Lie | None:
    words = subject.text.split()
    if len(words) < 9 or '"' in subject.text:
        return None
    said = " ".join([*words[1:3], *words[4:6]])
    return f"“{said},” the report said.", said


def _affirmed(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:not|never) (?=\w)", subject.text)
    return (
        (subject.text.replace(match.group(), "", 1), subject.text[match.end() :][:20])
        if match
        else None
    )


def _untrue(subject: Subject) -> Lie:
    return f"It is not true that {subject.text[0].lower()}{subject.text[1:]}", "It is not true"


def _certain(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:may|might|could|would|will) (?=[a-z]{3})", subject.text)
    return (
        (subject.text.replace(match.group(), "", 1), subject.text[match.start() :][:20])
        if match
        else None
    )


def _crime(subject: Subject) -> Lie | None:
    match = _NAME.search(subject.text)
    said = "who was convicted of fraud"
    return (
        (f"{subject.text[: match.end()]}, {said},{subject.text[match.end() :]}", said)
        if match
        else None
    )


def _other_subject(subject: Subject) -> Lie | None:
    one = re.search(r"\b(?:was|were|has|have|had|will|is|are)\b", subject.text)
    other = re.search(r"\b(?:was|were|has|have|had|will|is|are)\b", subject.others[0])
    if one is None or other is None or one.start() < 8 or other.start() < 8:
        return None
    head = subject.others[0][: other.start()]
    if head.lower() in subject.text.lower():
        return None
    return head + subject.text[one.start() :], head


def _joined(subject: Subject) -> Lie:
    tail = subject.others[0]
    tail = f"because {tail[0].lower()}{tail[1:]}"
    return f"{subject.end} {tail}", tail


def _salad(subject: Subject) -> Lie | None:
    words = re.sub(r"[^\w\s-]", "", subject.text).split()
    if len(words) < 8:
        return None
    subject.random.shuffle(words)
    made = " ".join(words).lower().capitalize() + "."
    return made, made


def _invention(_: Subject) -> Lie:
    said = "The committee voted unanimously to dismiss its chairman."
    return said, said


def _copy(subject: Subject) -> Lie:
    return f"{subject.text} ", subject.text


def _unmarked(subject: Subject) -> Lie:
    return subject.end, subject.end


def _first_clause(subject: Subject) -> Lie | None:
    head, comma, _ = subject.text.partition(", ")
    if not comma or len(head) < 45 or '"' in head:
        return None
    return f"{head}.", head


def _no_dateline(subject: Subject) -> Lie | None:
    match = re.match(r"[A-Z .]+, [A-Z]\w+ \d+ (?:\([^)]*\) )?- ", subject.text)
    return (subject.text[match.end() :], subject.text[match.end() :]) if match else None


def _curly(subject: Subject) -> Lie | None:
    if '"' not in subject.text:
        return None
    made = re.sub(r'"([^"]*)"', r"“\1”", subject.text)
    return made, made


KINDS: dict[str, dict[str, Teller]] = {
    "figures": {
        "number": _replacing_number(lambda match: f"{_value(match) * 3 + 7:,.0f}"),
        "scale": _replacing(
            r"\b(million|billion|thousand)\b",
            {"million": "billion", "billion": "million", "thousand": "million"},
        ),
        "year": _replacing(r"\b(?:1[89]|20)\d\d\b", lambda match: str(int(match.group()) - 2)),
        "month": _replacing(_one_of(MONTHS), _shifted(MONTHS, 4)),
        "weekday": _replacing(_one_of(DAYS), _shifted(DAYS, 2)),
        "added date": _added_date,
        "the third of May": _adding(" on the third of May"),
        "on the 23rd": _adding(" on the 23rd"),
        "added weekday": _added_weekday,
        "superscript digits": _spelled("⁰¹²³⁴⁵⁶⁷⁸⁹"),
        "circled digits": _spelled("⓪①②③④⑤⑥⑦⑧⑨"),
        "CJK digits": _spelled("〇一二三四五六七八九"),
        "Arabic-Indic digits": _spelled("٠١٢٣٤٥٦٧٨٩"),
        "Devanagari digits": _spelled("०१२३४५६७८९"),
        "fullwidth digits": _spelled("０１２３４５６７８９"),
        "bold digits": _spelled("𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗"),
        "letters for digits": _spelled("OlZEASGTBg"),
        "Cyrillic letters for noughts": _spelled(["О", *"123456789"]),
        "German words": _replacing_number("neunhundert"),
        "roman numerals": _replacing_number("DCCXL"),
        "a half more": _replacing_number("{0}½"),
        "dotted thousands": _replacing_number("9.000.000"),
        "exponent": _replacing_number("9e6"),
        "zero-width digits": _replacing_number("{0}\u200b0"),
        "number in words": _replacing_number(
            lambda match: f"{_WORDS[(int(_value(match)) + 4) % 9 + 1]} hundred and six"
        ),
        "digit by digit": _spelled(_WORDS, " "),
        **{f"quantity: {words}": _quantity(words) for words in _QUANTITIES},
        "ordinal": _replacing(r"\b(first|second|third|fourth|sixth|seventh)\b", "fifth"),
        "bound turned": _replacing(rf"{_one_of(_MORE)}(?= [A-Z$€£]*\s?\d)", _MORE),
        "bound added": _bound_added,
        "HK$": _replacing(r"(?<![A-Z])\$", "HK$"),
        "another currency": _replacing(
            r"€|£|USD|EUR|CHF", lambda match: "€" if match.group() == "£" else "GBP "
        ),
        "count to USD": _replacing(
            r"(?<![$€£A-Z.,\d] )(?<![$€£.,\d-])\b\d{1,3}(?:,\d{3})*(?= [a-z]{4,}s\b)", "USD {0}"
        ),
        "money to people": _replacing(
            r"(?:USD |EUR |\$|€|£|CHF )([\d.,]*\d(?: million| billion|bn|m)?)", "{1} people"
        ),
        "percentage points": _replacing(r" percent\b|%", " percentage points"),
        "percent to count": _replacing(r" percent\b(?: of)?|%(?: of)?", " of the"),
        "unit": _replacing(rf"(?<=\w ){_one_of(_UNITS)}", _UNITS),
        "what is counted": _replacing(
            r"\b(?:people|homes|residents|customers|miners|passengers|pupils|boats)\b", "prisoners"
        ),
        "figure of another sentence": _borrowed,
        "two figures swapped": _swapped_figures,
    },
    "names": {
        "invented name": _invented_name,
        "invented surname": _replacing(
            _NAME, lambda match: f"{match.group().split(maxsplit=1)[0]} Brockmann"
        ),
        "name of another sentence": _swapped_name,
        "two names swapped": _names_swapped,
        "speaker swapped": _swapped_speaker,
        "speaker invented": _replacing(_SPEAKER, "Fontanelli"),
        "place in one word": _place,
        "place added": _place_added,
        "quotation invented": _invented_quote,
        "quotation changed": _replacing(r"(?<=\")([A-Z][^\"]{8,}?) (\w+)(?=[ ,.])", "{1} never"),
        "words put in quotation marks": _quoted_paraphrase,
    },
    "claims": {
        "negation": _replacing(_BE, "{1} not"),
        "never": _replacing(r"\b(was|were|has|have|had|will)\b(?! (?:not|no|never))", "{1} never"),
        "negation dropped": _affirmed,
        "no longer": _replacing(_BE, "{1} no longer"),
        "it is not true that": _untrue,
        "antonym": _replacing(_one_of(_ANTONYMS), _ANTONYMS),
        "may to did": _certain,
        "may to will": _replacing(r"\b(?:may|might|could)\b", "will"),
        "hope to fact": _replacing(r"\b(?:hopes|plans|wants|is|are) to (?=[a-z]{3})", "did "),
        **{name: _adding(clause) for name, clause in _CLAUSES.items()},
        "crime put on a name": _crime,
        "adjective put on a name": _replacing(_NAME, "the disgraced {0}"),
        "halves of two sentences": _stitched(0),
        "halves of two reports": _stitched(2),
        "subject of another sentence": _other_subject,
        "joined by because": _joined,
        "salad of its words": _salad,
        "yes before it": _prefixed("Yes,"),
        "no before it": _prefixed("No,"),
        "all or only": _replacing(
            r"\b(?:some|many|most|several|a few|two|three|about|nearly)\b", "all"
        ),
        "pure invention": _invention,
        "noun changed": _replacing(_one_of(_NOUNS), _NOUNS),
    },
    # True: verification must let them through.
    "copies": {
        "copy": _copy,
        "without its end mark": _unmarked,
        "first clause": _first_clause,
        "without the dateline": _no_dateline,
        "curly quotation marks": _curly,
    },
}
