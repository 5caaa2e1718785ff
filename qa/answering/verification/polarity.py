"""Whether a claim denies, doubts and expects what its source does, and nothing else."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Alignment, Source
from qa.answering.verification.text import Word
from qa.answering.verification.vocabulary import (
    BOUND,
    CLAUSE_WORDS,
    CONDITIONAL,
    EXPECTED,
    NEGATIVE,
    OPEN,
    POSSIBLE,
)

_REACH = 7  # words behind a cue that it can be about


def polarity_faults(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """Negations, doubts and expectations that were added or left out."""
    for cues, name in ((NEGATIVE, "negation"), (POSSIBLE | CONDITIONAL, "doubt")):
        said = _scopes(claim.words, cues)
        held = _scopes(source.words, cues)
        sure = [scope for scope in said if claim.words[scope[0]].lower not in ("could", "can")]
        yield from _added(sure, held, alignment, name)
        covered = {index for cue, _ in said for index in _clause(claim.words, cue)}
        yield from _left_out(covered, held, alignment, name)
        if name == "negation" and len(said) > len(held) > 0:
            yield "it denies once more than the sentence"  # "Nobody was not hurt"
    expected = _scopes(source.words, EXPECTED)
    covered = {index for _, about in _scopes(claim.words, OPEN) for index in about}
    yield from _left_out(covered, expected, alignment, "expectation")
    yield from _connectives(claim, source)


Scope = tuple[int, tuple[int, ...]]  # a cue, and the words that it can be about


def _scopes(found: Sequence[Word], cues: AbstractSet[str]) -> list[Scope]:
    scopes = []
    for index, word in enumerate(found):
        if not _is_cue(found, index, cues):
            continue
        about: list[int] = []
        for behind in range(index + 1, min(len(found), index + 1 + _REACH)):
            other = found[behind]
            if other.clause != word.clause or (about and other.lower in CLAUSE_WORDS):
                break
            if other.is_content or other.text[0].isdigit():
                about.append(behind)
        scopes.append((index, tuple(about)))
    return scopes


def _is_cue(found: Sequence[Word], index: int, cues: AbstractSet[str]) -> bool:
    word = found[index]
    before = found[index - 1].lower if index else ""
    behind = found[index + 1].lower if index + 1 < len(found) else ""
    if word.lower == "to" and "will" in cues:
        return before in ("is", "are", "was", "were")  # "is to open"
    if word.lower == "not" and behind == "only":
        return False
    if word.lower == "may" and word.is_name:
        return False  # the month
    return word.lower in cues or (word.lower.endswith("n't") and "not" in cues)


def _clause(found: Sequence[Word], cue: int) -> range:
    """The clause around a cue: up to the next mark or joining word on both sides."""
    start = end = cue
    while start > 0 and _continues(found[start - 1], found[cue]):
        start -= 1
    while end + 1 < len(found) and _continues(found[end + 1], found[cue]):
        end += 1
    return range(start, end + 1)


def _continues(word: Word, cue: Word) -> bool:
    return word.clause == cue.clause and word.lower not in CLAUSE_WORDS


def _added(
    said: Sequence[Scope], held: Sequence[Scope], alignment: Alignment, name: str
) -> Iterator[str]:
    covered = {place for cue, about in held for place in _clause(alignment.source.words, cue)}
    for cue, about in said:
        word = alignment.claim[cue]
        places = [place for place in map(alignment.place, about) if place is not None]
        fits = places[0] in covered if places else bool(held)
        if not fits:
            yield f"the sentence has no {name} '{word.text}' there"


def _left_out(
    covered: AbstractSet[int], held: Sequence[Scope], alignment: Alignment, name: str
) -> Iterator[str]:
    """``covered``: the words of the claim that are denied, doubted or expected."""
    by_place: dict[int, list[int]] = {}
    for index in range(len(alignment.claim)):
        if alignment.claim[index].is_content:
            place = alignment.place(index)
            if place is not None:
                by_place.setdefault(place, []).append(index)
    for cue, about in held:
        used = [index for place in about[:1] for index in by_place.get(place, ())]
        if used and not any(index in covered for index in used):
            word = alignment.source.words[cue]
            yield f"it leaves out the {name} '{word.text}' of the sentence"


def _connectives(claim: Claim, source: Source) -> Iterator[str]:
    """Small words that change a meaning: "because", "after", "only", "every", "more"."""
    for word in claim.words:
        if claim.in_figure(word):
            continue
        needed = BOUND.get(word.lower)
        if needed is not None and not needed & source.lower:
            yield f"the sentence has nothing for '{word.text}'"
