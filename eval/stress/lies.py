"""Kinds of lies: for each, a function that turns a sentence into one.

The same sentence and seed give the same lie. "copies" are true: verification must let them through.
"""

import random
import re
from collections.abc import Callable, Sequence
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
KINDS: dict[str, dict[str, Teller]] = {"figures": {}, "names": {}, "claims": {}, "copies": {}}


def kind(group: str, name: str) -> Callable[[Teller], Teller]:
    def register(teller: Teller) -> Teller:
        KINDS[group][name] = teller
        return teller

    return register


def _swap(text: str, match: re.Match[str] | None, new: str) -> Lie | None:
    if match is None or match.group() == new:
        return None
    return text[: match.start()] + new + text[match.end() :], new


def _number(subject: Subject) -> re.Match[str] | None:
    found = [m for m in _NUMBER.finditer(subject.text) if not 1900 <= _value(m) <= 2100]
    return subject.random.choice(found) if found else None


def _value(match: re.Match[str]) -> float:
    return float(match[1].replace(",", ""))


# Figures


@kind("figures", "number")
def number(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, f"{_value(match) * 3 + 7:,.0f}") if match else None


@kind("figures", "scale")
def scale(subject: Subject) -> Lie | None:
    match = re.search(r"\b(million|billion|thousand)\b", subject.text)
    other = {"million": "billion", "billion": "million", "thousand": "million"}
    return _swap(subject.text, match, other[match[1]]) if match else None


@kind("figures", "year")
def year(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:1[89]|20)\d\d\b", subject.text)
    return _swap(subject.text, match, str(int(match.group()) - 2)) if match else None


@kind("figures", "month")
def month(subject: Subject) -> Lie | None:
    match = re.search(rf"\b({'|'.join(MONTHS)})\b", subject.text)
    return _swap(subject.text, match, MONTHS[(MONTHS.index(match[1]) + 4) % 12]) if match else None


@kind("figures", "weekday")
def weekday(subject: Subject) -> Lie | None:
    match = re.search(rf"\b({'|'.join(DAYS)})\b", subject.text)
    return _swap(subject.text, match, DAYS[(DAYS.index(match[1]) + 2) % 7]) if match else None


@kind("figures", "added date")
def added_date(subject: Subject) -> Lie:
    day = f"on {subject.random.randint(2, 27)} {subject.random.choice(MONTHS)} 2014"
    return f"{subject.end} {day}.", day


@kind("figures", "the third of May")
def spoken_date(subject: Subject) -> Lie:
    return f"{subject.end} on the third of May.", "the third of May"


@kind("figures", "on the 23rd")
def bare_day(subject: Subject) -> Lie:
    return f"{subject.end} on the 23rd.", "on the 23rd"


@kind("figures", "added weekday")
def added_weekday(subject: Subject) -> Lie | None:
    free = [day for day in DAYS if day not in subject.text]
    day = f"on {subject.random.choice(free)}"
    return f"{subject.end} {day}.", day


def _digits(shapes: Sequence[str]) -> Teller:
    def tell(subject: Subject) -> Lie | None:
        match = _number(subject)
        if match is None:
            return None
        changed = str(int(_value(match)) + 111)
        return _swap(subject.text, match, "".join(shapes[int(digit)] for digit in changed))

    return tell


for _name, _shapes in {
    "superscript digits": "⁰¹²³⁴⁵⁶⁷⁸⁹",
    "circled digits": "⓪①②③④⑤⑥⑦⑧⑨",
    "CJK digits": "〇一二三四五六七八九",
    "Arabic-Indic digits": "٠١٢٣٤٥٦٧٨٩",
    "Devanagari digits": "०१२३४५६७८९",
    "fullwidth digits": "０１２３４５６７８９",
    "bold digits": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "letters for digits": "OlZEASGTBg",
    "Cyrillic letters for noughts": ["О", *"123456789"],
}.items():
    KINDS["figures"][_name] = _digits(_shapes)


@kind("figures", "German words")
def german(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, "neunhundert") if match else None


@kind("figures", "roman numerals")
def roman(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, "DCCXL") if match else None


@kind("figures", "a half more")
def half(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, f"{match.group()}½") if match else None


@kind("figures", "dotted thousands")
def dotted(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, "9.000.000") if match else None


@kind("figures", "exponent")
def exponent(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, "9e6") if match else None


@kind("figures", "zero-width digits")
def zero_width(subject: Subject) -> Lie | None:
    match = _number(subject)
    return _swap(subject.text, match, f"{match.group()}\u200b0") if match else None


@kind("figures", "number in words")
def in_words(subject: Subject) -> Lie | None:
    match = _number(subject)
    if match is None:
        return None
    return _swap(subject.text, match, _WORDS[(int(_value(match)) + 4) % 9 + 1] + " hundred and six")


