"""Re-verify an answer against the archive, by the rules by which it was made."""

import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import ValidationError

from qa.answer import (
    Answer,
    AnswerFigure,
    AppliedFilters,
    Citation,
    Disagreement,
    Item,
    ShortAnswer,
    StatementOutput,
    TimelineEntry,
)
from qa.answering.corroboration import has_words, independent_sources, names_speaker
from qa.answering.currency import misstated
from qa.answering.extraction.figure_verdicts import by_figure
from qa.answering.sentence import Sentence, Span
from qa.answering.shaping import (
    answer_figure,
    boolean,
    content_id,
    item_of,
    separator,
    typed_answer,
)
from qa.answering.verification import Verified, supported
from qa.archive.snapshot import Snapshot
from qa.errors import BadInput, NotFound, first_problem
from qa.ingest.copies import Fingerprint, are_copies
from qa.language.kinds import asks_yes_or_no
from qa.language.limits import KnownNames, stated_limits
from qa.models.base import Statement
from qa.question import Question
from qa.types import Article, Filters, Form, Hit, Passage, Scores, StoredArticle, instant


def check_answer(content: object, snapshot: Snapshot) -> list[str]:
    """What is wrong with an answer, a line each; [] for one that holds. Raises BadInput if it is
    not an answer.
    """
    return list(_Check(parse_answer(content), snapshot).faults())


def parse_answer(content: object) -> Answer:
    """An answer out of its JSON. Raises BadInput if it is not an answer."""
    try:
        return Answer.model_validate_json(json.dumps(content))  # refuses lone surrogates too
    except ValidationError as error:
        raise BadInput(f"not a Dateline answer: {first_problem(error)}") from error


