"""A client that leaves ends the work: what runs looks now and then, what waits is woken up."""

import threading

import pytest

from qa.errors import AnswerModelError
from qa.models.stopping import Stop, check_stopped, current_stop, stoppable


def test_work_ends_once_its_stop_is_set() -> None:
    stop = Stop()
    stoppable(stop, check_stopped)
    stop.set()
    with pytest.raises(AnswerModelError, match="the client has left"):
        stoppable(stop, check_stopped)
    check_stopped()
    assert current_stop() is None, "other work goes on"


@pytest.mark.parametrize("before", [True, False])
def test_what_waits_is_woken_up_while_it_waits_only(before: bool) -> None:
    stop, awake = Stop(), threading.Event()
    if before:
        stop.set()
    with stop.waking(awake.set):
        if not before:
            assert not awake.is_set()
            stop.set()
        assert awake.is_set()
    awake.clear()
    stop.set()
    assert not awake.is_set()
