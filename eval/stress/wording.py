"""A question in other words: paraphrased, with names respelt, with typos, in another word order.

Each rule takes a question and returns it changed, or None where the rule does not apply. Rules read
the words alone, not the system's parser, which is among what is tested.
"""

import re
from collections.abc import Callable, Mapping
from random import Random

from eval.metrics.words import without_accents

Rule = Callable[[str, Random], str | None]

_OPENS = re.compile(r"(?:who|what|which|when|where|why|how)\b", re.IGNORECASE)
_HELPER = re.compile(
    r"(?:did|do|does|is|are|was|were|will|would|has|have|had|can|could|more|less|of)\b"
)
_STARTS: Mapping[str, str] = {
    "How many": "What number of",
    "How much": "What amount of",
    "How long": "For what length of time",
    "Why": "For what reason",
    "Where": "In which place",
    "When": "At which time",
}
_CONTRACTIONS = (
    ("What is", "What's"),
    ("Who is", "Who's"),
    ("Where is", "Where's"),
    ("did not", "didn't"),
    ("does not", "doesn't"),
    ("do not", "don't"),
    ("was not", "wasn't"),
    ("is not", "isn't"),
    ("has not", "hasn't"),
)
_PARTICIPLES = {
    "won": "won", "wrote": "written", "beat": "beaten", "built": "built", "made": "made",
    "led": "led", "found": "found", "bought": "bought", "sold": "sold", "took": "taken",
    "gave": "given", "broke": "broken", "held": "held", "lost": "lost", "hit": "hit",
    "chose": "chosen", "drew": "drawn", "sang": "sung", "shot": "shot", "stole": "stolen",
    "paid": "paid", "sent": "sent", "set": "set", "cut": "cut", "told": "told",
}  # fmt: skip
_PASTS = {participle: past for past, participle in _PARTICIPLES.items()}
# Past forms of verbs that take no object, or end in "ed" and are none.
_NO_OBJECT = frozenset({"died", "appeared", "arrived", "happened", "resigned", "lived", "need"})
_OBJECT = r"(?:the|an?|this|[A-Z][\w’'-]+)(?: [\w’'-]+)*?"
_REST = r"(?: (?:in|on|at|during|after|before|by|for|from|with|last|this) .+)?"
_ACTIVE = re.compile(rf"^Who (?P<verb>[a-z]+) (?P<object>{_OBJECT})(?P<rest>{_REST})\?$")
_PASSIVES = (
    re.compile(rf"^By whom was (?P<object>{_OBJECT}) (?P<verb>[a-z]+)(?P<rest>{_REST})\?$"),
    re.compile(rf"^Who was (?P<object>{_OBJECT}) (?P<verb>[a-z]+) by(?P<rest>{_REST})\?$"),
)
_LAST_PHRASE = re.compile(
    r"^(?P<head>.+?),? (?P<phrase>(?:in|on|at|during|after|before) (?:the |an? )?"
    r"(?!for\b|to\b)[\w’' -]{3,})\?$"
)
# Given names: only what follows one of these is certainly a person's name.
_GIVEN = frozenset(
    """
    Aaron Abdul Adam Ahmed Alan Albert Alex Alexander Alexei Ali Alice Amanda Amy Ana Andrea
    Andrew Angela Ann Anna Anne Anthony Antony Ben Benjamin Bill Bob Boris Brian Carlos
    Caroline Charles Chris Christine Christopher Claire Daniel Dave David Dmitry Donald
    Edward Elena Elizabeth Elon Emily Emma Emmanuel Eric Eva Fatima Frank George Giorgia
    Greg Hassan Helen Henry Hillary Ian Ibrahim Irina Ivan Jack Jacob James Jane Janet Jason
    Jean Jeff Jennifer Jessica Jim Joe John Jonathan Jorge Jose Joseph Juan Julia Justin
    Karen Kate Kevin Kim Larry Laura Linda Lisa Liz Lucia Luis Maria Marie Mario Mark Martin
    Mary Matt Matthew Michael Michelle Miguel Mike Mohamed Mohammed Nancy Narendra Nick
    Nicola Nicolas Olga Olivia Omar Paul Pedro Peter Philip Rachel Raphael Rebecca Richard
    Robert Roger Ron Rudy Ruth Sam Samuel Sandra Sara Sarah Scott Serena Sergei Simon Sofia
    Sophie Stephen Steve Steven Sue Susan Taylor Thomas Tim Tom Tony Vladimir Volodymyr
    Walter William Xavier Yuri
    """.split()  # noqa: SIM905 - readable as a text
)
_NAME = re.compile(r"[^\W\d_a-z][^\W\d_]+")
_FULL_NAME = re.compile(r"\b([A-Z][a-z]{2,}) ([A-Z][a-z]{3,})\b(?! [A-Z])")
# Pairs of spellings in use for one name, mostly transliterations.
_SPELLINGS = (
    ("Kyiv", "Kiev"), ("Kharkiv", "Kharkov"), ("Odesa", "Odessa"), ("Lviv", "Lvov"),
    ("Zelensky", "Zelenskyy"), ("Zelenskiy", "Zelensky"), ("Mohammed", "Muhammad"),
    ("Mohamed", "Mohammed"), ("Qaeda", "Qaida"), ("Hezbollah", "Hizbullah"),
    ("Gaddafi", "Qaddafi"), ("Beijing", "Peking"), ("Mumbai", "Bombay"), ("Ukraine", "Ukraina"),
    ("Turkey", "Türkiye"), ("Czechia", "Czech Republic"), ("Myanmar", "Burma"),
    ("Sergei", "Sergey"), ("Alexei", "Aleksey"), ("Yevgeny", "Evgeny"), ("Dmitry", "Dmitri"),
    ("Ahmed", "Ahmad"), ("Hussein", "Hussain"), ("Catherine", "Katherine"), ("Steven", "Stephen"),
)  # fmt: skip
# Letters that one transliteration writes where another does not; inside a name.
_LETTERS = (
    (r"(?<=\w)skyy\b", "sky"),
    (r"(?<=\w)sky\b", "skiy"),
    (r"(?<=\w)ei\b", "ey"),
    (r"\bYu", "Iu"),
    (r"(?<=\w)kh", "h"),
    (r"\bKh", "H"),
    (r"(?<=\w)ph(?=\w)", "f"),
    (r"(?<=\w)([bdfglmnprst])\1(?=\w)", r"\1"),
)
_BESIDE = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj",
    "i": "uo", "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w",
    "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu",
    "z": "x",
}  # fmt: skip
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_WORD = re.compile(r"[^\W_]+(?:[.,'’-][^\W_]+)*")
_DROPPED = frozenset(
    """
    a about an and any are as at be been by can could did do does for from had has have how
    in is it its may might of on or shall should that the their there these they this those
    to was were what when where which who whom whose why will with would according
    """.split()  # noqa: SIM905 - readable as a text
)


