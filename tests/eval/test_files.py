"""Files of an evaluation: whatever is wrong with one is named, and writing is all or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.files import (
    numbered_lines,
    parse_json,
    read_json,
    read_objects,
    read_text,
    without_surrogates,
    write_atomically,
)
from qa.errors import BadInput


def test_a_byte_order_mark_is_not_part_of_a_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf[1]")
    assert read_text(tmp_path / "a.json") == "[1]"
    assert read_json(tmp_path / "a.json") == [1]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot read .*nowhere\.json: No such file"):
        read_text(tmp_path / "nowhere.json")
    (tmp_path / "a.json").write_bytes(b"caf\xe9")
    with pytest.raises(BadInput, match=r"^a\.json is not UTF-8 text$"):
        read_text(tmp_path / "a.json")
    (tmp_path / "b.json").write_text("{")
    with pytest.raises(BadInput, match=r"^b\.json: invalid JSON: "):
        read_json(tmp_path / "b.json")


@pytest.mark.parametrize("text", ["{", "[1,]", "[" * 100_000, "9" * 5_000])
def test_what_is_not_json_is_one_error_of_one_kind(text: str) -> None:
    with pytest.raises(ValueError, match="invalid JSON: "):
        parse_json(text)


def test_objects_come_with_their_line_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n\n  \n{"b": "\\u2028"}\r\n')
    assert list(read_objects(path)) == [(1, {"a": 1}), (4, {"b": "\u2028"})]
    path.write_text('{"a": 1}\n[1]\n')
    with pytest.raises(BadInput, match=r"^a\.jsonl:2: expected a JSON object, got a list$"):
        list(read_objects(path))
    path.write_text('{"a": 1}\n\n{\n')
    with pytest.raises(BadInput, match=r"^a\.jsonl:3: invalid JSON"):
        list(read_objects(path))


def test_only_a_line_feed_ends_a_line() -> None:
    assert list(numbered_lines("a\u2028b\n\nc")) == [(1, "a\u2028b"), (3, "c")]


def test_lone_surrogates_are_replaced_at_any_depth() -> None:
    assert without_surrogates({"a\ud800": ["é\udfff", 1, None]}) == {"a?": ["é?", 1, None]}


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, ["one ", "two"])
    assert path.read_text() == "one two"

    def failing() -> Iterator[str]:
        yield "half"
        raise OSError(28, "No space left on device")

    with pytest.raises(BadInput, match=r"cannot write .*a\.txt: No space left on device"):
        write_atomically(path, failing())
    assert path.read_text() == "one two"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(BadInput, match="needs a name"):
        write_atomically(Path(), [])