class _Check:
    """One answer, with the sentences that its citations name."""

    def __init__(self, answer: Answer, snapshot: Snapshot) -> None:
        self._answer = answer
        self._snapshot = snapshot
        self._question = _question(answer, snapshot.aliases())
        self._sentences: dict[int, Sentence] = {}

    def faults(self) -> Iterator[str]:
        answer = self._answer
        for citation in answer.citations:
            yield from self._citation(citation)
        if _is_blanked(answer):
            return  # nothing else can be checked
        if answer.id != content_id(answer):
            yield "its id is not that of its content: something was changed after it was given"
        if answer.status == "answered" and not answer.citations:
            yield "it is answered, but cites nothing"
        if (answer.status == "answered") != (answer.answer is not None):
            yield f"its status is {answer.status}, which its text contradicts"
        yield from self._statements()
        if answer.short_answer is not None:
            yield from self._short_answer(answer.short_answer)
        yield from self._items()
        yield from self._counts()
        for entry in answer.timeline:
            yield from self._timeline(entry)
        for disagreement in answer.disagreements:
            yield from self._disagreement(disagreement)

    def _citation(self, citation: Citation) -> Iterator[str]:
        name = f"citation {citation.n}"
        if citation.n in self._sentences:
            yield f"{name}: the number is used twice"
        try:
            known = self._snapshot.descriptions(citation.article_id, citation.version)
        except NotFound as error:
            blank = "its quote is blank, and there is " if not citation.quote else ""
            yield f"{name}: {blank}{error}"
            return
        # An article that was amended since is judged as it was when it was cited.
        wrong = [len(misstated(citation, one.article)) for one in known]
        as_cited = [one for one, count in zip(known, wrong, strict=True) if count == min(wrong)]
        stored = as_cited[0]
        start, end = citation.start, citation.end
        article = stored.article
        if not 0 <= start < end or article.text[start:end] != citation.quote:
            yield f"{name}: its quote is not at {start} to {end} of article '{article.id}'"
            return
        for field in misstated(citation, article):
            yield f"{name}: its {field} is not the article's"
        if citation.corrects not in (None, article.corrects):
            yield f"{name}: its article does not correct '{_short(citation.corrects)}'"
        if citation.speaker is not None and not names_speaker(article, citation.speaker):
            yield f"{name}: its article does not name the speaker '{_short(citation.speaker)}'"
        yield from self._other_reports(name, citation)
        yield from self._visible(name, article.published_at)
        outside = [list(self._within_limits(name, one.article)) for one in as_cited]
        yield from min(outside, key=len)
        self._sentences[citation.n] = _sentence(citation, stored)

    def _other_reports(self, name: str, citation: Citation) -> Iterator[str]:
        for other in citation.also_reported_by:
            versions = self._snapshot.versions(other.article_id)
            holding = [
                one
                for one in versions
                if other.same_story or has_words(one.article.text, citation.quote)
            ]
            if not versions:
                yield f"{name}: no article '{other.article_id}' in this archive reports it as well"
            elif other.article_id == citation.article_id:
                yield f"{name}: its own article is not another report"
            elif other.same_story and not self._were_copies(citation, versions):
                yield f"{name}: article '{other.article_id}' is not a copy of its article"
            elif not holding:
                yield f"{name}: article '{other.article_id}' does not report the same words"
            elif not any(self._had_source(one, other.source) for one in holding):
                yield f"{name}: the source of '{other.article_id}' is not the article's"

    def _were_copies(self, citation: Citation, versions: Sequence[StoredArticle]) -> bool:
        """Return True if they are copies, or were before one of them was amended."""
        snapshot = self._snapshot
        if snapshot.are_copies(citation.article_id, versions[0].article.id):
            return True
        cited = snapshot.descriptions(citation.article_id, citation.version)
        others = [
            one
            for stored in versions
            for one in snapshot.descriptions(stored.article.id, stored.version)
        ]
        return any(
            are_copies(Fingerprint(one.article), Fingerprint(other.article))
            for one in cited
            for other in others
        )

    def _had_source(self, stored: StoredArticle, source: str | None) -> bool:
        known = self._snapshot.descriptions(stored.article.id, stored.version)
        return any(one.article.source == source for one in known)

    def _within_limits(self, name: str, article: Article) -> Iterator[str]:
        applied = self._answer.applied_filters
        limits: list[tuple[str, Sequence[str], Sequence[str | None]]] = [
            ("source", applied.sources, [article.source]),
            ("author", applied.authors, article.authors),
            ("section", applied.sections, [article.section]),
        ]
        for field, wanted, found in limits:
            folded = {value.casefold() for value in wanted}
            if wanted and not any(value and value.casefold() in folded for value in found):
                yield f"{name}: its {field} is not one that the question asks for"
        first, last = applied.published_from, applied.published_to
        if article.published_at is None or (first is None and last is None):
            return
        published = instant(article.published_at)
        early = first is not None and published < instant(first)
        if early or (last is not None and published > instant(last, end_of_day=True)):
            yield f"{name}: its article was not published when the question asks"

    def _visible(self, name: str, published_at: str | None) -> Iterator[str]:
        as_of = self._answer.as_of
        if as_of is None or published_at is None:
            return
        if instant(published_at) > instant(as_of, end_of_day=True):
            yield f"{name}: it was published after {as_of}"

    def _statements(self) -> Iterator[str]:
        """Statements make up the answer, and each is supported by the quotes that it cites."""
        text = self._answer.answer or ""
        end = 0
        before: StatementOutput | None = None
        expected: list[AnswerFigure] = []
        for statement in self._answer.statements:
            joint = separator(self._question.form, before.text) if before is not None else ""
            if text[end : statement.end] != joint + statement.text or (
                statement.start != end + len(joint)
            ):
                yield f"the statement '{_short(statement.text)}' is not where it should be"
            end = statement.end
            before = statement
            verified = self._verified(statement)
            if verified is None:
                yield f"the statement '{_short(statement.text)}' is not supported by its quotes"
                continue
            expected.extend(
                answer_figure(figure, holder, self._question, _number(holder))
                for figure, holder in verified.figures
            )
        if end != len(text):
            yield "its text has words outside its statements"
        if tuple(expected) != self._answer.figures:
            yield "its figures are not those of its text"

    def _verified(self, statement: StatementOutput) -> Verified | None:
        sources = [self._sentences[n] for n in statement.citations if n in self._sentences]
        if len(sources) != len(statement.citations):
            return None
        given = Statement(statement.text, statement.citations, span=self._span(statement, sources))
        return supported(given, self._question, sources)

    def _span(self, statement: StatementOutput, sources: Sequence[Sentence]) -> Span | None:
        """The place of the short answer, or of an item, where the statement is nothing else."""
        for span in self._answer_spans().values():
            cited = any(item is span.sentence for item in sources)
            if cited and span.text == statement.text:
                return span
        if self._question.form == "list":
            return next(_places(statement.text, sources), None)
        return None

    def _answer_spans(self) -> Mapping[int, Span]:
        spans = {}
        for citation in self._answer.citations:
            start, end = citation.answer_start, citation.answer_end
            sentence = self._sentences.get(citation.n)
            if sentence is None or start is None or end is None:
                continue
            if sentence.start <= start < end <= sentence.end:
                spans[citation.n] = Span(sentence, start, end)
        return spans

    def _short_answer(self, short: ShortAnswer) -> Iterator[str]:
        if short.kind == "boolean":
            yield from self._boolean(short)
            return
        spans = list(self._answer_spans().values())
        if len(spans) != 1:
            yield "no citation says where its short answer was read"
        elif short != typed_answer(spans[0], self._question):
            yield f"its short answer '{_short(short.text)}' is not what the quote says there"

    def _items(self) -> Iterator[str]:
        """Each item is that of a statement: its text, or a place in a quote that it cites."""
        if self._answer.items and self._question.form != "list":
            yield "it has items, but is not a list"
        for item in self._answer.items:
            if item not in self._possible_items(item):
                yield f"the item '{_short(item.text)}' is not in the quotes that it cites"

    def _possible_items(self, item: Item) -> Iterator[Item]:
        for statement in self._answer.statements:
            if statement.citations == item.citations:
                yield item_of(statement.text, None, self._question, item.citations)
                sources = [self._sentences[n] for n in item.citations if n in self._sentences]
                for span in _places(item.text, sources):
                    yield item_of(statement.text, span, self._question, item.citations)

    def _counts(self) -> Iterator[str]:
        answer = self._answer
        if "independent_sources" in answer.model_fields_set:
            used = {n for statement in answer.statements for n in statement.citations}
            cited = [citation for citation in answer.citations if citation.n in used]
            # Which names are one publisher's may have changed since.
            least, most = min(1, len(cited)), independent_sources(cited)
            if not least <= answer.independent_sources <= most:
                yield "its count of independent sources is not that of its citations"
        if answer.coverage is None or answer.index.generation != self._snapshot.generation:
            return  # what the archive held then is not known any more
        held = [
            self._snapshot.coverage(
                Filters(as_of=answer.as_of, known_at=answer.known_at, include_undated=undated)
            )
            for undated in (False, True)
        ]
        if answer.coverage not in held:
            yield "its coverage is not the archive's"

    def _boolean(self, short: ShortAnswer) -> Iterator[str]:
        """The yes or no is the one that a statement begins with."""
        verified = [self._verified(statement) for statement in self._answer.statements]
        said = [item.verdict for item in verified if item and item.verdict is not None]
        if not said or short != boolean(said[0]):
            yield "its yes or no is not what its text says"
        if self._answer.model.startswith("local:"):  # by figures, where those decide
            decided = by_figure(self._question, list(self._sentences.values()))
            if decided is not None and short != boolean(decided.value):
                yield "its yes or no is not what the figures say"

    def _timeline(self, entry: TimelineEntry) -> Iterator[str]:
        sentence = self._sentences.get(entry.citation)
        found = (
            sentence is not None
            and sentence.published_at == entry.published_at
            and any(
                (figure.value, figure.unit, figure.text) == (entry.value, entry.unit, entry.text)
                for figure in sentence.figures
            )
        )
        if not found:
            yield f"the timeline's '{_short(entry.text)}' is not in the quote that it cites"

    def _disagreement(self, disagreement: Disagreement) -> Iterator[str]:
        for n in disagreement.citations:
            sentence = self._sentences.get(n)
            if sentence is not None:
                article = sentence.article
                source = f"{article.source or article.title or article.id}: "
                said = disagreement.text.removeprefix(source)
                if disagreement.text.startswith(source) and said in sentence.text:
                    continue
            said = _short(disagreement.text)
            yield f"the contradiction '{said}' is not in the quote that it cites"


