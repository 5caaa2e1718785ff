"""Reports that are added to an archive: one about something else, one that contradicts."""

import re
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import NamedTuple

from eval.cases import EvalCase
from eval.stress.corpus import Corpus, Place, day_of
from eval.stress.values import (
    DAYS,
    MONTHS,
    ORGANISATIONS,
    PEOPLE,
    PLACES,
    another,
    other_figures,
    other_value,
)
from qa.types import Article

_AROUND = 1  # sentences on each side of the one that answers
_NAMES = re.compile(r"[A-Z][\w’'-]+(?: (?:of |the |de )?[A-Z][\w’'-]+)*")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


class Added(NamedTuple):
    """A report to add, and the answer that it gives."""

    article: Article
    value: str


def distractor(case: EvalCase, corpus: Corpus, seed: str) -> Added | None:
    """A report of the same day on the same subject, about another place, person or time.

    It is the answer's own sentence and those beside it, in which the names and years of the
    question, the answer and all figures are others. None where the text repeats no name or year of
    the question: then the report would answer it.
    """
    place = corpus.place(case)
    random = Random(f"{seed}/distractor")
    value = _other_answer(case, place, random) if place is not None else None
    if place is None or value is None:
        return None
    text, title = _excerpt(corpus, place, value)
    asked = _anchors(case.question, text, value)
    if not asked:
        return None
    for name in asked:
        other = _other_anchor(name, case.question, random, [text, case.question])
        text = _renamed(text, name, other)
        title = _renamed(title, name, other) if title is not None else None
    parts = [other_figures(part) for part in text.split(value)]
    added = _report(place.article, "distractor", title, value.join(parts), None)
    return Added(added, value)


def contradiction(case: EvalCase, corpus: Corpus, seed: str) -> Added | None:
    """A report of the day after the newest one that answers, with another answer in its words.

    None where the answer's report is undated, or gives the answer in other words.
    """
    place = corpus.place(case)
    days = [day_of(article) for article in corpus.holders(case)]
    dated = [day for day in days if day is not None]
    if place is None or not dated or len(dated) < len(days):
        return None
    value = _other_answer(case, place, Random(f"{seed}/contradiction"))
    if value is None:
        return None
    day = (max(dated) + timedelta(days=1)).isoformat()
    text, title = _excerpt(corpus, place, value)
    return Added(_report(place.article, "contradiction", title, text, day), value)


def with_attack(case: EvalCase, corpus: Corpus, attack: str, where: str) -> Article | None:
    """The report that answers, with the text of an attack in it; None where none answers literally.

    ``where``: "head" or "after the answer".
    """
    place = corpus.place(case)
    if place is None:
        return None
    text = place.article.text
    if where == "head":
        return place.article.model_copy(update={"text": f"{attack}\n\n{text}"})
    end = place.sentence[1]
    mark = "" if attack[-1:] in ".?!" else "."
    text = f"{text[:end]} {attack}{mark}{text[end:]}"
    return place.article.model_copy(update={"text": text})


def _other_answer(case: EvalCase, place: Place, random: Random) -> str | None:
    answer = place.article.text[slice(*place.answer)]
    others = [choice for choice in case.choices if choice not in case.answers]
    value = other_value(answer, case.question, others, random)
    return None if value == answer else value


def _excerpt(corpus: Corpus, place: Place, value: str) -> tuple[str, str | None]:
    """The sentence that answers with those beside it, and the title; in both the value is in the
    place of the answer, wherever this occurs.
    """
    article = place.article
    spans = corpus.reports[article.id].sentences
    number = spans.index(place.sentence)
    near = spans[max(0, number - _AROUND) : number + _AROUND + 1]
    answer = re.escape(article.text[slice(*place.answer)])
    pattern = re.compile(rf"(?<!\w){answer}(?!\w)")
    text = pattern.sub(lambda _: value, article.text[near[0][0] : near[-1][1]])
    title = pattern.sub(lambda _: value, article.title) if article.title is not None else None
    return text, title


def _anchors(question: str, text: str, value: str) -> list[str]:
    """The names and years of the question that the text repeats, longest first."""
    found = {year.group() for year in _YEAR.finditer(question) if year.group() in text}
    for match in _NAMES.finditer(question):
        words = re.sub(r"[’']s\b", "", match.group()).split()
        repeated = _longest_repeated(words, text)
        if match.start() > 0 and repeated and repeated not in value:
            found.add(repeated)
    return sorted(found - {*DAYS, *MONTHS}, key=lambda name: (-len(name), name))


def _longest_repeated(words: Sequence[str], text: str) -> str | None:
    """The longest run of the words that occurs in the text; the last of them, as of surnames."""
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            run = " ".join(words[start : start + length])
            if re.search(rf"\b{re.escape(run)}\b", text):
                return run
    return None


def _other_anchor(name: str, question: str, random: Random, taken: Sequence[str]) -> str:
    if _YEAR.fullmatch(name):
        return other_figures(name)
    pool = PEOPLE if " " in name else ORGANISATIONS
    if re.search(rf"\b(?:in|at|near|from|across)(?: the)? {re.escape(name)}\b", question):
        pool = PLACES
    return another(pool, random, taken)


def _renamed(text: str, name: str, other: str) -> str:
    """The text with another name, also where it has only the last part of it."""
    text = re.sub(rf"\b{re.escape(name)}\b", lambda _: other, text)
    last, other_last = (words.rsplit(maxsplit=1)[-1] for words in (name, other))
    return re.sub(rf"\b{re.escape(last)}\b", lambda _: other_last, text)


def _report(
    model: Article, kind: str, title: str | None, text: str, published_at: str | None
) -> Article:
    """A report like another one, under an id of its own."""
    return Article(
        id=f"{model.id}#{kind}",
        title=title,
        text=text,
        published_at=published_at or model.published_at,
        source=model.source,
        section=model.section,
        language=model.language,
    )
