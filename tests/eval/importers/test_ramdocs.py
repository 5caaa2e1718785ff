"""RAMDocs: every gold answer and no wrong one."""

from pathlib import Path

from eval.importers.ramdocs import ramdocs
from tests.support.importing import EXAMPLES, imported, write_lines


def test_ramdocs(tmp_path: Path) -> None:
    found = imported(ramdocs, EXAMPLES / "ramdocs" / "RAMDocs_test.jsonl", tmp_path / "out")
    assert len(found.articles) == 5
    ambiguous, plain = found.cases.values()
    assert ambiguous.form == "every_answer"
    assert ambiguous.items == (("Ada Norn",), ("Tomas Rill",))
    assert ambiguous.wrong_answers == ("Greta Pold",)
    relevant = {found.articles[name]["text"].split(" elected ")[0] for name in ambiguous.relevant}
    assert relevant == {"Vell on the lake", "Vell on the coast"}  # not the pamphlet
    assert ambiguous.tags == ("has-misinfo", "has-noise", "ambiguous")
    assert (plain.items, plain.wrong_answers, plain.tags) == ((("2019",),), (), ())


def test_the_split_is_in_the_name(tmp_path: Path) -> None:
    example = (EXAMPLES / "ramdocs" / "RAMDocs_test.jsonl").read_text("utf-8")
    path = tmp_path / "RAMDocs_dev.jsonl"
    path.write_text(example, "utf-8")
    found = imported(ramdocs, path, tmp_path / "out")
    assert {case.split for case in found.cases.values()} == {"dev"}


def test_malformed_lines_are_skipped_with_their_numbers(tmp_path: Path) -> None:
    document = {"text": "Voss left.", "type": "correct", "answer": "Voss"}
    good = {"question": "Who?", "documents": [document], "gold_answers": ["Voss"]}
    path = write_lines(
        tmp_path / "test.jsonl", good, "{", good | {"gold_answers": []}, {"question": "Who?"}
    )
    found = imported(ramdocs, path, tmp_path / "out")
    assert list(found.cases) == ["line-1"]
    assert [reason.split(": ")[:2] for reason in found.skipped] == [
        ["test.jsonl:2", "invalid JSON"],
        ["test.jsonl:3", "gold_answers"],
        ["test.jsonl:4", "documents"],
    ]
