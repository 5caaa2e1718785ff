"""From verified statements to the `Answer`: typed short answer, items, citations, timeline,
contradictions, reasons.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from qa.answer import (
    Answer,
    AnswerFigure,
    AppliedFilters,
    Candidate,
    Citation,
    Coverage,
    Disagreement,
    HitOutput,
    IndexState,
    Item,
    ReasonCode,
    ShortAnswer,
    StatementOutput,
    TimelineEntry,
)
from qa.answering.competing import Comparison, Competitor, Reports
from qa.answering.corrections import cited_beside
from qa.answering.corroboration import independent_sources, names_speaker, other_reports
from qa.answering.evidence import FIGURE_KINDS
from qa.answering.sentence import Sentence, Span
from qa.answering.verification import Held, Verified, figure_status
from qa.language.limits import publisher_key
from qa.models.base import Declined
from qa.question import Question
from qa.retrieval.absence import Absence
from qa.types import Figure, Form, Hit, Passage, instant

_NAMED_KINDS = ("person", "place", "organisation")
_WHOLE_SENTENCES = ("sentences", "brief")  # the short answer is the deciding clause, not a value
_COMPARED = ("short", "brief")  # another item or cause does not contradict the first
_LONGEST_ITEM = 4  # words behind which a full stop may belong to a name ("U.S.")
# Fields that answers stored by earlier versions lack, so that their ids cannot cover them.
_LATER_FIELDS = frozenset(["form", "items", "independent_sources", "applied_filters"])
_ABOUT_THE_QUESTION: dict[ReasonCode, str] = {
    "reports_say_unknown": "the reports say that this is not known",
    "false_premise": "the reports contradict what the question takes for granted",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A verified statement with its confidence, and what competes with it if the model looked."""

    text: str
    sentences: tuple[Sentence, ...]
    figures: tuple[Held, ...]
    confidence: float
    span: Span | None
    verdict: bool | None
    comparison: Comparison | None
    speaker: str | None
    code: ReasonCode | None

    @classmethod
    def of(cls, verified: Verified, comparison: Comparison | None, question: Question) -> Self:
        return cls(
            text=verified.text,
            sentences=verified.sentences,
            figures=verified.figures,
            confidence=_confidence(verified, question),
            span=verified.span,
            verdict=verified.verdict,
            comparison=comparison,
            speaker=verified.speaker,
            code=verified.code,
        )

    @property
    def short_text(self) -> str:
        """The short answer's text, or without one the statement's."""
        return self.span.text if self.span is not None else self.text


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that the stages of one question brought."""

    question: Question
    evidence: Sequence[Sentence]
    written: Sequence[Written]
    confidence: float
    candidate: Candidate | None
    declined: Declined | None
    rejected: bool
    hits: Sequence[Hit]
    absence: Absence | None
    coverage: Coverage | None
    index: IndexState
    model: str
    timings_ms: Mapping[str, float]
    aliases: Mapping[str, str]  # of sources; see `Snapshot.aliases`

    @property
    def answered(self) -> bool:
        return bool(self.written)


def build_answer(outcome: Outcome) -> Answer:
    """The answer of the contract, with an id that covers all it says."""
    short, span = _short_answer(outcome.question, outcome.written)
    comparison = _comparison(outcome, span)
    citations = _Citations(outcome, span, comparison)
    listed = citations.listed()
    code, reason = _reason(outcome, comparison)
    answer = Answer(
        id="",
        question=outcome.question.wording,
        form=outcome.question.form,
        as_of=outcome.question.filters.as_of,
        known_at=outcome.question.filters.known_at,
        applied_filters=AppliedFilters.of(outcome.question.stated),
        status="answered" if outcome.answered else "not_found",
        reason=reason,
        reason_code=code,
        answer=_text(outcome) or None,
        statements=tuple(_statements(outcome, citations)),
        short_answer=short,
        items=tuple(_items(outcome, citations)),
        confidence=_overall_confidence(outcome),
        candidate=None if outcome.answered else outcome.candidate,
        citations=listed,
        figures=tuple(_figures(outcome, citations)),
        timeline=_timeline(span, comparison.other_days, citations),
        disagreements=tuple(
            Disagreement(text=_said_by(item), citations=(citations.number(item.sentence),))
            for item in comparison.contradictions
        ),
        independent_sources=independent_sources(
            citations.supporting(listed), lambda name: publisher_key(name, outcome.aliases)
        ),
        coverage=outcome.coverage,
        model=outcome.model,
        index=outcome.index,
        timings_ms=outcome.timings_ms,
        hits=tuple(HitOutput.of(hit) for hit in outcome.hits),
    )
    return answer.model_copy(update={"id": content_id(answer)})


def content_id(answer: Answer) -> str:
    """A hash of everything that an answer says, so that two different answers never share an id.

    The same question to the same archive under the same settings gives the same id. Timings, hits
    and the size of the archive do not count.
    """
    without: set[str] = {"id", "timings_ms", "hits", "coverage"}
    without |= _LATER_FIELDS - answer.model_fields_set
    copies = any("also_reported_by" in item.model_fields_set for item in answer.citations)
    parts = {} if copies else {"citations": {"__all__": {"also_reported_by"}}}
    excluded = {**dict.fromkeys(without, True), **parts}
    said = answer.model_dump_json(exclude=excluded)  # type: ignore[arg-type]  # nested by field
    return hashlib.sha256(said.encode()).hexdigest()[:24]


class _Citations:
    """The cited sentences and their numbers: the one that holds the short answer first, then as in
    the evidence.
    """

    def __init__(self, outcome: Outcome, span: Span | None, comparison: Comparison) -> None:
        supporting = {item.n: item for said in outcome.written for item in said.sentences}
        cited = dict(supporting)
        competitors = (*comparison.other_days, *comparison.contradictions)
        cited |= {item.sentence.n: item.sentence for item in competitors}
        corrections = cited_beside(list(cited.values()), outcome.evidence)
        cited |= {item.n: item for item in corrections}
        first = span.sentence.n if span is not None else 0
        self._span = span
        self._outcome = outcome
        self._supporting = frozenset(supporting)
        self._sentences = cited
        ordered = sorted(cited, key=lambda n: n != first)
        self._numbers = {n: number for number, n in enumerate(ordered, start=1)}

    def number(self, sentence: Sentence) -> int:
        return self._numbers[sentence.n]

    def numbers(self, statement: Written) -> tuple[int, ...]:
        return tuple(self.number(item) for item in statement.sentences)

    def listed(self) -> tuple[Citation, ...]:
        return tuple(self._cite(number, self._sentences[n]) for n, number in self._numbers.items())

    def supporting(self, listed: Sequence[Citation]) -> list[Citation]:
        """The citations that statements rest on, without those of competing reports."""
        numbers = {self._numbers[n] for n in self._supporting}
        return [citation for citation in listed if citation.n in numbers]

    def _cite(self, number: int, item: Sentence) -> Citation:
        holds_answer = self._span is not None and self._span.sentence.n == item.n
        made = cite(number, item, self._span if holds_answer else None)
        return made.model_copy(
            update={
                "speaker": self._speaker(item),
                "also_reported_by": other_reports(item.text, item.hit, self._passages()),
            }
        )

    def _speaker(self, item: Sentence) -> str | None:
        """Who says the sentence, as the first statement on it says; None if its article does not
        name them.
        """
        for said in self._outcome.written:
            if said.speaker is not None and item in said.sentences:
                return said.speaker if names_speaker(item.article, said.speaker) else None
        return None

    def _passages(self) -> Iterator[Passage]:
        for item in self._outcome.evidence:
            yield item.hit.passage
        for hit in self._outcome.hits:
            yield hit.passage


def cite(number: int, item: Sentence, span: Span | None = None) -> Citation:
    """The citation of a sentence; ``span`` is where in it the short answer was read."""
    article = item.article
    return Citation(
        n=number,
        article_id=article.id,
        version=item.hit.passage.stored.version,
        title=article.title,
        source=article.source,
        url=article.url,
        published_at=article.published_at,
        corrects=article.corrects,
        passage_id=item.hit.passage.id,
        quote=item.text,
        start=item.start,
        end=item.end,
        answer_start=span.start if span is not None else None,
        answer_end=span.end if span is not None else None,
    )


def _confidence(verified: Verified, question: Question) -> float:
    """The model's own, or for one that gives none: how much of the question the cited sentences
    speak of.
    """
    if verified.confidence is not None:
        return verified.confidence
    asked = set(question.stems)
    held = frozenset().union(*(item.stems for item in verified.sentences))
    return round(0.5 + 0.5 * len(asked & held) / len(asked), 4) if asked else 0.5


def _overall_confidence(outcome: Outcome) -> float:
    if outcome.answered:
        return outcome.confidence
    return outcome.candidate.confidence if outcome.candidate is not None else 0.0


def _short_answer(
    question: Question, written: Sequence[Written]
) -> tuple[ShortAnswer | None, Span | None]:
    """The typed short answer, and where it was read. None for several items."""
    if question.form == "list" and len(written) > 1:
        return None, None
    for statement in written:
        if statement.verdict is not None:
            return boolean(statement.verdict), None
        if statement.span is not None:
            return typed_answer(statement.span, question), statement.span
    return None, None


def boolean(verdict: bool) -> ShortAnswer:
    """Yes or no as a value."""
    text, value = ("yes", "true") if verdict else ("no", "false")
    return ShortAnswer(text=text, kind="boolean", value=value, bound="exact")


def typed_answer(span: Span, question: Question) -> ShortAnswer:
    """The span as a value: of the figure that it touches, else as text of the kind asked for."""
    if question.form in _WHOLE_SENTENCES:
        return ShortAnswer(text=span.text, kind="text")
    figure = span.figure
    if figure is not None and question.kind not in _NAMED_KINDS:
        return ShortAnswer(
            text=span.text,
            kind=figure.kind,
            value=figure.value,
            value_to=figure.value_to,
            unit=figure.unit,
            bound=figure.bound,
        )
    kind = "text" if question.kind in FIGURE_KINDS else question.kind
    return ShortAnswer(text=span.text, kind=kind)


def _comparison(outcome: Outcome, span: Span | None) -> Comparison:
    """What competes with the short answer: as the model found it, or searched for now."""
    if span is None:
        return Comparison()
    for statement in outcome.written:
        if statement.span is span and statement.comparison is not None:
            return statement.comparison
    if outcome.question.form not in _COMPARED:
        return Comparison()
    return Reports(outcome.question, outcome.evidence).compare(span)


def separator(form: Form, before: str) -> str:
    """What joins a statement to the one before it: a space, or "; " behind an item of a list."""
    if form != "list":
        return " "
    is_sentence = len(before.split()) > _LONGEST_ITEM and before.rstrip("\"'”’)")[-1:] in ".!?…"
    return " " if is_sentence else "; "


def _text(outcome: Outcome) -> str:
    text = before = ""
    for statement in outcome.written:
        joint = separator(outcome.question.form, before) if before else ""
        text += joint + statement.text
        before = statement.text
    return text


def _statements(outcome: Outcome, citations: _Citations) -> Iterator[StatementOutput]:
    end = 0
    before = ""
    for statement in outcome.written:
        start = end + len(separator(outcome.question.form, before)) if before else 0
        end = start + len(statement.text)
        numbers = citations.numbers(statement)
        yield StatementOutput(text=statement.text, start=start, end=end, citations=numbers)
        before = statement.text


def _items(outcome: Outcome, citations: _Citations) -> Iterator[Item]:
    """An item for each statement of a list, except what is said about the question itself."""
    if outcome.question.form != "list":
        return
    for statement in outcome.written:
        if statement.code is None:
            numbers = citations.numbers(statement)
            yield item_of(statement.text, statement.span, outcome.question, numbers)


def item_of(text: str, span: Span | None, question: Question, citations: tuple[int, ...]) -> Item:
    """A statement of a list as a typed item: the span, or without one the whole text."""
    if span is None:
        return Item(text=text.rstrip(". "), kind="text", citations=citations)
    typed = typed_answer(span, question)
    return Item(
        text=typed.text, kind=typed.kind, value=typed.value, unit=typed.unit, citations=citations
    )


def _figures(outcome: Outcome, citations: _Citations) -> Iterator[AnswerFigure]:
    for statement in outcome.written:
        for figure, holder in statement.figures:
            number = citations.number(holder) if holder is not None else None
            yield answer_figure(figure, holder, outcome.question, number)


def answer_figure(
    figure: Figure, holder: Sentence | None, question: Question, citation: int | None
) -> AnswerFigure:
    """A figure of the answer with its status, and the number of the citation that holds it."""
    return AnswerFigure(
        text=figure.text,
        kind=figure.kind,
        value=figure.value,
        value_to=figure.value_to,
        unit=figure.unit,
        bound=figure.bound,
        status=figure_status(figure, holder, question),
        citation=citation,
    )


def _timeline(
    span: Span | None, dated: Sequence[Competitor], citations: _Citations
) -> tuple[TimelineEntry, ...]:
    """The answer's figure among those of other days, oldest first; empty without others."""
    if span is None or not dated:
        return ()
    entries = [(span.sentence, span.figure), *((item.sentence, item.figure) for item in dated)]
    listed = [
        TimelineEntry(
            value=figure.value,
            unit=figure.unit,
            text=figure.text,
            published_at=sentence.published_at,
            citation=citations.number(sentence),
        )
        for sentence, figure in entries
        if figure is not None and sentence.published_at is not None
    ]
    return tuple(sorted(listed, key=lambda entry: (instant(entry.published_at), entry.citation)))


