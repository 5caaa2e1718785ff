"""Labels of answers: which are drawn, what they hold, and what they are found again by."""

import json
from collections import Counter
from pathlib import Path

import pytest

from eval.cases import EvalCase
from eval.labels import Label, Labelled, answered, digest, draw, lines_of, pages, read_labels
from eval.run import run_cases
from eval.run_file import Stored, open_run
from qa.answering.shaping import cite
from qa.errors import BadInput
from tests.support.evidence import sentence
from tests.support.targets import Parrot
from tests.support.values import an_answer, changed

LABELS = Path(__file__).parents[2] / "eval" / "data" / "labels"
RIGHT, WRONG = Label(right="right", supported=True), Label(right="wrong", supported=True)


def stored(folder: Path, right: int, wrong: int) -> Stored:
    """A run with so many right and wrong answers to short questions."""
    names = [f"r{n}" for n in range(right)] + [f"w{n}" for n in range(wrong)]
    cases = [
        EvalCase(
            id=name, question=f"Who is {name}?", answers=(name,), answerable=True, relevant=(name,)
        )
        for name in names
    ]
    path = folder / "run.json"
    target = Parrot(wrong=[name for name in names if name.startswith("w")])
    run_cases(cases, target, cases_name="made up", out=path)
    return open_run(path)


def labelled(case: str, **fields: object) -> Labelled:
    given = {"run": "run", "case": case, "answer": "0" * 16, "stratum": "short right", "weight": 1}
    return Labelled.model_validate(given | fields)


def test_rare_verdicts_are_drawn_as_often_as_common_ones_and_weigh_less(tmp_path: Path) -> None:
    drawn = [one.labelled for one in draw([stored(tmp_path, right=30, wrong=6)], 10, seed=1)]
    assert Counter(one.stratum for one in drawn) == {"short right": 5, "short wrong": 5}
    assert {one.stratum: one.weight for one in drawn} == {"short right": 6.0, "short wrong": 1.2}
    assert sum(one.weight for one in drawn) == pytest.approx(36)  # as many as were answered


def test_a_small_stratum_leaves_its_share_to_the_others(tmp_path: Path) -> None:
    drawn = [one.labelled for one in draw([stored(tmp_path, right=30, wrong=2)], 10, seed=1)]
    assert Counter(one.stratum for one in drawn) == {"short right": 8, "short wrong": 2}
    everything = draw([stored(tmp_path, right=3, wrong=2)], 10, seed=1)
    assert [one.labelled.weight for one in everything] == [1.0] * 5


def test_a_draw_is_the_same_for_a_seed(tmp_path: Path) -> None:
    run = stored(tmp_path, right=30, wrong=6)

    def names(seed: int) -> list[str]:
        return [one.labelled.case for one in draw([run], 10, seed)]

    assert names(1) == names(1) != names(2)


def test_an_answer_that_two_runs_have_is_drawn_once(tmp_path: Path) -> None:
    run = stored(tmp_path, right=3, wrong=2)
    assert len(draw([run, run], 10, seed=1)) == 5


def test_a_labels_file_has_no_text_and_the_page_beside_it_has(tmp_path: Path) -> None:
    drawn = draw([stored(tmp_path, right=1, wrong=1)], 2, seed=1)
    lines = "".join(lines_of(one.labelled for one in drawn))
    page = "".join(pages(drawn))
    for text in ("Who is w0?", "nine thousand"):
        assert text not in lines
        assert text in page


def test_the_digest_changes_with_all_that_a_label_depends_on() -> None:
    answer = an_answer(
        status="answered", answer="$40 million", citations=(cite(1, sentence(1, "It was $40m.")),)
    )
    others = [
        changed(answer, answer="$41 million"),
        changed(answer, short_answer={"text": "$40 million", "kind": "money"}),
        changed(answer, citations=(cite(1, sentence(1, "It was $40m then.")),)),
        changed(answer, items=({"text": "a bridge", "kind": "text", "citations": (1,)},)),
    ]
    assert len({digest(one) for one in (answer, *others)}) == 5
    assert digest(changed(answer, timings_ms={"read": 5}, confidence=0.5)) == digest(answer)


@pytest.mark.parametrize(
    ("passes", "agreed"),
    [
        ({}, None),
        ({"first": RIGHT}, RIGHT),
        ({"first": RIGHT, "second": RIGHT}, RIGHT),
        ({"first": RIGHT, "second": WRONG}, None),
        ({"first": RIGHT, "second": WRONG, "final": WRONG}, WRONG),
    ],
)
def test_passes_that_differ_need_a_final_label(
    passes: dict[str, Label], agreed: Label | None
) -> None:
    assert labelled("c1", **passes).label == agreed


def test_labels_are_read_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    written = [labelled("c1", first=RIGHT), labelled("c2")]
    path.write_text("".join(lines_of(written)), "utf-8")
    assert read_labels(path) == written


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "labels.jsonl has no labels"),
        (["{"], "labels.jsonl:1: invalid JSON"),
        ([labelled("c1").model_dump_json()] * 2, "labels.jsonl:2: the answer to 'c1' occurs twice"),
        (
            [json.dumps({**labelled("c1").model_dump(), "first": {"right": "so-so"}})],
            "labels.jsonl:1: first.right",
        ),
    ],
)
def test_a_labels_file_that_is_damaged_is_refused_with_its_line(
    tmp_path: Path, lines: list[str], problem: str
) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    with pytest.raises(BadInput, match=problem):
        read_labels(path)


def test_the_labels_of_the_repository_belong_to_its_answers() -> None:
    labels = read_labels(LABELS / "labels.jsonl")
    assert len(labels) == 200
    assert all(one.first and one.second and one.label for one in labels)
    own = {(one.case, one.answer) for one in labels if one.run == "sample"}
    run = open_run(LABELS / "sample.json")
    assert own == {(case.id, digest(answer)) for case, _, answer in answered(run)}
