"""Runs: one piece of work for all that send a request with one key, here and in other processes."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from qa.archive.archive import Archive
from tests.support.archives import write
from tests.support.cli import ProcessCli
from tests.support.client import ARTICLES, QUESTION, HeldModel, check_problem, events_of, until
from tests.support.model_server import model_server
from tests.support.server import running_server, serving

ASKED = {"question": QUESTION}
STREAMED = {**ASKED, "stream": True}
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def model() -> HeldModel:
    return HeldModel()


def post(url: str, body: Any = ASKED, **headers: str) -> httpx.Response:
    return httpx.post(f"{url}/v1/ask", json=body, headers={**KEY, **headers}, timeout=60)


@contextlib.contextmanager
def left_stream(url: str, model: HeldModel) -> Iterator[None]:
    """A stream that is left while the model writes."""
    with httpx.stream("POST", f"{url}/v1/ask", json=STREAMED, headers=KEY, timeout=60):
        until(lambda: model.writing == 1)
    yield


def test_twenty_at_once_are_one_computation_and_another_key_is_another(
    filled: Archive, model: HeldModel
) -> None:
    counting = Counting(model)
    with serving(filled, counting) as url, ThreadPoolExecutor(21) as others:
        same = [others.submit(post, url) for _ in range(20)]
        other = others.submit(post, url, **{"Idempotency-Key": "two"})
        until(lambda: model.writing == 2)
        model.go.set()
        replies = [reply.result() for reply in same]
        assert {reply.status_code for reply in replies} == {200}
        assert len({reply.content for reply in replies}) == 1
        assert [reply.headers.get("idempotent-replayed") for reply in replies].count(None) == 1
        assert other.result().status_code == 200
    assert counting.begun == 2


class Counting:
    """Counts how many answers a model has begun."""

    name = "counting"

    def __init__(self, model: HeldModel) -> None:
        self._model = model
        self.begun = 0

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, *asked: Any) -> Any:
        self.begun += 1
        return self._model.write(*asked)


def test_a_client_that_comes_back_in_time_gets_the_rest(filled: Archive, model: HeldModel) -> None:
    counting = Counting(model)
    with serving(filled, counting) as url:
        with httpx.stream("POST", f"{url}/v1/ask", json=STREAMED, headers=KEY, timeout=60) as first:
            lines = first.iter_lines()
            last = next(line for line in lines if line.startswith("id: ")).removeprefix("id: ")
            until(lambda: model.writing == 1)
        threading.Timer(0.3, model.go.set).start()
        rest = post(url, STREAMED, **{"Last-Event-ID": last})
        assert [name for name, _ in events_of(rest)] == ["token", "answer"]
    assert (counting.begun, model.given_up) == (1, 0)


def test_a_run_that_nobody_comes_back_for_is_stopped(
    filled: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.runs.GRACE", 0.3)
    model = HeldModel(talks=True)
    with serving(filled, model) as url:
        with left_stream(url, model):
            pass
        until(lambda: model.given_up == 1)
        model.go.set()
        assert post(url, STREAMED).status_code == 200, "sent again, it begins anew"


def test_another_process_waits_for_the_result(filled: Archive, model: HeldModel) -> None:
    counting = Counting(model)
    with (
        serving(filled, counting) as one,
        serving(filled, counting) as two,
        ThreadPoolExecutor(2) as others,
    ):
        first = others.submit(post, one)
        until(lambda: model.writing == 1)
        second = others.submit(post, two)
        model.go.set()
        assert second.result().content == first.result().content
        assert second.result().headers["idempotent-replayed"] == "true"
        check_problem(post(two, {**ASKED, "k": 2}), 422)
    assert counting.begun == 1


def test_a_request_of_a_process_that_died_is_worked_at_anew(
    filled: Archive, model: HeldModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.requests.HELD", 0.4)
    monkeypatch.setattr("api.http.runs.POLL", 0.05)
    model.go.set()
    with serving(filled, model) as url:
        done = post(url)
        with filled.store.aside() as database:
            # As a process leaves it that was killed at work.
            database.execute(
                "UPDATE requests SET run = 'dead', held_until = ?, result = NULL, answer_id = NULL",
                (filled.store.clock().timestamp() + 0.4,),
            )
        again = post(url, **{"Last-Event-ID": "dead-1"})
        assert again.json()["answer"] == done.json()["answer"]
        with filled.store.reading() as database:
            runs = [run for (run,) in database.execute("SELECT run FROM requests")]
        assert "dead" not in runs, "its work has another name now, so its events are not continued"


def test_work_that_goes_on_for_long_stays_its_own(
    filled: Archive, model: HeldModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.archive.requests.HELD", 2.4)  # and said again every .8 seconds
    monkeypatch.setattr("api.http.runs.POLL", 0.05)
    counting = Counting(model)
    with (
        serving(filled, counting) as one,
        serving(filled, counting) as two,
        ThreadPoolExecutor(2) as others,
    ):
        first = others.submit(post, one)
        until(lambda: model.writing == 1)
        second = others.submit(post, two)
        threading.Timer(3, model.go.set).start()
        assert second.result().content == first.result().content
    assert counting.begun == 1


def test_a_service_that_ends_leaves_no_request_behind(filled: Archive) -> None:
    model = HeldModel(talks=True)
    with serving(filled, model) as url, left_stream(url, model):
        pass
    assert model.given_up == 1
    with filled.store.reading() as database:
        assert database.execute("SELECT count(*) FROM requests").fetchone()[0] == 0


def test_nothing_is_kept_where_no_answer_is(filled: Archive, model: HeldModel) -> None:
    model.go.set()
    with serving(filled, model, answers_kept=0) as url:
        assert post(url).status_code == 200
    with filled.store.reading() as database:
        assert database.execute("SELECT count(*) FROM requests").fetchone()[0] == 0


@pytest.mark.slow
def test_a_stream_whose_server_was_killed_is_finished_by_another(process_cli: ProcessCli) -> None:
    """The other waits until the dead one must be dead, and starts over: nothing is spliced."""
    write(process_cli.folder / "a.jsonl", ARTICLES[0])
    process_cli("ingest", "a.jsonl")
    with model_server("The council pledged USD 40 million in relief [1]. ") as remote:
        environment = {
            **process_cli.environment,
            "DATELINE_MODEL": "openai:m",
            "DATELINE_OPENAI_BASE_URL": remote.url,
        }
        with (
            running_server(process_cli.folder, environment) as one,
            running_server(process_cli.folder, environment) as two,
        ):
            with httpx.stream(
                "POST", f"{one.url}/v1/ask", json=STREAMED, headers=KEY, timeout=60
            ) as begun:
                seen = next(line for line in begun.iter_lines() if line.startswith("id: "))
                until(lambda: remote.asked == 1, 30)
                one.process.kill()
            remote.go.set()
            again = post(two.url, STREAMED, **{"Last-Event-ID": seen.removeprefix("id: ")})
            assert [name for name, _ in events_of(again)] == ["hits", "token", "answer"]
            assert remote.asked == 2
            replayed = post(two.url, STREAMED)
            assert events_of(replayed) == events_of(again)
            assert remote.asked == 2
