"""HTML inside other formats becomes text, with its paragraphs and without what is not text."""

import pytest

from qa.errors import BadInput
from qa.ingest.readers.markup import line_of_markup, looks_like_markup, text_of_markup


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Ships came.</p><p>They left.</p>", "Ships came.\n\nThey left."),
        ("<div><p>Ships\n  came.</p>\n\n<p>They left.</p></div>", "Ships came.\n\nThey left."),
        ("Ships came.<br>They left.", "Ships came.\nThey left."),
        ("Ships came.<br/><br />They left.", "Ships came.\n\nThey left."),
        ("<p>The <b>Sol</b>vane &amp; <i>the</i> Tarn</p>", "The Solvane & the Tarn"),
        ("<p>caf&eacute;&nbsp;&#8217;s &unknown;</p>", "café ’s &unknown;"),
        ("<p>five < six</p>", "five < six"),
        ("<ul><li>one</li><li>two</li></ul>", "one\n\ntwo"),
        ("<table><tr><th>Team</th><td>3</td></tr><tr><td>Hask</td><td>1</td></tr></table>",
         "Team | 3\n\nHask | 1"),
        ("<p>a</p><figure><img alt='x'><figcaption>File photo</figcaption></figure><p>b</p>",
         "a\n\nb"),
        ("<figure><blockquote>“Never.”</blockquote></figure>", "“Never.”"),
        ("<script>x()</script><style>p{}</style><!-- wp:p --><p>a</p><?pi?>", "a"),
        ("<p>a</p><p class='wp-caption-text'>File photo</p>tail", "a\n\ntail"),
        ("plain", "plain"),
        ("", ""),
        ("<p></p>", ""),
        ("<p>nul\0 and \ud800</p>", "nul\N{REPLACEMENT CHARACTER} and ?"),
        ("<p>unclosed <b>tag", "unclosed tag"),
    ],
)  # fmt: skip
def test_paragraphs_are_kept_and_tags_are_not(markup: str, text: str) -> None:
    assert text_of_markup(markup) == text


def test_typed_line_breaks_count_where_wordpress_shows_them() -> None:
    typed = "One.\nStill one.\r\n \nTwo <b>bold</b>\n\nThree."
    assert text_of_markup(typed, breaks=True) == "One.\nStill one.\n\nTwo bold\n\nThree."
    assert text_of_markup(typed) == "One. Still one. Two bold Three."


def test_html_that_is_nested_too_deep_to_be_read_whole_is_refused() -> None:
    deep = "<div>" * 5000 + "deep" + "</div>" * 5000
    with pytest.raises(BadInput, match="nested too deep"):
        text_of_markup(deep)
    assert text_of_markup("<div>" * 200 + "deep" + "</div>" * 200) == "deep"


def test_a_title_is_one_line() -> None:
    assert line_of_markup("Ships <em>come</em><br>&#8216;home&#8217;") == "Ships come ‘home’"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<p>x</p>", True), ("a<br/>b", True), ("a < b > c", False), ("<b.roe@x.org>", False)],
)
def test_tags_of_bodies_are_markup_and_other_angle_brackets_are_not(
    text: str, expected: bool
) -> None:
    assert looks_like_markup(text) is expected
