"""Faults of a case file are named; a sound one has none."""

from pathlib import Path
from typing import Any

import pytest

from eval.cases import EvalCase, GoldSpan, Nugget, Turn
from eval.check import find_faults
from qa.archive.archive import Archive
from tests.support.archives import put

ARTICLES = [
    {
        "id": "bridge",
        "text": "The council pledged $40m for the bridge.",
        "published_at": "2024-03-04",
    },
    {"id": "late", "text": "Elena Voss resigned as mayor.", "published_at": "2024-05-01"},
]
SOUND = EvalCase(
    id="q",
    question="How much was pledged for the bridge?",
    answers=("$40m",),
    answerable=True,
    relevant=("bridge",),
)


IN_BRIDGE = GoldSpan(article_id="bridge", start=0, end=40)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (
            {"answers": (), "relevant": ()},
            "answerable, but without an answer or a relevant article",
        ),
        ({"answers": ("$40m", "...")}, "only punctuation"),
        ({"answerable": False, "answers": ()}, "unanswerable, but with relevant articles"),
        ({"choices": ("$30m", "$50m")}, "none of its choices"),
        ({"as_of": "last May"}, "'last May' is not an ISO 8601"),
        ({"relevant": ("bridge", "gone")}, "'gone' is not in the archive"),
        ({"answers": ("$50m",)}, "no answer occurs, word for word"),
        ({"as_of": "2024-03-03"}, "published after its as_of"),
        (
            {"answerable": False, "relevant": ()},
            "unanswerable, but its answer occurs in article 'bridge'",
        ),
        ({"form": "short", "answers": ()}, "form 'short' needs answers"),
        ({"form": "yes_no"}, "form 'yes_no' needs 'yes' or 'no'"),
        ({"form": "list"}, "form 'list' needs items"),
        ({"form": "list", "items": (("the",),)}, "only punctuation"),
        ({"form": "why"}, "form 'why' needs gold sentences"),
        ({"form": "false_premise", "gold": (IN_BRIDGE,)}, "needs the value that is asserted"),
        ({"form": "every_answer"}, "form 'every_answer' needs items"),
        (
            {"gold": (GoldSpan(article_id="bridge", start=30, end=41),)},
            "ends at 41, but article 'bridge' has 40 characters",
        ),
        (
            {"gold": (GoldSpan(article_id="gone", start=0, end=9),)},
            "gold article 'gone' is not in the archive",
        ),
    ],
)
def test_each_fault_is_named(
    archive: Archive, tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    put(archive, ARTICLES, tmp_path)
    found = [fault.problem for fault in find_faults([SOUND.model_copy(update=changed)], archive)]
    assert any(says in what for what in found), found


def test_a_sound_case_has_no_fault(archive: Archive, tmp_path: Path) -> None:
    put(archive, ARTICLES, tmp_path)
    others = [
        SOUND.model_copy(update={"id": "later", "as_of": "2024-03-04"}),  # that very day counts
        EvalCase(
            id="y",
            question="Did Elena Voss resign?",
            answers=("yes",),
            answerable=True,
            relevant=("late",),
        ),
        EvalCase(id="n", question="Who won the regatta?", answerable=False),
        EvalCase(
            id="w",
            question="Why was money pledged?",
            answerable=True,
            form="why",
            gold=(IN_BRIDGE,),
            relevant=("bridge",),
        ),
    ]
    assert list(find_faults([SOUND, *others], archive)) == []


def test_a_question_that_is_asked_twice_is_named_and_so_are_other_answers() -> None:
    other = SOUND.model_copy(
        update={"id": "r", "answers": ("$50m",), "question": "How much was pledged for a bridge?"}
    )
    same = SOUND.model_copy(update={"id": "s"})
    found = list(find_faults([SOUND, other, same], None))
    assert [(fault.case, fault.problem) for fault in found] == [
        ("r", "asks the same as 'q' with other answers"),
        ("s", "asks the same as 'q'"),
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {"form": "sentences", "gold": (IN_BRIDGE,), "answers": ("Forty million, it said.",)},
        {"form": "every_answer", "items": (("$40m",),), "wrong_answers": ("$50m",)},
        {"form": "false_premise", "answers": (), "relevant": ()},
        {"answers": (), "relevant": (), "nuggets": (Nugget(answers=("$40m",)),)},
    ],
)
def test_what_benchmarks_bring_is_sound(
    changed: dict[str, Any], archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    assert list(find_faults([SOUND.model_copy(update=changed)], archive)) == []


def test_one_question_may_follow_different_ones() -> None:
    turns = [(Turn(speaker="user", text=text),) for text in ("Who left?", "Who came?")]
    first, second = (
        SOUND.model_copy(update={"id": turn[0].text, "history": turn}) for turn in turns
    )
    assert list(find_faults([first, second], None)) == []
    again = second.model_copy(update={"id": "again"})
    assert [fault.case for fault in find_faults([second, again], None)] == ["again"]


def test_each_case_that_is_looked_up_is_progress(archive: Archive, tmp_path: Path) -> None:
    put(archive, ARTICLES, tmp_path)
    seen: list[tuple[int, int]] = []
    again = SOUND.model_copy(update={"id": "r", "question": "What did the bridge cost?"})
    faults = find_faults([SOUND, again], archive, lambda *done: seen.append(done))
    assert list(faults) == []
    assert seen == [(1, 2), (2, 2)]
