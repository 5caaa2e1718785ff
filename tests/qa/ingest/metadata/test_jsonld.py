"""The article in a page's JSON-LD."""

import json

import pytest

from qa.ingest.metadata.jsonld import article_node, text_of

NODE = {"@type": "NewsArticle", "headline": "Ships came", "datePublished": "2024-03-04"}
TEXT = json.dumps(NODE)


@pytest.mark.parametrize(
    "block",
    [
        TEXT,
        f"[{TEXT}]",
        f'{{"@graph": [{TEXT}]}}',
        f'{{"@type": "WebPage", "mainEntity": {TEXT}}}',
        f"<!-- {TEXT} -->",
        f"//<![CDATA[\n{TEXT}\n//]]>",
        TEXT.replace("came", "came\\'")[:-1].replace("\\'", "") + ",}",
        f"{TEXT}\n{TEXT};",
        TEXT.replace('"', "&quot;"),
        TEXT[:-1],  # cut off
    ],
)
def test_an_article_is_found_in_any_block(block: str) -> None:
    found = article_node([block], [], [])
    assert (found["headline"], found["datePublished"]) == ("Ships came", "2024-03-04")


@pytest.mark.parametrize("block", ["", "null", "5", "[" * 20_000, "{", '{"@type": 5}', "<html>"])
def test_a_block_without_an_article_gives_nothing(block: str) -> None:
    assert article_node([block], [], []) == {}


def test_of_several_articles_the_one_of_the_page_is_taken() -> None:
    other = {"@type": "Article", "headline": "Ships left", "datePublished": "2020-01-01"}
    blocks = [json.dumps(other), json.dumps(NODE | {"url": "https://a.example/came"})]
    assert article_node(blocks, ["Ships came"], [])["headline"] == "Ships came"
    assert article_node(blocks, [], ["http://www.a.example/came?x=1"])["headline"] == "Ships came"


def test_references_are_resolved_and_gaps_filled_from_the_web_page() -> None:
    graph = [
        NODE | {"author": {"@id": "#ann"}},
        {"@type": "WebPage", "dateModified": "2024-03-05", "headline": "Home"},
        {"@type": "Person", "@id": "#ann", "name": "Ann Roe"},
    ]
    found = article_node([json.dumps({"@graph": graph})], [], [])
    assert found["author"]["name"] == "Ann Roe"
    assert (found["headline"], found["dateModified"]) == ("Ships came", "2024-03-05")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a &amp;amp; b", "a & b"),
        ("<em>Ships</em>  came", "Ships came"),
        ("3 < 5", "3 < 5"),
        (["x", "y"], "x"),
        ({"@value": "x"}, "x"),
        (5, ""),
        (None, ""),
    ],
)
def test_text_of_a_value(value: object, expected: str) -> None:
    assert text_of(value) == expected
