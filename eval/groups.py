"""The groups of cases that a report shows apart: by use, source, age and length.

A group says where a system is good or bad; a case is in at most one group of each kind.
"""

from collections.abc import Iterator, Mapping, Sequence

from eval.cases import EvalCase
from eval.held_out import FITTED, HELD_OUT, use_of
from eval.outcome import Outcome, Sought
from qa.types import instant

Steps = Sequence[tuple[float, str]]  # (up to and with, label), rising; the last is open
DAY = 86_400.0
AGES: Steps = (
    (1, "up to a day"),
    (7, "2 to 7 days"),
    (30, "8 to 30 days"),
    (365, "31 days to a year"),
    (float("inf"), "more than a year"),
)
QUESTION_WORDS: Steps = (
    (6, "up to 6 words"),
    (12, "7 to 12 words"),
    (20, "13 to 20 words"),
    (float("inf"), "more than 20 words"),
)
ARTICLE_WORDS: Steps = (
    (150, "up to 150 words"),
    (400, "151 to 400 words"),
    (1000, "401 to 1,000 words"),
    (float("inf"), "more than 1,000 words"),
)
SOURCES = 12  # that are shown by name; the rest together
OTHER_SOURCES, UNKNOWN_SOURCE = "other sources", "unknown source"
USE, SOURCE, AGE = "use", "source of the report", "age of the report"
QUESTION_LENGTH, ARTICLE_LENGTH = "length of the question", "length of the report"
# In this order in reports; groups by source in the order of their size.
ORDER: Mapping[str, Sequence[str]] = {
    USE: (HELD_OUT, FITTED),
    SOURCE: (),
    AGE: [label for _, label in AGES],
    QUESTION_LENGTH: [label for _, label in QUESTION_WORDS],
    ARTICLE_LENGTH: [label for _, label in ARTICLE_WORDS],
}


def groups_of(case: EvalCase, outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The kinds and groups that the case belongs to.

    Those of the report are known where the case names one that the system has, or has found.
    """
    yield USE, use_of(case)
    yield QUESTION_LENGTH, step(len(case.question.split()), QUESTION_WORDS)
    report = sought_report(case, outcome)
    if report is None:
        return
    yield SOURCE, report.source or UNKNOWN_SOURCE
    if report.words is not None:
        yield ARTICLE_LENGTH, step(report.words, ARTICLE_WORDS)
    days = age_in_days(case, outcome, report)
    if days is not None:
        yield AGE, step(days, AGES)


def step(value: float, steps: Steps) -> str:
    """The label of the first step that the value does not exceed."""
    return next(label for most, label in steps if value <= most)


def sought_report(case: EvalCase, outcome: Outcome) -> Sought | None:
    """The report that answers: as the target looked it up, else as a hit or citation shows it."""
    if outcome.sought is not None:
        return outcome.sought
    for hit in outcome.hits or ():
        if hit.article.id in case.relevant:
            return Sought(source=hit.article.source, published_at=hit.article.published_at)
    for citation in outcome.answer.citations if outcome.answer is not None else ():
        if citation.article_id in case.relevant:
            return Sought(source=citation.source, published_at=citation.published_at)
    return None


def age_in_days(case: EvalCase, outcome: Outcome, report: Sought) -> float | None:
    """Days from the report to the day of the question: ``as_of``, else the archive's newest report.

    None without both dates, and for a report that is later than the question's day.
    """
    asked = case.as_of or _newest(outcome)
    if asked is None or report.published_at is None:
        return None
    try:
        seconds = instant(asked, end_of_day=True) - instant(report.published_at)
    except ValueError:
        return None
    return seconds / DAY if seconds >= 0 else None


def _newest(outcome: Outcome) -> str | None:
    answer = outcome.answer
    if answer is None or answer.coverage is None:
        return None
    return answer.coverage.newest_published_at
