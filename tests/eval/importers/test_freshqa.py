"""FreshQA: questions asked as of the day of their sheet, without articles."""

from pathlib import Path

import pytest

from eval.importers.freshqa import freshqa
from qa.errors import BadInput
from tests.support.importing import EXAMPLES, imported

HEADER = "id,question,false_premise,fact_type,answer_0,answer_1\n"


def test_freshqa(tmp_path: Path) -> None:
    found = imported(freshqa, EXAMPLES / "freshqa" / "FreshQA_v112425.csv", tmp_path / "out")
    assert found.articles == {}
    mayor, harbour, king = found.cases.values()
    assert (mayor.id, mayor.answers, mayor.form) == ("freshqa-0", ("Ada Norn", "Norn"), None)
    assert {case.as_of for case in found.cases.values()} == {"2025-11-24"}
    assert mayor.tags == ("fast-changing", "one-hop", "test", "effective-2025")
    assert harbour.tags[-1] == "effective-before-2022"
    assert (mayor.split, harbour.split, king.split) == ("test", "test", "dev")
    assert (king.form, king.answers) == ("false_premise", ("Vell has no king",))


def test_malformed_rows_are_skipped_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text(
        HEADER + "1,Who?,FALSE,x,Voss,\n2,Who?,maybe,x,Voss,\n3,Who?,TRUE,x,,\n4\n,,,,,\n"
    )
    found = imported(freshqa, path, tmp_path / "out")
    (case,) = found.cases.values()
    assert (case.id, case.as_of) == ("freshqa-1", None)  # the name states no day
    assert found.skipped == [
        "sheet.csv:3: false_premise: expected TRUE or FALSE, got 'MAYBE'",
        "sheet.csv:4: no answer",
        "sheet.csv:5: false_premise: expected TRUE or FALSE, got ''",
    ]


def test_a_sheet_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sheet.csv"
    path.write_text("question,answer\nWho?,Voss\n")
    with pytest.raises(BadInput, match="no line with the columns question, false_premise"):
        list(freshqa(path))


@pytest.mark.parametrize("name", ["FreshQA_v139925.csv", "FreshQA_v11242025.csv", "FreshQA.csv"])
def test_a_name_that_is_not_a_day_states_none(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(HEADER + "1,Who?,FALSE,x,Voss,\n")
    (case,) = imported(freshqa, path, tmp_path / "out").cases.values()
    assert case.as_of is None
