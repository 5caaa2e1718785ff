"""No text of an article, question or model reply makes a pattern slow.

`re` holds the interpreter's lock while it matches, so one slow match stops the whole service. Texts
are made of what each pattern looks for: its own words and signs, repeated with separators.
"""

import importlib
import pkgutil
import random
import re
import signal
import time
from collections.abc import Callable, Iterable
from types import FrameType

import pytest

import api
import qa
from qa.answering.instructions import instructs
from qa.language.figures import find_figures
from qa.language.limits import KnownNames, stated_limits
from qa.language.periods import asked_period, asks_for_present
from qa.language.sentences import sentences
from qa.language.words import tokens
from qa.models.prompt import parse

SHORT, LONG = 240, 960  # characters; 960 is about the longest sentence
LIMIT = 0.1  # seconds of processor time for a short text; the slowest take 0.002
_SEPARATORS = ("", " ", ", ", "-", "\n")
_SIMPLE, _MIXTURES = 40, 20  # texts of one fragment and of two to four, for each pattern
_COMMON = ("a", "A", "1", "1,", " ", "\n", ".", "“", "[", "next", "in the")


def _patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of ours compiles when it is imported."""
    found = {}
    for package in (qa, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("__main__"):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                for place, item in enumerate(value if isinstance(value, list) else [value]):
                    pattern = item[1] if isinstance(item, tuple) and len(item) == 2 else item
                    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                        found[f"{module.name}.{name}[{place}]"] = pattern
    return found


PATTERNS = _patterns()


def _fragments(pattern: re.Pattern[str]) -> list[str]:
    """Words and signs that the pattern names, and some that most patterns take."""
    source = re.sub(r"\\[a-zA-Z]|\(\?P?<\w+>", " ", pattern.pattern)
    words = sorted(set(re.findall(r"[a-zA-Z]{2,}", source)))
    signs = sorted(set(re.findall(r"[^\w\s\\|?*+^(){}\ud800-\udfff]", source)))
    return [*words[:: max(1, len(words) // 16)], *signs, *_COMMON]


def _texts(pattern: re.Pattern[str], seed: str) -> list[str]:
    """Texts to repeat: fragments with separators behind them, by chance but the same every time."""
    chance = random.Random(seed)
    fragments = _fragments(pattern)
    simple = [fragment + separator for fragment in fragments for separator in _SEPARATORS]
    mixed = [
        chance.choice(_SEPARATORS).join([*chance.choices(fragments, k=chance.randint(2, 4)), ""])
        for _ in range(_MIXTURES)
    ]
    return [text for text in [*chance.sample(simple, min(len(simple), _SIMPLE)), *mixed] if text]


def _repeated(unit: str, length: int) -> str:
    """Ends in a sign that no pattern looks for, so that a match near the end fails."""
    return (unit * (length // len(unit) + 1))[:length] + "\x01"


def _seconds(run: Callable[[str], object], text: str) -> float:
    """Processor time, cut off at ten times the limit: `re` looks for signals while it matches."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    earlier = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, 10 * LIMIT)
    started = time.process_time()
    try:
        run(text)
    except TimeoutError:
        return 10 * LIMIT
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, earlier)
    return time.process_time() - started


def _slowest(run: Callable[[str], object], units: Iterable[str]) -> tuple[float, str]:
    return max((_seconds(run, _repeated(unit, SHORT)), unit) for unit in units)


@pytest.mark.parametrize("name", PATTERNS)
def test_repeating_what_a_pattern_looks_for_does_not_make_it_slow(name: str) -> None:
    pattern = PATTERNS[name]
    seconds, unit = _slowest(pattern.search, _texts(pattern, name))
    assert seconds < LIMIT, f"{name}: {seconds:.2f} s for {SHORT} characters of {unit!r}"
    # Four times the text takes at most sixteen times as long: a search that begins everywhere.
    longer = _seconds(pattern.search, _repeated(unit, LONG))
    assert longer < 16 * LIMIT, f"{name}: {longer:.2f} s for {LONG} characters of {unit!r}"


@pytest.mark.parametrize(
    "read",
    [
        instructs,
        find_figures,
        lambda text: asked_period(text, "2022-12-16"),
        lambda text: stated_limits(text, KnownNames(["what", "In the"], ["a A"]), "2022-12-16"),
        asks_for_present,
        sentences,
        tokens,
        lambda text: list(parse([text])),
    ],
    ids=[
        "instructs",
        "find_figures",
        "asked_period",
        "stated_limits",
        "asks_for_present",
        "sentences",
        "tokens",
        "parse",
    ],
)
def test_no_mixture_of_words_makes_a_reader_of_text_slow(read: Callable[[str], object]) -> None:
    chance = random.Random(7)
    fragments = sorted({part for pattern in PATTERNS.values() for part in _fragments(pattern)})
    units = (
        chance.choice(_SEPARATORS).join([*chance.choices(fragments, k=chance.randint(1, 4)), ""])
        for _ in range(150)
    )
    seconds, unit = _slowest(read, (unit for unit in units if unit))
    assert seconds < LIMIT, f"{seconds:.2f} s for {SHORT} characters of {unit!r}"


def test_the_test_notices_a_pattern_that_is_exponential() -> None:
    exponential = re.compile(r"^(?:\W*\b(?:please|now)\b,?)*\W*ignore")
    assert any(text in ("please, ", "now, ") for text in _texts(exponential, "exponential"))
    assert _seconds(exponential.search, _repeated("please, ", SHORT)) >= LIMIT
