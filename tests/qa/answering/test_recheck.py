"""An answer is verified again: a true one holds, and every change to it is found."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.currency import currency
from qa.answering.recheck import check_answer
from qa.answering.shaping import content_id
from qa.archive.archive import Archive
from qa.archive.sources import add_alias
from qa.bootstrap import open_retriever
from qa.errors import BadInput
from qa.models.base import Statement
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel, ScriptedReader
from tests.support.values import changed

RELIEF = {
    "id": "relief",
    "title": "Relief for the harbour",
    "source": "Coast Daily",
    "url": "https://coast.example/relief",
    "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief."
    " Work begins soon.",
    "published_at": "2024-03-04",
}
TOLLS = [
    {
        "id": f"toll-{count}",
        "source": source,
        "text": f"The flood killed {count} people.",
        "published_at": day,
    }
    for count, source, day in (
        (17, "A", "2024-03-04"),
        (23, "B", "2024-03-06"),
        (29, "C", "2024-03-06"),
    )
]
QUESTION = "How much relief did the council pledge?"
Json = dict[str, Any]


@pytest.fixture
def answer(archive: Archive, tmp_path: Path) -> Json:
    put(archive, [RELIEF], tmp_path)
    given = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(QUESTION, Filters(as_of="2024-04-01"))
    )
    return given.without_hits().model_dump(mode="json")


def extracted(archive: Archive, question: str, *articles: Json, tmp_path: Path) -> Json:
    """An answer with a short answer, a timeline and a contradiction, as spans give it."""
    from qa.answering.choice import choose
    from qa.models.base import Written

    class Spans(FirstSentenceModel):
        def write(self, question: Any, evidence: Any) -> Any:
            choice = choose(question, evidence)
            assert choice is not None
            statement: Written = Statement(
                choice.span.text,
                (choice.span.sentence.n,),
                confidence=0.9,
                span=choice.span,
                comparison=choice.comparison,
            )
            yield statement

    put(archive, list(articles), tmp_path)
    reader = ScriptedReader({"17": 5.0, "23": 6.0, "29": 6.0, "USD 40 million": 8.0})
    answerer = Answerer(open_retriever(archive), Spans(), 0.0, reader)
    return answerer.answer(Question.parse(question)).without_hits().model_dump(mode="json")


def faults(archive: Archive, content: object) -> list[str]:
    with archive.store.snapshot() as snapshot:
        return check_answer(content, snapshot)


def forged(answer: Json, change: Callable[[Json], object]) -> Json:
    """The answer with a change, and the id that fits it: a careful forger computes that too."""
    content = copy.deepcopy(answer)
    change(content)
    content["id"] = content_id(Answer.model_validate(content))
    return content


def test_a_true_answer_holds(archive: Archive, answer: Json) -> None:
    assert answer["status"] == "answered"
    assert faults(archive, answer) == []


def test_a_true_answer_with_a_timeline_and_a_contradiction_holds(
    archive: Archive, tmp_path: Path
) -> None:
    answer = extracted(archive, "How many people did the flood kill?", *TOLLS, tmp_path=tmp_path)
    assert answer["timeline"]
    assert answer["disagreements"]
    assert faults(archive, answer) == []


def test_a_change_of_anything_breaks_the_id(archive: Archive, answer: Json) -> None:
    for field, value in (("question", "Who stole it?"), ("confidence", 1.0), ("model", "x")):
        assert faults(archive, {**answer, field: value}) == [
            "its id is not that of its content: something was changed after it was given"
        ]


QUOTE = {"quote": "The council pledged USD 41 million in relief."}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a["citations"][0].update(QUOTE), "its quote is not at"),
        (lambda a: a["citations"][0].update(start=0, end=4), "its quote is not at"),
        (lambda a: a["citations"][0].update(start=-5), "its quote is not at"),
        (lambda a: a["citations"][0].update(version="0" * 8), "no version"),
        (lambda a: a["citations"][0].update(article_id="nowhere"), "nowhere"),
        (lambda a: a["citations"][0].update(quote=""), "its quote is not at"),
        (lambda a: a["citations"][0].update(quote="", start=5, end=5), "its quote is not at"),
        (lambda a: a["citations"][0].update(source="Reuters"), "its source is not"),
        (lambda a: a["citations"][0].update(title="Another"), "its title is not"),
        (lambda a: a["citations"][0].update(published_at="2031-01-01"), "its published_at is not"),
        (lambda a: a["citations"][0].update(url="https://evil.example"), "its url is not"),
        (lambda a: a["citations"].append(a["citations"][0]), "used twice"),
        (lambda a: a["citations"].clear(), "cites nothing"),
        (lambda a: a.update(status="not_found"), "which its text contradicts"),
        (lambda a: a.update(answer=None), "which its text contradicts"),
        (
            lambda a: a.update(answer="The council pledged USD 50 million."),
            "not where it should be",
        ),
        (lambda a: a.update(answer=a["answer"] + " The mayor fled."), "outside its statements"),
        (lambda a: a.update(as_of="2024-03-01"), "published after"),
        (lambda a: a["figures"].clear(), "figures are not those"),
        (lambda a: a["figures"][0].update(citation=None), "figures are not those"),
        (lambda a: a["figures"][0].update(value="42"), "figures are not those"),
    ],
)
def test_every_change_is_found(
    archive: Archive, answer: Json, change: Callable[[Json], object], says: str
) -> None:
    found = faults(archive, forged(answer, change))
    assert any(says in fault for fault in found), found


def restated(text: str) -> Callable[[Json], object]:
    def change(answer: Json) -> None:
        answer["answer"] = text
        answer["statements"] = [{"text": text, "start": 0, "end": len(text), "citations": [1]}]
        answer["figures"] = []

    return change


@pytest.mark.parametrize(
    "text", ["The minister stole the aid and fled.", "The council pledged USD 900 million."]
)
def test_an_invented_statement_is_found(archive: Archive, answer: Json, text: str) -> None:
    found = faults(archive, forged(answer, restated(text)))
    assert any("not supported by its quotes" in fault for fault in found), found


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda a: a["short_answer"].update(text="29"), "not what the quote says"),
        (lambda a: a["short_answer"].update(value="900"), "not what the quote says"),
        (lambda a: a["citations"][0].update(answer_start=0, answer_end=3), "not what the quote"),
        (lambda a: a["timeline"][0].update(value="1"), "the timeline's"),
        (lambda a: a["timeline"][0].update(published_at="2020-01-01"), "the timeline's"),
        (lambda a: a["disagreements"][0].update(text="Reuters: nothing"), "the contradiction"),
    ],
)
def test_a_change_beside_the_text_is_found(
    archive: Archive, tmp_path: Path, change: Callable[[Json], object], says: str
) -> None:
    answer = extracted(archive, "How many people did the flood kill?", *TOLLS, tmp_path=tmp_path)
    found = faults(archive, forged(answer, change))
    assert any(says in fault for fault in found), found


def test_a_yes_that_the_figures_deny_is_found(archive: Archive, tmp_path: Path) -> None:
    from qa.answering.extraction.extract import extract

    class Figures(ScriptedAnswerModel):
        name = "local:test"

        def write(self, question: Any, evidence: Any) -> Any:
            yield from extract(question, evidence)

    put(archive, [RELIEF], tmp_path)
    question = "Did the council pledge USD 40 million in relief?"
    given = Answerer(open_retriever(archive), Figures(), 0.0).answer(Question.parse(question))
    answer = given.without_hits().model_dump(mode="json")
    assert answer["short_answer"]["value"] == "true"
    assert answer["answer"].startswith("Yes: The council pledged")
    assert faults(archive, answer) == []
    denied = forged(answer, lambda a: a["short_answer"].update(text="no", value="false"))
    assert faults(archive, denied) == [
        "its yes or no is not what its text says",
        "its yes or no is not what the figures say",
    ]


def test_a_language_model_may_compare_a_figure(archive: Archive, tmp_path: Path) -> None:
    """USD 40 million is more than 30: by value alone the answer would be no."""
    put(archive, [RELIEF], tmp_path)
    model = ScriptedAnswerModel([Statement("Yes, it pledged USD 40 million in relief.", (1,))])
    given = Answerer(open_retriever(archive), model, 0.0).answer(
        Question.parse("Did the council pledge more than USD 30 million in relief?")
    )
    answer = given.without_hits().model_dump(mode="json")
    assert answer["short_answer"]["value"] == "true"
    assert faults(archive, answer) == []


def test_a_later_version_does_not_change_what_was_quoted(
    archive: Archive, answer: Json, tmp_path: Path
) -> None:
    put(archive, [RELIEF | {"text": "All is well.", "updated_at": "2024-03-05"}], tmp_path)
    assert faults(archive, answer) == []


def test_a_deleted_article_is_named(archive: Archive, answer: Json) -> None:
    with archive.store.writing() as writer:
        writer.delete("relief")
    assert any("no version" in fault for fault in faults(archive, answer))


@pytest.mark.parametrize(
    "content",
    [
        [],
        "text",
        None,
        {},
        {"status": "banana"},
        {"status": "answered", "citations": [{}]},
    ],
)
def test_what_is_not_an_answer_is_refused(archive: Archive, content: object) -> None:
    with pytest.raises(BadInput, match="not a Dateline answer"):
        faults(archive, content)


def test_a_lone_surrogate_is_refused(archive: Archive, answer: Json) -> None:
    answer["citations"][0]["article_id"] = "\ud800"
    with pytest.raises(BadInput, match="not a Dateline answer: the document: Invalid JSON"):
        faults(archive, answer)


def test_stored_answers_keep_their_record_and_lose_what_was_deleted(
    archive: Archive, answer: Json
) -> None:
    given = Answer.model_validate(answer)
    archive.store_answer(given, 10)
    with archive.store.snapshot() as snapshot:
        assert snapshot.answer(given.id) == given
        generation = snapshot.generation
    with archive.store.writing() as writer:
        writer.delete("relief")
    with archive.store.snapshot() as snapshot:
        kept = snapshot.answer(given.id)
        assert snapshot.generation == generation + 1  # the delete's; storing an answer raised none
    assert [citation.quote for citation in kept.citations] == [""]
    assert (kept.id, kept.question, kept.answer) == (given.id, given.question, None)
    assert faults(archive, kept.model_dump(mode="json"))[0].startswith(
        "citation 1: its quote is blank, and there is no version"
    )
    # An answer that was read before the delete and is stored after it brings no quote back.
    archive.store_answer(given, 10)
    with archive.store.snapshot() as snapshot:
        assert [citation.quote for citation in snapshot.answer(given.id).citations] == [""]


def test_the_oldest_answers_are_forgotten(archive: Archive, answer: Json) -> None:
    for number in range(5):
        archive.store_answer(changed(Answer.model_validate(answer), id=f"a{number}"), 3)
    with archive.store.snapshot() as snapshot:
        assert [snapshot.answer(f"a{number}").id for number in (2, 3, 4)] == ["a2", "a3", "a4"]
        for gone in ("a0", "a1"):
            with pytest.raises(BadInput, match=gone):
                snapshot.answer(gone)


def limited(archive: Archive, tmp_path: Path) -> Json:
    put(archive, [RELIEF | {"authors": ["Jane Roe"]}, *TOLLS], tmp_path)
    question = "In the Coast Daily, how much relief did the council pledge?"
    given = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(question)
    )
    assert given.applied_filters.sources == ("Coast Daily",)
    return given.without_hits().model_dump(mode="json")


def test_an_answer_under_limits_of_its_question_holds(archive: Archive, tmp_path: Path) -> None:
    given = limited(archive, tmp_path)
    with archive.store.snapshot() as snapshot:
        assert check_answer(given, snapshot) == []


@pytest.mark.parametrize(
    ("applied", "fault"),
    [
        ({"sources": ["Hill Times"]}, "citation 1: its source is not one that the question"),
        ({"authors": ["Tom Ashby"]}, "citation 1: its author is not one that the question"),
        ({"sections": ["Sport"]}, "citation 1: its section is not one that the question"),
        ({"published_from": "2024-04-01"}, "citation 1: its article was not published when"),
    ],
)
def test_a_citation_outside_the_limits_is_a_fault(
    archive: Archive, tmp_path: Path, applied: Json, fault: str
) -> None:
    given = limited(archive, tmp_path) | {"applied_filters": applied}
    with archive.store.snapshot() as snapshot:
        faults = check_answer(given, snapshot)
    assert any(line.startswith(fault) for line in faults), faults


def test_an_answer_limited_to_a_publisher_holds_under_each_of_its_names(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{**RELIEF, "source": "coast.example"}, *TOLLS], tmp_path)
    with archive.store.aside() as database:
        for name in ("coast.example", "The Daily"):
            add_alias(database, name, "Coast Daily")
    question = "According to the Daily, how much relief did the council pledge?"
    given = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(question)
    )
    assert given.applied_filters.sources == ("coast.example",)
    assert faults(archive, given.without_hits().model_dump(mode="json")) == []


AMENDMENTS = {"source": "Coast Weekly", "url": "https://coast.example/2", "published_at": None}


def test_an_article_that_was_amended_leaves_a_true_answer_true(
    archive: Archive, answer: Json, tmp_path: Path
) -> None:
    """Its source, address and date were right at their time; the answer says that they changed."""
    put(archive, [{**RELIEF, "published_at": "2024-05-01"}], tmp_path)  # after the answer's as_of
    put(archive, [{**RELIEF, **AMENDMENTS}], tmp_path)
    assert faults(archive, answer) == []
    with archive.snapshot() as snapshot:
        now = currency(Answer.model_validate(answer), snapshot)
    assert (now.state, [change.kind for change in now.changes]) == ("changed", ["amended"])

    put(archive, [RELIEF], tmp_path)  # and back
    with archive.snapshot() as snapshot:
        assert currency(Answer.model_validate(answer), snapshot).state == "current"


def test_a_field_that_the_article_never_had_is_a_fault_after_an_amendment(
    archive: Archive, answer: Json, tmp_path: Path
) -> None:
    put(archive, [{**RELIEF, **AMENDMENTS}], tmp_path)
    invented = forged(answer, lambda a: a["citations"][0].update(source="Hill Times"))
    assert faults(archive, invented) == ["citation 1: its source is not the article's"]
    mixed = forged(answer, lambda a: a["citations"][0].update(source="Coast Weekly"))
    assert len(faults(archive, mixed)) >= 1  # the new source with the old date
    with archive.snapshot() as snapshot:
        assert currency(Answer.model_validate(invented), snapshot).state == "current"


def test_limits_of_the_question_are_judged_by_the_article_as_it_was(
    archive: Archive, tmp_path: Path
) -> None:
    article = {**RELIEF, "authors": ["Jane Roe"], "section": "Politics"}
    put(archive, [article], tmp_path)
    question = "What did Jane Roe write about relief?"
    given = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(question)
    )
    put(archive, [{**article, "authors": ["Tom Ashby"]}], tmp_path)
    assert given.applied_filters.authors == ("Jane Roe",)
    assert faults(archive, given.without_hits().model_dump(mode="json")) == []


def test_a_copy_that_was_amended_was_a_copy(archive: Archive, tmp_path: Path) -> None:
    """Its new date alone is why it is no copy any more."""
    wire = {
        "id": "wire",
        "title": "Ferry sinks off Port Selwen",
        "source": "Agency",
        "published_at": "2024-03-05",
        "text": "A passenger ferry carrying 92 people sank in heavy seas off Port Selwen on Monday,"
        " killing at least 14, the coastguard said. The Lady Orla had left the island of Hesk"
        " shortly after dawn. Rescuers in inflatable boats pulled survivors from the water.",
    }
    copy_of_it = {**wire, "id": "copy", "source": "Herald"}
    put(archive, [wire, copy_of_it], tmp_path)
    given = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse("How many people did the ferry carry off Port Selwen?")
    )
    (other,) = given.citations[0].also_reported_by
    assert other.same_story
    content = given.without_hits().model_dump(mode="json")
    assert faults(archive, content) == []
    put(archive, [wire, {**copy_of_it, "published_at": "2024-06-05"}], tmp_path)
    with archive.snapshot() as snapshot:
        assert not snapshot.are_copies("wire", "copy")
    assert faults(archive, content) == []
