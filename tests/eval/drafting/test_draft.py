"""Drafts on disk: each decision is saved at once, and nothing is lost or written twice."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eval.cases import load_cases
from eval.drafting.draft import CASES, DRAFTS, Change, DraftFolder
from qa.errors import BadInput, NotFound
from tests.support.drafts import draft_of

QUESTION = "Who opened the Hask bridge?"
ACCEPTED = Change(decision="accepted", question=QUESTION, answers=("Ada Lind",))


def test_a_decision_is_on_disk_when_it_returns(tmp_path: Path) -> None:
    folder = DraftFolder.create(tmp_path, [draft_of("one"), draft_of("two")])
    edits = {"question": "  Who opened\nit? ", "answers": ("Lind", "Ada Lind", "Lind")}
    folder.decide("two", ACCEPTED.model_copy(update=edits))
    (case,) = load_cases(tmp_path / CASES)
    assert (case.id, case.question, case.answers) == ("two", "Who opened it?", ("Lind", "Ada Lind"))
    with DraftFolder.open(tmp_path) as again:
        assert [draft.decision for draft in again.drafts] == ["open", "accepted"]


def test_a_decision_is_undone_by_the_earlier_one(tmp_path: Path) -> None:
    folder = DraftFolder.create(tmp_path, [draft_of("one")])
    before = (tmp_path / DRAFTS).read_bytes()
    folder.decide("one", ACCEPTED)
    folder.decide("one", ACCEPTED.model_copy(update={"decision": "open"}))
    assert (tmp_path / DRAFTS).read_bytes() == before
    assert (tmp_path / CASES).read_text() == ""


@pytest.mark.parametrize("name", [DRAFTS, CASES])
def test_new_drafts_never_replace_decisions(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine\n")
    with pytest.raises(BadInput, match="exists"):
        DraftFolder.create(tmp_path, [draft_of("one")])
    assert (tmp_path / name).read_text() == "mine\n"


def test_a_folder_has_one_review_at_a_time(tmp_path: Path) -> None:
    DraftFolder.create(tmp_path, [draft_of("one")])
    with (
        DraftFolder.open(tmp_path),
        pytest.raises(BadInput, match="another review"),
        DraftFolder.open(tmp_path),
    ):
        pass
    with DraftFolder.open(tmp_path) as later:
        assert len(later.drafts) == 1


def test_what_makes_no_case_changes_nothing(tmp_path: Path) -> None:
    hopeless = draft_of("none")
    case = hopeless.case.model_copy(
        update={"answerable": False, "answers": (), "form": "unanswerable"}
    )
    folder = DraftFolder.create(
        tmp_path, [draft_of("one"), hopeless.model_copy(update={"case": case})]
    )
    before = (tmp_path / DRAFTS).read_bytes()
    with pytest.raises(BadInput, match="at least one answer"):
        folder.decide("one", ACCEPTED.model_copy(update={"answers": ()}))
    with pytest.raises(BadInput, match="cannot be answered"):
        folder.decide("none", ACCEPTED)
    with pytest.raises(NotFound):
        folder.decide("three", ACCEPTED)
    assert (tmp_path / DRAFTS).read_bytes() == before


def test_a_decision_whose_cases_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    folder = DraftFolder.create(tmp_path, [draft_of("one")])
    before = (tmp_path / DRAFTS).read_bytes()
    (tmp_path / CASES).unlink(missing_ok=True)
    (tmp_path / CASES).mkdir()
    with pytest.raises(BadInput):
        folder.decide("one", ACCEPTED)
    assert [draft.decision for draft in folder.drafts] == ["open"]
    assert (tmp_path / DRAFTS).read_bytes() == before


def test_decisions_of_many_threads_are_all_kept(tmp_path: Path) -> None:
    names = [f"case-{number}" for number in range(24)]
    folder = DraftFolder.create(tmp_path, [draft_of(name) for name in names])
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda name: folder.decide(name, ACCEPTED), names))
    assert [case.id for case in load_cases(tmp_path / CASES)] == names


@pytest.mark.parametrize(
    ("content", "problem"),
    [("{}\n", "drafts.jsonl:1"), ("[]\n", "got a list"), ("{\n", "invalid JSON")],
)
def test_a_file_that_is_not_of_drafts_is_refused(
    tmp_path: Path, content: str, problem: str
) -> None:
    (tmp_path / DRAFTS).write_text(content)
    with pytest.raises(BadInput, match=problem), DraftFolder.open(tmp_path):
        pass
    assert not (tmp_path / CASES).exists()
