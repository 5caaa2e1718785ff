"""A day of news over two feeds and a wire: what the archive shows and answers at each hour, worked
out by hand (`tests/support/news.py`).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.answering.currency import currency
from qa.answering.recheck import check_answer
from qa.answering.recording import record
from qa.answering.standing import due, settle
from qa.archive.archive import Archive
from qa.archive.status import status_of
from qa.archive.watches import add_watch, event_json, list_events
from qa.bootstrap import open_answerer
from qa.question import Question
from qa.settings import Settings
from qa.types import Filters
from tests.support.news import (
    DIED,
    EVENTS,
    HELD,
    OUTCOMES,
    QUESTIONS,
    SHOWN,
    Asked,
    everyday,
    quarters,
)
from tests.support.newsroom import Newsroom
from tests.support.web import Site, running_site

MOST_ANSWERS = 1000  # stored


@pytest.fixture
def site() -> Iterator[Site]:
    with running_site() as site:
        yield site


def test_each_check_shows_what_may_be_shown_then(
    archive: Archive, site: Site, tmp_path: Path
) -> None:
    room = Newsroom(archive, site, tmp_path, [])
    expected: set[str] = set()
    for time in quarters():
        room.reach(time)
        for change in SHOWN.get(time, "").split():
            identity = room.identity(change[1:])
            expected ^= {identity}
            assert (identity in expected) == change.startswith("+")
        with archive.snapshot() as snapshot:
            shown = {stored.article.id for stored in snapshot.articles(Filters(), 1000)}
        assert shown == expected, time


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_each_hour_answers_what_is_right_then(
    site: Site, tmp_path: Path, model_cache: Path
) -> None:
    settings = Settings.load(data_dir=tmp_path / "news", cache_dir=model_cache)
    with open_answerer(settings, create=True) as (answerer, archive):
        day = Day(answerer, archive, Newsroom(archive, site, tmp_path, everyday()))
        for time in quarters():
            day.live_through(time)
        assert day.mistakes == []
        assert day.events == EVENTS
        assert day.states() == {
            (asked.time, asked.question, *asked.filters): asked.state
            for asked in QUESTIONS
            if asked.says is not None
        }
    pages = [path for path in site.pages_asked() if not path.endswith(("-daily", "-times"))]
    assert len(set(pages)) == 400
    assert len(pages) == 402, "each was read once, and the two that were updated again"


class Day:
    """A day of checks and questions. ``mistakes``: each with what was said, resting on what."""

    def __init__(self, answerer: Answerer, archive: Archive, room: Newsroom) -> None:
        self._answerer = answerer
        self._archive = archive
        self._room = room
        self._given: dict[tuple[str, ...], Answer] = {}
        self.mistakes: list[tuple[Asked, str | None, str | None]] = []
        self.events: dict[str, tuple[str | None, str | None]] = {}
        add_watch(archive.store, DIED, Filters())

    def live_through(self, time: str) -> None:
        outcomes = self._room.reach(time)
        said = tuple(outcome.in_words for outcome in outcomes)
        assert said == OUTCOMES.get(time, ("4 added", "4 added")), time
        self._run_watches(time)
        self._check_status(time)
        for asked in QUESTIONS:
            if asked.time == time:
                self._ask(asked)

    def states(self) -> dict[tuple[str, ...], str]:
        """What has become of each answer that was given, beside the same question asked now."""
        states: dict[tuple[str, ...], str] = {}
        for (time, question, *filters), answer in self._given.items():
            if answer.status == "answered":
                again = None if filters else self._answer(Question.parse(question))
                with self._archive.snapshot() as snapshot:
                    stored = snapshot.answer(answer.id)
                    states[time, question, *filters] = currency(stored, snapshot, again).state
        return states

    def _ask(self, asked: Asked) -> None:
        answer = self._answer(Question.parse(asked.question, Filters(**asked.filters)))
        with self._archive.snapshot() as snapshot:
            assert check_answer(answer.model_dump(mode="json"), snapshot) == []
        assert answer.coverage is not None
        if asked.time in HELD and not asked.filters:
            assert answer.coverage.articles == HELD[asked.time]
        cites = None if asked.cites is None else self._room.identity(asked.cites)
        said, cited = _said(answer, asked)
        if (said, cited) != (asked.says, cites):
            self.mistakes.append((asked, said, cited))
        self._given[asked.time, asked.question, *asked.filters] = answer

    def _run_watches(self, time: str) -> None:
        """Ask again what is due; an event is noted with what was said before and after it."""
        for item in due(self._archive):
            settle(self._archive, item, self._answer(item.watch.to_question()))
        with self._archive.snapshot() as snapshot:
            events = [event_json(event, snapshot) for event in list_events(self._archive.store, 9)]
        assert len(events) - len(self.events) in (0, 1), time
        if len(events) > len(self.events):
            before, after = (events[0][side]["short_answer"] for side in ("before", "after"))
            self.events[time] = (before and before["value"], after and after["value"])

    def _check_status(self, time: str) -> None:
        status = status_of(self._archive, read_index=True)
        assert status.index.fault is None
        assert status.ingest_age == 0
        assert [feed["ok"] for feed in status.feeds] == [True, True]
        if time in HELD:
            assert status.articles == HELD[time]
            assert status.newest_age is not None
            assert status.newest_age <= 60

    def _answer(self, question: Question) -> Answer:
        """The answer, which is stored."""
        events = self._answerer.stream(question)
        for event in record(events, self._archive, MOST_ANSWERS, question.filters):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with an answer")


def _said(answer: Answer, asked: Asked) -> tuple[str | None, str | None]:
    """What the answer says, in the words of what is expected if it has these, and the first report
    that it rests on.
    """
    if answer.status != "answered":
        return None, None
    first = answer.statements[0].citations[0]
    cited = next(one.article_id for one in answer.citations if one.n == first)
    if answer.form in ("sentences", "list") and asked.says and asked.says in (answer.answer or ""):
        return asked.says, cited
    short = answer.short_answer
    return (answer.answer if short is None else short.value or short.text), cited
