"""Content words of short texts, for judging: apart from the code of the system itself.

Figures are left to `eval.metrics.quantities`. English.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet

import Stemmer

_ABOUT = 0.34  # of the question's words, in a sentence that is about it
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
# Closed classes: they connect what is said and add nothing to it.
_DETERMINERS = "a an the this that these those each every some any both such same other another"
_PRONOUNS = (
    "i me my you your he him his she her hers it its we us our they them their who whom whose which"
    " what there here"
)
_AUXILIARIES = (
    "am is are was were be been being do does did done has have had having can could may might must"
    " shall should will would s t"
)
_CONNECTIVES = (
    "about above after against all also among and as at because before below between but by down"
    " during for from how if in into more most nor not of off on once only or out over own since so"
    " than then through to too under until up very when where while why with within without"
)
# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i"})
_FUNCTION_WORDS = frozenset(f"{_DETERMINERS} {_PRONOUNS} {_AUXILIARIES} {_CONNECTIVES}".split())


def content_words(text: str) -> set[str]:
    """The Porter2 stems of a text's words, function words left out.

    Porter (2001). Accents do not count, so that "Erdoğan" is "Erdogan".
    """
    bare = without_accents(unicodedata.normalize("NFKC", text.lower().replace("’", "'")))
    words = [word.removesuffix("'s").replace("'", "") for word in _WORD.findall(bare)]
    own = [word for word in words if word not in _FUNCTION_WORDS]
    return set(Stemmer.Stemmer("english").stemWords(own))


def is_about(sentence: AbstractSet[str], question: AbstractSet[str]) -> bool:
    """Return True if a sentence has a third of the question's content words, and at least one."""
    return len(sentence & question) >= max(1.0, _ABOUT * len(question))


def without_accents(text: str) -> str:
    """The text with plain letters: "Erdogan" for "Erdoğan", "Lodz" for "Łódź"."""
    apart = unicodedata.normalize("NFD", text.translate(_PLAIN))
    return unicodedata.normalize("NFC", "".join(c for c in apart if not unicodedata.combining(c)))
