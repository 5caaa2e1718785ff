"""Stored answers: what they hold, and what is left once an article is deleted."""

from pathlib import Path

import pytest

from qa.answer import (
    Answer,
    AnswerFigure,
    ArticleMention,
    Candidate,
    Citation,
    Coverage,
    Disagreement,
    HitOutput,
    HitScores,
    OtherReport,
    PassageOutput,
    ShortAnswer,
    StatementOutput,
    TimelineEntry,
)
from qa.archive import answers
from qa.archive.sqlite.store import DATABASE
from qa.archive.store import Store
from qa.errors import NotFound
from qa.types import Article, Filters
from tests.support.stores import amend, delete, put
from tests.support.values import an_answer, changed

TREATY = Article(
    id="treaty",
    title="Secretword signed",
    text="Zebulon Quark signed the secretword treaty in Hask. It covers 17 harbours.",
)
OTHER = Article(id="other", title="Seventeen", text="It covers 17 harbours, officials said.")
QUOTE = "Zebulon Quark signed the secretword treaty in Hask."


def citation(n: int, article: Article, quote: str) -> Citation:
    return Citation(
        n=n,
        article_id=article.id,
        version="v",
        title=article.title,
        source="Coast Daily",
        url=f"https://news.example/{article.title}",
        published_at="2024-05-06",
        passage_id=n,
        quote=quote,
        start=0,
        end=len(quote),
    )


def full_answer() -> Answer:
    """An answer with something in every field, resting on both articles."""
    figure = {"text": "17", "kind": "number", "value": "17", "value_to": None, "unit": None}
    return an_answer(
        id="a1",
        question="Who signed it?",
        status="answered",
        reason="reports differ: secretword",
        answer=QUOTE,
        statements=(StatementOutput(text=QUOTE, start=0, end=len(QUOTE), citations=(1,)),),
        short_answer=ShortAnswer(text="Zebulon Quark", kind="person"),
        confidence=0.9,
        candidate=Candidate(text="Zebulon Quark", confidence=0.2),
        citations=(citation(1, TREATY, QUOTE), citation(2, OTHER, OTHER.text)),
        figures=(AnswerFigure(**figure, bound="exact", status="supported", citation=1),),
        timeline=(
            TimelineEntry(value="17", unit=None, text=QUOTE, published_at="2024-05-06", citation=1),
        ),
        disagreements=(Disagreement(text=QUOTE, citations=(1,)),),
    )


def store_answer(store: Store, answer: Answer, most: int = 10) -> None:
    with store.aside() as database:
        answers.store(database, answer, most)


def stored(store: Store, answer_id: str) -> Answer:
    with store.snapshot() as snapshot:
        return snapshot.answer(answer_id)


def test_a_stored_answer_comes_back_equal_and_the_oldest_beyond_the_most_are_dropped(
    store: Store,
) -> None:
    put(store, TREATY, OTHER)
    for number in range(4):
        store_answer(store, changed(full_answer(), id=f"a{number}"), most=3)
    assert stored(store, "a3") == changed(full_answer(), id="a3")
    with pytest.raises(NotFound, match="no answer 'a0'"):
        stored(store, "a0")
    assert stored(store, "a1").id == "a1"


def test_after_a_delete_the_record_is_left_and_no_text_of_the_article(store: Store) -> None:
    put(store, TREATY, OTHER)
    store_answer(store, full_answer())
    delete(store, "treaty")
    left = stored(store, "a1")
    assert "secretword" not in left.model_dump_json().lower()
    assert "Zebulon" not in left.model_dump_json()
    assert (left.id, left.question, left.status, left.confidence, left.index) == (
        "a1",
        "Who signed it?",
        "answered",
        0.9,
        full_answer().index,
    )
    assert left.reason == "an article that this answer cites was deleted"
    gone, other = left.citations
    assert (gone.article_id, gone.version, gone.quote, gone.end) == ("treaty", "v", "", len(QUOTE))
    assert other == full_answer().citations[1]


