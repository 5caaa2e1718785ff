"""A reply in any markup: nothing is lost, no message is too long, and no markup is cut in two."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from api.chat.layout import Markup, compose, take
from api.chat.markup import units
from api.chat.reply import Reply, Source


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


MARKUP = Markup(most=200, escape=escape, bold="<b>{}</b>", quote="<q>{}</q>", note="<i>{}</i>")


def test_a_long_text_is_split_between_two_sentences() -> None:
    text = "The mayor spoke at 3 p.m. on Friday. The harbour reopened. Ships left."
    first = "The mayor spoke at 3 p.m. on Friday. The harbour reopened."
    assert take(text, 60, str) == (first, "Ships left.")
    assert take("word word word", 12, str) == ("word word", "word")
    assert take("x" * 25, 10, str) == ("x" * 10, "x" * 15)
    assert take("A < b. C", 9, escape) == ("A < b.", "C")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=3000), st.text(max_size=300), st.lists(st.text(max_size=300), max_size=3))
def test_nothing_of_a_short_reply_is_lost(text: str, headline: str, notes: list[str]) -> None:
    plain = Markup(most=1000, escape=str, bold="{}", note="{}")
    parts = compose(Reply(text, headline, tuple(notes)), plain)
    assert all(units(part.text(plain)) <= 1000 for part in parts)
    said = "".join("".join(part.pieces) for part in parts)
    assert "".join(said.split()) == "".join("".join([headline, text, *notes]).split())


def test_a_message_is_filled_before_the_next_one_begins() -> None:
    first, *_ = compose(Reply("It met again. " * 30, "Yes"), MARKUP)
    assert first.pieces[0] == "<b>Yes</b>"
    assert 150 < units(first.text(MARKUP)) <= 200


def test_each_message_has_its_whole_markup_and_the_last_one_asks_for_feedback() -> None:
    sources = tuple(
        Source(f"Report {n}", "Coast Daily", None, n, "They < said it. " * 4) for n in range(1, 5)
    )
    reply = Reply("It <b>met</b> again. " * 30, "Yes", ("Confidence 0.91",), sources, answer_id="a")
    parts = compose(reply, MARKUP)
    assert len(parts) > 3
    for part in parts:
        text = part.text(MARKUP)
        assert units(text) <= 200
        for tag in ("b", "q", "i"):
            assert text.count(f"<{tag}>") == text.count(f"</{tag}>")
        assert "<b>met" not in text
    assert [part.answer_id for part in parts] == [None] * (len(parts) - 1) + ["a"]
    assert [part.first for part in parts] == [True] + [False] * (len(parts) - 1)


def test_the_count_fits_below_a_full_message() -> None:
    sources = tuple(Source(f"{n}", "d", None, n, "x" * 179) for n in range(1, 10))
    short = Source("10", "d", None, 10, "x")
    parts = compose(Reply("text", sources=(*sources, short)), MARKUP)
    assert [units(part.text(MARKUP)) <= 200 for part in parts] == [True] * 5
    assert parts[-1].text(MARKUP) == "… and 7 more sources"


def test_what_is_left_out_is_counted() -> None:
    sources = tuple(Source(f"Report {n}", "d", None, n, "word " * 30) for n in range(1, 20))
    parts = compose(Reply("text", sources=sources), MARKUP)
    shown = [source.n for part in parts for source in part.sources]
    assert shown == list(range(1, len(shown) + 1))
    (count,) = re.findall(r"… and (\d+) more sources", parts[-1].text(MARKUP))
    assert len(shown) + int(count) == 19
