"""Which questions are suggested: made from recent reports, asked, and only of what may be seen."""

import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from qa.answering.answerer import Answerer
from qa.answering.suggestions import Candidate, candidates, due, is_verified, settle
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_retriever
from qa.settings import Settings
from tests.support.archives import put
from tests.support.cli import Demo
from tests.support.fakes import FirstSentenceModel

NOON = datetime(2024, 5, 10, 12, tzinfo=UTC)
BRIDGE = {
    "id": "bridge",
    "title": "Bridge opens",
    "text": "Mayor Ada Lind opened the new Hask bridge on Monday.",
    "published_at": "2024-05-06",
    "source": "Coast Daily",
}
FLOOD = {
    "id": "flood",
    "text": "The flood killed 17 people in Marlow.",
    "published_at": "2024-05-07",
}
QUESTIONS = ["How many people did the flood kill in Marlow?", "Who opened the new Hask bridge?"]


@pytest.fixture
def news(archive: Archive, tmp_path: Path) -> Archive:
    archive.store.clock = lambda: NOON
    put(archive, [BRIDGE, FLOOD], tmp_path)
    return archive


def suggested(archive: Archive) -> list[str]:
    with archive.snapshot() as snapshot:
        return [one.question for one in snapshot.suggestions(10)]


def ask_all(archive: Archive, wanted: int = 10) -> list[str]:
    """Ask what is due, as the service does; the questions that were asked."""
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0)
    asked = []
    for candidate in due(archive, wanted):
        settle(archive, candidate, answerer.answer(candidate.to_question()))
        asked.append(candidate.question)
    return asked


def test_questions_are_asked_once_and_suggested_when_their_report_answers(news: Archive) -> None:
    assert sorted(ask_all(news)) == QUESTIONS
    assert suggested(news) == QUESTIONS, "the latest report first"
    assert ask_all(news) == [], "they are known"


def test_the_sample_corpus_has_examples_for_the_first_screen(
    archive: Archive, tmp_path: Path
) -> None:
    lines = (files("qa") / "data" / "sample.jsonl").read_text("utf-8").splitlines()
    put(archive, [json.loads(line) for line in lines], tmp_path)
    with archive.snapshot() as snapshot:
        made = {one.question for one in candidates(snapshot)}
    assert len(made) >= 3
    assert "Who won the Aldermere Prize for fiction?" in made


@pytest.mark.slow
def test_three_questions_of_the_demo_are_answered_well_enough(
    demo: Demo, model_cache: Path
) -> None:
    """By the packaged models: as many as the first screen shows."""
    settings = Settings(data_dir=demo[0].data, cache_dir=model_cache)
    with open_answerer(settings) as (answerer, archive):
        with archive.snapshot() as snapshot:
            found = candidates(snapshot)
        verified = [one for one in found if is_verified(one, answerer.answer(one.to_question()))]
    assert len(verified) >= 3, [one.question for one in found]


def test_of_two_processes_one_asks_a_question(news: Archive) -> None:
    one, other = due(news, 10), due(news, 10)
    first = next(one)
    assert [candidate.question for candidate in other] == [
        question for question in QUESTIONS if question != first.question
    ]
    assert list(one) == []


def test_no_more_are_asked_than_are_wanted(news: Archive) -> None:
    assert len(ask_all(news, wanted=1)) == 1


def test_a_question_of_a_report_that_nobody_may_see_is_not_suggested(
    news: Archive, tmp_path: Path
) -> None:
    ask_all(news)
    put(news, [{**FLOOD, "embargoed_until": "2024-05-11T00:00:00Z"}], tmp_path)
    assert suggested(news) == QUESTIONS[1:]
    news.withdraw("bridge")
    assert suggested(news) == []
    news.store.clock = lambda: NOON + timedelta(days=1)
    assert suggested(news) == QUESTIONS[:1], "its embargo has ended"


def test_a_report_under_embargo_gives_no_question(archive: Archive, tmp_path: Path) -> None:
    archive.store.clock = lambda: NOON
    put(archive, [{**BRIDGE, "embargoed_until": "2024-05-11"}], tmp_path)
    assert ask_all(archive) == []


def test_a_question_goes_with_its_report_or_its_wording(news: Archive, tmp_path: Path) -> None:
    ask_all(news)
    news.delete("flood")
    assert suggested(news) == QUESTIONS[1:]
    with news.store.reading() as database:
        rows = database.execute("SELECT question FROM suggestions").fetchall()
    assert [row[0] for row in rows] == QUESTIONS[1:], "nothing of a deleted article is stored"
    put(news, [{**BRIDGE, "text": "Vera Quill was born in Elmouth on 4 May 1931."}], tmp_path)
    assert suggested(news) == []
    ask_all(news)
    assert suggested(news) == ["When was Vera Quill born?"]


def test_a_question_is_not_suggested_for_a_version_that_it_was_not_asked_of(
    news: Archive, tmp_path: Path
) -> None:
    ask_all(news)
    news.store.clock = lambda: NOON + timedelta(days=2)
    put(news, [{**BRIDGE, "text": f"{BRIDGE['text']} It rained."}], tmp_path)
    waiting = {candidate.question for candidate in due(news, 10)}  # asked, not yet answered
    assert "Who opened the new Hask bridge?" in waiting
    assert "Who opened the new Hask bridge?" not in suggested(news)


def test_a_question_that_was_asked_long_ago_is_asked_again(news: Archive) -> None:
    ask_all(news)
    news.store.clock = lambda: NOON + timedelta(days=2)
    assert sorted(ask_all(news)) == QUESTIONS
    assert suggested(news) == QUESTIONS


def test_reports_in_another_language_give_none(archive: Archive, tmp_path: Path) -> None:
    put(archive, [{**BRIDGE, "language": "de"}], tmp_path)
    with archive.snapshot() as snapshot:
        assert candidates(snapshot) == []


def test_an_answer_must_be_sure_right_and_from_the_sentence(news: Archive) -> None:
    answerer = Answerer(open_retriever(news), FirstSentenceModel(), 0.0)
    with news.snapshot() as snapshot:
        candidate = next(one for one in candidates(snapshot) if one.kind == "who")
    answer = answerer.answer(candidate.to_question())
    assert is_verified(candidate, answer)
    assert not is_verified(candidate, answer.model_copy(update={"confidence": 0.59}))
    assert not is_verified(candidate, answer.model_copy(update={"status": "not_found"}))
    other = Candidate(
        candidate.question, "Vera Quill", candidate.kind, candidate.stored, candidate.span
    )
    assert not is_verified(other, answer), "not what the sentence says"
    elsewhere = Candidate(
        candidate.question, candidate.answer, candidate.kind, candidate.stored, (500, 600)
    )
    assert not is_verified(elsewhere, answer), "from another sentence"
