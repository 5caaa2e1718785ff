"""A stored answer as it may be shown: the sentences around its quotes, and what changed."""

from pathlib import Path
from typing import Any

import pytest

from api.share.shared import Quote, read_shared
from qa.answer import Answer, Citation, IndexState
from qa.archive.archive import Archive
from qa.errors import NotFound
from tests.support.archives import put

QUOTE = "Seven people died."


def shared_quote(archive: Archive, text: str, tmp_path: Path, said: str = "Seven") -> Quote:
    """The quote of a stored answer that cites `QUOTE` in a report with this text."""
    put(archive, [{"id": "a", "text": text}], tmp_path)
    with archive.snapshot() as snapshot:
        version = snapshot.article("a").version
    start = text.index(QUOTE)
    place: dict[str, Any] = {"passage_id": 1, "start": start, "end": start + len(QUOTE)}
    if said:
        found = text.index(said)
        place |= {"answer_start": found, "answer_end": found + len(said)}
    about = dict.fromkeys(("title", "source", "url", "published_at"))
    citation = Citation(n=1, article_id="a", version=version, quote=QUOTE, **place, **about)
    answer = Answer(
        id="x",
        question="How many?",
        as_of=None,
        status="answered",
        reason=None,
        answer=QUOTE,
        short_answer=None,
        confidence=0.9,
        candidate=None,
        citations=(citation,),
        figures=(),
        timeline=(),
        disagreements=(),
        model="m",
        index=IndexState(generation=1, embedder="e"),
        timings_ms={},
    )
    archive.store_answer(answer, 10)
    with archive.snapshot() as snapshot:
        return read_shared(snapshot, "x").quotes[0]


def test_two_sentences_are_shown_on_each_side(archive: Archive, tmp_path: Path) -> None:
    text = f"🌊 One. Two came.\n\nThree came. {QUOTE} Five came. Six came. Seven came."
    quote = shared_quote(archive, text, tmp_path)
    assert quote.before == "Two came.\n\nThree came. "
    assert (quote.opening, quote.said, quote.closing) == ("", "Seven", " people died.")
    assert quote.after == " Five came. Six came."
    assert not quote.begins_article
    assert not quote.ends_article


def test_at_its_ends_the_article_is_shown_as_it_is(archive: Archive, tmp_path: Path) -> None:
    quote = shared_quote(archive, f" {QUOTE}\n", tmp_path, said="")
    assert (quote.before, quote.opening, quote.said, quote.closing) == ("", QUOTE, "", "")
    assert quote.after == ""
    assert quote.begins_article
    assert quote.ends_article


def test_the_rest_of_a_sentence_that_is_quoted_in_part_is_shown(
    archive: Archive, tmp_path: Path
) -> None:
    text = f"The captain said: “{QUOTE}” and wept. Rain fell. More rain fell. The end came."
    quote = shared_quote(archive, text, tmp_path)
    assert quote.before == "The captain said: “"
    assert quote.after.startswith("” and wept.")
    assert "The end" not in quote.after


def test_of_a_long_article_only_what_is_near_is_read(archive: Archive, tmp_path: Path) -> None:
    filler = "Rain fell on the harbour again. " * 5000
    quote = shared_quote(archive, f"{filler}{QUOTE} {filler}", tmp_path)
    near = "Rain fell on the harbour again."
    assert quote.before == f"{near} {near} "
    assert quote.after == f" {near} {near}"


def test_a_newer_version_shows_what_it_says_now(archive: Archive, tmp_path: Path) -> None:
    shared_quote(archive, f"Rain fell. {QUOTE}", tmp_path)
    put(archive, [{"id": "a", "text": "Rain fell. Nine people died. More came."}], tmp_path)
    with archive.snapshot() as snapshot:
        shared = read_shared(snapshot, "x")
    assert [event.change.kind for event in shared.events] == ["newer_version"]
    assert shared.events[0].says == "Nine people died."
    assert shared.quotes[0].before == "Rain fell. ", "the quote is shown as it was given"


def test_a_newer_version_that_speaks_of_something_else_has_no_such_sentence(
    archive: Archive, tmp_path: Path
) -> None:
    shared_quote(archive, f"Rain fell. {QUOTE}", tmp_path)
    put(archive, [{"id": "a", "text": "The harbour is open again. Rain fell."}], tmp_path)
    with archive.snapshot() as snapshot:
        assert [event.says for event in read_shared(snapshot, "x").events] == [""]


def test_a_cited_version_under_embargo_is_hidden_though_an_earlier_one_is_not(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "An earlier text."}], tmp_path)
    text = f"Rain fell. {QUOTE}"
    shared_quote(archive, text, tmp_path)
    later = {"id": "a", "text": text, "embargoed_until": "2999-01-01T00:00:00Z"}
    put(archive, [later], tmp_path)
    with archive.snapshot() as snapshot:
        shared = read_shared(snapshot, "x")
    assert shared.answer.answer is None
    assert shared.quotes[0].citation.quote == ""
    assert shared.quotes[0].article is None


def test_an_unknown_answer_is_not_found(archive: Archive) -> None:
    with archive.snapshot() as snapshot, pytest.raises(NotFound):
        read_shared(snapshot, "none")
