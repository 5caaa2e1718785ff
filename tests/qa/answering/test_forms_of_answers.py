"""An answer of each form, from what a model writes to what is sent, and its verification."""

import copy
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer, HitsFound, Token
from qa.answering.recheck import check_answer
from qa.answering.recording import record
from qa.answering.sentence import Sentence, Span
from qa.answering.shaping import content_id
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.models.base import Statement, Written
from qa.question import Question
from qa.types import Filters, Form
from tests.support.archives import put

KORDOVIA = "Kordovia sent four ships to Hask."
TAVARIA = "Tavaria sent one ship to Hask on 5 March 2024."
SAFE = "“The bridge of Hask is safe,” Ada Lind said."
UNKNOWN = "Investigators have not said how the fire at the mill started."
ARTICLES = [
    {
        "id": "ships",
        "source": "Coast Daily",
        "published_at": "2024-03-04",
        "text": f"Help came by sea. {KORDOVIA} {TAVARIA}",
    },
    {
        "id": "copy",
        "source": "Hill Times",
        "published_at": "2024-03-05",
        "text": f"{KORDOVIA} The harbour was full.",
    },
    {
        "id": "bridge",
        "source": "Gazette",
        "published_at": "2024-03-06",
        "text": f"The mayor spoke at noon. {SAFE} Nobody was hurt.",
    },
    {"id": "mill", "text": f"The mill burned down on Monday. {UNKNOWN}"},
]
SHIPS = "Which countries sent ships to Hask?"
Say = Callable[[Sequence[Sentence]], Statement]


class Saying:
    """Writes what each function makes of the evidence."""

    name = "saying"

    def __init__(self, *says: Say) -> None:
        self._says = says

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        for say in self._says:
            yield say(evidence)


def item(text: str, sentence: str) -> Say:
    """A statement that is a place in a sentence."""

    def say(evidence: Sequence[Sentence]) -> Statement:
        source = holder(sentence, evidence)
        start = source.start + source.text.index(text)
        span = Span(source, start, start + len(text))
        return Statement(text, (source.n,), confidence=0.9, span=span)

    return say


def whole(sentence: str, clause: str | None = None, **fields: Any) -> Say:
    """A statement that is a sentence, perhaps with a deciding clause."""

    def say(evidence: Sequence[Sentence]) -> Statement:
        source = holder(sentence, evidence)
        span = None
        if clause is not None:
            start = source.start + source.text.index(clause)
            span = Span(source, start, start + len(clause))
        return Statement(sentence, (source.n,), confidence=0.9, span=span, **fields)

    return say


def holder(sentence: str, evidence: Sequence[Sentence]) -> Sentence:
    return min((one for one in evidence if sentence in one.text), key=lambda one: one.article.id)


@pytest.fixture
def filled(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, ARTICLES, tmp_path)
    return archive


def answered(
    archive: Archive,
    question: str,
    *says: Say,
    form: Form | None = None,
    filters: Filters | None = None,
) -> Answer:
    """The answer; it is what was streamed, and it holds when it is verified again."""
    asked = Question.parse(question, filters, form=form)
    events = list(Answerer(open_retriever(archive), Saying(*says), 0.0).stream(asked))
    answer = events[-1]
    assert isinstance(answer, Answer)
    streamed = "".join(event.text for event in events if isinstance(event, Token))
    assert streamed == (answer.answer or "")
    for statement in answer.statements:
        assert (answer.answer or "")[statement.start : statement.end] == statement.text
    assert faults(archive, sent(answer)) == []
    return answer


def sent(answer: Answer) -> dict[str, Any]:
    return answer.without_hits().model_dump(mode="json")


def faults(archive: Archive, content: object) -> list[str]:
    with archive.snapshot() as snapshot:
        return check_answer(content, snapshot)


