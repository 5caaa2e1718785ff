"""FreshQA (Vu et al., 2023): facts that change, and false premises."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from eval.importers.found import Case, Found, Skipped, split_in
from eval.importers.reading import Row, rows

_VERSION = re.compile(r"_v?(\d{6})(?!\d)")


def freshqa(path: Path) -> Iterator[Found]:
    """The sheet, exported as CSV. There are no articles: ask your own archive. Raises BadInput.

    The lines above the header are passed over. The answers hold on the day of the sheet, which a
    name like `FreshQA_v112425.csv` states: then the questions are asked as of that day.
    """
    as_of = _day_of(path)
    for number, row in rows(path, header=("question", "false_premise", "answer_0")):
        if not any(cell.strip() for cell in row.values()):
            continue
        yield _convert(f"{path.name}:{number}", row, as_of)


def _convert(place: str, row: Row, as_of: str | None) -> Found:
    columns = [name for name in row if name.startswith("answer_")]
    answers = [row[name].strip() for name in columns if row[name].strip()]
    is_false = row.get("false_premise", "").strip().upper()
    if is_false not in ("TRUE", "FALSE"):
        return Skipped(f"{place}: false_premise: expected TRUE or FALSE, got '{is_false[:40]}'")
    if not answers:
        return Skipped(f"{place}: no answer")
    tags = [row.get(name, "").strip() for name in ("fact_type", "num_hops", "split")]
    year = row.get("effective_year", "").strip()
    if year:
        tags.append(f"effective {year}")
    fields = {
        "question": row["question"],
        "answerable": True,
        "answers": list(dict.fromkeys(answers)),
        "form": "false_premise" if is_false == "TRUE" else None,
        "as_of": as_of,
        "tags": [tag.lower().replace(" ", "-") for tag in tags if tag],
        "split": split_in(row.get("split", "")),
    }
    name = row.get("id", "").strip() or place.rpartition(":")[2]
    return Case(f"freshqa-{name}", fields)


def _day_of(path: Path) -> str | None:
    match = _VERSION.search(path.stem)
    if match is None:
        return None
    try:
        return datetime.strptime(match[1], "%m%d%y").date().isoformat()  # noqa: DTZ007  # a day
    except ValueError:
        return None
