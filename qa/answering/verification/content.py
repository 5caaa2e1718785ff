"""Whether a claim says only what its source says: word by word, and in what order."""

import re
from collections.abc import Iterator

from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Alignment, Block, Source
from qa.answering.verification.text import Word, meanings, opposites
from qa.answering.verification.vocabulary import NEUTRAL, PRONOUNS
from qa.language.lexicon import is_verb

WORDS_FOR_ONE_MORE = 7  # supported words for which a paraphrase may have one that is only related
MOST_ASKED = 1 / 3  # of a claim's words may come from the question alone
LEAST_ORDER = 0.45  # share of neighbouring words that a source has near each other, too
_SUPERLATIVE = re.compile(r"\w{2,}est\Z")


def content_faults(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """Words without support in the sentence, its title, its source or the question."""
    supported, unsupported, asked = 0, [], 0
    for index in claim.content:
        word = claim.words[index]
        if any(other in source.exact for other in opposites(word.key)):
            if word.key not in source.exact:
                yield f"the sentence says the contrary of '{word.text}'"
        elif word.key in source.places:
            supported += 1
        elif word.key in source.context or word.lower in NEUTRAL:
            continue
        elif word.key in source.asked and not is_verb(word.key):
            asked += 1
        else:
            unsupported.append(word)
    if asked > MOST_ASKED * max(1, len(claim.content)):
        yield "it says what only the question says"
    if unsupported and (alignment.is_near_copy or not _is_tolerable(unsupported, supported, source)):
        yield f"the sentence does not speak of: {', '.join(word.text for word in unsupported[:8])}"
    if not supported and claim.content:
        yield "the sentence does not speak of this"
    if alignment.is_near_copy:
        for block in alignment.blocks:
            yield from _replaced(block, claim, source, alignment)
    else:
        yield from _order(claim, source, alignment)


def _is_tolerable(unsupported: list[Word], supported: int, source: Source) -> bool:
    """A paraphrase may use a word in eight that is only related to one of the source."""
    if len(unsupported) * WORDS_FOR_ONE_MORE > supported:
        return False
    return all(_is_related(word, source) for word in unsupported)


def _is_related(word: Word, source: Source) -> bool:
    if word.is_name or _SUPERLATIVE.match(word.lower):
        return False
    wider = meanings(word.key)
    return any(other.is_content and wider & meanings(other.key) for other in source.words)


def _replaced(
    block: Block, claim: Claim, source: Source, alignment: Alignment
) -> Iterator[str]:
    """In what is otherwise a copy, each changed word must mean what was in its place, or have been
    moved from a place that is now empty.
    """
    gone = {place for other in alignment.blocks for place in range(other.a, other.b)}
    here = range(block.a, block.b)
    pronoun = any(source.words[place].lower in PRONOUNS for place in here)
    for index in range(block.c, block.d):
        word = claim.words[index]
        if not word.is_content and not claim.in_figure(word):
            continue
        places = source.places.get(word.key, [])
        strict = word.is_name or claim.in_figure(word)
        if any(place in here for place in places):
            continue
        if any(place in gone for place in places) and not (strict and _names_or_numbers(here, source)):
            continue
        if (not places or not strict) and _is_context(word, index, block, claim, source, pronoun):
            continue
        before = " ".join(source.words[place].text for place in here)
        yield f"the sentence has '{before}' where it says '{word.text}'"
        return


def _names_or_numbers(here: range, source: Source) -> bool:
    return any(
        source.words[place].is_name or source.words[place].text[0].isdigit() for place in here
    )


def _is_context(
    word: Word, index: int, block: Block, claim: Claim, source: Source, pronoun: bool
) -> bool:
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
        return in_title or not is_verb(word.key)
    beside = [claim.words[other] for other in (block.c - 1, block.d) if 0 <= other < len(claim.words)]
    return any(other.is_capital for other in beside)


def _order(claim: Claim, source: Source, alignment: Alignment) -> Iterator[str]:
    """The words of a sentence in any order say anything: neighbours must be neighbours there."""
    places = [alignment.place(index) for index in claim.content]
    known = [place for place in places if place is not None]
    if len(known) < 4:
        return
    pairs = list(zip(known, known[1:], strict=False))
    content = [place for place, word in enumerate(source.words) if word.is_content]
    rank = {place: number for number, place in enumerate(content)}
    near = sum(0 < rank.get(b, b) - rank.get(a, a) <= 3 for a, b in pairs)
    bigrams = {(a.key, b.key) for a, b in zip(source.words, source.words[1:], strict=False)}
    shared = sum(
        (a.key, b.key) in bigrams for a, b in zip(claim.words, claim.words[1:], strict=False)
    )
    exact = sum(claim.words[index].key in source.exact for index in claim.content)
    is_shuffled = exact >= len(claim.content) - 1
    if near < LEAST_ORDER * len(pairs) and is_shuffled and shared < 0.35 * len(claim.words):
        yield "it has the words of the sentence in another order"