def forged(answer: Answer, change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The answer with a change, and the id that fits it."""
    content = copy.deepcopy(sent(answer))
    change(content)
    content["id"] = content_id(Answer.model_validate(content))
    return content


def listed(archive: Archive) -> Answer:
    return answered(archive, SHIPS, item("Kordovia", KORDOVIA), item("Tavaria", TAVARIA))


def test_a_list_has_an_item_for_each_statement(filled: Archive) -> None:
    answer = listed(filled)
    assert (answer.form, answer.answer) == ("list", "Kordovia; Tavaria")
    assert [(one.text, one.kind) for one in answer.items] == [
        ("Kordovia", "text"),
        ("Tavaria", "text"),
    ]
    quotes = {citation.n: citation.quote for citation in answer.citations}
    assert [quotes[one.citations[0]] for one in answer.items] == [KORDOVIA, TAVARIA]
    assert answer.short_answer is None


def test_an_item_is_said_once(filled: Archive) -> None:
    kordovia = item("Kordovia", KORDOVIA)
    answer = answered(filled, SHIPS, kordovia, item("Tavaria", TAVARIA), kordovia)
    assert [one.text for one in answer.items] == ["Kordovia", "Tavaria"]


def test_an_item_that_fails_is_dropped_and_not_replaced_by_its_sentence(filled: Archive) -> None:
    cut = item("March 2024", TAVARIA)  # a part of "5 March 2024"
    answer = answered(filled, SHIPS, item("Kordovia", KORDOVIA), cut)
    assert [one.text for one in answer.items] == ["Kordovia"]


def test_whole_sentences_of_a_list_are_not_parted_by_semicolons(filled: Archive) -> None:
    answer = answered(filled, SHIPS, whole(KORDOVIA), whole(TAVARIA))
    assert answer.answer == f"{KORDOVIA} {TAVARIA}"
    assert [one.text for one in answer.items] == [KORDOVIA[:-1], TAVARIA[:-1]]


def test_a_form_that_does_not_fit_shapes_the_answer_all_the_same(filled: Archive) -> None:
    day = item("5 March 2024", TAVARIA)
    answer = answered(filled, "When did Tavaria send a ship?", day, form="list")
    (one,) = answer.items
    assert (one.text, one.kind, one.value) == ("5 March 2024", "date", "2024-03-05")
    assert answer.short_answer is not None
    assert answer.short_answer.value == "2024-03-05"


@pytest.mark.parametrize("form", ["short", "sentences", "yes_no", "list", "brief"])
@pytest.mark.parametrize(
    "question", ["When did Tavaria send a ship?", "the of", "Why? And who?", "Wer kam?", "х" * 2000]
)
def test_every_form_takes_every_question(filled: Archive, form: Form, question: str) -> None:
    answer = answered(filled, question, whole(KORDOVIA), form=form)
    assert (answer.form, answer.status) == (form, "answered")
    assert answered(filled, question, form=form).status == "not_found"


def test_sentences_mark_the_deciding_clause(filled: Archive) -> None:
    answer = answered(
        filled, "Why was the harbour full?", whole(KORDOVIA, "Kordovia sent four ships")
    )
    assert answer.answer == KORDOVIA
    assert answer.short_answer is not None
    assert (answer.short_answer.text, answer.short_answer.kind, answer.short_answer.value) == (
        "Kordovia sent four ships",
        "text",
        None,
    )
    (citation,) = answer.citations
    assert citation.answer_start is not None


def test_a_quote_carries_its_speaker_where_the_article_names_one(filled: Archive) -> None:
    question = "What did Ada Lind say about the bridge?"
    answer = answered(filled, question, whole(SAFE, speaker="Ada Lind"))
    assert [citation.speaker for citation in answer.citations] == ["Ada Lind"]
    invented = answered(filled, question, whole(SAFE, speaker="Eve Rook"))
    assert [citation.speaker for citation in invented.citations] == [None]


def test_copies_are_named_and_count_once(filled: Archive) -> None:
    answer = listed(filled)
    first = next(citation for citation in answer.citations if citation.quote == KORDOVIA)
    assert first.article_id == "copy"
    assert [(one.article_id, one.source) for one in first.also_reported_by] == [
        ("ships", "Coast Daily")
    ]
    assert answer.independent_sources == 2
    alone = answered(filled, SHIPS, item("Kordovia", KORDOVIA))
    assert alone.independent_sources == 1


def test_copies_of_a_story_are_named_whatever_is_quoted(archive: Archive, tmp_path: Path) -> None:
    sank = (
        "A ferry carrying 92 people sank off Port Selwen on Tuesday, the coastguard said."
        " Rescuers in inflatable boats pulled survivors from the water before nightfall."
    )
    rest = "It had left the island of Hesk shortly after dawn when waves broke over its bow."
    wire = {"id": "wire", "source": "Agency", "text": f"{sank} {rest}"}
    cut = {"id": "cut", "source": "Herald", "text": sank}
    put(archive, [wire, cut], tmp_path)
    answer = answered(archive, "When did the ferry leave Hesk?", whole(rest))
    (citation,) = answer.citations
    assert [(one.article_id, one.same_story) for one in citation.also_reported_by] == [
        ("cut", True)
    ]
    assert answer.independent_sources == 1
    assert faults(archive, sent(answer)) == []


@pytest.mark.parametrize("code", ["reports_say_unknown", "false_premise"])
def test_what_the_reports_say_of_the_question_is_an_answer(filled: Archive, code: str) -> None:
    answer = answered(filled, "How did the fire at the mill start?", whole(UNKNOWN, code=code))
    assert (answer.status, answer.reason_code, answer.answer) == ("answered", code, UNKNOWN)
    assert answer.reason is not None
    assert answer.reason.startswith("the reports ")


def test_a_vague_question_gets_the_events_that_it_fits(filled: Archive) -> None:
    answer = answered(
        filled,
        "How many ships were sent?",
        whole(KORDOVIA, code="too_uncertain"),
        whole(SAFE, code="too_uncertain"),
    )
    assert (answer.status, answer.reason_code) == ("answered", "too_uncertain")
    assert answer.short_answer is None
    assert answer.reason == (
        "the question fits several events: copy (2024-03-05); bridge (2024-03-06)"
    )


def test_coverage_counts_what_the_day_of_the_question_could_see(filled: Archive) -> None:
    now = answered(filled, SHIPS).coverage
    then = answered(filled, SHIPS, filters=Filters(as_of="2024-03-05")).coverage
    assert now is not None
    assert then is not None
    assert (now.articles, now.newest_published_at) == (4, "2024-03-06")
    assert (then.articles, then.newest_published_at) == (2, "2024-03-05")
    assert now.last_ingested_at is not None
    assert now.in_words == "The archive holds 4 articles, the newest of 2024-03-06"


def test_coverage_does_not_change_the_id(filled: Archive) -> None:
    answer = listed(filled)
    assert content_id(answer.model_copy(update={"coverage": None})) == answer.id


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a["items"][0].update(text="Brast"), "the item 'Brast' is not in the quotes"),
        (lambda a: a["items"][0].update(kind="place"), "the item 'Kordovia' is not in the quotes"),
        (lambda a: a["items"][0].update(value="7"), "the item 'Kordovia' is not in the quotes"),
        (lambda a: a["items"][0].update(citations=[9]), "the item 'Kordovia' is not in the"),
        (lambda a: a.update(form="short"), "it has items, but is not a list"),
        (lambda a: a.update(answer="Kordovia, Tavaria"), "not where it should be"),
        (lambda a: a.update(independent_sources=7), "its count of independent sources"),
        (lambda a: a["coverage"].update(articles=7), "its coverage is not the archive's"),
        (
            lambda a: a["citations"][0].update(speaker="Eve Rook"),
            "its article does not name the speaker 'Eve Rook'",
        ),
        (
            lambda a: a["citations"][0].update(
                also_reported_by=[{"article_id": "mill", "source": None}]
            ),
            "article 'mill' does not report the same words",
        ),
        (
            lambda a: a["citations"][0].update(
                also_reported_by=[{"article_id": "nowhere", "source": None}]
            ),
            "no article 'nowhere'",
        ),
        (
            lambda a: a["citations"][0].update(
                also_reported_by=[{"article_id": "ships", "source": "Reuters"}]
            ),
            "the source of 'ships' is not the article's",
        ),
        (
            lambda a: a["citations"][0].update(
                also_reported_by=[{"article_id": "bridge", "source": "Gazette", "same_story": True}]
            ),
            "article 'bridge' is not a copy of its article",
        ),
    ],
)
def test_a_forged_field_is_found(
    filled: Archive, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    found = faults(filled, forged(listed(filled), change))
    assert any(says in fault for fault in found), found


def test_an_answer_of_an_earlier_version_loads_and_holds(filled: Archive) -> None:
    """It has none of the later fields; its id covers what it had."""
    answer = answered(filled, SHIPS, whole(KORDOVIA), whole(TAVARIA), form="short")
    earlier = sent(answer)
    for field in ("form", "items", "independent_sources", "coverage"):
        del earlier[field]
    for citation in earlier["citations"]:
        del citation["also_reported_by"]
    earlier["id"] = content_id(Answer.model_validate(earlier))
    assert earlier["id"] != answer.id
    assert faults(filled, earlier) == []
    assert faults(filled, {**earlier, "confidence": 0.2}) != []


def test_a_later_version_of_another_report_changes_nothing(filled: Archive, tmp_path: Path) -> None:
    answer = listed(filled)
    put(filled, [ARTICLES[0] | {"text": "All is well.", "updated_at": "2024-03-09"}], tmp_path)
    assert faults(filled, sent(answer)) == []


def test_another_report_that_is_deleted_meanwhile_is_not_named(filled: Archive) -> None:
    answerer = Answerer(open_retriever(filled), Saying(item("Kordovia", KORDOVIA)), 0.0)
    events = record(answerer.stream(Question.parse(SHIPS)), filled, 10)
    assert isinstance(next(events), HitsFound)
    filled.delete("ships")
    answer = list(events)[-1]
    assert isinstance(answer, Answer)
    assert [citation.article_id for citation in answer.citations] == ["copy"]
    assert answer.citations[0].also_reported_by == ()
    assert faults(filled, sent(answer)) == []


def test_what_was_deleted_is_blank_in_the_stored_answer(filled: Archive) -> None:
    answer = listed(filled)
    filled.store_answer(answer, 10)
    filled.delete("copy")
    with filled.snapshot() as snapshot:
        stored = snapshot.answer(answer.id)
    assert (stored.answer, stored.items, stored.form) == (None, (), "list")
    assert "Kordovia" not in stored.model_dump_json()
