"""WordPress: posts of the REST API, and export files."""

from pathlib import Path
from typing import Any

import pytest

from qa.ingest.readers.base import MAX_BYTES
from qa.types import Article
from tests.support.formats import article, read, reasons

POST: dict[str, Any] = {
    "id": 41,
    "date": "2022-03-16T10:30:00",
    "date_gmt": "2022-03-16T09:30:00",
    "modified": "2022-03-17T09:00:00",
    "modified_gmt": "2022-03-17T08:00:00",
    "link": "https://coast.example/ferry/",
    "status": "publish",
    "type": "post",
    "title": {"rendered": "Ferry &#8216;stops&#8217;"},
    "content": {"rendered": "<p>The ferry stopped.</p>\n<p>Nobody was.</p>", "protected": False},
    "author": 3,
    "categories": [5],
    "_embedded": {
        "author": [{"id": 3, "name": "Ann Roe"}],
        "wp:term": [[{"taxonomy": "category", "name": "Sea &amp; Air"}],
                    [{"taxonomy": "post_tag", "name": "ferry"}]],
    },
    "yoast_head_json": {"og_site_name": "Coast News"},
}  # fmt: skip
FERRY = Article(
    id="https://coast.example/ferry/",
    url="https://coast.example/ferry/",
    title="Ferry ‘stops’",
    text="The ferry stopped.\n\nNobody was.",
    published_at="2022-03-16T09:30:00+00:00",
    updated_at="2022-03-17T08:00:00+00:00",
    source="Coast News",
    authors=("Ann Roe",),
    section="Sea & Air",
    extra={"wordpress_id": 41},
)


def test_a_post_of_the_rest_api(tmp_path: Path) -> None:
    assert article(tmp_path, "a.json", POST) == FERRY
    assert article(tmp_path, "a.json", [POST]) == FERRY


def test_without_embedded_names_there_are_none(tmp_path: Path) -> None:
    bare = {key: value for key, value in POST.items() if key[0] not in "_y"}
    found = article(tmp_path, "a.json", bare)
    assert (found.authors, found.section, found.source) == ((), None, None)


@pytest.mark.parametrize(
    ("changed", "status", "embargo"),
    [
        ({"status": "future"}, "usable", FERRY.published_at),
        ({"status": "future", "date": None, "date_gmt": None, "modified_gmt": None,
          "modified": None}, "withheld", None),
        ({"status": "draft"}, "withheld", None),
        ({"status": "private"}, "withheld", None),
        ({"status": "trash"}, "canceled", None),
        ({"content": POST["content"] | {"protected": True}}, "withheld", None),
    ],
)  # fmt: skip
def test_what_is_not_public_yet_is_not_usable(
    tmp_path: Path, changed: dict[str, Any], status: str, embargo: str | None
) -> None:
    found = article(tmp_path, "a.json", POST | changed)
    assert (found.status, found.embargoed_until) == (status, embargo)


# Exports


