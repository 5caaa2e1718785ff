"""A day of news: what the archive shows and answers at each hour, worked out by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.currency import currency
from qa.answering.recheck import check_answer
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_retriever
from qa.question import Question
from qa.settings import Settings
from qa.types import Filters
from tests.support.archives import put
from tests.support.news import DIED, QUESTIONS, Asked, moment, steps


def live_through(archive: Archive, tmp_path: Path) -> Iterator[Asked]:
    """The day, step by step; each question when it is its time."""
    waiting = steps()
    for asked in QUESTIONS:
        while waiting and waiting[0].time <= asked.time:
            step = waiting.pop(0)
            archive.store.clock = lambda time=step.time: moment(time)  # type: ignore[misc]
            if step.records:
                put(archive, list(step.records), tmp_path)
            for article_id in step.withdrawn:
                archive.withdraw(article_id)
        archive.store.clock = lambda time=asked.time: moment(time)  # type: ignore[misc]
        yield asked


def test_there_are_enough_reports_and_questions() -> None:
    assert sum(len(step.records) for step in steps()) >= 60
    assert len(QUESTIONS) >= 20


def test_each_hour_shows_what_is_right_then(archive: Archive, tmp_path: Path) -> None:
    retriever = open_retriever(archive)
    for asked in live_through(archive, tmp_path):
        filters = Filters(article_ids=tuple(asked.story), **asked.filters)
        hits = retriever.retrieve(Question.parse(asked.question, filters, k=10)).hits
        texts = [hit.passage.text for hit in hits]
        if asked.shows is None:
            assert texts == [], asked
        else:
            assert any(asked.shows in text for text in texts), asked


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_each_hour_answers_what_is_right_then(tmp_path: Path, model_cache: Path) -> None:
    settings = Settings.load(data_dir=tmp_path / "news", cache_dir=model_cache)
    given: dict[tuple[str, str], Answer] = {}
    found, expected = [], []
    with open_answerer(settings, create=True) as (answerer, archive):
        for asked in live_through(archive, tmp_path):
            question = Question.parse(asked.question, Filters(**asked.filters))
            answer = answerer.answer(question)
            with archive.snapshot() as snapshot:
                assert check_answer(answer.model_dump(mode="json"), snapshot) == []
            short = answer.short_answer
            value = None if short is None else short.value or short.text
            found.append((asked.time, asked.question, value, said_by(answer)))
            expected.append((asked.time, asked.question, asked.value, list(asked.cites)))
            given.setdefault((asked.time, asked.question), answer)
        with archive.snapshot() as snapshot:
            states = {
                key: currency(answer, snapshot).state
                for key, answer in given.items()
                if answer.status == "answered"
            }
    assert found == expected
    assert states["10:30", DIED] == "changed"  # a correction came
    assert states["08:45", QUESTIONS[7].question] == "withdrawn"
    assert states["12:30", DIED] == "current"


def said_by(answer: Answer) -> list[str]:
    """The articles that the answer rests on, each once."""
    used = {n for statement in answer.statements for n in statement.citations}
    articles = [cited.article_id for cited in answer.citations if cited.n in used]
    return list(dict.fromkeys(articles))