@kind("figures", "digit by digit")
def spelled(subject: Subject) -> Lie | None:
    match = _number(subject)
    if match is None:
        return None
    digits = str(int(_value(match)) + 111)
    return _swap(subject.text, match, " ".join(_WORDS[int(digit)] for digit in digits))


for _quantity in (
    "dozens of", "thousands of", "two thirds of", "twice as many as", "a handful of", "most of",
    "half of", "scores of", "a majority of", "three-quarters of",
):  # fmt: skip

    def _tell_quantity(subject: Subject, quantity: str = _quantity) -> Lie | None:
        match = _number(subject)
        if match is None or quantity.split(maxsplit=1)[0] in subject.text:
            return None
        return _swap(subject.text, match, quantity.removesuffix(" as"))

    KINDS["figures"][f"quantity: {_quantity}"] = _tell_quantity


@kind("figures", "ordinal")
def ordinal(subject: Subject) -> Lie | None:
    match = re.search(r"\b(first|second|third|fourth|sixth|seventh)\b", subject.text)
    return _swap(subject.text, match, "fifth") if match else None


@kind("figures", "bound turned")
def bound(subject: Subject) -> Lie | None:
    match = re.search(rf"\b({'|'.join(_MORE)})\b(?= [A-Z$€£]*\s?\d)", subject.text)
    return _swap(subject.text, match, _MORE[match[1]]) if match else None


@kind("figures", "bound added")
def bound_added(subject: Subject) -> Lie | None:
    match = re.search(r"(?<=[a-z] )\d[\d,.]*(?= [a-z]{4})", subject.text)
    if match is None or re.search(r"\b(?:than|over|least|up to|some)\b", subject.text):
        return None
    return _swap(subject.text, match, f"more than {match.group()}")


@kind("figures", "HK$")
def dollars(subject: Subject) -> Lie | None:
    match = re.search(r"(?<![A-Z])\$", subject.text)
    return _swap(subject.text, match, "HK$")


@kind("figures", "another currency")
def currency(subject: Subject) -> Lie | None:
    match = re.search(r"€|£|USD|EUR|CHF", subject.text)
    return _swap(subject.text, match, "GBP " if match and match.group() != "£" else "€")


@kind("figures", "count to USD")
def to_dollars(subject: Subject) -> Lie | None:
    match = re.search(
        r"(?<![$€£A-Z.,\d] )(?<![$€£.,\d-])\b\d{1,3}(?:,\d{3})*(?= [a-z]{4,}s\b)", subject.text
    )
    return _swap(subject.text, match, f"USD {match.group()}") if match else None


@kind("figures", "money to people")
def to_people(subject: Subject) -> Lie | None:
    match = re.search(
        r"(?:USD |EUR |\$|€|£|CHF )([\d.,]*\d(?: million| billion|bn|m)?)", subject.text
    )
    return _swap(subject.text, match, f"{match[1]} people") if match else None


@kind("figures", "percentage points")
def points(subject: Subject) -> Lie | None:
    match = re.search(r" percent\b|%", subject.text)
    return _swap(subject.text, match, " percentage points")


@kind("figures", "percent to count")
def percent_to_count(subject: Subject) -> Lie | None:
    return _swap(subject.text, re.search(r" percent\b(?: of)?|%(?: of)?", subject.text), " of the")


@kind("figures", "unit")
def unit(subject: Subject) -> Lie | None:
    units = {"metres": "feet", "miles": "kilometres", "kilometres": "miles", "kilograms": "pounds",
             "tonnes": "kilograms", "hours": "days", "days": "weeks", "weeks": "months",
             "minutes": "hours", "years": "months", "months": "years"}  # fmt: skip
    match = re.search(rf"(?<=\w )({'|'.join(units)})\b", subject.text)
    return _swap(subject.text, match, units[match[1]]) if match else None


@kind("figures", "what is counted")
def counted(subject: Subject) -> Lie | None:
    match = re.search(
        r"\b(?:people|homes|residents|customers|miners|passengers|pupils|boats)\b", subject.text
    )
    return _swap(subject.text, match, "prisoners")


@kind("figures", "figure of another sentence")
def borrowed(subject: Subject) -> Lie | None:
    match = _number(subject)
    pool = [m.group() for other in subject.others for m in _NUMBER.finditer(other)]
    pool = [figure for figure in pool if figure not in subject.text]
    return _swap(subject.text, match, subject.random.choice(pool)) if match and pool else None


@kind("figures", "two figures swapped")
def swapped_figures(subject: Subject) -> Lie | None:
    found = list(_NUMBER.finditer(subject.text))
    pairs = [(a, b) for a, b in pairwise(found) if a.group() != b.group()]
    if not pairs:
        return None
    a, b = pairs[0]
    text = subject.text
    made = text[: a.start()] + b.group() + text[a.end() : b.start()] + a.group() + text[b.end() :]
    return made, made[a.start() : a.start() + 25]


