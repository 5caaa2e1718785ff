"""Which cases had a part in the numbers, and that nothing is fitted on the others."""

import json
from pathlib import Path

import pytest

from eval.cases import EvalCase, load_cases
from eval.held_out import (
    FITTED,
    HELD_OUT,
    cases_to_fit_on,
    chosen_by,
    digest_of,
    fitted_on,
    looked_at,
    refuse_held_out_in,
    use_of,
)
from eval.research import ablation, fit_scorer, train_reader
from eval.run import fingerprint
from qa.errors import BadInput
from qa.settings import Settings

BASELINES = Path(__file__).parents[2] / "eval" / "baselines"


def case(name: str = "a", question: str = "Who came to Hesk?", **more: object) -> EvalCase:
    content = {"id": name, "question": question, "answers": ["Voss"], "answerable": True}
    return EvalCase.model_validate(content | more)


def write(path: Path, *cases: EvalCase) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(each.model_dump_json() for each in cases), "utf-8")
    return path


def test_a_case_without_a_split_is_held_out_and_keeps_its_hash() -> None:
    assert case().split == "test"
    assert "split" not in case().model_dump()
    assert case(split="dev").model_dump()["split"] == "dev"
    assert fingerprint([case()]) == fingerprint([case(split="dev")])
    with pytest.raises(ValueError, match="split"):
        case(split="exam")


def test_a_case_had_a_part_by_its_split_or_by_a_benchmark_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = {digest_of("Who came  to HESK?"): "quiz"}
    monkeypatch.setattr("eval.held_out._set_of_question", lambda: known)
    assert fitted_on(case()) == "quiz"
    assert use_of(case()) == FITTED
    other = case(question="Who left Hesk?")
    assert (fitted_on(other), use_of(other)) == (None, HELD_OUT)
    assert fitted_on(other.model_copy(update={"split": "train"})) == "split train"


def test_held_out_cases_are_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", case("a", split="dev"), case("b"))
    with pytest.raises(BadInput, match=r"cases\.jsonl: 1 of 2 cases are held out .* 'b'"):
        cases_to_fit_on(path)
    path = write(tmp_path / "cases.jsonl", case("a", split="dev"), case("b", split="train"))
    assert [each.id for each in cases_to_fit_on(path)] == ["a", "b"]
    refuse_held_out_in(tmp_path)
    write(tmp_path / "deep" / "my-cases.jsonl", case("c"))
    with pytest.raises(BadInput, match=r"deep/my-cases\.jsonl: 1 of 1"):
        refuse_held_out_in(tmp_path)


@pytest.mark.parametrize(
    "command", [fit_scorer, train_reader, ablation], ids=lambda each: each.__name__
)
def test_fitting_commands_refuse_held_out_cases(
    command: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(tmp_path / "set" / "cases.jsonl", case())
    (tmp_path / "set" / "articles.jsonl.gz").write_bytes(b"")
    given = (
        [str(tmp_path), str(tmp_path / "archives")]
        if command is ablation
        else ["--public", str(tmp_path)]
    )
    monkeypatch.setattr("sys.argv", ["command", *given])
    with pytest.raises(SystemExit) as ended:
        command.main()  # type: ignore[attr-defined]  # a module
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "1 of 1 cases are held out for testing, such as 'a'" in said
    assert not (tmp_path / "archives").exists()


def test_held_out_cases_can_be_measured(tmp_path: Path) -> None:
    write(tmp_path / "set" / "cases.jsonl", case())
    (tmp_path / "set" / "articles.jsonl.gz").write_bytes(b"")
    found = ablation.cases_by_folder(tmp_path, only_measure=True)
    assert [each.id for each in found[tmp_path / "set"]] == ["a"]


def test_what_our_scorer_is_fitted_on_says_so() -> None:
    folder = Path(fit_scorer.__file__).parents[1] / "data"
    assert cases_to_fit_on(folder / "archive" / "cases.jsonl")
    assert {each.split for each in load_cases(None)} == {"dev"}
    developed = [each.split for each in load_cases(folder / "lists" / "cases.jsonl")]
    assert (developed.count("dev"), developed.count("test")) == (47, 114)


def test_a_run_says_which_data_chose_its_numbers() -> None:
    by = chosen_by(Settings())
    names = {part: [each["name"] for each in listed] for part, listed in by.items()}
    assert "business.jsonl" in names["reader"]
    assert "held-out.jsonl" in names["scorer"]
    assert not set(names["reader"]) & {"held-out.jsonl", "forms.jsonl", "qed-nq-dev.jsonl.gz"}
    assert names["min_confidence"] == ["realtimeqa-2022", "rgb"]
    assert chosen_by(Settings(min_confidence=0.6))["min_confidence"] == []
    assert names["by hand"] == [each.name for each in looked_at()]


def test_each_benchmark_that_was_looked_at_is_the_one_of_its_baseline() -> None:
    for each in looked_at():
        baseline = json.loads((BASELINES / f"{each.name}.json").read_text("utf-8"))
        assert each.sha256 == baseline["header"]["cases"]["sha256"], each.name
        assert 0 < len(each.questions) <= baseline["header"]["cases"]["count"]
        assert all(len(digest) == 12 for digest in each.questions)
