"""Lines and rows are read one by one; a wrong one is named by its number."""

import bz2
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.importers.found import Found, Skipped
from eval.importers.reading import (
    Shape,
    convert_lines,
    json_lines_in,
    objects,
    rows,
    strict_objects,
)
from qa.errors import BadInput


class _Named(Shape):
    name: str


def _convert(number: int, item: _Named) -> Iterator[Found]:
    yield Skipped(f"{number} {item.name}")


def test_wrong_lines_are_skipped_with_their_numbers(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"name": "one"}\n\n{"name": \n[1]\n{"title": "x"}\n\xff\n{"name": 5}\n'
        + b"[" * 100_000
        + b'\n{"name": "last", "more": NaN}'
    )
    reasons = [item.reason for item in convert_lines(path, _Named, _convert)]  # type: ignore[union-attr]
    assert [reason[:34] for reason in reasons] == [
        "1 one",
        "set.jsonl:3: invalid JSON: Expecti",
        "set.jsonl:4: expected a JSON objec",
        "set.jsonl:5: name: Field required",
        "set.jsonl:6: not UTF-8 text",
        "set.jsonl:7: name: Input should be",
        "set.jsonl:8: invalid JSON: maximum",
        "9 last",
    ]


@pytest.mark.parametrize(("suffix", "module"), [(".gz", gzip), (".bz2", bz2)])
def test_compressed_files_are_read(tmp_path: Path, suffix: str, module: object) -> None:
    path = tmp_path / f"set.jsonl{suffix}"
    whole = module.compress(b'{"name": "one"}\n{"name": "two"}\n')  # type: ignore[attr-defined]
    path.write_bytes(whole)
    assert [number for number, _ in objects(path)] == [1, 2]
    path.write_bytes(whole[:-10])
    with pytest.raises(BadInput, match=r"set\.jsonl\.\w+ is cut short"):
        list(objects(path))
    path.write_bytes(b"plain text")
    with pytest.raises(BadInput, match="cannot read"):
        list(objects(path))


def test_a_strict_reader_stops_at_the_first_wrong_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"name": "one"}\n{"title": "two"}\n')
    with pytest.raises(BadInput, match=r"set\.jsonl:2: no 'name'"):
        list(strict_objects(path, "name"))
    with pytest.raises(BadInput, match="cannot read"):
        list(strict_objects(tmp_path / "gone.jsonl"))


def test_rows_begin_below_the_header(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text('Warning,,\nid,question\n1,"Who\nis it?"\n2\n')
    found = list(rows(path, header=("id", "question")))
    assert found == [(4, {"id": "1", "question": "Who\nis it?"}), (5, {"id": "2"})]
    with pytest.raises(BadInput, match="no line with the columns id, answer"):
        list(rows(path, header=("id", "answer")))
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="invalid CSV"):
        list(rows(path))


def test_a_folder_means_its_json_lines_files(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no \.jsonl files"):
        json_lines_in(tmp_path)
    for name in ("b.jsonl", "a.jsonl.gz", "c.tsv"):
        (tmp_path / name).touch()
    assert [file.name for file in json_lines_in(tmp_path)] == ["a.jsonl.gz", "b.jsonl"]
