"""NewsML-G2: single items and messages of several, the text in every form that it comes in."""

from pathlib import Path

import pytest

from qa.types import Article
from tests.support.formats import article, read, reasons

G2 = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
XHTML = """<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>x</title></head><body><p>The ferry stopped.</p><p>Nobody was.</p></body></html>
</inlineXML>"""
TEXT = "The ferry stopped.\n\nNobody was."
META = """<itemClass qcode="ninat:text"/><provider qcode="nprov:COAST"><name>Coast News</name>
</provider><versionCreated>2022-03-17T08:00:00Z</versionCreated>
<firstCreated>2022-03-16T09:30:00Z</firstCreated>"""


def item(
    content: str = XHTML, meta: str = META, guid: str = "urn:coast:41", space: str = ""
) -> str:
    return f"""<newsItem {space} guid="{guid}" version="2" xml:lang="en" conformance="power">
<catalogRef href="http://www.iptc.example/catalog.xml"/>
<rightsInfo><copyrightHolder literal="Coast"/><copyrightNotice>© Coast 2022</copyrightNotice>
<usageTerms>Not for archives</usageTerms></rightsInfo>
<itemMeta>{meta}<service qcode="svc:sea"><name>Sea</name></service><edNote>Recasts</edNote>
<title>Slug</title></itemMeta><contentMeta><by>By Ann Roe</by><language tag="en-GB"/>
<headline>Ferry stops</headline></contentMeta><contentSet>{content}</contentSet></newsItem>"""


def message(*items: str) -> str:
    return f"""<?xml version="1.0"?><newsMessage {G2}><header><sent>2022-03-17T08:00:01Z</sent>
</header><itemSet>{"".join(items)}<packageItem guid="p"><groupSet/></packageItem></itemSet>
</newsMessage>"""


FERRY = Article(
    id="urn:coast:41",
    title="Ferry stops",
    text=TEXT,
    published_at="2022-03-16T09:30:00+00:00",
    updated_at="2022-03-17T08:00:00+00:00",
    source="Coast News",
    authors=("Ann Roe",),
    section="Sea",
    language="en-GB",
    rights="Not for archives; © Coast 2022",
    extra={"item_version": "2", "editors_note": "Recasts"},
)


def test_an_item_alone_and_in_a_message(tmp_path: Path) -> None:
    assert article(tmp_path, "a.xml", item(space=G2)) == FERRY
    assert article(tmp_path, "a.xml", message(item())) == FERRY


NITF = """<inlineXML><nitf xmlns=""><body><body.head><hedline><hl1>x</hl1></hedline></body.head>
<body.content><p>The ferry stopped.</p><p>Nobody was.</p></body.content></body></nitf>
</inlineXML>"""
ESCAPED = "&lt;p&gt;The ferry stopped.&lt;/p&gt;Nobody was."
PICTURE = f'<inlineData encoding="base64" contenttype="image/png">{"QUFB" * 99}</inlineData>'


@pytest.mark.parametrize(
    "content",
    [
        NITF,
        f'<inlineData contenttype="text/plain">{TEXT}</inlineData>',
        f'<inlineData contenttype="text/html">{ESCAPED}</inlineData>',
        f'<inlineData contenttype="text/plain">The ferry.</inlineData>{XHTML}',
        PICTURE + XHTML,
    ],
)
def test_the_text_in_every_form(tmp_path: Path, content: str) -> None:
    assert article(tmp_path, "a.xml", message(item(content))).text == TEXT


def test_the_items_of_a_message_are_numbered_and_those_without_a_text_reported(
    tmp_path: Path,
) -> None:
    picture = item('<remoteContent href="x.jpg"/>', META.replace("ninat:text", "ninat:picture"))
    reads, skipped = read(
        tmp_path, "a.xml.gz", message(item(guid="1"), picture, item(guid="2"), item(guid="3"))
    )
    assert [(found.place, found.article.id) for found in reads] == [
        ("a.xml.gz:1", "1"),
        ("a.xml.gz:3", "2"),
        ("a.xml.gz:4", "3"),
    ]
    assert [(found.place, found.reason) for found in skipped] == [
        ("a.xml.gz:2", "no text: this picture has none of its own")
    ]


@pytest.mark.parametrize(
    ("stated", "status", "embargo"),
    [
        ('<pubStatus qcode="stat:usable"/>', "usable", None),
        ('<pubStatus qcode="stat:withheld"/>', "withheld", None),
        ('<pubStatus uri="http://cv.iptc.example/pubstatusg2/canceled"/>', "canceled", None),
        ("<embargoed>2022-03-18T06:00:00Z</embargoed>", "usable", "2022-03-18T06:00:00+00:00"),
        ("<embargoed/>", "withheld", None),
        ('<embargoed/><pubStatus qcode="stat:canceled"/>', "canceled", None),
    ],
)
def test_status_and_embargo(tmp_path: Path, stated: str, status: str, embargo: str | None) -> None:
    found = article(tmp_path, "a.xml", item(meta=META + stated, space=G2))
    assert (found.status, found.embargoed_until) == (status, embargo)


def test_a_correction_names_what_it_corrects(tmp_path: Path) -> None:
    link = '<link rel="irel:seeAlso" residref="x"/><link rel="irel:corrects" residref="urn:40"/>'
    assert article(tmp_path, "a.xml", item(meta=META + link, space=G2)).corrects == "urn:40"


def test_a_withdrawal_without_a_text_still_withdraws(tmp_path: Path) -> None:
    meta = META + '<pubStatus qcode="stat:canceled"/>'
    found = article(tmp_path, "a.xml", item("", meta, space=G2))
    assert (found.id, found.status, found.text) == ("urn:coast:41", "canceled", "Ferry stops")


def test_an_item_without_dates_is_undated(tmp_path: Path) -> None:
    found = article(tmp_path, "a.xml", item(meta="", space=G2))
    assert (found.published_at, found.updated_at) == (None, None)


def test_a_status_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    meta = META + '<pubStatus qcode="stat:odd"/>'
    assert reasons(tmp_path, "a.xml", item(meta=meta, space=G2)) == [
        "status is 'odd'; it must be usable, withheld or canceled"
    ]
