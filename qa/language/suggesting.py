"""Questions that a sentence of a report answers, as a person would ask them.

Few shapes of sentences give one, and the others none: a clumsy question is worse than none. Each
figure of the sentence is masked by one character, so that a shape reads "SUBJECT raised MONEY".
Pure functions, for English.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import product
from typing import NamedTuple

from qa.language.figures import find_figures
from qa.language.nouns import is_plural, places, senses
from qa.language.tagger import tagged
from qa.types import Figure

_LONGEST, _SHORTEST = 100, 24  # characters of a question
_LONGEST_SENTENCE = 400  # characters; a longer one is no plain statement, and slow to match
_MOST_WORDS, _FEWEST_WORDS = 16, 5
_MASKS = {"money": "\ue000", "percent": "\ue001", "number": "\ue002", "date": "\ue003"}
_MONEY, _PERCENT, _NUMBER, _DATE = _MASKS.values()
_MASK = re.compile("[\ue000-\ue003]")

# Forms of verbs that follow "did", "does" and "will" as their infinitives.
_PAST = dict(
    pair.split(":")
    for pair in """
    arrested:arrest attended:attend began:begin borrowed:borrow built:build bought:buy came:come
    closed:close collapsed:collapse created:create damaged:damage delivered:deliver
    destroyed:destroy died:die displaced:displace donated:donate earned:earn employed:employ
    ended:end evacuated:evacuate fined:fine hired:hire injured:injure invested:invest killed:kill
    lost:lose made:make opened:open paid:pay planted:plant pledged:pledge raised:raise
    rescued:rescue resigned:resign retired:retire scored:score sold:sell spent:spend started:start
    took:take won:win wounded:wound reopened:reopen recalled:recall burned:burn freed:free
    seized:seize detained:detain deported:deport vaccinated:vaccinate produced:produce
    ordered:order received:receive attracted:attract recorded:record cut:cut rose:rise fell:fall
    grew:grow dropped:drop increased:increase declined:decline jumped:jump climbed:climb
    plunged:plunge shrank:shrink surged:surge
    """.split()  # noqa: SIM905  # readable as a text
)
_COST = {
    "will cost": "How much will {subject} cost",
    "costs": "How much does {subject} cost",
    "cost": "How much did {subject} cost",
    "is expected to cost": "How much is {subject} expected to cost",
    "(?:was )?sold for": "How much did {subject} sell for",
}
_PAY = "pledged|raised|paid|spent|invested|donated|lost|earned|made|borrowed"
_MOVE = "rose|fell|grew|dropped|increased|declined|jumped|climbed|plunged|shrank|surged"
_DO = (
    "killed|injured|wounded|displaced|destroyed|damaged|arrested|evacuated|rescued|hired|employed"
    "|built|bought|sold|planted|delivered|created|won|scored|lost|recalled|burned|freed|seized"
    "|detained|deported|vaccinated|produced|ordered|received|attracted|recorded|cut"
)
_HAPPEN = "opened|reopened|began|started|died|resigned|retired|closed|collapsed|ended"
_DIED = (
    "died|drowned|survived|attended|took part|applied|fled|gathered|signed|crossed|fell|voted|went"
)
_DONE = (
    "born|founded|established|opened|built|held|elected|killed|signed|launched|released|published"
    "|completed|introduced|formed|closed|demolished|discovered|arrested|sentenced|appointed"
)
# What a person does who is asked after by "who"; besides, any verb in the past but those below.
_ACT = (
    r"(?:was|has been) (?:named|elected|re-elected|appointed|sworn in|chosen|sentenced|convicted"
    r"|crowned|nominated|awarded|charged|acquitted)"
    r"|(?:has )?[a-z]+(?:ed|[a-z]t|on|ote|ook|old|ew)|led|became|began|sang|drew|broke"
)
_NO_ACT = frozenset(
    """
    said told added noted asked believed thought hoped wanted felt went got kept warned argued
    claimed insisted explained stated insisted tweeted posted wrote declined refused agreed seemed
    appeared looked continued remained happened based pictured dressed born called known aged joked
    on upon not but most just almost against at about out what that it left right next last first
    """.split()  # noqa: SIM905  # readable as a text
)
_NAME = r"[A-Z][\w.’'-]*[a-z][\w’'-]*"
_TITLE = (
    "President|Prime Minister|Mayor|Judge|Justice|Pope|King|Queen|Prince|Princess|Chancellor"
    "|Governor|Senator|Dr|Sir|General|Professor|Chief Executive|Minister"
)
PERSON = rf"(?:(?:{_TITLE})\.? {_NAME}(?: (?:[A-Z]\. )?{_NAME})?|{_NAME} (?:[A-Z]\. )?{_NAME})"
_NO_NAME = re.compile(  # at the start of a sentence: "After Lind", "Had Lind"
    r"(?:After|Although|And|Are|As|At|Because|Before|But|By|Can|Could|Did|Do|Does|During|Even|For"
    r"|From|Had|Has|Have|How|If|In|Is|Just|Like|Now|On|Once|Only|Or|Should|Since|So|Still|That|Then"
    r"|There|Though|Unlike|Until|Was|Were|What|When|Where|While|Who|Why|With|Would|Yet) "
)
_CAPITAL_BEFORE = re.compile(r"(?<!\S)[A-Z][\w.’'-]*(?= $)")
_NAME_GOES_ON = re.compile(r"-\w| (?:[A-Z]|(?:de|del|van|von|bin|al) |(?:at|of) [A-Z])")
_ASIDE = r"(?:, [^,]{2,60},)?"  # "Ada Lind, a former teacher, …"
_SUBJECT = r"(?P<subject>(?:[A-Z]|the |an? )[^,;:()\"“”\ue000-\ue003]{1,60}?)"
_TOTAL = r"(?:A (?:total|record) of |A record |The )?"
_COUNTED = r"(?P<thing>(?:[a-z-]+ ){0,2}[a-z]+)"
_CLAUSE = re.compile(
    r"[;:] |, (?:and|but|while|as|after|before|when) | after | and (?=[A-Z][a-z]+ [A-Z])"
)
_INTO = r"(?: (?:in|for|to|on|from|by|at|towards|over) [^\n]*)?"

# Where the part of a clause ends that a question may repeat.
_END = re.compile(
    r"[,;:()—–]| - |[!?]|\s(?:after|while|which|who|whose|where|when|because|as|amid"
    r"|despite|following|saying|according|since|until|though|although|but|so|if|before"
    r"|with|including|unless|killing|leaving|making|compared)\b"
)
_LATE = (
    r"(?: (?:on|by|late|early|last|this|next|earlier|in|for) (?:on )?(?:the )?"
    r"(?:\ue003(?: (?:morning|afternoon|evening|night))?|week|month|year|spring|summer|autumn"
    r"|winter|morning|afternoon|evening|night|weekend|day"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
    r"| today| yesterday| tonight| overnight| so far| \w+ (?:days|weeks|months|years) ago| alone"
    r"| \ue003| there| here| again)+$"
)
_TRAILING = re.compile(_LATE)
# What only the sentences before explain.
_LEANING = re.compile(
    r"\b(?:he|she|it|they|we|you|his|her|hers|its|their|our|my|him|them|us|this|these|those|here"
    r"|there|today|yesterday|tomorrow|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)day|more"
    r"|such|another|other|others|also|latter|both|each|same)\b"
    r"|\bthe (?:company|firm|group|club|team|man|woman|boy|girl|pair|couple|suspect|victim|duo"
    r"|organi[sz]ation|agency|couple|trio|incident|statement|former|report"
    r"|deal|move|case)\b(?! of\b)",
    re.IGNORECASE,
)
_UNFINISHED = frozenset(
    "the a an of in to for on at by and with along say write tell".split()  # noqa: SIM905  # readable as a text
)
_VAGUE = frozenset(["More", "Most", "Many", "Some", "Few", "All", "No", "Another", "Other", "What"])
_QUOTED = re.compile(r"(?<!\w)['‘’\"“”`]")
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][\w’'-]+")
# Words of a name that is no person's.
_OTHER_NAMES = r"""
    Bank Court City United University Party Council Group Inc Corp Ministry Department Police
    Office Air\w* News Times Senate House Congress Parliament Company Union National Institute
    Club Museum Street River Lake Mount Hurricane Storm Typhoon Cyclone States? Kingdom Republic
    Islands? North South East West New Commission Committee Agency Forces? Army Navy Church
    Hospital School College League FC Association Foundation Board Motors? Foods? Energy Systems?
    Technolog\w+ Industries Partners Capital Media Studios? Records Fund Trust Center Centre The
    Supreme Federal World International Red White Black Blue Green Royal Central High Grand
    Stadium Awards? Academy Nation Theatre Theater Festival Palace Tower Airport Gallery Orchestra
    Beach Valley County Day Cup Games Act War Bowl Prize Service Channel Post
    """.split()  # noqa: SIM905  # readable as a text
_ORGANISATION = re.compile(rf"\b(?:{'|'.join(_OTHER_NAMES)})\b")
# "BRAST (Reuters) - ", "ELMOUTH, March 4 (Coast Press) - "
DATELINE = re.compile(
    r"^[A-Z][A-Z .,]{2,40}(?:[A-Z][a-z]+\.? \d{1,2} )?(?:\([A-Z][\w ]+\) )?[-–—] (?=[A-Z])"
)


class Proposal(NamedTuple):
    """A question, and the words of the sentence that answer it: ``answer`` in the sentence, or ""
    where the whole of it does. ``kind``: what is asked for, such as "who".
    """

    question: str
    answer: str
    kind: str


class _Rule(NamedTuple):
    """A shape of masked sentences; ``{group}`` in ``question`` stands for what a group matched."""

    kind: str
    shape: re.Pattern[str]
    question: str
    fits: Callable[[re.Match[str]], bool] = lambda _: True


def is_whole_name(found: re.Match[str], group: str) -> bool:
    """Return True if what a group matched is a name, and no part of a longer one.

    Of "Beatriz Haddad Maia" the last two words are not; of "Senator Ada Lind" they are.
    """
    start, end = found.span(group)
    if _NAME_GOES_ON.match(found.string, end) or re.search(r"[’']s ", found[group]):
        return False
    if _NO_NAME.match(found[group]):
        return False
    tags = {word.start: word.tag for word in tagged(found.string)}
    before = _CAPITAL_BEFORE.search(found.string[:start])
    if before is None or tags.get(before.start()) in ("DET", "ADP", "SCONJ", "ADV", "CCONJ"):
        return True
    is_role = before[0].isupper() or "person" in senses(before[0].lower())
    return is_role and not _ORGANISATION.search(found[group])


def _is_act(found: re.Match[str]) -> bool:
    """Return True for a person who did something."""
    person, verb = found["answer"], found["verb"].rpartition(" ")[2]
    if not is_whole_name(found, "answer"):
        return False
    if _ORGANISATION.search(person) or places(person) or places(person.split()[-1]):
        return False
    if verb in _NO_ACT or found["rest"].startswith(" that "):
        return False
    words = tagged(found[0])
    start = found.start("verb") - found.start()
    end = found.end("verb") - found.start()
    named, named_to = (place - found.start() for place in found.span("answer"))
    name = [word.tag for word in words if named <= word.start < named_to]
    tags = [word.tag for word in words if start <= word.start < end]
    return (
        (name[:1] == ["NOUN"] or "PROPN" in name)  # "Dorian" alone may be tagged an adjective
        and bool(tags)
        and all(tag.startswith(("VERB", "AUX", "PART", "ADP")) for tag in tags)
    )


def _is_countable(found: re.Match[str]) -> bool:
    return is_plural(found["thing"].rpartition(" ")[2])


def _rule(
    kind: str, shape: str, question: str, fits: Callable[[re.Match[str]], bool] = lambda _: True
) -> _Rule:
    return _Rule(kind, re.compile(rf"{shape}$"), question, fits)


_RULES = (
    _rule("who", rf"(?:(?:The )?[A-Za-z]?[a-z]+ ){{0,3}}(?P<answer>{PERSON})(?:{_ASIDE}|, who)"
          rf" (?P<verb>{_ACT})(?P<rest> [^\n]+)", "Who {verb}{rest}", _is_act),
    _rule("how many", rf"{_TOTAL}(?P<answer>{_NUMBER}) {_COUNTED} (?P<verb>(?:were|are|have been"
          r"|had been|will be) (?:\w+ed|born|held|lost|sold|built|sent|found|hurt|shot|laid off"
          r"|made))(?P<rest> [^\n]+)", "How many {thing} {verb}{rest}", _is_countable),
    _rule("how many", rf"{_TOTAL}(?P<answer>{_NUMBER}) {_COUNTED} (?P<verb>{_DIED})"
          r"(?P<rest> [^\n]+)", "How many {thing} {verb}{rest}", _is_countable),
    _rule("how many", rf"{_SUBJECT} (?:has |have )?(?P<past>{_DO}) (?P<answer>{_NUMBER})"
          rf" {_COUNTED}(?P<rest>{_INTO})\.?", "How many {thing} did {subject} {past}{rest}",
          _is_countable),
    _rule("how much", rf"{_SUBJECT} (?:has |have )?(?P<past>{_PAY}) (?P<answer>{_MONEY})"
          rf"(?P<rest>{_INTO})\.?", "How much did {subject} {past}{rest}"),
    _rule("how much", rf"{_SUBJECT} (?P<modal>will|is to|would) (?P<verb>pay|spend|invest|donate)"
          rf" (?P<answer>{_MONEY})(?P<rest>{_INTO})\.?", "How much {modal} {subject} {verb}{rest}"),
    *(
        _rule("how much", rf"{_SUBJECT} {verb} (?P<answer>{_MONEY})[^\n]*", question)
        for verb, question in _COST.items()
    ),
    _rule("how much", rf"{_SUBJECT} (?P<past>{_MOVE}) (?:by )?(?P<answer>{_PERCENT})"
          rf"(?P<rest>{_INTO})\.?", "By how much did {subject} {past}{rest}"),
    _rule("when", rf"{_SUBJECT} (?P<aux>was|were) (?P<verb>{_DONE})(?: (?:in|at) [^\n]*?)?,?"
          rf" (?:on|in) (?P<answer>{_DATE})[^\n]*", "When {aux} {subject} {verb}"),
    _rule("when", rf"{_SUBJECT} will (?P<verb>open|reopen|begin|start|end|close|vote|take effect"
          r"|take place|take office|be held|go on sale|be released|be launched|leave office)"
          rf" (?:on|in|from) (?P<answer>{_DATE})[^\n]*", "When will {subject} {verb}"),
    _rule("when", rf"{_SUBJECT} (?P<past>{_HAPPEN}) (?:on|in) (?P<answer>{_DATE})[^\n]*",
          "When did {subject} {past}"),
    _rule("when", rf"{_SUBJECT} took (?P<what>effect|office|place) (?:on|in) (?P<answer>{_DATE})"
          r"[^\n]*", "When did {subject} take {what}"),
    _rule("where", rf"{_SUBJECT} (?P<aux>was|were|is|will) (?P<verb>(?:be )?held|born"
          rf"|take place|buried) (?:in|at) (?P<answer>{_NAME}(?:,? {_NAME})*)[^\n]*",
          "Where {aux} {subject} {verb}", lambda found: is_whole_name(found, "answer")),
    _rule("why", rf"{_SUBJECT} (?P<aux>was|were|is|are|has been|have been) (?P<verb>\w+ed)"
          r"(?P<rest>(?: [^\n,]*?)?) because (?:of )?(?P<cause>[^\n]+)",
          "Why {aux} {subject} {verb}{rest}"),
)  # fmt: skip


def proposals(sentence: str, published_at: str | None = None) -> list[Proposal]:
    """The questions that a sentence answers, at most one of a kind.

    ``published_at``: of its report, by which days are read.
    """
    text = DATELINE.sub("", " ".join(sentence.split()))
    if len(text) > _LONGEST_SENTENCE or _MASK.search(text):
        return []
    figures = [one for one in find_figures(text, published_at) if one.kind in _MASKS]
    masked = _masked(text, figures)
    starts = [0, *(match.end() for match in _CLAUSE.finditer(masked))]
    found: dict[str, Proposal] = {}
    for rule, start in product(_RULES, starts):
        match = rule.shape.match(masked, start)
        if match is None or rule.kind in found or not rule.fits(match):
            continue
        question = _question(rule, match, text, figures)
        if question is not None:
            answer = _answer(match, masked, figures)
            found[rule.kind] = Proposal(question, answer, rule.kind)
    return list(found.values())


def _question(
    rule: _Rule, match: re.Match[str], text: str, figures: Iterable[Figure]
) -> str | None:
    parts = {name: part or "" for name, part in match.groupdict().items()}
    if "subject" in parts:
        subject = as_subject(parts["subject"])
        if subject is None:
            return None
        parts["subject"] = subject
    if "past" in parts:
        parts["past"] = _PAST[parts["past"]]
    parts["rest"] = _cut(parts.get("rest", ""))
    if parts.get("aux", "").endswith("been"):  # "has been closed": "Why has X been closed?"
        parts["aux"], parts["verb"] = parts["aux"].split()[0], f"been {parts['verb']}"
    question = rule.question.format(**parts)
    if _MASK.search(question):
        question = _restored(question, text, figures)
    return f"{question}?" if is_whole(question) else None


def _masked(text: str, figures: Iterable[Figure]) -> str:
    parts, end = [], 0
    for figure in figures:
        parts += [text[end : figure.start], _MASKS[figure.kind]]
        end = figure.end
        if text[end - 1] == "." and figure.kind == "date":
            end -= 1  # of the sentence, not of the date
    return "".join([*parts, text[end:]])


def _answer(match: re.Match[str], masked: str, figures: Sequence[Figure]) -> str:
    """The words that answer; a mask is its figure."""
    answer = match.groupdict().get("answer") or ""
    if not _MASK.fullmatch(answer):
        return answer
    place = len(_MASK.findall(masked[: match.start("answer")]))
    return figures[place].text.rstrip(".")


def _restored(question: str, text: str, figures: Iterable[Figure]) -> str:
    """A question with the date that it repeats: "in 2022". With any other mask left it is none."""
    dates = [figure.text.rstrip(".") for figure in figures if figure.kind == "date"]
    if question.count(_DATE) != 1 or len(dates) != 1:
        return ""
    return question.replace(_DATE, dates[0]) if text.count(dates[0]) == 1 else ""


def as_subject(subject: str) -> str | None:
    """A subject as it reads in the middle of a question; None for what is no subject."""
    words = tagged(subject)
    if not words or any(
        word.tag.startswith(("VERB|Fin", "AUX", "ADP|", "SCONJ")) for word in words
    ):
        return None
    first = words[0]
    if first.tag in ("ADP", "ADV", "PRON", "SCONJ", "CCONJ", "NUM", "INTJ"):
        return None
    if first.text in _VAGUE:
        return None
    if first.text in ("The", "A", "An") or (
        first.tag == "NOUN" and senses(first.text.lower()) and not places(first.text)
    ):
        return first.text.lower() + subject[len(first.text) :]
    return subject


def _cut(rest: str) -> str:
    """What a question repeats of the end of a clause."""
    end = _END.search(rest)
    kept = rest[: end.start()] if end else rest
    words = tagged(kept)
    is_cut = end is not None and end[0] == " with" and bool(words)
    if is_cut and (words[-1].tag.startswith("VERB") or words[-1].text.endswith("ing")):
        return f"{kept} with"  # "opposed to trading with …": no question ends so
    for word in words:
        if word.text == "and" and not kept[word.end :].lstrip()[:1].isupper():
            kept = kept[: word.start]
            break
    kept = kept.rstrip(" .")
    return _TRAILING.sub("", kept)


def is_whole(question: str) -> bool:
    """Return True for a question that can be understood without the report."""
    words = question.split()
    if not (_FEWEST_WORDS <= len(words) <= _MOST_WORDS and _SHORTEST <= len(question) <= _LONGEST):
        return False
    if _MASK.search(question) or _LEANING.search(question) or _QUOTED.search(question):
        return False
    if words[-1].lower() in _UNFINISHED:
        return False
    return _CAPITAL.search(question) is not None
