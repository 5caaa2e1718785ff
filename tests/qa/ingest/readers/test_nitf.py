"""NITF: headline, by-line, dates, status, embargo, expiry, rights and the body's paragraphs."""

from pathlib import Path

import pytest

from qa.types import Article
from tests.support.formats import article, read

DATA = """<docdata management-status="usable" {more}><doc-id id-string="coast-41"/>
<date.issue norm="20220316T093000Z"/>{dates}<ed-msg info="Recasts"/>
<doc.copyright holder="Coast News" year="2022"/><doc.rights owner="Coast News"/></docdata>"""


def nitf(data: str = DATA.format(more="", dates=""), *, byline: str = "By Ann Roe") -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "http://www.nitf.example/nitf-3-5.dtd">
<nitf xml:lang="en" uno="x"><head><title>Ferry</title>{data}
<pubdata name="The Coast News" position.section="Sea" type="print"/></head>
<body><body.head><hedline><hl1>Ferry <em>Solvane</em> stops</hl1><hl2>Nobody hurt</hl2></hedline>
<byline>{byline}</byline><dateline><location>PORT ELDRIC</location></dateline>
<rights>Print only</rights></body.head>
<body.content><block><p>The ferry stopped&nbsp;at 9:30.</p>
<media media-type="image"><media-caption>The ferry</media-caption></media>
<hl2>Nobody hurt</hl2><p>All 140 <person>passengers</person> are safe.</p></block>
<table><tr><td>Hask</td><td>3</td></tr></table></body.content>
<body.end><tagline>END</tagline></body.end></body></nitf>"""


FERRY = Article(
    id="coast-41",
    title="Ferry Solvane stops",
    text="The ferry stopped at 9:30.\n\nNobody hurt\n\nAll 140 passengers are safe.\n\nHask | 3",
    published_at="2022-03-16T09:30:00+00:00",
    source="The Coast News",
    authors=("Ann Roe",),
    section="Sea",
    language="en",
    rights="Print only",
    extra={"dateline": "PORT ELDRIC", "editors_note": "Recasts"},
)


def test_a_document(tmp_path: Path) -> None:
    assert article(tmp_path, "a.xml", nitf()) == FERRY


def test_a_document_with_a_namespace(tmp_path: Path) -> None:
    spaced = nitf().replace("<nitf ", '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/" ')
    assert article(tmp_path, "a.xml", spaced) == FERRY


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Ann Roe<byttl>Chief writer</byttl>", ("Ann Roe",)),
        ("By <person>Ann Roe</person> and <person>Bo Vane</person>", ("Ann Roe", "Bo Vane")),
        ("The Coast News", ()),
        ("", ()),
    ],
)
def test_a_byline_gives_names_alone(tmp_path: Path, byline: str, authors: tuple[str, ...]) -> None:
    assert article(tmp_path, "a.xml", nitf(byline=byline)).authors == authors


@pytest.mark.parametrize(
    ("status", "dates", "expected"),
    [
        ("usable", '<date.release norm="20220318T060000Z"/><date.expire norm="20230316"/>',
         ("usable", "2022-03-18T06:00:00+00:00", "2023-03-16")),
        ("embargoed", '<date.release norm="20220318T070000+0100"/>',
         ("usable", "2022-03-18T07:00:00+01:00", None)),
        ("embargoed", "", ("withheld", None, None)),
        ("usable", '<date.release norm="20220316T093000Z"/>', ("usable", None, None)),
        ("canceled", "", ("canceled", None, None)),
    ],
)  # fmt: skip
def test_status_embargo_and_expiry(
    tmp_path: Path, status: str, dates: str, expected: tuple[str, str | None, str | None]
) -> None:
    data = DATA.format(more="", dates=dates).replace("usable", status)
    found = article(tmp_path, "a.xml", nitf(data))
    assert (found.status, found.embargoed_until, found.expires_at) == expected


def test_a_document_without_docdata_is_undated_and_named_by_its_file(tmp_path: Path) -> None:
    found = article(tmp_path, "a.xml", nitf(""))
    assert (found.id, found.published_at, found.status) == ("a.xml", None, "usable")


def test_the_document_that_it_replaces_is_corrected_and_one_that_it_withdraws_is_named(
    tmp_path: Path,
) -> None:
    replaces = DATA.format(more='management-doc-idref="coast-40"', dates="")
    assert article(tmp_path, "a.xml", nitf(replaces)).corrects == "coast-40"
    withdraws = replaces.replace("idref=", 'idref="coast-40" management-idref-status="canceled" x=')
    reads, _ = read(tmp_path, "a.xml", nitf(withdraws))
    assert reads[0].warnings == (
        "it withdraws 'coast-40', which stays in the archive: delete it there",
    )
