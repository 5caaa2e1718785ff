"""What commands print while they work, and of the limits that a question states."""

import io
import re
import time
from contextlib import redirect_stderr

import pytest

from api.cli import output
from api.cli.output import ingest_progress, print_answer, print_applied, progress
from qa.answer import AppliedFilters, Candidate, Citation, Disagreement
from qa.ingest.apply import Progress
from tests.support.values import an_answer


class Terminal(io.StringIO):
    """Remembers what was drawn on it."""

    def isatty(self) -> bool:
        return True

    def shows(self, pattern: str) -> bool:
        """Return True once it is drawn, False if it is not within a minute."""
        ends = time.monotonic() + 60
        while not (drawn := re.search(pattern, self.getvalue())) and time.monotonic() < ends:
            time.sleep(0.01)
        return drawn is not None


@pytest.fixture(autouse=True)
def _drawn_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_REDRAWN", 0.01)


def test_an_ingest_shows_its_clock_before_anything_is_embedded() -> None:
    """A model that loads for seconds, or a large file, reports nothing itself."""
    terminal = Terminal()
    with redirect_stderr(terminal), ingest_progress():
        assert "passages embedded" in terminal.getvalue()
        assert terminal.shows(r"\[00:0[1-9]")


def test_an_ingest_shows_what_is_read_stored_and_embedded() -> None:
    terminal = Terminal()
    with redirect_stderr(terminal), ingest_progress() as report:
        report(Progress(articles=3, passages=40, read=1500))
        assert terminal.shows("1,500 articles read, 3 stored: 40 passages embedded")


def test_a_bar_shows_how_many_of_how_many() -> None:
    terminal = Terminal()
    with redirect_stderr(terminal), progress("cases") as count:
        count(2, 8)
        assert terminal.shows("2/8")


def test_nothing_is_drawn_where_there_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("cases") as count:
        count(2, 8)
        time.sleep(0.3)
    assert capfd.readouterr() == ("", "")


def test_the_filters_that_a_question_states_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    print_applied(AppliedFilters())
    assert capsys.readouterr().out == ""
    print_applied(AppliedFilters(authors=("Jane Roe",), published_from="2024-03-01"))
    shown = capsys.readouterr().out.strip()
    assert shown == "only reports by Jane Roe, published from 2024-03-01 (as the question says)"


def test_signs_that_a_terminal_obeys_are_never_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """An article could clear the screen, or name the window."""
    signs = "\x1b[2J\x1b]0;owned\x07"
    citation = Citation(
        n=1,
        article_id="rain",
        version="v",
        title=f"Rain {signs}",
        source=signs,
        url=None,
        published_at="2024-03-04",
        passage_id=1,
        quote=f"It rained. {signs}",
        start=0,
        end=10,
    )
    disagreement = Disagreement(text=f"17 {signs}", citations=(1,))
    answer = an_answer(
        status="answered",
        answer=f"It rained. {signs}",
        citations=(citation,),
        disagreements=(disagreement,),
    )
    print_answer(answer)
    rejected = Candidate(text=signs, confidence=0.2)
    print_answer(an_answer(status="not_found", reason=signs, candidate=rejected))
    shown = capsys.readouterr().out
    assert "owned" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown
