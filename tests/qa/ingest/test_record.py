"""One JSON object becomes one article: identity, dates, characters, version."""

import hashlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.errors import BadInput
from qa.ingest.record import parse_record, version_of
from qa.types import Article

REPLACED = "\N{REPLACEMENT CHARACTER}"


def test_null_and_missing_say_the_same() -> None:
    nulls = dict.fromkeys(
        ("id", "title", "published_at", "updated_at", "source", "authors", "url", "language")
    )
    assert parse_record({"text": "x", **nulls}) == parse_record({"text": "x"})


def test_a_number_of_4000_digits_is_kept_in_the_extra_keys() -> None:
    article, _ = parse_record({"text": "x", "more": 10**3999})
    assert article.extra["more"] == 10**3999


def test_an_article_without_id_is_named_by_its_url_else_by_a_hash_of_its_text() -> None:
    assert parse_record({"text": "x", "id": "a", "url": "u"})[0].id == "a"
    assert (
        parse_record({"text": "x", "url": "https://example.org/a?b=1"})[0].id
        == "https://example.org/a?b=1"
    )
    assert parse_record({"text": "x", "url": "u"}, fallback_id="file.txt")[0].id == "u"
    assert parse_record({"text": "x"}, fallback_id="file.txt")[0].id == "file.txt"
    first, again, other = (parse_record({"text": text})[0].id for text in ("x", "x", "y"))
    assert first == again != other
    assert parse_record({"text": "x", "title": "t"})[0].id == first, "the hash is of the text alone"
    assert first == hashlib.sha256(b"x").hexdigest()[: len(first)]


@pytest.mark.parametrize(
    ("given_id", "expected"), [(5, "5"), (0, "0"), ("ä/b?c d", "ä/b?c d"), ("", "u")]
)
def test_any_string_is_an_id_and_a_whole_number_becomes_one(
    given_id: object, expected: str
) -> None:
    assert parse_record({"text": "x", "id": given_id, "url": "u"})[0].id == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2022-03-16", "2022-03-16"),
        (" 2022-03-16 ", "2022-03-16"),
        ("20220316", "2022-03-16"),
        ("2022-03-16T07:08:09", "2022-03-16T07:08:09"),
        ("2022-03-16 07:08:09", "2022-03-16T07:08:09"),
        ("2022-03-16T07:08:09Z", "2022-03-16T07:08:09+00:00"),
        ("2022-03-16T07:08:09+05:30", "2022-03-16T07:08:09+05:30"),
        ("2024-02-29", "2024-02-29"),
        (None, None),
        ("", None),
        ("   ", None),
    ],
)
@pytest.mark.parametrize("name", ["published_at", "updated_at"])
def test_an_iso_date_or_time_is_kept_without_a_warning(
    name: str, value: str | None, expected: str | None
) -> None:
    article, warnings = parse_record({"text": "x", name: value})
    assert getattr(article, name) == expected
    assert warnings == ()


@pytest.mark.parametrize(
    "value",
    [
        "6 hours ago",
        "yesterday",
        "2022-02-30",
        "2023-02-29",
        "16/03/2022",
        "2022-13-01",
        "2022-03-16T25:00:00",
        1647388800,
        1.5,
        True,
        ["2022-03-16"],
        {"y": 2022},
        "9" * 5000,
        "2022-03-16T00:00:00\0",
        "\ud800",
    ],
)
@pytest.mark.parametrize("name", ["published_at", "updated_at"])
def test_a_date_that_cannot_be_read_keeps_the_article_with_a_null_date_and_a_warning(
    name: str, value: object
) -> None:
    article, warnings = parse_record({"text": "Ships came.", name: value})
    assert article.text == "Ships came."
    assert getattr(article, name) is None
    assert len(warnings) == 1
    assert warnings[0].startswith(name)
    assert len(warnings[0]) < 150, "a warning is a line, whatever was given"


def test_extra_keys_and_values_are_cleaned_as_well_at_any_depth() -> None:
    article, _ = parse_record({"text": "x", "k\ud800": {"\0deep": ["\udfff", {"a": "\0"}]}})
    assert article.extra == {f"k{REPLACED}": {f"{REPLACED}deep": [REPLACED, {"a": REPLACED}]}}


@settings(deadline=None)
@given(st.text(st.characters(), min_size=1))
def test_any_text_keeps_its_length_and_every_other_character(text: str) -> None:
    if not text.strip():
        return
    article, _ = parse_record({"text": text})
    assert len(article.text) == len(text)
    for given_one, kept in zip(text, article.text, strict=True):
        lost = given_one == "\0" or "\ud800" <= given_one <= "\udfff"
        assert kept == (REPLACED if lost else given_one)
    article.text.encode()


_json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*Article.model_fields, "more"]) | st.text(st.characters(), max_size=5),
        _json_values,
        max_size=8,
    )
    | _json_values
)
def test_any_json_value_is_an_article_or_bad_input(record: object) -> None:
    article = None
    with suppress(BadInput):
        article, _ = parse_record(record)
    usable = (
        isinstance(record, dict) and isinstance(record.get("text"), str) and record["text"].strip()
    )
    assert article is None or usable
    if article is not None:
        assert article.text.strip()
        assert article.id


def test_a_version_is_sixteen_hex_digits_of_title_and_text_and_nothing_else() -> None:
    base = Article(id="a", title="Ships", text="They came.")
    version = version_of(base)
    assert len(version) == 16
    assert set(version) <= set("0123456789abcdef")
    changes: list[dict[str, Any]] = [
        {"id": "b"},
        {"published_at": "2022-03-16"},
        {"source": "s"},
        {"url": "u"},
        {"extra": {"k": 1}},
        {"authors": ("A",)},
    ]
    for change in changes:
        assert version_of(base.model_copy(update=change)) == version, change
    others = [
        base.model_copy(update={"text": "They came. "}),
        base.model_copy(update={"title": "ships"}),
        base.model_copy(update={"title": None}),
        base.model_copy(update={"title": ""}),
        base.model_copy(update={"title": "ShipsThey came.", "text": ""}),
    ]
    assert len({version, *map(version_of, others)}) == 6


def test_a_version_hash_is_that_of_the_documented_rule() -> None:
    article = Article(id="a", title="Café", text="Ships “came”.")
    content = '["Café", "Ships “came”."]'.encode()
    assert version_of(article) == hashlib.sha256(content).hexdigest()[:16]