# Names


@kind("names", "invented name")
def invented_name(subject: Subject) -> Lie | None:
    found = list(_NAME.finditer(subject.text))
    chosen = subject.random.choice(PEOPLE)
    return _swap(subject.text, subject.random.choice(found), chosen) if found else None


@kind("names", "invented surname")
def invented_surname(subject: Subject) -> Lie | None:
    match = _NAME.search(subject.text)
    return (
        _swap(subject.text, match, f"{match.group().split(maxsplit=1)[0]} Brockmann")
        if match
        else None
    )


@kind("names", "name of another sentence")
def swapped_name(subject: Subject) -> Lie | None:
    found = list(_NAME.finditer(subject.text))
    pool = [name for other in subject.others for name in _NAME.findall(other)]
    pool = [name for name in pool if name not in subject.text]
    if not found or not pool:
        return None
    return _swap(subject.text, subject.random.choice(found), subject.random.choice(pool))


@kind("names", "two names swapped")
def names_swapped(subject: Subject) -> Lie | None:
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
    a, b = found[:2]
    text = subject.text
    made = text[: a.start()] + b.group() + text[a.end() : b.start()] + a.group() + text[b.end() :]
    return made, made[a.start() : a.start() + 30]


@kind("names", "speaker swapped")
def swapped_speaker(subject: Subject) -> Lie | None:
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


@kind("names", "speaker invented")
def invented_speaker(subject: Subject) -> Lie | None:
    return _swap(subject.text, _SPEAKER.search(subject.text), "Fontanelli")


@kind("names", "place in one word")
def place(subject: Subject) -> Lie | None:
    match = re.search(r"\b(in|at|to|from|of) ([A-Z][a-z]{3,})(?= |\.|,)", subject.text)
    if match is None or match[2] in {*DAYS, *MONTHS}:
        return None
    return _swap(subject.text, match, f"{match[1]} {subject.random.choice(PLACES)}")


@kind("names", "place added")
def place_added(subject: Subject) -> Lie:
    where = f"in {subject.random.choice(PLACES)}"
    return f"{subject.end} {where}.", where


@kind("names", "quotation invented")
def invented_quote(subject: Subject) -> Lie:
    said = "We knew about it for years"
    return f"{subject.end}, adding: “{said}.”", said


@kind("names", "quotation changed")
def changed_quote(subject: Subject) -> Lie | None:
    match = re.search(r"(?<=\")([A-Z][^\"]{8,}?) (\w+)(?=[ ,.])", subject.text)
    return _swap(subject.text, match, f"{match[1]} never") if match else None


@kind("names", "words put in quotation marks")
def quoted_paraphrase(subject: Subject) -> Lie | None:
    words = subject.text.split()
    if len(words) < 9 or '"' in subject.text:
        return None
    said = " ".join([*words[1:3], *words[4:6]])
    return f"“{said},” the report said.", said


# Claims


@kind("claims", "negation")
def negation(subject: Subject) -> Lie | None:
    match = _BE.search(subject.text)
    return _swap(subject.text, match, f"{match[1]} not") if match else None


@kind("claims", "never")
def never(subject: Subject) -> Lie | None:
    match = re.search(r"\b(was|were|has|have|had|will)\b(?! (?:not|no|never))", subject.text)
    return _swap(subject.text, match, f"{match[1]} never") if match else None


@kind("claims", "negation dropped")
def affirmed(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:not|never) (?=\w)", subject.text)
    return (
        (subject.text.replace(match.group(), "", 1), subject.text[match.end() :][:20])
        if match
        else None
    )


@kind("claims", "no longer")
def no_longer(subject: Subject) -> Lie | None:
    match = _BE.search(subject.text)
    return _swap(subject.text, match, f"{match[1]} no longer") if match else None


@kind("claims", "it is not true that")
def untrue(subject: Subject) -> Lie:
    return f"It is not true that {subject.text[0].lower()}{subject.text[1:]}", "It is not true"


@kind("claims", "antonym")
def antonym(subject: Subject) -> Lie | None:
    match = re.search(rf"\b({'|'.join(_ANTONYMS)})\b", subject.text)
    return _swap(subject.text, match, _ANTONYMS[match[1]]) if match else None


@kind("claims", "may to did")
def certain(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:may|might|could|would|will) (?=[a-z]{3})", subject.text)
    return (
        (subject.text.replace(match.group(), "", 1), subject.text[match.start() :][:20])
        if match
        else None
    )


@kind("claims", "may to will")
def stronger(subject: Subject) -> Lie | None:
    return _swap(subject.text, re.search(r"\b(?:may|might|could)\b", subject.text), "will")


@kind("claims", "hope to fact")
def fulfilled(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:hopes|plans|wants|is|are) to (?=[a-z]{3})", subject.text)
    return _swap(subject.text, match, "did ") if match else None


