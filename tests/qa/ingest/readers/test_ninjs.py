"""ninjs of every version and AP's JSON, with status, embargo, expiry, rights, both dates."""

from pathlib import Path
from typing import Any

import pytest

from qa.types import Article
from tests.support.formats import article, read, reasons

ONE: dict[str, Any] = {
    "uri": "urn:newsml:coast.example:20220316:ferry",
    "type": "text",
    "version": "2",
    "firstcreated": "2022-03-16T09:30:00+0000",
    "versioncreated": "2022-03-17T08:00:00+0000",
    "pubstatus": "usable",
    "urgency": 3,
    "language": "en-GB",
    "headline": "Ferry stops",
    "byline": "By Ann Roe and Bo Vane",
    "source": "Coast News",
    "service": [{"code": "i", "name": "Domestic"}],
    "usageterms": "Not for archives",
    "copyrightnotice": "Copyright 2022 Coast News",
    "embargoed": "2022-03-18T06:00:00Z",
    "expires": "2023-03-16T00:00:00Z",
    "body_html": "<p>The ferry stopped.</p><p>Nobody was hurt.</p>",
    "associations": {"main": {"type": "picture", "headline": "The ferry"}},
}
FERRY = Article(
    id="urn:newsml:coast.example:20220316:ferry",
    title="Ferry stops",
    text="The ferry stopped.\n\nNobody was hurt.",
    published_at="2022-03-16T09:30:00+00:00",
    updated_at="2022-03-17T08:00:00+00:00",
    source="Coast News",
    authors=("Ann Roe", "Bo Vane"),
    section="Domestic",
    language="en-GB",
    embargoed_until="2022-03-18T06:00:00+00:00",
    expires_at="2023-03-16T00:00:00+00:00",
    rights="Not for archives; Copyright 2022 Coast News",
    extra={"type": "text", "version": "2", "urgency": 3},
)
TWO: dict[str, Any] = {
    "standard": {"name": "ninjs", "version": "2.0"},
    "uri": FERRY.id,
    "versioncreated": "2022-03-17T08:00:00Z",
    "headlines": [{"role": "short", "value": "Ferry"}, {"role": "main", "value": "Ferry stops"}],
    "by": "Ann Roe, Coast News",
    "infosources": [{"name": "Coast News", "rel": "provider"}],
    "subjects": [{"name": "Transport"}, {"name": "Domestic", "rel": "category"}],
    "embargoeduntil": "2022-03-18T06:00:00Z",
    "bodies": [
        {"role": "main", "contenttype": "text/plain", "value": "The ferry stopped. Nobody was."},
        {"role": "html", "contenttype": "text/html",
         "value": "<section><p>The ferry stopped.</p><p>Nobody was hurt.</p></section>"},
        {"role": "summary", "contenttype": "text/plain", "value": "A summary. " * 20},
    ],
}  # fmt: skip
THREE: dict[str, Any] = {
    "uri": FERRY.id,
    "versionCreated": "2022-03-16T09:30:00Z",
    "firstCreated": "2022-03-16T09:30:00Z",
    "pubStatus": "withheld",
    "headlines": [{"value": "Ferry <i>stops</i>"}],
    "by": "Ann Roe",
    "copyrightHolder": "Coast News",
    "usageTerms": "Print only",
    "embargoedUntil": "2022-03-18T06:00:00Z",
    "bodies": [{"contentType": "text/plain", "value": "The ferry stopped.\n\nNobody was hurt."}],
}


def test_version_1(tmp_path: Path) -> None:
    assert article(tmp_path, "a.json", ONE) == FERRY


def test_version_2(tmp_path: Path) -> None:
    found = article(tmp_path, "a.json", TWO)
    assert (found.text, found.title, found.authors) == (FERRY.text, FERRY.title, ("Ann Roe",))
    assert (found.source, found.section) == ("Coast News", "Domestic")
    # The date of the only version that is known; no update is made up.
    assert (found.published_at, found.updated_at) == ("2022-03-17T08:00:00+00:00", None)
    assert found.embargoed_until == FERRY.embargoed_until


def test_version_3(tmp_path: Path) -> None:
    found = article(tmp_path, "a.json", THREE)
    assert (found.text, found.title, found.status) == (FERRY.text, FERRY.title, "withheld")
    assert (found.published_at, found.updated_at) == (FERRY.published_at, None)
    assert (found.source, found.rights) == ("Coast News", "Print only")


