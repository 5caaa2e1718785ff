"""Rate limits, with a clock that the test moves."""

import pytest

from api.http.limits import Limit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("api.http.limits.time.monotonic", clock)
    return clock


def test_calls_beyond_the_limit_wait_until_the_oldest_leaves_the_window(clock: Clock) -> None:
    limit = Limit.parse("2/minute")
    assert limit.count("a") == 0
    clock.now += 20
    assert limit.count("a") == 0
    assert limit.count("a") == 40, "the first call leaves the window 60 s after it came"
    assert limit.count("b") == 0, "callers are counted apart"
    clock.now += 39.5
    assert limit.count("a") == 1, "rounded up: after the given wait a call is counted"
    clock.now += 0.5
    assert limit.count("a") == 0
    assert limit.count("a") == 20


def test_a_clock_that_is_set_back_changes_no_limit(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 0.0)
    limit = Limit.parse("1/minute")
    assert limit.count("a") == 0
    monkeypatch.setattr("time.time", lambda: -3600.0)
    assert limit.count("a") == 60


def test_only_so_many_callers_are_remembered(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.http.limits._MOST_CALLERS", 2)
    limit = Limit.parse("1/hour")
    for caller in ("a", "b", "c"):
        assert limit.count(caller) == 0
    assert limit.count("c") == 3600
    assert limit.count("a") == 0, "the one that was quiet for longest was forgotten"


@pytest.mark.parametrize("text", ["", "60", "60/fortnight", "many/minute", "1/minute/2"])
def test_a_limit_that_cannot_be_read_is_an_error(text: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        Limit.parse(text)