def _said_by(competitor: Competitor) -> str:
    article = competitor.sentence.article
    return f"{article.source or article.title or article.id}: {competitor.span.text}"


def _several_events(written: Sequence[Written]) -> str:
    """Which events a vague question may mean, by title and day."""
    articles = [item.sentences[0].article for item in written]
    named = [
        f"{article.title or article.id} ({(article.published_at or 'undated')[:10]})"
        for article in articles
    ]
    return f"the question fits several events: {'; '.join(named)}"


def _reason(outcome: Outcome, comparison: Comparison) -> tuple[ReasonCode | None, str | None]:
    """Why there is no answer, or what limits the one there is. Never more than what was really
    looked for.
    """
    if outcome.answered:
        code = next((item.code for item in outcome.written if item.code is not None), None)
        if code == "too_uncertain":
            return code, _several_events(outcome.written)
        if code is not None:
            return code, _ABOUT_THE_QUESTION[code]
        if not comparison.contradictions:
            return None, None
        said = dict.fromkeys(_said_by(item) for item in comparison.contradictions)
        return "sources_disagree", f"sources disagree; {'; '.join(said)}"
    if outcome.absence is not None:
        return outcome.absence.code, outcome.absence.reason
    if outcome.candidate is not None:
        confidence = outcome.candidate.confidence
        threshold = outcome.question.min_confidence or 0.0
        digits = 3 if f"{confidence:.2f}" == f"{threshold:.2f}" else 2  # .347 is not .35
        return "too_uncertain", (
            f"the best answer found is too uncertain: confidence {confidence:.{digits}f},"
            f" threshold {threshold:.{digits}f}"
        )
    if outcome.declined is not None:
        return outcome.declined.code, outcome.declined.reason
    if outcome.rejected:
        return "not_in_archive", (
            "the language model's answer was dropped: no sentence of the archive supports it"
        )
    return "not_in_archive", "the nearest passages do not answer the question"