def polite(question: str, _: Random) -> str | None:
    """As: "Could you please tell me who won?"."""
    inner = _embedded(question)
    return f"Could you please tell me {inner}?" if inner else None


def wondering(question: str, _: Random) -> str | None:
    """As: "I would like to know: who won?"."""
    return f"I would like to know: {question}" if _OPENS.match(question) else None


def other_opening(question: str, _: Random) -> str | None:
    """As: "What number of people came?" for "How many people came?"."""
    for opening, other in _STARTS.items():
        counts_nothing = opening.startswith("How m") and _HELPER.match(question, len(opening) + 1)
        if question.startswith(f"{opening} ") and not counts_nothing:
            return other + question[len(opening) :]
    return None


def contracted(question: str, _: Random) -> str | None:
    """As: "Who's …" for "Who is …"; the other way round only where the word order allows it."""
    for long, short in _CONTRACTIONS:
        if re.search(rf"\b{long}\b", question):
            return re.sub(rf"\b{long}\b", short, question, count=1)
        if short.endswith("'s") and question.startswith(short):
            return long + question[len(short) :]
    return None


def other_voice(question: str, _: Random) -> str | None:
    """As: "By whom was the cup won?" for "Who won the cup?", and the other way round."""
    for pattern in _PASSIVES:
        passive = pattern.match(question)
        if passive is not None:
            past = _PASTS.get(passive["verb"], passive["verb"])
            return f"Who {past} {passive['object']}{passive['rest']}?"
    active = _ACTIVE.match(question)
    participle = _participle(active["verb"]) if active is not None else None
    if active is None or participle is None or active["object"].endswith("s"):
        return None
    return f"By whom was {active['object']} {participle}{active['rest']}?"


def without_diacritics(question: str, _: Random) -> str | None:
    """As: "Francois" for "François"."""
    changed = without_accents(question)
    return changed if changed != question else None