@pytest.mark.parametrize("wrap", [list, lambda items: {"_items": list(items)}])
def test_a_list_of_any_versions(tmp_path: Path, wrap: Any) -> None:
    others = [TWO | {"uri": "2"}, THREE | {"uri": "3"}, ONE | {"uri": "4", "body_html": ""}]
    reads, skipped = read(tmp_path, "a.json", wrap([ONE, *others]))
    assert [item.article.id for item in reads] == [FERRY.id, "2", "3"]
    assert [(item.place, item.reason) for item in skipped] == [
        ("a.json:4", "no text: this text has no body")
    ]


def test_an_item_without_a_date_stays_undated(tmp_path: Path) -> None:
    given = {key: value for key, value in ONE.items() if "created" not in key}
    found = article(tmp_path, "a.json", given)
    assert (found.published_at, found.updated_at) == (None, None)


def test_a_withdrawal_without_a_text_still_withdraws(tmp_path: Path) -> None:
    given = {"uri": FERRY.id, "pubstatus": "canceled", "headline": "KILL: Ferry stops"}
    found = article(tmp_path, "a.json", given)
    assert (found.id, found.status, found.text) == (FERRY.id, "canceled", "KILL: Ferry stops")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"pubstatus": "odd"}, "status is 'odd'; it must be usable, withheld or canceled"),
        ({"embargoed": "soon"}, "embargoed_until 'soon' is not an ISO 8601 date"),
        ({"expires": 5}, "expires_at is a number, not an ISO 8601 string"),
        ({"type": "picture", "body_html": None}, "no text: this picture has no body"),
        ({"body_html": "<div>" * 9999}, "its HTML is nested too deep"),
    ],
)
def test_what_might_let_an_article_out_is_refused(
    tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    assert reasons(tmp_path, "a.json", ONE | changed) == [reason]


@pytest.mark.parametrize("key", ["byline", "headline", "service", "bodies", "usageterms", "source"])
@pytest.mark.parametrize("value", [5, [5, None, ["x"]], {"x": 1}, None, [{"value": 5}]])
def test_values_of_a_wrong_type_never_raise(tmp_path: Path, key: str, value: Any) -> None:
    reads, skipped = read(tmp_path, "a.json", [ONE | {key: value}])
    assert len(reads) + len(skipped) == 1


# AP

AP: dict[str, Any] = {
    "altids": {"itemid": "c0ffee", "etag": "c0ffee_2a"},
    "uri": "https://api.example/media/v/content/c0ffee",
    "type": "text",
    "headline": "Ferry stops",
    "bylines": [{"by": "By ANN ROE", "title": "Coast News"}],
    "pubstatus": "usable",
    "firstcreated": "2022-03-16T09:30:00Z",
    "versioncreated": "2022-03-17T08:00:00Z",
    "embargoed": "2022-03-18T06:00:00Z",
    "usageterms": ["Not for archives", "Not for sale"],
    "subject": [{"name": "d", "code": "d", "rels": ["category"]}],
    "body_nitf": "<block><p>The ferry stopped.</p><p>Nobody was hurt.</p></block>",
}


@pytest.mark.parametrize(
    "content",
    [AP, {"item": AP}, {"data": {"item": AP}}, {"data": {"items": [{"item": AP}]}}],
)
def test_an_item_of_ap_in_every_envelope(tmp_path: Path, content: Any) -> None:
    found = article(tmp_path, "a.json", content)
    assert (found.id, found.text, found.authors) == ("c0ffee", FERRY.text, ("ANN ROE",))
    assert (found.published_at, found.updated_at) == (FERRY.published_at, FERRY.updated_at)
    assert (found.rights, found.section) == ("Not for archives; Not for sale", "d")
    assert found.embargoed_until == FERRY.embargoed_until


def test_a_text_that_is_a_file_of_its_own_is_named(tmp_path: Path) -> None:
    given = AP | {"body_nitf": None, "renditions": {"nitf": {"href": "https://api.example/n"}}}
    assert reasons(tmp_path, "a.json", {"data": {"item": given}}) == [
        "no text: AP has it in a file of its own; save and ingest https://api.example/n"
    ]