def test_an_answer_that_is_stored_after_the_delete_holds_no_text_of_it_either(
    store: Store,
) -> None:
    put(store, OTHER)
    store_answer(store, full_answer())
    assert "secretword" not in stored(store, "a1").model_dump_json().lower()
    assert stored(store, "a1").citations[1].quote == OTHER.text


def hit(rank: int, article: Article) -> HitOutput:
    return HitOutput(
        rank=rank,
        score=1.0,
        scores=HitScores(dense=None, lexical=1.0),
        passage=PassageOutput(id=rank, text=article.text, start=0, end=len(article.text)),
        article=ArticleMention(id=article.id, title=None, source=None, url=None, published_at=None),
    )


def test_a_rejected_candidate_goes_with_the_articles_that_it_is_from(store: Store) -> None:
    sources = ((TREATY.id,), (TREATY.id, OTHER.id))
    for number, article_ids in enumerate(sources):
        candidate = Candidate(text="Zebulon Quark", confidence=0.2, article_ids=article_ids)
        rejected = an_answer(candidate=candidate, reason="too uncertain", hits=(hit(1, TREATY),))
        for deleted in (TREATY.id, OTHER.id):
            name = f"{deleted}{number}"
            put(store, TREATY, OTHER)
            store_answer(store, changed(rejected, id=name))
            delete(store, deleted)
            left = stored(store, name)
            assert (left.candidate is None) == (deleted in article_ids)
            assert left.reason == "too uncertain"


@pytest.mark.sqlite_only("what its files hold")
def test_no_file_holds_the_text_of_a_deleted_article_nor_does_a_backup(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    put(store, OTHER, TREATY, *(Article(id=f"a{n}", text=f"Text {n}. " * 200) for n in range(20)))
    store_answer(store, full_answer())
    assert any(QUOTE.encode() in path.read_bytes() for path in folder.iterdir())
    delete(store, "treaty")
    store.backup(tmp_path / "backup")
    for path in [*folder.iterdir(), tmp_path / "backup"]:
        assert QUOTE.encode() not in path.read_bytes(), path.name


@pytest.mark.sqlite_only("what its files hold")
def test_a_log_that_a_reader_still_needs_is_emptied_by_a_later_write(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.sqlite.store._SCRUB", 0)
    put(store, TREATY)
    with store.snapshot() as reader:
        assert reader.find("treaty") is not None
        delete(store, "treaty")
    put(store, OTHER)
    for path in folder.iterdir():
        assert QUOTE.encode() not in path.read_bytes(), path.name
    assert (folder / DATABASE).exists()


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(as_of="2024-05-01", include_undated=True, sources=("Süd", "Post")),
        Filters(sources=("\ud800",)),
    ],
)
def test_an_answer_is_stored_with_the_filters_of_its_question(
    store: Store, filters: Filters
) -> None:
    with store.aside() as database:
        answers.store(database, an_answer(id="a"), 5, filters)
    with store.snapshot() as snapshot:
        assert snapshot.filters_of("a") == filters


def seen_without(store: Store, *rights: str, answer_id: str = "a1") -> Answer:
    store.hidden = lambda: frozenset(rights)
    return stored(store, answer_id)


def test_what_an_answer_rests_on_and_a_reader_may_not_see_is_cut(store: Store) -> None:
    put(store, TREATY.model_copy(update={"rights": "board"}), OTHER)
    with store.aside() as database:
        answers.store(database, full_answer(), 5)
    assert seen_without(store) == seen_without(store, "wire") == full_answer()
    cut = seen_without(store, "board")
    assert [citation.article_id for citation in cut.citations] == [OTHER.id]
    assert (cut.answer, cut.short_answer, cut.statements, cut.candidate) == (None, None, (), None)
    assert (cut.figures, cut.timeline, cut.disagreements) == ((), (), ())
    assert "secretword" not in cut.model_dump_json()
    assert "Zebulon" not in cut.model_dump_json()


