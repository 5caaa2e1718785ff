"""Training examples: a question beside a part of a text that answers it, or of one that does not.

Passages that look right but hold no answer are half of training (Clark and Gardner, 2018), so that
log-odds compare between passages. They are the text with its answering sentences cut away, and the
texts of other events that share most words with the question and its answer's text.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from eval.research.reader.sources import VERDICTS, Item, asked
from qa.answering.reader import MAX_TOKENS
from qa.language.sentences import sentences

TITLED = 0.75  # of the examples show the title, where there is one, before the text
CUT = 0.6  # of the questions see a part of their text
LONG = 160  # words; of a longer text a part is always cut, as an archive's passages are
LOOKALIKE = 0.55  # of the questions see another text as well …
LOOKALIKES = 8  # … of so many that look most like their own
SILENCED = 0.4  # see their text without the answer as well
QUESTIONED = 0.75  # of the claims are turned into questions


class Example(NamedTuple):
    """Word pieces, their segment (0 question, 1 passage), and the right labels.

    ``starts`` and ``ends``: where an answer may start and end, (0,) for "does not tell", empty
    where the data do not say; ``relevant``: 0 or 1, -1 unknown; ``verdict``: place in `VERDICTS`,
    -1 none.
    """

    ids: list[int]
    types: list[int]
    starts: Sequence[int]
    ends: Sequence[int]
    relevant: int
    verdict: int


def lookalikes(items: Sequence[Item]) -> list[list[int]]:
    """By item: items of other groups of its source whose texts look most like it, at most
    `LOOKALIKES`, none that holds an answer as a string. By cosine of TF-IDF vectors.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer

    by_source: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(items):
        by_source[item.source].append(index)
    found: list[list[int]] = [[] for _ in items]
    for indices in by_source.values():
        first: dict[str, int] = {}
        for index in indices:
            first.setdefault(items[index].text, index)
        texts = list(first)
        vectorizer = TfidfVectorizer(
            sublinear_tf=True, stop_words="english", min_df=2 if len(texts) > 50 else 1,
            dtype=np.float32,
        )  # fmt: skip
        matrix = vectorizer.fit_transform(texts)
        place = {text: row for row, text in enumerate(texts)}
        for low in range(0, len(indices), 500):
            part = indices[low : low + 500]
            questions = vectorizer.transform([items[index].question for index in part])
            own = matrix[[place[items[index].text] for index in part]]
            scores = np.asarray((questions @ matrix.T).todense()) + 0.5 * np.asarray(
                (own @ matrix.T).todense()
            )
            for index, row in zip(part, scores, strict=True):
                item = items[index]
                for other in np.argsort(-row, kind="stable")[:40]:
                    text = texts[other].lower()
                    candidate = first[texts[other]]
                    if items[candidate].group != item.group and not any(
                        answer.lower() in text for answer in item.answers
                    ):
                        found[index].append(candidate)
                    if len(found[index]) == LOOKALIKES:
                        break
    return found


def window(
    text: str, places: Sequence[tuple[int, int]], rng: random.Random, *, holds: bool
) -> tuple[int, int] | None:
    """A run of whole sentences that holds one of the places, or none; None if there is no such run.

    Shorter texts train faster, and a cut-away answer trains the reader to decline.
    """
    bounds = list(sentences(text))
    answering = {
        index
        for index, (start, end) in enumerate(bounds)
        for low, high in places
        if start < high and low < end
    }
    if holds:
        one = rng.choice(places)
        inside = [
            index for index, (start, end) in enumerate(bounds) if start < one[1] and one[0] < end
        ]
        if not inside:
            return None
        first, last = inside[0], inside[-1]
    else:
        free = [index for index in range(len(bounds)) if index not in answering]
        if not free:
            return None
        first = last = rng.choice(free)
    room = rng.randint(0, 5)  # none: a sentence alone, as close reading shows it
    while room:
        sides = [
            index
            for index in (first - 1, last + 1)
            if 0 <= index < len(bounds) and (holds or index not in answering)
        ]
        if not sides:
            break
        grown = rng.choice(sides)
        first, last, room = min(first, grown), max(last, grown), room - 1
    return bounds[first][0], bounds[last][1]


