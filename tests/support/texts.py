"""Texts of any kind, and the check that spans tile them."""

from hypothesis import strategies as st

# Every code point that UTF-8 can carry, except NUL, which is replaced on reading.
any_text = st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"])
    | st.sampled_from(list("\n\r\t .!?\"”'😀中。éAa1\u2028")),
    max_size=400,
)

news_like = st.lists(
    st.sampled_from([
        "Ships came.", "“We stay,”", "he said.", "\n", "\n\n", "\r\n", " ", "  ", "Dr. Roe",
        "U.S.", "3 p.m.",
        "Tuesday",
        "😀", "👩‍👩‍👧", "中文。", "“Why?”", "A. B. Roe", "\t", "x" * 90, "...", "!",
        "KYIV, Jan. 19 (AP) -",
        "café", "\u200b",
    ]),
    max_size=40,
).map("".join)  # fmt: skip


def check_tiles(text: str, spans: list[tuple[int, int]]) -> None:
    assert "".join(text[start:end] for start, end in spans) == text
    assert [start for start, _ in spans] == [0, *(end for _, end in spans)][: len(spans)]
    assert all(start < end for start, end in spans)
