"""Answers in words."""

from typing import Any

import pytest

from api.share import wording
from qa.answer import (
    Answer,
    AppliedFilters,
    Change,
    Citation,
    Coverage,
    Currency,
    IndexState,
    Item,
    ShortAnswer,
    StatementOutput,
)
from qa.types import Filters


def cited(n: int = 1, **fields: Any) -> Citation:
    usual: dict[str, Any] = {
        "n": n,
        "article_id": "a",
        "version": "v",
        "title": "Ferry  sinks",
        "source": "Argus",
        "url": "https://argus.example/1",
        "published_at": "2024-05-01T23:30:00-09:00",
        "passage_id": 1,
        "quote": "Seven died.",
        "start": 0,
        "end": 11,
    }
    return Citation(**{**usual, **fields})


def answered(text: str | None = "Seven died.", **fields: Any) -> Answer:
    usual: dict[str, Any] = {
        "id": "x",
        "question": "How many died?",
        "as_of": None,
        "status": "not_found" if text is None else "answered",
        "reason": None,
        "answer": text,
        "short_answer": None,
        "confidence": 0.9,
        "candidate": None,
        "citations": (cited(),),
        "figures": (),
        "timeline": (),
        "disagreements": (),
        "model": "m",
        "index": IndexState(generation=1, embedder="e"),
        "timings_ms": {},
    }
    return Answer(**{**usual, **fields})


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2024-03-04", "4 March 2024"),
        ("2024-03-04T23:40:00+01:00", "4 March 2024"),  # the day where it appeared
        ("0999-01-02", "2 January 999"),
        ("2024", "2024"),
        ("2024-03", "2024-03"),
        (None, "undated"),
    ],
)
def test_days(iso: str | None, words: str) -> None:
    assert wording.day_in_words(iso) == words


def test_a_confidence_has_a_meaning() -> None:
    sure, likely, unsure = (answered(confidence=value) for value in (0.6, 0.5, 0.49))
    assert [wording.doubt(answer) for answer in (sure, likely, unsure)] == [
        "", "Likely, not sure", "Not sure",
    ]  # fmt: skip
    assert wording.confidence_in_words(0.6) == "Confidence 0.60: likely right"
    assert "not sure; check the quotes" in wording.confidence_in_words(0.49)
    assert wording.doubt(answered(None, confidence=0.1)) == ""


def change(kind: str, n: int = 1) -> Change:
    return Change.model_validate({"kind": kind, "article_id": "a", "citation": n})


def test_a_state_says_what_happened() -> None:
    lost = Currency(state="withdrawn", changes=(change("deleted"),))
    assert wording.state_in_words(answered(), lost).startswith(
        "Deleted: a cited report was deleted"
    )
    both = Currency(
        state="withdrawn",
        since="2024-05-03T12:00:00+00:00",
        changes=(change("deleted"), change("withdrawn", 2), change("withdrawn", 3)),
    )
    said = wording.state_in_words(answered(), both)
    assert said.startswith("Withdrawn since 3 May 2024: a cited report was deleted")
    assert said.endswith("archive; a cited report was withdrawn."), "each kind once"
    # Only compared with: what it says still holds.
    compared = Currency(state="changed", changes=(change("deleted"),))
    assert wording.state_in_words(answered(), compared).startswith("Changed: a cited report was")
    current = Currency(state="current")
    assert wording.state_in_words(answered(), current).startswith("Still current")
    nothing = answered(None, citations=())
    assert wording.state_in_words(nothing, current) == "", "there is nothing that may change"


def test_every_filter_is_said() -> None:
    every = Filters(
        as_of="2024-06-01",
        known_at="2024-06-02",
        include_undated=True,
        sources=("Argus", "Post"),
        authors=("Jane Roe",),
        sections=("World",),
        languages=("en",),
        article_ids=("a",),
        published_from="2024-01-01",
        published_to="2024-05-31",
    )
    assert wording.filters_in_words(every) == [
        "as of 1 June 2024",
        "as the archive was on 2 June 2024",
        "undated articles too",
        "in Argus or Post",
        "by Jane Roe",
        "in the section World",
        "in the language en",
        "in the article a",
        "published from 1 January 2024",
        "published to 31 May 2024",
    ]
    assert wording.filters_in_words(Filters()) == []


def test_facts_are_those_of_an_answer() -> None:
    coverage = Coverage(articles=1471, newest_published_at="2024-05-09", last_ingested_at=None)
    fields: dict[str, Any] = {
        "coverage": coverage,
        "independent_sources": 2,
        "applied_filters": AppliedFilters(authors=("Jane Roe",)),
    }
    held = "The archive held 1,471 articles then, the newest of 9 May 2024."
    stated = "Only reports by Jane Roe, as the question says."
    assert list(wording.facts(answered(**fields), Filters())) == [
        "Confidence 0.90: likely right.", "2 independent sources.", stated, held,
    ]  # fmt: skip
    assert list(wording.facts(answered(None, **fields), Filters())) == [stated, held]


def test_each_form_has_its_lead_and_lines() -> None:
    seven = ShortAnswer(text="Seven", kind="number", value="7")
    short = answered("Seven died.", short_answer=seven)
    assert (wording.lead(short), wording.beside(short)) == ("Seven", "Seven died.")
    whole = answered("Seven died.", form="sentences", short_answer=seven)
    assert (wording.lead(whole), wording.beside(whole)) == ("Seven died.", None)
    said = StatementOutput(text="Seven died.", start=0, end=11, citations=(1,))
    assert wording.statements(whole) == []
    whole = answered("Seven died.", form="sentences", statements=(said,))
    assert wording.statements(whole) == [("Seven died.", (1,))]
    yes = ShortAnswer(text="yes", kind="boolean", value="true")
    verdict = answered("They died.", form="yes_no", short_answer=yes)
    assert (wording.lead(verdict), wording.beside(verdict)) == ("Yes", "They died.")
    assert list(wording.cautions(verdict)) == ["The yes or no is worked out from the quotes."]
    items = tuple(Item(text=name, kind="person", citations=(1,)) for name in ("Ann", "Bo"))
    assert wording.lines(answered("Ann, Bo", form="list", items=items)) == [
        ("Ann", (1,)), ("Bo", (1,)),
    ]  # fmt: skip
    brief = answered("Seven died.", form="brief", statements=(said,))
    assert wording.lines(brief) == [("1 May 2024: Seven died.", (1,))]
    assert wording.lead(answered(None)) == "Not found"
    assert wording.lead(answered(None, status="answered")) == "No longer shown"


def test_a_line_to_cite_holds_title_source_day_and_address() -> None:
    line = "“Ferry sinks”, Argus, 1 May 2024, https://argus.example/1"
    assert wording.citation_line(cited()) == line
    again = [cited(1), cited(2), cited(3, title="Other"), cited(4, title="Lost", quote="")]
    assert wording.lines_to_cite(again) == [line, line.replace("Ferry sinks", "Other")]
    bare = cited(title=None, source=None, url="javascript:alert(1)", published_at=None)
    assert wording.citation_line(bare) == "unknown source, undated"