@pytest.mark.parametrize(
    "end",
    [
        {"status": "canceled"},
        {"expires_at": "2024-06-01"},
        {"embargoed_until": "2999-01-01T00:00:00Z"},
    ],
)
def test_while_nobody_may_see_an_article_its_text_is_in_no_stored_answer(
    store: Store, end: dict[str, str]
) -> None:
    put(store, TREATY, OTHER)
    store_answer(store, full_answer())
    amend(store, TREATY.model_copy(update=end))
    cut = stored(store, "a1")
    said = (cut.answer, cut.short_answer, cut.statements, cut.candidate, cut.figures, cut.timeline)
    assert said == (None, None, (), None, (), ())
    assert "secretword" not in cut.model_dump_json()
    assert "Zebulon" not in cut.model_dump_json()
    assert [citation.article_id for citation in cut.citations] == [TREATY.id, OTHER.id]
    assert [citation.quote for citation in cut.citations] == ["", OTHER.text]
    assert cut.reason is not None
    assert "may not be shown now" in cut.reason
    store_answer(store, an_answer(id="a2"))
    assert stored(store, "a2") == an_answer(id="a2"), "it names no article"
    amend(store, TREATY)
    assert stored(store, "a1") == full_answer(), "the record itself is whole"


def test_a_candidate_goes_while_nobody_may_see_the_article_that_it_may_be_from(
    store: Store,
) -> None:
    put(store, TREATY, OTHER)
    candidate = Candidate(text="Zebulon Quark", confidence=0.2, article_ids=(TREATY.id,))
    answer = an_answer(
        id="a1",
        candidate=candidate,
        reason="too uncertain",
        hits=(hit(1, TREATY), hit(2, OTHER)),
    )
    store_answer(store, answer)
    amend(store, OTHER.model_copy(update={"status": "canceled"}))
    assert stored(store, "a1").candidate is not None, "it is not from that one"
    amend(store, TREATY.model_copy(update={"status": "canceled"}))
    cut = stored(store, "a1")
    assert (cut.candidate, cut.reason) == (None, "too uncertain")


def test_the_coverage_of_somebody_who_saw_more_is_not_shown(store: Store) -> None:
    hidden = Article(id="hidden", text="Nothing of this is cited.", rights="board")
    put(store, OTHER, hidden)
    answer = an_answer(
        id="a1",
        status="answered",
        answer=OTHER.text,
        citations=(citation(1, OTHER, OTHER.text),),
        coverage=Coverage(articles=2, newest_published_at=None, last_ingested_at=None),
        independent_sources=2,
    )
    with store.aside() as database:
        answers.store(database, answer, 5)
    cut = seen_without(store, "board")
    assert (cut.coverage, cut.independent_sources, cut.answer) == (None, 1, OTHER.text)
    with store.aside() as database:
        answers.store(database, answer, 5, hidden=["board"])
    assert seen_without(store, "board") == answer, "it was asked by somebody who saw no more"


def test_a_report_that_is_withheld_is_not_named_beside_another(store: Store) -> None:
    hidden = Article(id="hidden", text=OTHER.text, source="Board", rights="board")
    put(store, OTHER, hidden)
    beside = citation(1, OTHER, OTHER.text).model_copy(
        update={
            "also_reported_by": (OtherReport(article_id="hidden", source="Board"),),
            "corrects": "hidden",
        }
    )
    answer = an_answer(id="a1", status="answered", answer=OTHER.text, citations=(beside,))
    with store.aside() as database:
        answers.store(database, answer, 5, hidden=["board"])
    assert seen_without(store) == answer
    (cut,) = seen_without(store, "board").citations
    assert (cut.also_reported_by, cut.corrects, cut.quote) == ((), None, OTHER.text)
