"""Markdown whose text is shown as it is."""

import pytest
from markdown_it import MarkdownIt

from api.share.markdown import to_markdown
from api.share.outline import Block, Style

HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "# not a heading",
    "- no list",
    "1. no list",
    "> no quote",
    "**bold** _and_ `code` ~~gone~~ &lt;",
    "| a | b |",
    "--- ",
]


@pytest.mark.parametrize("style", ["title", "heading", "answer", "text", "item", "quote", "source"])
@pytest.mark.parametrize("text", HOSTILE)
def test_an_articles_own_markup_does_nothing(style: Style, text: str) -> None:
    written = to_markdown([Block(style, text, (1, 2)), Block("source", "Argus", (1,))]).decode()
    plain = to_markdown([Block(style, "words", (1, 2)), Block("source", "Argus", (1,))]).decode()

    def kinds(markdown: str) -> list[str]:
        tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
        inside = [child.type for token in tokens for child in token.children or ()]
        return [token.type for token in tokens] + [kind for kind in inside if kind != "text"]

    assert kinds(written) == kinds(plain)
    shown = [
        "".join(child.content for child in token.children or ())
        for token in MarkdownIt("commonmark").parse(written)
        if token.type == "inline"
    ]
    assert " ".join(text.split()) in shown[0]


def test_numbers_are_before_a_source_and_behind_the_rest() -> None:
    url = "https://argus.example/a_b"
    blocks = [Block("item", "Seven died.", (1, 2)), Block("source", "Argus", (1,), url)]
    assert to_markdown(blocks) == f"- Seven died. [1][2]\n\n[1] Argus <{url}>\n".encode()


def test_half_a_surrogate_pair_is_written_as_a_question_mark() -> None:
    assert to_markdown([Block("text", "a\ud800b")]) == b"a?b\n"
