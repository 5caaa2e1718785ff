"""Claims that a text bears out, and the same claims changed so that it does not: for the verdict.

A language model that lies changes a figure, a name or a word, negates, or ends a true sentence with
something that the text does not say. The reader sees such pairs in training.
"""

import random
import re
from collections.abc import Iterator, Sequence

from eval.research.reader.sources import Item, Verdict
from qa.language.sentences import sentences

_NUMBER = re.compile(r"\b\d[\d,.]*\b")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")
_VERB = re.compile(r" (is|was|are|were|has|have|had|will|can|could|would|did|does)( not)? ")
_OPPOSITES = {
    "said": "denied",
    "rose": "fell",
    "won": "lost",
    "approved": "rejected",
    "agreed": "refused",
    "confirmed": "denied",
    "began": "ended",
    "increased": "decreased",
    "more": "less",
    "before": "after",
    "first": "last",
    "up": "down",
    "higher": "lower",
    "arrested": "released",
    "opened": "closed",
    "accepted": "rejected",
}
_ADDED = (
    "because of a strike",
    "after a computer fault",
    "in order to save money",
    "as a result of corruption",
    "amid accusations of fraud",
    "under pressure from the courts",
    "to please investors",
    "because the weather was bad",
    "after threats from the government",
    "which officials called a crime",
)


def claims(items: Sequence[Item], rng: random.Random, count: int) -> Iterator[Item]:
    """``count`` claims about texts of ``items``, a third of them true, in random order."""
    texts = [item for item in items if item.pointed and len(item.text.split()) > 40]
    made = 0
    while made < count:
        item = rng.choice(texts)
        bounds = [
            (start, end)
            for start, end in sentences(item.text)
            if 8 <= len(item.text[start:end].split()) <= 35
        ]
        if len(bounds) < 3:
            continue
        start, end = rng.choice(bounds)
        changed = _claim(item.text[start:end], item.text, rng)
        if changed is None:
            continue
        claim, verdict = changed
        made += 1
        spans = ((start, end),) if verdict != "unknown" else ()
        yield Item(
            "claims", item.group, item.title, item.text, claim, spans, (), verdict, pointed=False
        )


def _claim(sentence: str, text: str, rng: random.Random) -> tuple[str, Verdict] | None:
    kind = rng.choice(
        ("copy", "copy", "part", "number", "name", "negated", "negated", "opposite", "added")
    )
    if kind == "copy":
        return sentence, "yes"
    if kind == "part":
        head, comma, _ = sentence.rpartition(",")
        return (f"{head}.", "yes") if comma and len(head.split()) > 6 else None
    if kind == "number":
        return _swapped(sentence, _NUMBER, text, rng, "no")
    if kind == "name":
        return _swapped(sentence, _NAME, text, rng, "no")
    if kind == "negated":
        match = _VERB.search(sentence)
        if match is None:
            return None
        verb = match[1] if match[2] else f"{match[1]} not"
        return f"{sentence[: match.start()]} {verb} {sentence[match.end() :]}", "no"
    if kind == "opposite":
        words = [word for word in sentence.split() if word in _OPPOSITES]
        if not words:
            return None
        word = rng.choice(words)
        return re.sub(rf"\b{word}\b", _OPPOSITES[word], sentence, count=1), "no"
    return f"{sentence.rstrip('. ')} {rng.choice(_ADDED)}.", "unknown"


def _swapped(
    sentence: str, pattern: re.Pattern[str], text: str, rng: random.Random, verdict: Verdict
) -> tuple[str, Verdict] | None:
    """One match of the sentence replaced by another of the text, or by a made-up number."""
    here = list(pattern.finditer(sentence))
    if not here:
        return None
    match = rng.choice(here)
    others = sorted({found[0] for found in pattern.finditer(text)} - {item[0] for item in here})
    if pattern is _NUMBER and (not others or rng.random() < 0.5):
        others = [str(rng.randint(2, 400))]
    if not others:
        return None
    return f"{sentence[: match.start()]}{rng.choice(others)}{sentence[match.end() :]}", verdict
