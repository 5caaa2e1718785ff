"""Sentences and passages: any text is tiled in order, and news is cut where a reader would cut it."""

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qa.ingest.passages import TARGET_WORDS, split
from qa.language.sentences import LONGEST_SENTENCE, sentences, trimmed
from qa.types import Article

# Every code point that UTF-8 can carry, but NUL, which is replaced on reading.
_any_text = st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"])
    | st.sampled_from(list("\n\r\t .!?\"”'😀中。éAa1\u2028")),
    max_size=400,
)
_news_like = st.lists(
    st.sampled_from([
        "Ships came.", "“We stay,”", "he said.", "\n", "\n\n", "\r\n", " ", "  ", "Dr. Roe", "U.S.", "3 p.m.",
        "Tuesday",
        "😀", "👩‍👩‍👧", "中文。", "“Why?”", "A. B. Roe", "\t", "x" * 90, "...", "!", "KYIV, Jan. 19 (AP) -",
        "café", "\u200b",
    ]),
    max_size=40,
).map("".join)  # fmt: skip


def _texts(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentences(text, language)]


def _quoted(text: str) -> list[str]:
    """The sentences as they would be quoted."""
    return [text[slice(*trimmed(text, span))] for span in sentences(text)]


def _article(text: str, language: str | None = None) -> Article:
    return Article(id="a", text=text, language=language)


def _tiles(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(text[start:end] for start, end in spans) == text
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]
    assert all(start < end for start, end in spans)


@settings(deadline=None)
@given(
    _any_text | _news_like,
    st.sampled_from([None, "en", "en-GB", "de", "zh", "ja_JP", "xx", "", "☃"]),
)
@example("One 😀. Two 👩‍👩‍👧 three. Four.", None)
@example("\r\n\r\nOne.\r\n\r\n\r\nTwo.\r\n", None)
@example("", None)
@example("\n", None)
def test_sentences_tile_any_text_in_order(text: str, language: str | None) -> None:
    spans = sentences(text, language)
    _tiles(text, spans)
    assert all(end - start <= LONGEST_SENTENCE for start, end in spans)


@settings(deadline=None)
@given(_any_text | _news_like)
def test_passages_tile_any_text_and_are_runs_of_whole_sentences(text: str) -> None:
    article = _article(text)
    passages = split(article)
    _tiles(text, passages)
    assert {end for _, end in passages} <= {end for _, end in sentences(text)}


@settings(deadline=None)
@given(_any_text | _news_like)
def test_a_sentence_of_white_space_stands_alone_only_when_the_text_is_nothing_else(
    text: str,
) -> None:
    if text.strip():
        assert all(piece.strip() for piece in _texts(text))


@settings(deadline=None)
@given(_any_text, st.data())
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
    _tiles(text, spans)
    assert [piece for piece in _quoted(text) if piece] == ["Ships came.", "Trains ran."]
    for span in spans:
        start, end = trimmed(text, span)
        assert span[0] <= start < end <= span[1]


def test_an_empty_text_has_no_sentence_and_no_passage() -> None:
    assert sentences("") == []
    assert split(_article("")) == []


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
        ('"Will you come?" asked Mr. Roe. Nobody spoke.', ['"Will you come?" asked Mr. Roe.', "Nobody spoke."]),
        # Titles, initials, abbreviations.
        ("J. R. R. Vane wrote it. George W. Roe read it.", ["J. R. R. Vane wrote it.", "George W. Roe read it."]),
        ("Dr. Roe met Sen. Vane. Gen. Poe came too.", ["Dr. Roe met Sen. Vane.", "Gen. Poe came too."]),
        ("The U.S. Senate voted. It was late.", ["The U.S. Senate voted.", "It was late."]),
        ("He lives in the U.S. but works in Peru. She stays.",
         ["He lives in the U.S. but works in Peru.", "She stays."]),
        ("The firm, Vane Inc., grew. Its rival shrank.", ["The firm, Vane Inc., grew.", "Its rival shrank."]),
        # Clock times, numbers.
        ("It opens at 3 p.m. Tuesday in Rome. Bring tea.", ["It opens at 3 p.m. Tuesday in Rome.", "Bring tea."]),
        ("It opens at 9:30 a.m. EST sharp. Bring tea.", ["It opens at 9:30 a.m. EST sharp.", "Bring tea."]),
        ("It cost $3.5 million. It was 2.25 percent more.", ["It cost $3.5 million.", "It was 2.25 percent more."]),
        ("They met in No. 10 on Monday. No one spoke.", ["They met in No. 10 on Monday.", "No one spoke."]),
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


def test_a_long_article_makes_passages_of_about_110_words() -> None:
    text = " ".join(
        f"On day {n} the old harbour master counted {n + 3} ships at the pier." for n in range(400)
    )
    sizes = [len(text[start:end].split()) for start, end in split(_article(text))]
    assert len(sizes) == round(len(text.split()) / TARGET_WORDS)
    # Evenly filled: no passage is further from the target than a sentence of 13 words is long.
    assert all(abs(size - 110) <= 13 for size in sizes), sizes


def test_a_short_article_is_one_passage() -> None:
    text = "Ships came. " * 20
    assert split(_article(text)) == [(0, len(text))]


def test_one_line_of_100_000_characters_is_cut_at_spaces_in_no_time() -> None:
    text = ("harbour " * 12_500)[:100_000]
    started = time.process_time()
    spans = sentences(text)
    passages = split(_article(text))
    assert time.process_time() - started < 5
    _tiles(text, spans)
    _tiles(text, passages)
    assert all(end - start <= LONGEST_SENTENCE for start, end in spans)
    assert all(text[end - 1] == " " for _, end in spans[:-1]), "no word is cut"
    sizes = [len(text[start:end].split()) for start, end in passages]
    assert max(sizes) <= 300
    assert sum(sizes) == 12_500


def test_one_word_of_100_000_characters_is_cut_too() -> None:
    text = "x" * 100_000
    spans = sentences(text)
    _tiles(text, spans)
    assert max(end - start for start, end in spans) == LONGEST_SENTENCE


def test_a_text_without_spaces_between_words_makes_passages_of_bounded_size() -> None:
    text = "港口今天因为大雾关闭了，所有的渡轮都停航。" * 300
    passages = split(_article(text, "zh"))
    _tiles(text, passages)
    # The rule: six characters a word where a script sets no spaces, 110 words a passage, so about 660.
    assert all(500 <= end - start <= 820 for start, end in passages), [
        end - start for start, end in passages
    ]
    assert all(text[end - 1] == "。" for _, end in passages)


def test_the_same_text_is_always_split_the_same_way() -> None:
    text = "Ships came at 3 p.m. Tuesday. “Why?” he asked. Nobody knew.\n\n" * 50
    assert split(_article(text)) == split(_article(text))