def _question(answer: Answer, aliases: Mapping[str, str]) -> Question:
    """The question as it was answered: without the limits that it states."""
    filters = Filters(as_of=answer.as_of)
    question = Question.parse(answer.question, filters, form=_form(answer))
    applied = answer.applied_filters
    if applied == AppliedFilters():
        return question
    known = KnownNames(applied.sources, applied.authors, applied.sections, aliases)
    now = answer.as_of or applied.published_to or applied.published_from
    return question.limited(stated_limits(question.text, known, now))


def _form(answer: Answer) -> Form:
    """The form by which an answer was made. Earlier versions had short answers, and yes or no."""
    if "form" in answer.model_fields_set:
        return answer.form
    return "yes_no" if asks_yes_or_no(answer.question) else "short"


def _sentence(citation: Citation, stored: StoredArticle) -> Sentence:
    """The quote as an evidence sentence, its passage being the quote alone."""
    passage = Passage(citation.passage_id, stored, citation.start, citation.end)
    hit = Hit(rank=citation.n, score=0.0, scores=Scores(), passage=passage)
    return Sentence(citation.n, hit, citation.start, citation.end)


def _places(text: str, sentences: Sequence[Sentence]) -> Iterator[Span]:
    """Every place in the sentences that has exactly this text."""
    for item in sentences:
        start = item.text.find(text) if text else -1
        while start >= 0:
            yield Span(item, item.start + start, item.start + start + len(text))
            start = item.text.find(text, start + 1)


def _is_blanked(answer: Answer) -> bool:
    """Whether a quote, or the rejected candidate, was blanked when its article was deleted."""
    if not answer.citations and answer.answer is None:
        # The confidence is the candidate's then.
        return answer.candidate is None and answer.confidence > 0
    return not all(citation.quote for citation in answer.citations)


def _number(holder: Sentence | None) -> int | None:
    return holder.n if holder is not None else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
