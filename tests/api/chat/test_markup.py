"""Text on its way into somebody's markup."""

import pytest

from api.chat.markup import escape_markdown, escape_markdown_line, web_address


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](https://e.example)", r"\!\[x\](https://e.example)"),
        ("a\n\n# b", r"a \# b"),
        ("<b>*x* _y_ `z` ~~w~~ | \\", r"\<b\>\*x\* \_y\_ \`z\` \~\~w\~\~ \| \\"),
        ("&lt;img&gt; R&D", r"\&lt;img\&gt; R&D"),
        ("USD 40 million (about) - 3.5 %!", "USD 40 million (about) - 3.5 %!"),
    ],
)
def test_markdown_shows_the_text_as_it_is(text: str, shown: str) -> None:
    assert escape_markdown(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("12) a", r"12\) a"),
        ("3.5 %", "3.5 %"),
        ("a - b", "a - b"),
    ],
)
def test_a_line_begins_no_list(text: str, shown: str) -> None:
    assert escape_markdown_line(text) == shown


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://coast.example/a?b=1&c=ü#d", "https://coast.example/a?b=1&c=%C3%BC#d"),
        ("https://münchen.example/ä b", "https://xn--mnchen-3ya.example/%C3%A4%20b"),
        ("https://bank.example@evil.example:8443/", "https://evil.example:8443/"),
        ('https://a.example/"><b>|(x)', "https://a.example/%22%3E%3Cb%3E%7C%28x%29"),
        ("javascript:alert(1)", None),
        ("//coast.example/a", None),
        ("https://", None),
        ("https://a.example:port/", None),
        ("https://a b.example/", None),
        (f"https://a.example/{'x' * 1000}", None),
        ("bridge-1", None),
        (None, None),
    ],
)
def test_only_what_a_browser_opens_becomes_a_link(url: str | None, address: str | None) -> None:
    assert web_address(url) == address