def _added(clause: str) -> Teller:
    def tell(subject: Subject) -> Lie:
        return f"{subject.end}{clause}.", clause

    return tell


for _name, _clause in {
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
}.items():
    KINDS["claims"][_name] = _added(_clause)


@kind("claims", "crime put on a name")
def crime(subject: Subject) -> Lie | None:
    match = _NAME.search(subject.text)
    said = "who was convicted of fraud"
    return (
        (f"{subject.text[: match.end()]}, {said},{subject.text[match.end() :]}", said)
        if match
        else None
    )


@kind("claims", "adjective put on a name")
def adjective(subject: Subject) -> Lie | None:
    match = _NAME.search(subject.text)
    return _swap(subject.text, match, f"the disgraced {match.group()}") if match else None


@kind("claims", "halves of two sentences")
def stitched(subject: Subject) -> Lie:
    one, other = subject.text.split(), subject.others[0].split()
    tail = " ".join(other[len(other) // 2 :])
    return " ".join(one[: len(one) // 2]) + " " + tail, tail


@kind("claims", "halves of two reports")
def stitched_far(subject: Subject) -> Lie:
    one, other = subject.text.split(), subject.others[2].split()
    tail = " ".join(other[len(other) // 2 :])
    return " ".join(one[: len(one) // 2]) + " " + tail, tail


@kind("claims", "subject of another sentence")
def other_subject(subject: Subject) -> Lie | None:
    one = re.search(r"\b(?:was|were|has|have|had|will|is|are)\b", subject.text)
    other = re.search(r"\b(?:was|were|has|have|had|will|is|are)\b", subject.others[0])
    if one is None or other is None or one.start() < 8 or other.start() < 8:
        return None
    head = subject.others[0][: other.start()]
    if head.lower() in subject.text.lower():
        return None
    return head + subject.text[one.start() :], head


@kind("claims", "joined by because")
def joined(subject: Subject) -> Lie:
    tail = subject.others[0]
    tail = f"because {tail[0].lower()}{tail[1:]}"
    return f"{subject.end} {tail}", tail


@kind("claims", "salad of its words")
def salad(subject: Subject) -> Lie | None:
    words = re.sub(r"[^\w\s-]", "", subject.text).split()
    if len(words) < 8:
        return None
    subject.random.shuffle(words)
    made = " ".join(words).lower().capitalize() + "."
    return made, made


@kind("claims", "yes before it")
def yes(subject: Subject) -> Lie | None:
    return (f"Yes, {subject.text}", "Yes,") if subject.question.form != "yes_no" else None


@kind("claims", "no before it")
def no(subject: Subject) -> Lie | None:
    return (f"No, {subject.text}", "No,") if subject.question.form != "yes_no" else None


@kind("claims", "all or only")
def universal(subject: Subject) -> Lie | None:
    match = re.search(r"\b(?:some|many|most|several|a few|two|three|about|nearly)\b", subject.text)
    return _swap(subject.text, match, "all")


@kind("claims", "pure invention")
def invention(_: Subject) -> Lie:
    said = "The committee voted unanimously to dismiss its chairman."
    return said, said


@kind("claims", "noun changed")
def noun(subject: Subject) -> Lie | None:
    other = {"wall": "tower", "bank": "airline", "vaccine": "virus", "bridge": "tunnel",
             "union": "church", "school": "prison", "museum": "casino", "trial": "war",
             "storm": "fire", "mayor": "priest", "council": "army", "company": "charity",
             "judge": "thief", "police": "pirates", "inquiry": "party"}  # fmt: skip
    match = re.search(rf"\b({'|'.join(other)})\b", subject.text)
    return _swap(subject.text, match, other[match[1]]) if match else None


# Copies, which are to be kept


@kind("copies", "copy")
def copy(subject: Subject) -> Lie:
    return f"{subject.text} ", subject.text


@kind("copies", "without its end mark")
def unmarked(subject: Subject) -> Lie:
    return subject.end, subject.end


@kind("copies", "first clause")
def first_clause(subject: Subject) -> Lie | None:
    head, comma, _ = subject.text.partition(", ")
    if not comma or len(head) < 45 or '"' in head:
        return None
    return f"{head}.", head


@kind("copies", "without the dateline")
def no_dateline(subject: Subject) -> Lie | None:
    match = re.match(r"[A-Z .]+, [A-Z]\w+ \d+ (?:\([^)]*\) )?- ", subject.text)
    return (subject.text[match.end() :], subject.text[match.end() :]) if match else None


@kind("copies", "curly quotation marks")
def curly(subject: Subject) -> Lie | None:
    if '"' not in subject.text:
        return None
    made = re.sub(r'"([^"]*)"', r"“\1”", subject.text)
    return made, made
