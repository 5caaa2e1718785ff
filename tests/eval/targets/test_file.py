"""Another system's answers, with as little as an answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase
from eval.run import run_cases
from eval.targets.base import TargetFailed
from eval.targets.file import FileTarget, adapt_answer
from qa.archive.archive import Archive
from qa.errors import BadInput
from tests.support.archives import put
from tests.support.values import an_answer

ARTICLES = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday."
        " The council pledged USD 40 million in relief. Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {"id": "later", "text": "The council spoke again on Friday.", "published_at": "2024-03-08"},
]
CASE = EvalCase(
    id="c1",
    question="How much relief did the council pledge?",
    answers=("USD 40 million",),
    answerable=True,
    relevant=(ARTICLES[0]["id"],),
    as_of="2024-03-05",
)


def test_a_quote_that_does_not_stand_there_is_seen(archive: Archive, tmp_path: Path) -> None:
    put(archive, ARTICLES, tmp_path)
    path = tmp_path / "answers.jsonl"
    quote = "The council pledged USD 40 million in relief."
    start = ARTICLES[0]["text"].index(quote)
    citations = [
        {
            "n": 1,
            "article_id": ARTICLES[0]["id"],
            "quote": quote,
            "start": start,
            "end": start + len(quote),
        },
        {
            "n": 2,
            "article_id": ARTICLES[0]["id"],
            "quote": quote,
            "start": start + 1,
            "end": start + len(quote) + 1,
        },
        {"n": 3, "article_id": "nowhere", "quote": quote, "start": 0, "end": 5},
        {"n": 4, "quote": quote},
    ]
    path.write_text(
        json.dumps({"id": "c1", "answer": "USD 40 million", "citations": citations}) + "\n"
    )
    looked_up = FileTarget(path, archive).ask(CASE)
    assert [(check.n, check.exact) for check in looked_up.quotes] == [
        (1, True),
        (2, False),
        (3, False),
    ]
    without = FileTarget(path).ask(CASE)
    assert without.answer == looked_up.answer
    assert without.quotes == ()


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"anwser": "Bob"}, "answer: missing"),
        ({"answer": "Bob", "confidence": float("nan")}, "confidence"),
        ({"answer": "Bob", "confidence": -3.5}, "confidence"),
        ({"answer": "Bob", "confidence": 1e30}, "confidence"),
        ({"answer": "Bob", "seconds": -1}, "seconds"),
        ({"answer": "Bob", "short_answer": 5}, "short_answer: Input should be"),
        ({"answer": "Bob", "candidate": []}, "candidate: Input should be"),
        ({"answer": "Bob", "timeline": {"a": 1}}, "timeline: Input should be"),
        ({"answer": "Bob", "citations": [{"quote": "x"}]}, "citations.0.n"),
    ],
)
def test_what_is_no_answer_fails_with_the_key_that_is_wrong(
    tmp_path: Path, record: dict[str, Any], says: str
) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"id": "c1", **record}) + "\n")
    with pytest.raises(TargetFailed, match=says):
        FileTarget(path).ask(CASE)


def test_odd_text_and_dates_are_scored_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    citation = {"n": 1, "quote": "It was 5 on Tuesday.", "published_at": "yesterday"}
    figure = {"text": "5", "status": "supported", "citation": 1}
    answer = {"id": "c1", "answer": "5 \ud800", "citations": [citation], "figures": [figure]}
    path.write_text(json.dumps(answer) + "\n")
    run = run_cases([CASE], FileTarget(path), cases_name="cases", out=tmp_path / "run.json")
    assert run.summary["metrics"]["figure without a quote or a label"]["mean"] == 0.0
    assert (
        json.loads((tmp_path / "run.json").read_text())["results"][0]["outcome"]["answer"]["answer"]
        == "5 ?"
    )


def test_silence_is_not_confidence(tmp_path: Path) -> None:
    """A system that tells no confidence has no curve, whatever it declined."""
    path = tmp_path / "answers.jsonl"
    path.write_text('{"id": "c1", "answer": "$40m"}\n{"id": "c2", "answer": null}\n')
    cases = [CASE, CASE.model_copy(update={"id": "c2"})]
    summary = run_cases(cases, FileTarget(path), cases_name="cases").summary
    assert summary["curve"] == []
    assert "AUROC of the confidence" not in summary["metrics"]


def test_another_systems_answers_need_no_more_than_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(
        '{"id": "c1", "answer": "$40m"}\n{"id": "c2", "answer": null}\n{"id": "c3", "answer": 5}\n'
    )
    target = FileTarget(path)
    said, silent = (target.ask(CASE.model_copy(update={"id": name})) for name in ("c1", "c2"))
    assert said.answer is not None
    assert silent.answer is not None
    assert (said.answer.status, said.said) == ("answered", "$40m")
    assert (silent.answer.status, silent.said) == ("not_found", None)
    assert said.unreported == ("confidence", "figures", "disagreements", "form")
    assert said.confidence is None
    with pytest.raises(TargetFailed, match="not a Dateline answer"):
        target.ask(CASE.model_copy(update={"id": "c3"}))
    with pytest.raises(TargetFailed, match="no answer to this case"):
        target.ask(CASE.model_copy(update={"id": "c4"}))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "has no answers"),
        (b"{", "1: invalid JSON"),
        (b"[]", "1: expected a JSON object, got a list"),
        (b'{"answer": "x"}', "'id'"),
        (b'{"id": "a"}\n{"id": "a"}', "2: second answer"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_of_answers_that_is_wrong_says_where(
    tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        FileTarget(path)


def test_a_short_answer_may_be_a_string(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps({"id": "c1", "answer": "It was $40m.", "short_answer": "$40m"}))
    outcome = FileTarget(path).ask(CASE)
    assert outcome.said == "$40m"
    assert outcome.answer is not None
    assert outcome.answer.answer == "It was $40m."


def test_an_answer_of_our_own_is_read_back_as_it_was() -> None:
    ours = an_answer(
        status="answered",
        answer="5",
        short_answer={"text": "5", "kind": "number", "value": "5"},
        confidence=0.5,
        candidate={"text": "6", "confidence": 0.1},
        timeline=[{"value": "4", "unit": None, "text": "4", "published_at": "2024", "citation": 1}],
    )
    assert adapt_answer(ours.model_dump(mode="json")) == (ours, ())


def test_items_and_statements_may_be_short(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    record = {
        "id": "c1",
        "answer": "Voss and Anders.",
        "form": "list",
        "items": ["Voss", {"text": "Anders", "citations": [1]}],
        "statements": [{"text": "Voss and Anders."}],
        "reason_code": "sources_disagree",
    }
    path.write_text(json.dumps(record) + "\n")
    outcome = FileTarget(path).ask(CASE.model_copy(update={"id": "c1"}))
    assert outcome.answer is not None
    assert [(item.text, item.kind, item.citations) for item in outcome.answer.items] == [
        ("Voss", "text", ()),
        ("Anders", "text", (1,)),
    ]
    assert outcome.answer.statements[0].citations == ()
    assert outcome.answer.reason_code == "sources_disagree"
    assert outcome.reports("form")
    assert not outcome.reports("confidence")
