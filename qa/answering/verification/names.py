"""Names, speakers and quotations of a claim against those of a source."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from qa.answering.verification.claim import Claim
from qa.answering.verification.source import Source
from qa.answering.verification.text import Word, key, source_words
from qa.answering.verification.vocabulary import (
    ALIASES,
    DEMONYMS,
    NOUNS,
    PRONOUNS,
    REPORTING,
    TITLES,
)
from qa.language.dates import CALENDAR_WORDS

_LEAST_ROOT = 4  # letters that "Ukraine" and "Ukrainian" must share
_REPORTING = frozenset(map(key, REPORTING))
_NEAR_A_VERB = 3  # words between a speaker's name and the verb
_EDGES = " .,;:!?…"


def name_faults(claim: Claim, source: Source) -> Iterator[str]:
    """Capitalised words that the sentence, its title, its source and the question do not have, or
    do not have together.
    """
    for group in _groups(claim):
        missing = [word for word in group if not _is_known(word, source)]
        if missing:
            yield f"the sentence does not name {' '.join(word.text for word in missing)}"
            continue
        for one, other in pairwise(group):
            if not _are_together(one, other, source):
                yield f"the sentence does not name {one.text} {other.text}"
    yield from _speaker_faults(claim, source)


def order_faults(claim: Claim, source: Source) -> Iterator[str]:
    """Names that have changed places in what is otherwise the sentence word for word.

    A name is here each word with a capital in the sentence: the first word may be one.
    """
    given = source_words(source.sentence.text)
    names = {word.lower for word in given if word.is_capital} - CALENDAR_WORDS
    said = [word.lower for word in claim.words]
    wanted = [word.lower for word in given]
    same_words = said != wanted and sorted(said) == sorted(wanted)
    if same_words and [word for word in said if word not in names] == [
        word for word in wanted if word not in names
    ]:
        yield "its names are not where the sentence has them"


def _groups(claim: Claim) -> list[list[Word]]:
    """Names: runs of capitalised words with nothing but a space or a hyphen between them."""
    found: list[list[Word]] = []
    last = -1
    behind = [*claim.words[1:], None]
    for word, after in zip(claim.words, behind, strict=True):
        wanted = _is_name(word, after) and not claim.in_figure(word)
        between = claim.text[last : word.start] if last >= 0 else "."
        joined = found and not between.strip(" -") and not claim.text[:last].endswith(("'s", "’s"))
        if wanted and joined:
            found[-1].append(word)
        elif wanted:
            found.append([word])
        last = word.end if wanted else -1
    return found


def _is_name(word: Word, behind: Word | None) -> bool:
    """A first word is one if another name follows it."""
    if word.lower in CALENDAR_WORDS or word.lower in TITLES or word.lower in PRONOUNS:
        return False
    leads = word.is_capital and behind is not None and behind.is_name and _touch(word, behind)
    return (word.is_name or leads) and not word.is_empty


def _touch(word: Word, behind: Word) -> bool:
    return behind.start - word.end <= 1 and word.clause == behind.clause


def _is_known(word: Word, source: Source) -> bool:
    return any(
        same_name(word.lower, other.lower) or (word.opens and word.key == other.key)
        for others in source.names
        for other in others
    )


def same_name(one: str, other: str) -> bool:
    """Equal, or one is the adjective of the other, or both are names of one country."""
    if one == other:
        return True
    if any(one in group and other in group for group in ALIASES):
        return True
    shared = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        shared += 1
    rests = (one[shared:], other[shared:])
    return shared >= _LEAST_ROOT and all(rest in DEMONYMS or rest in "aey" for rest in rests)


def _are_together(one: Word, other: Word, source: Source) -> bool:
    """Whether two parts of a name follow each other, at most a middle name apart."""
    for others in source.names:
        for index, word in enumerate(others):
            if same_name(word.lower, one.lower):
                behind = others[index + 1 : index + 4]
                if any(same_name(next_word.lower, other.lower) for next_word in behind):
                    return True
    return False


def _speaker_faults(claim: Claim, source: Source) -> Iterator[str]:
    """Who speaks: a name beside a verb of saying must be the one that the source has there."""
    said = _speakers(claim.words)
    if not said:
        return
    spoken = _speakers(source.words)
    if spoken:
        known = {word.lower for word in spoken}
        wrong = [word for word in said if not any(same_name(word.lower, one) for one in known)]
        if len(wrong) == len(said):
            yield f"in the sentence {spoken[0].text} says this, not {said[0].text}"
    elif source.has_pronoun:
        in_sentence = {word.lower for word in source.words}
        for word in said:
            if word.lower not in source.before | in_sentence:
                yield f"it is not {word.text} who says this"


def _speakers(found: Sequence[Word]) -> list[Word]:
    """The names next to verbs of saying."""
    speakers: list[Word] = []
    for index, verb in enumerate(found):
        if verb.key not in _REPORTING or verb.is_name or verb.lower in NOUNS:
            continue
        if verb.lower == "according":
            speakers.extend(_first_name(found[index + 1 : index + 2 + 2 * _NEAR_A_VERB]))
            continue
        before = _first_name([*reversed(found[max(0, index - _NEAR_A_VERB) : index])])
        behind = found[index + 1 : index + 1 + _NEAR_A_VERB]
        speakers.extend(before or _first_name(behind))
    return speakers


def _first_name(near: Sequence[Word]) -> list[Word]:
    """The nearest run of capitalised words."""
    run: list[Word] = []
    for word in near:
        if word.is_capital and word.lower not in CALENDAR_WORDS and not word.is_empty:
            run.append(word)
        elif run or word.lower in PRONOUNS:
            break
    return run


def quote_faults(claim: Claim, source: Source) -> Iterator[str]:
    """Words in quotation marks that the sentence does not have, word for word."""
    if claim.text.count('"') % 2 or claim.text.count("“") != claim.text.count("”"):
        yield "it has a quotation without its beginning or its end"
    for quote in claim.quoted():
        if not source.is_verbatim(quote.strip(_EDGES)) and not _is_title(quote, source):
            yield f"the sentence does not say “{quote[:80]}”"


def _is_title(quote: str, source: Source) -> bool:
    flat = re.sub(r"\s+", " ", quote.strip(_EDGES).lower())
    title = source.sentence.article.title or ""
    return flat in title.lower() or flat in source.question.text.lower()
