"""MTRAG: the last turn is asked, the turns before it are its history."""

from pathlib import Path
from typing import Any

import pytest

from eval.cases import GoldSpan, Turn
from eval.importers.mtrag import mtrag
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported, write_lines

USER = {"speaker": "user", "text": "Who left?"}
TASK: dict[str, Any] = {
    "task_id": "t",
    "input": [USER],
    "contexts": [{"document_id": "d", "text": "Voss left."}],
    "targets": [{"speaker": "agent", "text": "It was Voss."}],
}


def test_mtrag(tmp_path: Path) -> None:
    found = imported(mtrag, EXAMPLES / "mtrag", tmp_path / "out")
    assert list(found.articles) == ["vell-0-98", "vell-98-150"]
    first, later, unanswerable = found.cases.values()
    assert (first.history, first.earlier) == ((), ())
    assert later.question == "And who paid for them?"
    asked = "What did the works in the harbour of Vell cost?"
    assert later.history == (
        Turn(speaker="user", text=asked),
        Turn(speaker="agent", text="The works cost 40 million euros."),
    )
    assert later.earlier == (asked,)
    assert (later.form, later.answers) == ("sentences", ("The port paid for the works.",))
    length = len(found.articles["vell-0-98"]["text"])
    assert later.gold == (GoldSpan(article_id="vell-0-98", start=0, end=length),)
    assert later.tags == ("later-turn", "answerable", "factoid", "follow-up")
    assert (unanswerable.answerable, unanswerable.relevant, unanswerable.gold) == (False, (), ())
    assert found.skipped == ["c1<::>4: not a question (conversational)"]


def test_the_tasks_alone_bring_their_reference_passages(tmp_path: Path) -> None:
    found = imported(mtrag, EXAMPLES / "mtrag" / "reference.jsonl", tmp_path / "out")
    assert list(found.articles) == ["vell-0-98"]


@pytest.mark.parametrize(
    ("labels", "answerable"),
    [
        ({"Answerability": ["PARTIAL"]}, True),
        ({"answerability": ["ANSWERABLE"]}, True),
        ({"Answerability": ["UNDERSPECIFIED"]}, False),
        ({"answerability": "UNANSWERABLE"}, False),
        ({"Answerability": float("nan")}, True),
        ({"contexts": []}, False),  # the evaluation data has no labels
    ],
)
def test_labels_say_whether_it_can_be_answered(
    tmp_path: Path, labels: dict[str, Any], answerable: bool
) -> None:
    path = write_lines(tmp_path / "reference.jsonl", TASK | labels)
    (case,) = imported(mtrag, path, tmp_path / "out").cases.values()
    assert case.answerable is answerable


def test_malformed_tasks_are_skipped(tmp_path: Path) -> None:
    agent = {"speaker": "agent", "text": "Bye."}
    path = write_lines(
        tmp_path / "reference.jsonl",
        TASK,
        TASK | {"task_id": "u", "input": [USER, agent]},
        TASK | {"task_id": "v", "input": []},
        TASK | {"task_id": "w", "input": [{"speaker": "system", "text": "x"}]},
    )
    found = imported(mtrag, path, tmp_path / "out")
    assert list(found.cases) == ["t"]
    assert [reason[:36] for reason in found.skipped] == [
        "u: the last turn is not the user's",
        "reference.jsonl:3: input: Tuple shou",
        "reference.jsonl:4: input.0.speaker: ",
    ]
    with pytest.raises(BadInput, match=r"has no reference\.jsonl"):
        list(mtrag(EXAMPLES / "clapnq"))