def examples_of(
    tokenizer: Any, items: Sequence[Item], others: Sequence[Sequence[int]], rng: random.Random
) -> Iterator[Example]:
    """One epoch, in the order of the items."""
    for item, alike in zip(items, others, strict=True):
        whole = (0, len(item.text))
        cuts = CUT if len(item.text.split()) <= LONG else 1.0
        part = rng.random() < cuts and item.source != "boolq-5270"
        cut = window(item.text, item.spans, rng, holds=bool(item.spans)) if part else None
        yield encoded(tokenizer, item, item, cut or whole, rng, own=True)
        if item.spans and item.verdict != "unknown" and rng.random() < SILENCED:
            without = window(item.text, item.spans, rng, holds=False)
            if without is not None:
                yield encoded(tokenizer, item, item, without, rng, own=False)
        if alike and rng.random() < LOOKALIKE * (0.4 if item.verdict is not None else 1):
            other = items[rng.choice(alike)]
            cut = window(other.text, (), rng, holds=False) or (0, len(other.text))
            yield encoded(tokenizer, item, other, cut, rng, own=False)


def encoded(
    tokenizer: Any, item: Item, shown: Item, cut: tuple[int, int], rng: random.Random, *, own: bool
) -> Example:
    """The item's question beside ``shown.text[cut]``; ``own``: that text answers as the item says,
    else it does not.
    """
    lead = f"{shown.title}. " if shown.title and rng.random() < TITLED else ""
    question = item.question
    if item.verdict is not None and not question.endswith("?") and rng.random() < QUESTIONED:
        question = asked(question, rng)
    pieces = tokenizer(
        question,
        lead + shown.text[slice(*cut)],
        truncation="only_second",
        max_length=MAX_TOKENS,
        return_offsets_mapping=True,
    )
    nothing = Example(pieces["input_ids"], pieces["token_type_ids"], (0,), (0,), 0, -1)
    if item.verdict is not None:
        nothing = nothing._replace(verdict=VERDICTS.index("unknown"))
    if not own:
        return nothing
    starts, ends = _pointed(pieces, item, cut, len(lead))
    if item.pointed and 0 in starts:  # the text does not answer, or its answer was cut away
        return nothing
    return nothing._replace(
        starts=starts if item.pointed else (),
        ends=ends if item.pointed else (),
        relevant=-1 if item.relevant is None else int(item.relevant),
        verdict=nothing.verdict if item.verdict is None else VERDICTS.index(item.verdict),
    )


def _pointed(
    pieces: Any, item: Item, cut: tuple[int, int], lead: int
) -> tuple[Sequence[int], Sequence[int]]:
    """The first and last pieces of the item's spans, (0,) each where none is shown."""
    shift = cut[0] - lead
    of_text = [
        (index, start + shift, end + shift)
        for index, (part, (start, end)) in enumerate(
            zip(pieces.sequence_ids(), pieces["offset_mapping"], strict=True)
        )
        if part == 1 and start >= lead
    ]
    starts: list[int] = []
    ends: list[int] = []
    for low, high in item.spans:
        first = [index for index, start, end in of_text if start <= low < end]
        last = [index for index, start, end in of_text if start < high <= end]
        if first and last:
            starts.append(first[0])
            ends.append(last[0])
    return starts or (0,), ends or (0,)


def batches(examples: Sequence[Example], size: int, rng: random.Random) -> Iterator[list[Example]]:
    """Each example once, in random order, those of like length together: padding costs time."""
    order = rng.sample(range(len(examples)), len(examples))
    groups: list[list[Example]] = []
    pool = size * 32
    for low in range(0, len(order), pool):
        near = sorted(order[low : low + pool], key=lambda index: len(examples[index].ids))
        groups += [
            [examples[index] for index in near[at : at + size]] for at in range(0, len(near), size)
        ]
    rng.shuffle(groups)
    yield from groups
