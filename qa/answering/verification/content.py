"""Whether a claim says only what its source says: word by word, and in what order."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Alignment, Block, Source
from qa.answering.verification.text import Word, key, opposites, related, words
from qa.answering.verification.vocabulary import (
    BOUND,
    GRAVE,
    NEUTRAL,
    PREPOSITIONS,
    PRONOUNS,
    TURNING,
)
from qa.language.lexicon import is_verb

WORDS_FOR_ONE_MORE = 4  # supported words for which a paraphrase may have one that is only related
MOST_ASKED = 1 / 3  # of a claim's words may come from the question alone
# A claim of a sentence's own words must have some of them side by side, as the sentence has.
LEAST_WORDS = 6
SAME_WORDS = 0.9  # of its content words
LEAST_SHARED = 0.25  # pairs of neighbours; paraphrases have .45 and more, shuffled words .1
HALF_SHARED = 0.4
LEAST_ONWARD = 0.45  # of its steps from word to word that go at most `NEAR` words onward
NEAR = 3
_GRAVE = frozenset(map(key, GRAVE))
_SUPERLATIVE = re.compile(r"\w{2,}est\Z")


def content_faults(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """Words without support in the sentence, its title, its source or the question."""
    for index in claim.content:
        word = claim.words[index]
        if word.key not in source.places and opposites(word.key) & source.exact:
            yield f"the sentence says the contrary of '{word.text}'"
    yield from _support_faults(claim, source, alignment)
    if not alignment.is_near_copy:
        yield from _order(claim, source, alignment)
        return
    for block in alignment.blocks:
        yield from _turned(block, claim, source)
        yield from _replaced(block, claim, source, alignment)


def _support_faults(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    supports = {index: _support(claim, index, source) for index in claim.content}
    counts = Counter(supports.values())
    if counts["question"] > MOST_ASKED * len(claim.content):
        yield "it says what only the question says"
    if claim.content and not counts["sentence"]:
        yield "the sentence does not speak of this"
    missing = [claim.words[index] for index, support in supports.items() if support == "nothing"]
    if alignment.is_near_copy:
        tolerable = len(missing) == 1 and any(
            block.c <= index < block.d and _stands_for(claim.words[index], block, source)
            for block in alignment.blocks
            for index, support in supports.items()
            if support == "nothing"
        )
    else:
        tolerable = _is_tolerable(missing, counts["sentence"], source)
    if missing and not tolerable:
        yield f"the sentence does not speak of: {', '.join(word.text for word in missing[:8])}"


def _support(claim: Claim, index: int, source: Source) -> str:
    """What supports a word: the sentence, its title, the question, or nothing."""
    word = claim.words[index]
    if word.lower == "according" and _names_its_source(claim, index, source):
        return "title"
    if word.key in source.places:
        return "sentence"
    if word.key in source.context or word.lower in NEUTRAL:
        return "title"
    if word.key in source.asked and not is_verb(word.key):
        return "question"
    return "nothing"


def _names_its_source(claim: Claim, index: int, source: Source) -> bool:
    """Return True for "according to the Kyiv Ledger", whose report it is."""
    own = {word.lower for word in words(source.sentence.article.source or "")}
    return any(word.lower in own for word in claim.words[index + 1 : index + 5])


def _is_tolerable(unsupported: list[Word], supported: int, source: Source) -> bool:
    """A paraphrase may use a word in five that is only related to one of the source."""
    if len(unsupported) * WORDS_FOR_ONE_MORE > supported:
        return False
    return all(_is_related(word, source.words) for word in unsupported)


def _is_related(word: Word, others: Sequence[Word]) -> bool:
    if word.is_name or word.key in _GRAVE or _SUPERLATIVE.match(word.lower):
        return False
    return any(other.is_content and related(word.key, other.key) for other in others)


def _stands_for(word: Word, block: Block, source: Source) -> bool:
    """A verb in the place of a related verb."""
    here = source.words[block.a : block.b]
    verbs = [other for other in here if other.is_content and is_verb(other.key)]
    return is_verb(word.key) and _is_related(word, verbs)


def _replaced(block: Block, claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """In what is otherwise a copy, each changed word must mean what was in its place, or have been
    moved from a place that is now empty.
    """
    gone = {place for other in alignment.blocks for place in range(other.a, other.b)}
    here = range(block.a, block.b)
    pronoun = any(source.words[place].lower in PRONOUNS for place in here)
    for index in range(block.c, block.d):
        word = claim.words[index]
        if word.lower in BOUND and not claim.in_figure(word):
            around = range(max(0, block.a - 2), min(len(source.words), block.b + 2))
            near = {source.words[place].lower for place in {*around, *gone}}
            if not BOUND[word.lower] & near:
                yield f"the sentence has nothing for '{word.text}' there"
        if not word.is_content and not claim.in_figure(word):
            continue
        if claim.in_date(word):
            continue  # dates are compared by value, in whatever order they are written
        places = source.places.get(word.key, [])
        if claim.in_figure(word) and not places:
            continue  # "percent" for "%": figures are compared by value
        named = any(source.words[place].is_name for place in places)
        strict = word.is_name or named or claim.in_figure(word)
        if any(place in here for place in places) or _stands_for(word, block, source):
            continue
        if strict and not here and not _is_placed(claim, index):
            yield f"'{word.text}' has another part in the sentence"
            return
        if any(place in gone for place in places) and not (
            strict and _names_or_numbers(here, source)
        ):
            continue
        if (not places or not strict) and _is_context(word, block, claim, source, pronoun):
            continue
        before = " ".join(source.words[place].text for place in here)
        yield f"the sentence has '{before}' where it says '{word.text}'"
        return


def _is_placed(claim: Claim, index: int) -> bool:
    """Return True for a moved name behind a preposition, at the beginning, or behind its first
    part: anywhere else it may have become the doer of what it suffered.
    """
    before = claim.words[index - 1] if index else None
    return before is None or before.lower in PREPOSITIONS or before.is_capital


def _turned(block: Block, claim: Claim, source: Source) -> Iterator[str]:
    """A word such as "against" or "before" that was replaced by one that says less or otherwise."""
    changed = {source.words[place].lower for place in range(block.a, block.b)}
    written = {claim.words[index].lower for index in range(block.c, block.d)}
    for word in changed & TURNING:
        if written and not written & BOUND.get(word, frozenset({word})):
            yield f"the sentence says '{word}' there"


def _names_or_numbers(here: range, source: Source) -> bool:
    return any(
        source.words[place].is_name or source.words[place].text[0].isdigit() for place in here
    )


def _is_context(word: Word, block: Block, claim: Claim, source: Source, pronoun: bool) -> bool:
    """A name of the title or the question for a pronoun, or beside a part of the name."""
    if word.lower in NEUTRAL or claim.in_figure(word):
        return True
    in_title = word.key in source.context
    if not in_title and word.key not in source.asked:
        return False
    here = range(block.a, block.b)
    if _names_or_numbers(here, source):
        own = {source.words[place].key for place in here}
        return any(claim.words[other].key in own for other in range(block.c, block.d))
    if pronoun:
        return not word.is_name or word.lower in source.before or not source.before
    if not word.is_name:
        replaced = any(source.words[place].is_content for place in here)
        return not replaced and (in_title or not is_verb(word.key))
    beside = [
        claim.words[other] for other in (block.c - 1, block.d) if 0 <= other < len(claim.words)
    ]
    return any(other.is_capital for other in beside)


def _order(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """The words of a sentence in any order say anything: neighbours must be neighbours there."""
    exact = sum(claim.words[index].key in source.exact for index in claim.content)
    if len(claim.words) < LEAST_WORDS or exact < SAME_WORDS * len(claim.content):
        return
    bigrams = {(a.key, b.key) for a, b in pairwise(source.words)}
    shared = sum((a.key, b.key) in bigrams for a, b in pairwise(claim.words)) / len(claim.words)
    places = [place for index in claim.content if (place := alignment.place(index)) is not None]
    content = [place for place, word in enumerate(source.words) if word.is_content]
    rank = {place: number for number, place in enumerate(content)}
    steps = [rank.get(b, b) - rank.get(a, a) for a, b in pairwise(places)]
    onward = sum(0 < step <= NEAR for step in steps) / max(1, len(steps))
    if shared < LEAST_SHARED or (shared < HALF_SHARED and onward < LEAST_ONWARD):
        yield "it has the words of the sentence in another order"
