"""One question's way, with an embedder and a model whose doings can be worked out by hand."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer, HitsFound, Token
from qa.answering.recheck import check_answer
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.archive.sources import add_alias
from qa.bootstrap import open_retriever
from qa.errors import AnswerModelTimeout, BadInput
from qa.models.base import Statement, Written
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel, ScriptedAnswerModel, ScriptedReader

AID = {
    "id": "aid",
    "title": "Relief for the coast",
    "text": "The harbour was flooded on Sunday."
    " The council pledged USD 40 million in relief on Monday. Work follows.",
    "published_at": "2024-03-04",
    "source": "Coast Daily",
}
LATER = {
    "id": "later",
    "title": "More relief for the coast",
    "text": "The council raised its relief to USD 55 million on Friday. Nobody objected.",
    "published_at": "2024-03-08",
    "source": "Hill Times",
}
QUESTION = "How much relief did the council pledge?"


def answerer(
    archive: Archive, *scripts: Sequence[Statement | Exception] | Exception, threshold: float = 0.0
) -> Answerer:
    return Answerer(open_retriever(archive), ScriptedAnswerModel(*scripts), threshold)


def number_of(
    archive: Archive, words: str, question: str = QUESTION, filters: Filters | None = None
) -> int:
    """The number under which the sentence with these words is shown to a model."""
    model = ScriptedAnswerModel([])
    Answerer(open_retriever(archive), model, 0.0).answer(Question.parse(question, filters))
    return next(item.n for item in model.seen[0][1] if words in item.text)


def check_quotes(archive: Archive, answer: Answer) -> None:
    """Invariant 1: every quote stands at its offsets in that version of the article."""
    with archive.store.snapshot() as snapshot:
        for citation in answer.citations:
            text = snapshot.article(citation.article_id, citation.version).article.text
            assert text[citation.start : citation.end] == citation.quote


def test_a_verified_answer_carries_the_exact_sentence_its_source_and_date(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    answer = answerer(
        archive, [Statement("The council pledged USD 40 million.", (n,), "USD 40 million", 0.9)]
    ).answer(Question.parse(QUESTION))
    assert answer.status == "answered"
    assert answer.answer == "The council pledged USD 40 million."
    (citation,) = answer.citations
    assert citation.quote == "The council pledged USD 40 million in relief on Monday."
    assert (citation.article_id, citation.source, citation.published_at) == (
        "aid",
        "Coast Daily",
        "2024-03-04",
    )
    assert citation.answer_start is not None
    assert AID["text"][citation.answer_start : citation.answer_end] == "USD 40 million"
    assert answer.short_answer is not None
    assert (answer.short_answer.kind, answer.short_answer.value, answer.short_answer.unit) == (
        "money",
        "40000000",
        "USD",
    )
    assert [(figure.value, figure.status, figure.citation) for figure in answer.figures] == [
        ("40000000", "supported", 1)
    ]
    check_quotes(archive, answer)


def test_a_statement_with_an_invented_figure_is_replaced_by_the_sentence_it_cites(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    answer = answerer(
        archive, [Statement("The council pledged USD 400 million.", (n,), "USD 400 million", 0.9)]
    ).answer(Question.parse(QUESTION))
    assert answer.answer == "The council pledged USD 40 million in relief on Monday."
    assert {figure.status for figure in answer.figures} == {"supported"}


def test_a_statement_that_fails_and_cites_what_is_not_asked_is_dropped(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    answer = answerer(
        archive, [Statement("The council pledged USD 400 million.", (n,), "USD 400 million", 0.9)]
    ).answer(Question.parse("When did the ferry to Lindmouth sink?"))
    assert (answer.status, answer.answer, answer.citations) == ("not_found", None, ())


class Repairing(ScriptedAnswerModel):
    """Repairs each statement with the next of its repairs, and notes what it was told."""

    def __init__(self, script: Sequence[Written], *repairs: Written | Exception) -> None:
        super().__init__(script)
        self._repairs = list(repairs)
        self.told: list[Sequence[str]] = []

    def repair(
        self, statement: Statement, faults: Sequence[str], evidence: Sequence[Sentence]
    ) -> Iterator[Written]:
        self.told.append(faults)
        repair = self._repairs.pop(0)
        if isinstance(repair, Exception):
            raise repair
        yield repair


WRONG = "The council pledged USD 400 million."
RIGHT = "The council pledged USD 40 million."


@pytest.mark.parametrize(
    ("repair", "answer"),
    [
        (Statement(RIGHT, (1,)), RIGHT),
        (Statement(WRONG, (1,)), "The council pledged USD 40 million in relief on Monday."),
        (AnswerModelTimeout("late"), "The council pledged USD 40 million in relief on Monday."),
    ],
)
def test_a_failing_statement_is_repaired_once_by_a_model_that_can(
    archive: Archive, tmp_path: Path, repair: Written | Exception, answer: str
) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    if isinstance(repair, Statement):
        repair = replace(repair, cites=(n,))
    model = Repairing([Statement(WRONG, (n,))], repair)
    events = list(Answerer(open_retriever(archive), model, 0.0).stream(Question.parse(QUESTION)))
    assert [event.text for event in events if isinstance(event, Token)] == [answer]
    ((fault, *_),) = model.told
    assert "USD 400 million" in fault


def test_a_sentence_that_replaces_two_statements_is_said_once(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    wrong = [Statement(WRONG, (n,)), Statement("The council pledged USD 4 million.", (n,))]
    answer = answerer(archive, wrong).answer(Question.parse(QUESTION))
    assert len(answer.statements) == 1


def test_a_scale_is_part_of_the_value(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    wrong = answerer(archive, [Statement("The relief was $40bn.", (n,), None, 0.9)]).answer(
        Question.parse(QUESTION)
    )
    right = answerer(archive, [Statement("The relief was $40m.", (n,), None, 0.9)]).answer(
        Question.parse(QUESTION)
    )
    assert wrong.answer is not None
    assert "40bn" not in wrong.answer
    assert right.answer == "The relief was $40m."


def test_a_citation_of_a_sentence_that_was_never_shown_is_worth_nothing(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    answer = answerer(
        archive, [Statement("Elephants paraded through Vienna.", (99,), None, 0.9)]
    ).answer(Question.parse(QUESTION))
    assert answer.status == "not_found"
    assert answer.reason_code == "not_in_archive"
    assert answer.reason is not None
    assert "the language model's answer was dropped" in answer.reason


def test_silence_of_the_model_is_not_found(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID], tmp_path)
    assert answerer(archive, []).answer(Question.parse(QUESTION)).status == "not_found"


def test_doubt_declines_and_keeps_the_candidate(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    statement = Statement("USD 40 million", (n,), "USD 40 million", 0.3)
    declined = answerer(archive, [statement], threshold=0.5).answer(Question.parse(QUESTION))
    assert declined.status == "not_found"
    assert declined.candidate is not None
    assert (declined.candidate.text, declined.candidate.confidence) == ("USD 40 million", 0.3)
    assert declined.candidate.article_ids == ("aid",), "known, as a deletion takes it along"
    assert "article_ids" not in declined.candidate.model_dump()
    assert (
        declined.reason == "the best answer found is too uncertain: confidence 0.30, threshold 0.50"
    )
    close = Statement("USD 40 million", (n,), "USD 40 million", 0.4969)
    just_below = answerer(archive, [close], threshold=0.5).answer(Question.parse(QUESTION))
    assert just_below.reason is not None
    assert just_below.reason.endswith("confidence 0.497, threshold 0.500"), "never 0.50 and 0.50"
    taken = answerer(archive, [statement], threshold=0.5).answer(
        Question.parse(QUESTION, min_confidence=0)
    )
    assert (taken.status, taken.candidate) == ("answered", None)


def test_nothing_published_after_as_of_is_shown_to_the_model(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID, LATER], tmp_path)
    model = ScriptedAnswerModel([])
    found = Answerer(open_retriever(archive), model, 0.0).answer(
        Question.parse(QUESTION, Filters(as_of="2024-03-05"))
    )
    assert {hit.article.id for hit in found.hits or ()} == {"aid"}
    assert all("55 million" not in item.text for item in model.seen[0][1])


def test_before_the_first_article_there_is_nothing(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID], tmp_path)
    answer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(QUESTION, Filters(as_of="2020-01-01"))
    )
    assert (answer.status, answer.hits) == ("not_found", ())
    assert answer.reason_code == "nothing_visible"
    assert answer.reason == (
        "no article is visible as of 2020-01-01;"
        " the archive's articles are from 2024-03-04 to 2024-03-04"
    )


def test_what_was_deleted_is_cited_no_more(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID, LATER], tmp_path)
    with archive.store.writing() as writer:
        writer.delete("aid")
    answer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse(QUESTION)
    )
    assert {citation.article_id for citation in answer.citations} == {"later"}
    assert {hit.article.id for hit in answer.hits or ()} == {"later"}


def test_streaming_and_answering_tell_the_same(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID, LATER], tmp_path)
    n = number_of(archive, "pledged")
    script = [
        Statement("The council pledged USD 40 million.", (n,), "USD 40 million", 0.9),
        Statement("Work follows.", (), None),
    ]
    events = list(answerer(archive, script).stream(Question.parse(QUESTION)))
    assert isinstance(events[0], HitsFound)
    assert isinstance(events[-1], Answer)
    assert "".join(event.text for event in events if isinstance(event, Token)) == events[-1].answer
    plain = answerer(archive, script).answer(Question.parse(QUESTION))
    assert plain.id == events[-1].id
    assert plain.citations == events[-1].citations


def test_an_error_of_the_model_is_an_error_and_no_answer(archive: Archive, tmp_path: Path) -> None:
    put(archive, [AID], tmp_path)
    n = number_of(archive, "pledged")
    broken = answerer(
        archive,
        [Statement("The council pledged USD 40 million.", (n,)), AnswerModelTimeout("too late")],
    )
    with pytest.raises(AnswerModelTimeout):
        broken.answer(Question.parse(QUESTION))


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001])
def test_a_question_that_cannot_be_asked_is_refused(archive: Archive, question: str) -> None:
    with pytest.raises(BadInput):
        Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
            Question.parse(question)
        )


def test_offsets_count_code_points_past_an_emoji(archive: Archive, tmp_path: Path) -> None:
    text = "Crowds 🎉🎉 filled Große Straße. The mayor thanked 300 helpers. Rain fell."
    put(archive, [{"id": "e", "text": text, "published_at": "2024-01-01"}], tmp_path)
    answer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0).answer(
        Question.parse("How many helpers did the mayor thank?")
    )
    assert answer.citations[0].quote == "The mayor thanked 300 helpers."
    check_quotes(archive, answer)


TOLLS = [
    {"id": name, "text": text, "published_at": day, "source": source}
    for name, text, day, source in (
        ("first", "The flood killed 17 people in Marlow.", "2024-03-04", "Coast Daily"),
        ("later", "The flood killed 23 people, Marlow says.", "2024-03-06", "Hill Times"),
        ("sheep", "The flood drowned 400 sheep in Marlow.", "2024-03-07", "Farm Post"),
    )
]
TOLL = "How many people did the flood kill in Marlow?"


def read_by(
    archive: Archive,
    reader: ScriptedReader,
    question: str,
    words: str,
    short: str,
    filters: Filters | None = None,
) -> Answer:
    """The answer of a model that says ``short`` from the sentence with these words."""
    seen = ScriptedAnswerModel([])
    Answerer(open_retriever(archive), seen, 0.0, reader).answer(Question.parse(question, filters))
    n = next(item.n for item in seen.seen[0][1] if words in item.text)
    model = ScriptedAnswerModel([Statement(short, (n,), short, 0.9)])
    return Answerer(open_retriever(archive), model, 0.0, reader).answer(
        Question.parse(question, filters)
    )


def test_figures_of_other_days_form_a_timeline_and_figures_of_other_things_do_not(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, TOLLS, tmp_path)
    answer = read_by(archive, ScriptedReader({"17": 5.0, "23": 6.0, "400": 5.0}), TOLL, "23", "23")
    assert [(entry.value, entry.published_at, entry.text) for entry in answer.timeline] == [
        ("17", "2024-03-04", "17"),
        ("23", "2024-03-06", "23"),
    ]
    quotes = {citation.n: citation.quote for citation in answer.citations}
    assert [quotes[entry.citation] for entry in answer.timeline] == [
        "The flood killed 17 people in Marlow.",
        "The flood killed 23 people, Marlow says.",
    ]
    assert (answer.disagreements, answer.reason) == ((), None)
    check_quotes(archive, answer)


def test_nothing_published_later_joins_the_timeline(archive: Archive, tmp_path: Path) -> None:
    put(archive, TOLLS, tmp_path)
    reader = ScriptedReader({"17": 5.0, "23": 6.0})
    answer = read_by(archive, reader, TOLL, "17", "17", Filters(as_of="2024-03-05"))
    assert answer.timeline == ()
    assert [citation.article_id for citation in answer.citations] == ["first"]


def test_sources_that_differ_on_one_day_disagree_and_are_named(
    archive: Archive, tmp_path: Path
) -> None:
    same_day = [TOLLS[0], TOLLS[1] | {"published_at": "2024-03-04T18:00:00+00:00"}]
    put(archive, same_day, tmp_path)
    answer = read_by(archive, ScriptedReader({"17": 5.0, "23": 6.0}), TOLL, "17", "17")
    (disagreement,) = answer.disagreements
    assert disagreement.text == "Hill Times: 23"
    assert [
        citation.article_id for citation in answer.citations if citation.n in disagreement.citations
    ] == ["later"]
    assert answer.reason == "sources disagree; Hill Times: 23"
    assert answer.timeline == ()


def test_names_that_differ_are_a_disagreement(archive: Archive, tmp_path: Path) -> None:
    rows = [
        {"id": "real", "text": "Elena Voss resigned from the council.", "source": "Coast Daily"},
        {"id": "fake", "text": "Piet Maas resigned from the council.", "source": "Rumour Mill"},
    ]
    put(archive, rows, tmp_path)
    reader = ScriptedReader({"Elena Voss": 9.0, "Piet Maas": 8.0})
    answer = read_by(archive, reader, "Who resigned from the council?", "Elena", "Elena Voss")
    assert [item.text for item in answer.disagreements] == ["Rumour Mill: Piet Maas"]


def test_a_verdict_is_boolean_and_cites_the_sentence_that_decides_it(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    question = "Did the council pledge relief?"
    n = number_of(archive, "pledged", question)
    said = "Yes: The council pledged USD 40 million in relief on Monday."
    answer = answerer(archive, [Statement(said, (n,), None, 0.9)]).answer(Question.parse(question))
    assert answer.short_answer is not None
    assert (answer.short_answer.kind, answer.short_answer.value) == ("boolean", "true")
    assert answer.citations[0].quote == "The council pledged USD 40 million in relief on Monday."


# Limits that the question states


def test_an_answer_says_which_limits_it_took_from_the_question(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID, LATER], tmp_path)
    question = "According to the Hill Times, how much relief did the council pledge?"
    model = ScriptedAnswerModel([Statement("It raised its relief to USD 55 million.", (1,))])
    given = Answerer(open_retriever(archive), model, 0.0).answer(Question.parse(question))
    assert given.question == question
    assert given.applied_filters.model_dump() == {"sources": ("Hill Times",)}
    assert [citation.article_id for citation in given.citations] == ["later"]
    assert model.seen[0][0].text == "How much relief did the council pledge?"


def test_an_answer_to_a_question_without_limits_applies_none(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID], tmp_path)
    given = answerer(archive, []).answer(Question.parse(QUESTION))
    assert given.applied_filters.model_dump() == {}


def test_two_names_of_one_publisher_are_one_independent_source(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [AID, {**LATER, "source": "coast.example"}], tmp_path)
    question = "What did the council do for the coast?"
    said = ("pledged USD 40 million in relief on Monday", "raised its relief to USD 55 million")
    statements = [
        Statement(f"The council {text}.", (number_of(archive, text, question),)) for text in said
    ]

    def count() -> int:
        given = answerer(archive, statements).answer(Question.parse(question, form="sentences"))
        assert len(given.statements) == 2
        with archive.snapshot() as snapshot:
            assert check_answer(given.without_hits().model_dump(mode="json"), snapshot) == []
        return given.independent_sources

    assert count() == 2
    with archive.store.aside() as database:
        add_alias(database, "coast.example", "Coast Daily")
    assert count() == 1
