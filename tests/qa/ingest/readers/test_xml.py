"""XML is told apart by its root, read as a stream, and never expanded or fetched."""

from pathlib import Path

import pytest

from qa.ingest.readers.base import MAX_BYTES
from tests.support.formats import reasons

LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(12)
)
BODY = "<body><body.content><p>{}</p></body.content></body>"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<rss version='2.0'><channel/></rss>", "not supported: an RSS feed; "),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", "not supported: an Atom feed; "),
        ("<urlset/>", "not supported: a sitemap; "),
        ("<NewsML/>", "not supported: NewsML 1; "),
        ("<packageItem/>", "which only links to its items"),
        ("<html/>", "not supported: a web page; name it .html"),
        ("<report/>", "not supported: root element 'report'; supported are NITF, NewsML-G2"),
        ("", "invalid XML: "),
        ("no xml", "invalid XML: "),
        ("<nitf><body>", "invalid XML: "),
        (b"<nitf>caf\xe9</nitf>", "invalid XML: "),
        ("<?xml version='1.0' encoding='klingon'?><nitf/>", "invalid XML: Unsupported encoding"),
        ("<nitf>" + "<p>" * 5000, "invalid XML: Excessive depth"),
        ("<nitf/>", "no text: 'text' is empty"),
        ("<newsMessage/>", "no article in the message: it has no newsItem"),
    ],
)
def test_what_is_not_supported_or_broken_is_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    (found,) = reasons(tmp_path, "a.xml", content)
    assert reason in found


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    bomb = f"<!DOCTYPE nitf [{LAUGHS}]><nitf>{BODY.format('&l11;')}</nitf>"
    (found,) = reasons(tmp_path, "a.xml", bomb)
    assert "amplification" in found


def test_no_file_and_no_network_is_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("do not show", "utf-8")
    for address in (secret.as_uri(), "http://127.0.0.1:9/x"):
        content = (
            f'<!DOCTYPE nitf SYSTEM "{address}" [<!ENTITY x SYSTEM "{address}">]>'
            f"<nitf>{BODY.format('&x;')}</nitf>"
        )
        from tests.support.formats import article

        assert article(tmp_path, "a.xml", content).text == "&x;"


@pytest.mark.parametrize(
    "content",
    [
        "<nitf>" + "<p>x</p>" * (MAX_BYTES // 8 + 1) + "</nitf>",
        "<nitf><p>" + "x" * (MAX_BYTES + 100) + "</p></nitf>",
        "<nitf " + "x" * (MAX_BYTES + 100) + "='1'/>",
        "<newsMessage><itemSet><newsItem>" + "<p>x</p>" * (MAX_BYTES // 8 + 1),
        " " * 3 * MAX_BYTES,
    ],
)
def test_what_is_longer_than_an_article_may_be_ends_with_a_reason(
    tmp_path: Path, content: str
) -> None:
    assert len(reasons(tmp_path, "a.xml.gz", content)) == 1
