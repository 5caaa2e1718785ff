"""Parquet: columns as in CSV, of every type that tools write."""

import io
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from qa.types import Article
from tests.support.formats import article, read, reasons

pa = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

# As pandas writes dates: without a zone.
DAY = datetime.fromisoformat("2022-03-16")
MORNING = datetime.fromisoformat("2022-03-16T09:00:00")


def _file(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(columns), out)
    return out.getvalue()


def test_a_row_is_an_article(tmp_path: Path) -> None:
    content = _file(
        {
            "Title": ["Ships come"],
            "content": ["<p>Ships came.</p>"],
            "published": pa.array([datetime(2022, 3, 16, 9, 30, tzinfo=UTC)]),
            "authors": [["Ann Roe", "Bo Vane"]],
            "id": [7],
            "words": [2],
            "score": [float("nan")],
            "vector": [[1.0, 2.0]],
            "picture": [b"x"],
        }
    )
    assert article(tmp_path, "a.parquet", content) == Article(
        id="7",
        title="Ships come",
        text="Ships came.",
        published_at="2022-03-16T09:30:00+00:00",
        authors=("Ann Roe", "Bo Vane"),
        extra={"words": 2},
    )


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (pa.array([date(2022, 3, 16)]), "2022-03-16"),
        (pa.array([DAY], pa.timestamp("ns")), "2022-03-16"),
        (pa.array([MORNING], pa.timestamp("ms")), "2022-03-16T09:00:00"),
        (pa.array(["16 March 2022"]), "2022-03-16"),
        (pa.array(["2022-03-16"]).dictionary_encode(), "2022-03-16"),
        (pa.array([1647423000]), "2022-03-16T09:30:00+00:00"),
        (pa.array([None], pa.string()), None),
    ],
)
def test_dates_of_every_type_are_read(tmp_path: Path, dates: Any, expected: str | None) -> None:
    content = _file({"text": ["Ships came."], "date": dates})
    assert article(tmp_path, "a.parquet", content).published_at == expected


def test_many_rows_are_read_in_order_and_placed_by_their_number(tmp_path: Path) -> None:
    content = _file({"text": [f"Ship {n} came." if n != 40 else None for n in range(100)]})
    reads, skipped = read(tmp_path, "a.parquet.gz", content)
    assert [item.article.text for item in reads] == [
        f"Ship {n} came." for n in range(100) if n != 40
    ]
    assert reads[-1].place == "a.parquet.gz:100"
    assert [item.place for item in skipped] == ["a.parquet.gz:41"]


def test_one_long_text_for_a_million_rows_is_not_unpacked_at_once(tmp_path: Path) -> None:
    """A dictionary makes it a small file; its texts together are a terabyte."""
    text = pa.array(["Ships came. " * 80_000])
    rows = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int32()), text)
    (tmp_path / "a.parquet").write_bytes(_file({"text": rows}))
    from qa.ingest.readers.parquet import read_parquet

    with (tmp_path / "a.parquet").open("rb") as file:
        assert next(read_parquet(file)).line == 1


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + b"x" * 100 + b"PAR1", b"text\nx\n"])
def test_what_is_no_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (reason,) = reasons(tmp_path, "a.parquet", content)
    assert reason.startswith("invalid Parquet: ")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    whole = _file({"text": ["Ships came." * 100]})
    damaged = whole[:4] + bytes(60) + whole[64:]
    assert reasons(tmp_path, "a.parquet", damaged)[0].startswith("invalid Parquet: ")
    assert reasons(tmp_path, "a.parquet", whole[:-20])[0].startswith("invalid Parquet: ")


def test_a_table_without_a_text_is_refused(tmp_path: Path) -> None:
    (reason,) = reasons(tmp_path, "a.parquet", _file({"a": [1], "text": [b"x"]}))
    assert reason == "no text: expected a column such as text, body, content; got 'a', 'text'"


def test_without_pyarrow_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.extras.installed", lambda module: False)
    monkeypatch.delitem(sys.modules, "pyarrow", raising=False)
    (reason,) = reasons(tmp_path, "a.parquet", b"x")
    assert reason == "the parquet extra is missing: pip install 'dateline[parquet]'"