def wxr(*items: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<!-- generator="WordPress/6.5" -->
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Coast News</title><link>https://coast.example</link><language>en-GB</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login><![CDATA[ann]]></wp:author_login></wp:author>
<wp:category><wp:cat_name><![CDATA[Sea]]></wp:cat_name></wp:category>
{"".join(items)}</channel></rss>"""


def item(content: str = "The ferry stopped.\n\nNobody was.", **changed: str) -> str:
    values = {
        "post_id": "41",
        "post_date": "2022-03-16 10:30:00",
        "post_date_gmt": "2022-03-16 09:30:00",
        "post_modified_gmt": "2022-03-17 08:00:00",
        "status": "publish",
        "post_type": "post",
    } | changed
    own = "".join(f"<wp:{key}><![CDATA[{value}]]></wp:{key}>" for key, value in values.items())
    return f"""<item><title><![CDATA[Ferry &#8216;stops&#8217;]]></title>
<link>https://coast.example/ferry/</link><pubDate>Wed, 16 Mar 2022 09:30:00 +0000</pubDate>
<dc:creator><![CDATA[Ann Roe]]></dc:creator><guid isPermaLink="false">https://coast.example/?p=41
</guid><description></description><content:encoded><![CDATA[{content}]]></content:encoded>
<excerpt:encoded><![CDATA[A teaser]]></excerpt:encoded>{own}
<category domain="category" nicename="sea"><![CDATA[Sea & Air]]></category>
<category domain="post_tag" nicename="f"><![CDATA[ferry]]></category>
<wp:postmeta><wp:meta_key>_edit_last</wp:meta_key><wp:meta_value>1</wp:meta_value></wp:postmeta>
</item>"""


def test_a_post_of_an_export(tmp_path: Path) -> None:
    expected = FERRY.model_copy(
        update={"language": "en-GB", "extra": {"wordpress_id": "41", "post_type": "post"}}
    )
    assert article(tmp_path, "a.xml", wxr(item())) == expected
    assert article(tmp_path, "a.xml.gz", wxr(item())) == expected


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<!-- wp:paragraph -->\n<p>One\ntwo.</p>\n<!-- /wp:paragraph -->\n\n<p>Three.</p>",
         "One\ntwo.\n\nThree."),
        ('One. [caption id="a" width="300"]<img src="x" /> File photo[/caption]\n\nTwo.',
         "One.\n\nTwo."),
        ('One.\n[gallery ids="1,2"]\n\n[embed]https://v.example/1[/embed]',
         "One.\n\nhttps://v.example/1"),
        ("One [sic] two.", "One [sic] two."),
    ],
)  # fmt: skip
def test_what_was_typed_becomes_paragraphs(tmp_path: Path, content: str, text: str) -> None:
    assert article(tmp_path, "a.xml", wxr(item(content))).text == text


@pytest.mark.parametrize(
    ("changed", "status", "published"),
    [
        ({"status": "draft", "post_date_gmt": "0000-00-00 00:00:00"}, "withheld",
         "2022-03-16T10:30:00"),
        ({"status": "pending"}, "withheld", FERRY.published_at),
        ({"status": "trash"}, "canceled", FERRY.published_at),
        ({"post_password": "x"}, "withheld", FERRY.published_at),
    ],
)  # fmt: skip
def test_drafts_and_the_like_are_not_usable(
    tmp_path: Path, changed: dict[str, str], status: str, published: str
) -> None:
    found = article(tmp_path, "a.xml", wxr(item(**changed)))
    assert (found.status, found.published_at) == (status, published)


def test_pictures_and_menus_are_left_out_and_posts_without_a_text_reported(tmp_path: Path) -> None:
    others = [item(post_type=kind) for kind in ("attachment", "nav_menu_item", "revision")]
    reads, skipped = read(tmp_path, "a.xml", wxr(*others, item(""), item()))
    assert [found.place for found in reads] == ["a.xml:5"]
    assert [(found.place, found.reason) for found in skipped] == [
        ("a.xml:4", "no text: 'text' is empty")
    ]
    assert reasons(tmp_path, "a.xml", wxr(*others)) == [
        "no article in the export: none of its 3 items is a post"
    ]


def test_an_export_far_larger_than_an_article_is_read_item_by_item(tmp_path: Path) -> None:
    size = MAX_BYTES // 40
    items = [item(f"Ship {n} came. {'x' * size}", post_type="post") for n in range(60)]
    reads, skipped = read(tmp_path, "a.xml.gz", wxr(*items))
    assert (len(reads), skipped) == (60, [])


def test_an_item_that_is_too_long_ends_the_file_after_those_before_it(tmp_path: Path) -> None:
    huge = item("<p>x</p>\n" * (MAX_BYTES // 9 + 1))
    reads, skipped = read(tmp_path, "a.xml.gz", wxr(item(), huge))
    assert len(reads) == 1
    assert len(skipped) == 1
