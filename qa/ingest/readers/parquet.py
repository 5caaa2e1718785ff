"""Parquet: one article a row, its columns named as in CSV. Needs the extra `parquet`."""

import math
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, BinaryIO

from qa.errors import BadInput
from qa.ingest.readers.base import MAX_BYTES, TOO_LONG, Entry, Unreadable
from qa.ingest.readers.columns import COLUMNS, field_of, renamed

# Rows decoded at once. A dictionary of one long text can make every row as long.
_ROWS = 16
_MAX_COLUMN = 1_000_000_000  # bytes of one column of a row group, as its metadata states


def read_parquet(file: BinaryIO) -> Iterator[Entry | Unreadable]:
    """Yield a record a row. Columns of other things than text, numbers, dates and lists of text
    (vectors, pictures) are left out.
    """
    from qa.extras import require

    require("pyarrow", extra="parquet")
    import pyarrow as pa
    from pyarrow import parquet

    try:
        table = parquet.ParquetFile(file, thrift_string_size_limit=MAX_BYTES)
        columns = _columns(table)
        number = 0
        for batch in table.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
            for row in _rows(batch):
                number += 1
                size = sum(len(value) for value in row.values() if isinstance(value, str))
                if size > MAX_BYTES:
                    yield Unreadable(f"row {TOO_LONG}", number)
                else:
                    yield Entry(renamed(row), number)
    except (pa.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise BadInput(f"invalid Parquet: {reason}") from error


def _columns(table: Any) -> list[str]:
    """Return the columns to read. Raises BadInput without one for the text, or for huge ones."""
    from pyarrow import types

    def is_plain(kind: Any) -> bool:
        if types.is_list(kind) or types.is_large_list(kind):
            return is_text(kind.value_type)
        return (
            is_text(kind)
            or types.is_temporal(kind)
            or types.is_integer(kind)
            or types.is_floating(kind)
            or types.is_boolean(kind)
        )

    def is_text(kind: Any) -> bool:
        if types.is_dictionary(kind):
            return is_text(kind.value_type)
        return bool(types.is_string(kind) or types.is_large_string(kind))

    columns = [
        field.name
        for field in table.schema_arrow
        if is_plain(field.type) or (types.is_struct(field.type) and field_of(field.name))
    ]
    if "text" not in {field_of(name) for name in columns}:
        shown = ", ".join(f"'{name[:30]}'" for name in table.schema_arrow.names[:8])
        wanted = ", ".join(COLUMNS["text"][:3])
        raise BadInput(f"no text: expected a column such as {wanted}; got {shown}")
    for group in range(table.metadata.num_row_groups):
        chunks = table.metadata.row_group(group)
        for column in range(chunks.num_columns):
            if chunks.column(column).total_uncompressed_size > _MAX_COLUMN:
                raise BadInput(f"a column is longer than {_MAX_COLUMN:,} bytes in one row group")
    return columns


def _rows(batch: Any) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    for row in zip(*(map(_plain, _values(column)) for column in batch.columns), strict=True):
        yield dict(zip(names, row, strict=True))


def _values(column: Any) -> list[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):  # Python's datetime has no nanoseconds
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    values: list[Any] = column.to_pylist()
    return values


def _plain(value: Any) -> Any:
    """Return what JSON can hold; a moment at midnight without a zone is a day."""
    if isinstance(value, datetime):
        is_day = value.tzinfo is None and not (value.hour or value.minute or value.second)
        return value.date().isoformat() if is_day else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float | list | dict):
        return value
    return str(value)
