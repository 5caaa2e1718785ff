"""A question, parsed once: every later step reads its parts from here."""

from dataclasses import dataclass, replace
from typing import get_args

from embeddings.texts import whole_characters
from qa.errors import BadInput
from qa.language.figures import find_figures
from qa.language.forms import wanted
from qa.language.kinds import asked_words, kind_of, names_in
from qa.language.limits import Stated
from qa.language.words import content_stems, stem
from qa.types import AnswerKind, Aspect, Figure, Filters, Form, instant

LONGEST_QUESTION = 2000  # characters
LONGEST_FILTER = 500  # characters of one source, author, section, language or id
MOST_HITS = 1000
FORMS: tuple[Form, ...] = get_args(Form)


@dataclass(frozen=True, slots=True)
class Question:
    """A valid question. Make one with `Question.parse`.

    ``stems`` are those of the words that carry its topic, each once, in order; ``asked`` those of
    the words that name what is asked for ("how many Russian soldiers …"); ``names`` those of its
    names and numbers. ``aspect`` is what whole sentences should report, None for the other forms.

    ``text`` is what every step reads; ``wording`` is the question as it was asked, with the limits
    that it states itself, which are in ``stated`` and among the ``filters``.

    ``now`` is what "this week" is read against: the ``as_of``, else, once the archive was searched,
    its newest report. An archive that nobody adds to any more stays answerable.
    """

    text: str
    wording: str
    kind: AnswerKind
    form: Form
    aspect: Aspect | None
    stems: tuple[str, ...]
    asked: frozenset[str]
    names: frozenset[str]
    figures: tuple[Figure, ...]
    filters: Filters
    stated: Filters
    given_form: Form | None  # the form that was asked for beside the text
    k: int  # passages wanted
    min_confidence: float | None  # an answer below it is declined; None: as the settings say
    now: str | None

    @classmethod
    def parse(
        cls,
        text: str,
        filters: Filters | None = None,
        *,
        form: Form | None = None,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> "Question":
        """``form``: the form of the answer; None reads it off the question. Lone surrogates in the
        text become U+FFFD.

        Raises BadInput for an empty or overlong text, an unknown form, a ``k`` out of bounds, or a
        filter with an invalid date.
        """
        check_question(text)
        check_form(form)
        text = whole_characters(text)
        check_k(k)
        filters = filters or Filters()
        check_filters(filters)
        kind = kind_of(text)
        own_form, aspect = wanted(text)
        given_form, form = form, form or own_form
        return cls(
            text=text,
            wording=text,
            kind=kind,
            form=form,
            aspect=aspect if form in ("sentences", "brief") else None,
            stems=tuple(content_stems(text)),
            asked=frozenset(stem(word) for word in asked_words(text)),
            names=frozenset(names_in(text)),
            figures=tuple(find_figures(text)),
            filters=filters,
            stated=Filters(),
            given_form=given_form,
            k=k,
            min_confidence=min_confidence,
            now=filters.as_of,
        )

    def limited(self, limits: Stated) -> "Question":
        """The question without the limits that its words state, under the filters that they are.

        Names replace those of the filters, of which they are some; periods narrow each other.
        """
        stated, given = limits.filters, self.filters
        filters = replace(
            given,
            sources=stated.sources or given.sources,
            authors=stated.authors or given.authors,
            sections=stated.sections or given.sections,
            published_from=_later(given.published_from, stated.published_from),
            published_to=_earlier(given.published_to, stated.published_to),
        )
        plain = Question.parse(
            limits.text, form=self.given_form, k=self.k, min_confidence=self.min_confidence
        )
        return replace(plain, wording=self.wording, filters=filters, stated=stated, now=self.now)


def _later(one: str | None, other: str | None) -> str | None:
    """The later of two first days."""
    days = [day for day in (one, other) if day is not None]
    return max(days, key=instant, default=None)


def _earlier(one: str | None, other: str | None) -> str | None:
    """The earlier of two last days."""
    days = [day for day in (one, other) if day is not None]
    return min(days, key=lambda day: instant(day, end_of_day=True), default=None)


def check_question(text: str) -> None:
    """Raises BadInput for an empty or overlong question."""
    if not text.strip():
        raise BadInput("the question is empty")
    if len(text) > LONGEST_QUESTION:
        raise BadInput(
            f"the question has {len(text):,} characters; the limit is {LONGEST_QUESTION:,}"
        )


def check_form(form: str | None) -> None:
    """Raises BadInput for a form that answers do not have."""
    if form is not None and form not in FORMS:
        raise BadInput(f"form is '{form[:40]}'; it must be one of {', '.join(FORMS)}")


def check_k(k: int) -> None:
    """Raises BadInput for a number of hits out of bounds."""
    if not 1 <= k <= MOST_HITS:
        raise BadInput(f"k is {k}; it must be from 1 to {MOST_HITS}")


def check_filters(filters: Filters) -> None:
    """Raises BadInput for a value that is too long, a date that cannot be read, or a period that
    ends before it starts.
    """
    for name in ("sources", "authors", "sections", "languages", "article_ids"):
        for value in getattr(filters, name):
            if whole_characters(value) != value:
                raise BadInput(f"{name}: {value[:40]!a} is not valid Unicode text")
        longest = max((len(value) for value in getattr(filters, name)), default=0)
        if longest > LONGEST_FILTER:
            raise BadInput(
                f"a value of {name} has {longest:,} characters; the limit is {LONGEST_FILTER}"
            )
    for name in ("as_of", "known_at", "published_from", "published_to"):
        text = getattr(filters, name)
        if text is not None:
            try:
                instant(text)
            except ValueError as error:
                raise BadInput(
                    f"{name} is '{text[:40]}'; expected an ISO 8601 date such as 2022-01-19"
                ) from error
    begins, ends = filters.published_from, filters.published_to
    if begins is not None and ends is not None and instant(begins) > instant(ends, end_of_day=True):
        raise BadInput(f"published_from is {begins}, which is after published_to, {ends}")
