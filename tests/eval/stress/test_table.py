"""The table has every kind; the examples are what went wrong."""

from typing import Any

from eval.stress.run import Finding, summarise
from eval.stress.table import failures, markdown


def finding(case: str, kind: str, *, as_must: bool | None, **fields: Any) -> Finding:
    known: dict[str, Any] = {"must": "decline", "relevant": (), "question": "Who won?"}
    return Finding(
        kind=kind, case=case, as_must=as_must, **{**known, "change": "removed: a", **fields}
    )


FOUND = [
    finding("a", "report removed", as_must=True),
    finding("b", "report removed", as_must=False, before="Elena\nVoss", after="Ivo Petri"),
    finding("c", "report removed", as_must=False),
    finding("a", "as_of before", as_must=None, error="timeout"),
]


def test_a_row_has_counts_shares_and_intervals() -> None:
    lines = markdown(summarise(FOUND)).splitlines()
    assert lines[2] == "| report removed | decline | 3 | 3 | – | 0.333 (0.000 – 1.000) | 3 |"
    assert lines[3] == "| as_of before | decline | 1 | 1 | – | – | 0 |"
    assert "1 failures, which are in no share." in lines


def test_examples_are_wrong_ones_and_so_many_of_each_kind() -> None:
    assert [item.case for item in failures(FOUND, 1)] == ["b"]
    assert [item.case for item in failures(FOUND, 9)] == ["b", "c"]
    shown = markdown(summarise(FOUND), failures(FOUND, 1))
    assert "- report removed, case b: Who won?\n  - removed: a\n" in shown
    assert "answer: Ivo Petri" not in shown
    assert "after: Ivo Petri" in shown
