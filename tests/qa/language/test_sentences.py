"""Sentences: any text is tiled in order, and news is cut where a reader would cut it."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa.language.sentences import LONGEST_SENTENCE, sentences, trimmed
from tests.support.texts import any_text, check_tiles, news_like


def _texts(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


def _quoted(text: str) -> list[str]:
    """The sentences as they would be quoted."""
    return [text[slice(*trimmed(text, span))] for span in sentences(text)]


@settings(deadline=None)
@given(
    any_text | news_like,
    st.sampled_from([None, "en", "en-GB", "de", "zh", "ja_JP", "xx", "", "☃"]),
)
@example("One 😀. Two 👩‍👩‍👧 three. Four.", None)
@example("\r\n\r\nOne.\r\n\r\n\r\nTwo.\r\n", None)
@example("", None)
@example("\n", None)
def test_sentences_tile_any_text_in_order(text: str, language: str | None) -> None:
    spans = sentences(text, language)
    check_tiles(text, spans)
    assert all(end - start <= LONGEST_SENTENCE for start, end in spans)


@settings(deadline=None)
@given(any_text | news_like)
def test_a_sentence_of_white_space_stands_alone_only_when_the_text_is_nothing_else(
    text: str,
) -> None:
    if text.strip():
        assert all(piece.strip() for piece in _texts(text))


@settings(deadline=None)
@given(any_text, st.data())
def test_a_trimmed_span_is_the_span_without_outer_white_space(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if not text[start:end].strip():
        return
    left, right = trimmed(text, (start, end))
    assert text[left:right] == text[start:end].strip()


def test_a_wide_gap_between_sentences_makes_no_sentence_of_its_own() -> None:
    text = "Ships came." + " " * 3000 + "Trains ran."
    spans = sentences(text)
    check_tiles(text, spans)
    assert [piece for piece in _quoted(text) if piece] == ["Ships came.", "Trains ran."]
    for span in spans:
        start, end = trimmed(text, span)
        assert span[0] <= start < end <= span[1]


def test_an_empty_text_has_no_sentence() -> None:
    assert sentences("") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Datelines belong to their sentence.
        ("KYIV, Jan. 19 (AP) - Ships left the port. They were late.",
         ["KYIV, Jan. 19 (AP) - Ships left the port.", "They were late."]),
        ("LONDON, Sept. 3 (Reuters) — Rail fares rose. Riders complained.",
         ["LONDON, Sept. 3 (Reuters) — Rail fares rose.", "Riders complained."]),
        # A reporting clause belongs to its quote.
        ("“We will stay,” he said. Nobody left.", ["“We will stay,” he said.", "Nobody left."]),
        ("“We are ready!” she added. He nodded.", ["“We are ready!” she added.", "He nodded."]),
        ('"Will you come?" asked Mr. Roe. Nobody spoke.',
         ['"Will you come?" asked Mr. Roe.', "Nobody spoke."]),
        # Titles, initials, abbreviations.
        ("J. R. R. Vane wrote it. George W. Roe read it.",
         ["J. R. R. Vane wrote it.", "George W. Roe read it."]),
        ("Dr. Roe met Sen. Vane. Gen. Poe came too.",
         ["Dr. Roe met Sen. Vane.", "Gen. Poe came too."]),
        ("The U.S. Senate voted. It was late.", ["The U.S. Senate voted.", "It was late."]),
        ("He lives in the U.S. but works in Peru. She stays.",
         ["He lives in the U.S. but works in Peru.", "She stays."]),
        ("The firm, Vane Inc., grew. Its rival shrank.",
         ["The firm, Vane Inc., grew.", "Its rival shrank."]),
        # Clock times, numbers.
        ("It opens at 3 p.m. Tuesday in Rome. Bring tea.",
         ["It opens at 3 p.m. Tuesday in Rome.", "Bring tea."]),
        ("It opens at 9:30 a.m. EST sharp. Bring tea.",
         ["It opens at 9:30 a.m. EST sharp.", "Bring tea."]),
        ("It cost $3.5 million. It was 2.25 percent more.",
         ["It cost $3.5 million.", "It was 2.25 percent more."]),
        ("They met in No. 10 on Monday. No one spoke.",
         ["They met in No. 10 on Monday.", "No one spoke."]),
        # Lines of their own.
        ("Ferries stop in storm\n\nAll ferries stopped on Monday. Trains ran.",
         ["Ferries stop in storm", "All ferries stopped on Monday.", "Trains ran."]),
        ("Ferries stop in storm\nBy Ann Roe\nAll ferries stopped on Monday.",
         ["Ferries stop in storm", "By Ann Roe", "All ferries stopped on Monday."]),
        ("One.\r\n\r\nTwo.\r\nThree.", ["One.", "Two.", "Three."]),
        ("They cheered! Why? Nobody knew…", ["They cheered!", "Why?", "Nobody knew…"]),
        # Other scripts.
        ("港口今天关闭。渡轮停航了！为什么？", ["港口今天关闭。", "渡轮停航了！", "为什么？"]),
        ("One 😀 ship. Two 👩‍👩‍👧 ships. Three.", ["One 😀 ship.", "Two 👩‍👩‍👧 ships.", "Three."]),
    ],
)  # fmt: skip
def test_news_is_cut_into_the_sentences_that_a_reader_sees(text: str, expected: list[str]) -> None:
    assert _quoted(text) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_hard_wrapped_text_is_joined_over_its_line_ends(newline: str) -> None:
    text = newline.join([
        "The minister said on Monday that the talks would go on for as long as",
        "they were needed, and that nobody should expect a result before Friday. He",
        "Roe, her deputy, added that the sides were close.",
    ])  # fmt: skip
    quoted = _quoted(text)
    assert len(quoted) == 2
    assert quoted[0].endswith("before Friday.")


def test_one_line_of_100_000_characters_is_cut_at_spaces_in_no_time() -> None:
    text = ("harbour " * 12_500)[:100_000]
    started = time.process_time()
    spans = sentences(text)
    assert time.process_time() - started < 5
    check_tiles(text, spans)
    assert all(end - start <= LONGEST_SENTENCE for start, end in spans)
    assert all(text[end - 1] == " " for _, end in spans[:-1]), "no word is cut"


def test_one_word_of_100_000_characters_is_cut_too() -> None:
    text = "x" * 100_000
    spans = sentences(text)
    check_tiles(text, spans)
    assert max(end - start for start, end in spans) == LONGEST_SENTENCE
