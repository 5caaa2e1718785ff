"""Known-answer cases: read whole, or refused with the line that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase, GoldSpan, Nugget, load_cases
from qa.errors import BadInput
from qa.types import Filters

GOOD: dict[str, Any] = {
    "id": "q1",
    "question": "How many ships came?",
    "answers": ["five", "5"],
    "answerable": True,
}


def _write(path: Path, *lines: dict[str, Any] | bytes) -> Path:
    content = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(content) + b"\n")
    return path


def test_a_case_is_read_with_every_field(tmp_path: Path) -> None:
    more = GOOD | {
        "relevant": ["a1"],
        "as_of": "2022-03-16",
        "include_undated": True,
        "choices": ["five", "six"],
        "tags": ["ships"],
    }
    (case,) = load_cases(_write(tmp_path / "cases.jsonl", more))
    assert case == EvalCase(
        id="q1",
        question="How many ships came?",
        answers=("five", "5"),
        answerable=True,
        relevant=("a1",),
        as_of="2022-03-16",
        include_undated=True,
        choices=("five", "six"),
        tags=("ships",),
    )
    assert case.filters() == Filters(as_of="2022-03-16", include_undated=True)


def test_a_conversation_and_nuggets_are_read(tmp_path: Path) -> None:
    turns = [{"speaker": "user", "text": "A?"}, {"speaker": "agent", "text": "B."}]
    nugget = {"answers": ["five"], "question": "How many?", "every": True, "weight": 2}
    more = GOOD | {"history": turns, "nuggets": [nugget], "wrong_answers": ["six"]}
    (case,) = load_cases(_write(tmp_path / "cases.jsonl", more))
    assert case.earlier == ("A?",)  # what the user asked before
    assert case.nuggets == (Nugget.model_validate(nugget),)
    assert case.wrong_answers == ("six",)
    none: dict[str, Any] = {"answers": []}
    for wrong in (none, {"answers": ["five"], "weight": 0}):
        with pytest.raises(BadInput, match=r"nuggets\.0"):
            load_cases(_write(tmp_path / "cases.jsonl", GOOD | {"nuggets": [wrong]}))


def test_the_fields_of_the_forms_are_read(tmp_path: Path) -> None:
    more = GOOD | {
        "form": "list",
        "items": [["Atlanta", "ATL"], ["Dallas"]],
        "gold": [{"article_id": "a1", "start": 3, "end": 9}],
        "asserted": "Boston",
    }
    (case,) = load_cases(_write(tmp_path / "cases.jsonl", more))
    assert case.form == "list"
    assert case.items == (("Atlanta", "ATL"), ("Dallas",))
    assert case.gold == (GoldSpan(article_id="a1", start=3, end=9),)
    assert case.asserted == "Boston"


def test_a_case_without_the_fields_of_the_forms_is_written_as_before() -> None:
    """Else the hashes in run files and baselines would change."""
    written = EvalCase.model_validate(GOOD).model_dump(mode="json")
    assert set(written) == {*GOOD, "relevant", "as_of", "include_undated", "choices", "tags"}
    listed = EvalCase.model_validate(GOOD | {"items": [["five"]]})
    assert listed.model_dump(mode="json")["items"] == [["five"]]


def test_what_is_optional_may_be_missing(tmp_path: Path) -> None:
    (case,) = load_cases(
        _write(tmp_path / "cases.jsonl", {"id": "q", "question": "Why?", "answerable": False})
    )
    assert (case.answers, case.relevant, case.choices, case.tags, case.as_of) == (
        (),
        (),
        (),
        (),
        None,
    )
    assert case.filters() == Filters()


def test_cases_keep_their_order_and_blank_lines_are_none(tmp_path: Path) -> None:
    path = _write(tmp_path / "cases.jsonl", GOOD | {"id": "b"}, b"", b"  \r", GOOD | {"id": "a"})
    assert [case.id for case in load_cases(path)] == ["b", "a"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b"{", "invalid JSON"),
        (b"[]", "the line"),
        (b"null", "the line"),
        ({"question": "Why?", "answerable": True}, "id"),
        (GOOD | {"id": ""}, "id"),
        (GOOD | {"id": 5}, "id"),
        (GOOD | {"question": ""}, "question"),
        (GOOD | {"answers": "five"}, "answers"),
        (GOOD | {"answers": [5]}, "answers"),
        ({"id": "q", "question": "Why?"}, "answerable"),
        (GOOD | {"answerable": "perhaps"}, "answerable"),
        (GOOD | {"relevnt": ["a1"]}, "relevnt"),
        (GOOD | {"relevant": None}, "relevant"),
        (GOOD | {"form": "essay"}, "form"),
        (GOOD | {"form": "unanswerable"}, "form 'unanswerable' needs answerable: false"),
        (GOOD | {"items": ["five"]}, "items.0"),
        (GOOD | {"items": [[]]}, "items.0"),
        (GOOD | {"gold": [{"article_id": "a", "start": 5, "end": 5}]}, "must end after it starts"),
        (GOOD | {"gold": [{"article_id": "a", "start": -1, "end": 5}]}, "gold.0.start"),
        (GOOD | {"gold": [{"start": 1, "end": 5}]}, "gold.0.article_id"),
        (b'{"id": "q", "question": "\\ud800", "answerable": true}', "question"),
        (b'{"id": "q", "question": "Why?", "answerable": true, "tags": ' + b"9" * 5000 + b"}", ""),
        (
            b'{"id": "q", "question": "Why?", "answerable": true, "tags": '
            + b"[" * 100_000
            + b"]" * 100_000
            + b"}",
            "",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_line_that_is_no_case_is_refused_by_its_number(
    tmp_path: Path, line: dict[str, Any] | bytes, says: str
) -> None:
    path = _write(tmp_path / "cases.jsonl", GOOD | {"id": "first"}, b"", line)
    with pytest.raises(BadInput) as refused:
        load_cases(path)
    assert str(refused.value).startswith("cases.jsonl:3: ")
    assert says in str(refused.value)


def test_an_id_that_stands_twice_is_refused_at_its_second_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cases\.jsonl:2: the id 'q1' is already on line 1"):
        load_cases(_write(tmp_path / "cases.jsonl", GOOD, GOOD))


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_line_separator_inside_a_question_ends_no_line(tmp_path: Path, separator: str) -> None:
    line = json.dumps(
        GOOD | {"question": f"How many{separator}ships?"}, ensure_ascii=False
    ).encode()
    (case,) = load_cases(_write(tmp_path / "cases.jsonl", line))
    assert case.question == f"How many{separator}ships?"


def test_a_byte_order_mark_is_no_part_of_the_first_case(tmp_path: Path) -> None:
    (case,) = load_cases(
        _write(tmp_path / "cases.jsonl", b"\xef\xbb\xbf" + json.dumps(GOOD).encode())
    )
    assert case.id == "q1"


@pytest.mark.parametrize("content", [b"", b"\n\n", b" \r\n"])
def test_a_file_without_a_case_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"cases\.jsonl has no cases"):
        load_cases(path)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes('{"id": "é"}'.encode("latin-1"))
    with pytest.raises(BadInput, match=r"cases\.jsonl is not UTF-8"):
        load_cases(path)


def test_a_file_that_cannot_be_read_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"missing\.jsonl"):
        load_cases(tmp_path / "missing.jsonl")
    with pytest.raises(BadInput, match="cannot read"):
        load_cases(tmp_path)


def test_a_case_is_a_value_and_cannot_be_changed() -> None:
    case = EvalCase(**GOOD)
    assert case == EvalCase(**GOOD)
    assert hash(case) == hash(EvalCase(**GOOD))


def test_the_sample_cases_that_ship_with_the_package_are_sound() -> None:
    cases = load_cases(None)
    assert any(case.answerable for case in cases)
    assert any(not case.answerable for case in cases)
    for case in cases:
        assert bool(case.answers or case.gold) == case.answerable, case.id