def other_spelling(question: str, _: Random) -> str | None:
    """As: "Kiev" for "Kyiv"; else other letters for a sound, in the first name that has it."""
    for one, other in _SPELLINGS:
        for before, after in ((one, other), (other, one)):
            if re.search(rf"\b{before}\b", question):
                return re.sub(rf"\b{before}\b", after, question)
    for match in _names(question):
        for pattern, letters in _LETTERS:
            changed = re.sub(pattern, letters, match.group(), count=1)
            if changed != match.group():
                return question[: match.start()] + changed + question[match.end() :]
    return None


def initials(question: str, _: Random) -> str | None:
    """As: "A. Blinken" for "Antony Blinken"."""
    for match in _FULL_NAME.finditer(question):
        if match[1] in _GIVEN:
            return f"{question[: match.start()]}{match[1][0]}. {question[match.start(2) :]}"
    return None


def neighbouring_key(question: str, random: Random) -> str | None:
    """One letter is that of a key beside it."""

    def change(word: str, at: int) -> str:
        return word[:at] + random.choice(_BESIDE.get(word[at].lower(), word[at])) + word[at + 1 :]

    return _with_typo(question, random, change)


def swapped_letters(question: str, random: Random) -> str | None:
    """Two letters in a row have changed places."""
    return _with_typo(
        question, random, lambda word, at: word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    )


def doubled_letter(question: str, random: Random) -> str | None:
    """One letter is typed twice."""
    return _with_typo(question, random, lambda word, at: word[: at + 1] + word[at:])


def phrase_first(question: str, _: Random) -> str | None:
    """As: "In Paris, who won?" for "Who won in Paris?"."""
    match = _LAST_PHRASE.match(question)
    if match is None or not _OPENS.match(question):
        return None
    phrase, head = match["phrase"], match["head"]
    return f"{phrase[0].upper()}{phrase[1:]}, {head[0].lower()}{head[1:]}?"


def keywords(question: str, _: Random) -> str | None:
    """The words that a person would type into a search box."""
    first, *others = _WORD.findall(question) or [""]
    words = [word for word in others if word == "May" or word.lower() not in _DROPPED]
    if first and first.lower() not in _DROPPED:
        words.insert(0, first)
    return " ".join(words) if len(words) > 1 else None


WORDINGS: Mapping[str, tuple[Rule, ...]] = {
    "paraphrase": (other_voice, other_opening, contracted, polite, wondering),
    "names respelt": (without_diacritics, other_spelling, initials),
    "typos": (neighbouring_key, swapped_letters, doubled_letter),
    "word order": (phrase_first, keywords),
}


def rewordings(question: str, kind: str, seed: str, most: int = 2) -> list[str]:
    """Up to ``most`` different changes of one kind, drawn by the seed from the rules that apply."""
    random = Random(f"{seed}/{kind}")
    made: list[str] = []
    for rule in WORDINGS[kind]:
        changed = rule(question, random)
        if changed is not None and changed != question and changed not in made:
            made.append(changed)
    if len(made) > most:
        chosen = sorted(random.sample(range(len(made)), most))
        made = [made[number] for number in chosen]
    return made


def _embedded(question: str) -> str | None:
    """A question whose word order stays the same inside another: its subject is what it asks."""
    match = re.match(r"(?:Who|Which \w+|What \w+|How many \w+) (\w+)", question)
    if match is None or _HELPER.match(match[1]) or not question.endswith("?"):
        return None
    if re.search(r"\b(?:did|does|do)\b", question):
        return None
    return question[0].lower() + question[1:-1]


def _participle(verb: str) -> str | None:
    if verb in _PARTICIPLES:
        return _PARTICIPLES[verb]
    return verb if verb.endswith("ed") and verb not in _NO_OBJECT else None


def _names(question: str) -> list[re.Match[str]]:
    """Capitalised words, without those that open a sentence."""
    return [
        match
        for match in _NAME.finditer(question)
        if not re.search(r"(?:^|[.?!:] )\W*$", question[: match.start()])
    ]


def _with_typo(question: str, random: Random, change: Callable[[str, int], str]) -> str | None:
    """A typo in one of the longer words, behind its first letter. None without such a word."""
    words = [match for match in _LONG_WORD.finditer(question) if match.start() > 0]
    if not words:
        return None
    match = random.choice(words)
    word = match.group()
    at = random.randrange(1, len(word) - 1)
    return question[: match.start()] + change(word, at) + question[match.end() :]
