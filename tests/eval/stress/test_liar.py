"""A model that lies, and whether a lie is seen to pass."""

from pathlib import Path

import pytest

from eval.cases import EvalCase
from eval.stress.laboratory import laboratory
from eval.stress.liar import LyingModel, passes, run_lies
from eval.stress.lies import KINDS
from eval.targets.local import temporary_archive
from qa.answer import AnswerFigure
from qa.models.base import Statement
from qa.question import Question
from qa.settings import Settings
from tests.support.evidence import sentence
from tests.support.stress import DECLINED, said

LONG = "The council of Hask pledged 40 million crowns to the flooded town on Monday morning."
EVIDENCE = [sentence(n, text) for n, text in enumerate(["Rain.", LONG, "Wind.", "Snow."], start=1)]


def test_it_lies_about_the_first_sentence_that_is_long_enough_and_cites_it() -> None:
    model = LyingModel()
    model.kind = ("number", KINDS["figures"]["number"])
    (lie,) = model.write(Question.parse("How much?"), EVIDENCE)
    assert lie == Statement(LONG.replace("40", "127"), (2,))
    assert model.lie == "127"


def test_it_says_nothing_where_the_kind_does_not_apply() -> None:
    model = LyingModel()
    model.kind = ("year", KINDS["figures"]["year"])
    assert list(model.write(Question.parse("How much?"), EVIDENCE)) == []
    assert model.said is None


def test_words_that_the_evidence_has_do_not_show_a_lie() -> None:
    model = LyingModel()
    model.kind = ("copy", KINDS["copies"]["copy"])
    list(model.write(Question.parse("How much?"), EVIDENCE))
    assert model.lie.strip() == LONG


def test_a_lie_passes_if_it_is_said_and_not_marked() -> None:
    figure = AnswerFigure(
        text="127", kind="number", value="127", value_to=None, unit=None, bound="exact",
        status="unsupported", citation=None,
    )  # fmt: skip
    assert passes(said("It was  127 crowns."), "127 crowns")
    assert not passes(said("It was 40 crowns."), "127 crowns")
    assert not passes(said("It was 127 crowns.", figures=(figure,)), "127 crowns")
    assert not passes(DECLINED, "127 crowns")


@pytest.mark.slow
def test_lies_go_the_whole_way_of_an_answer(model_cache: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, cache_dir=model_cache)
    case = EvalCase(id="aid", question="How much aid was announced?", answerable=True)
    with temporary_archive(settings) as chosen, laboratory(chosen) as opened:
        found = list(run_lies([case], opened, seed=1))
    by_kind: dict[str, list[bool | None]] = {item.kind: [] for item in found}
    for item in found:
        by_kind[item.kind].append(item.as_must)
    assert by_kind.keys() == {"lies: figures", "lies: names", "lies: claims", "true copies"}
    assert all(by_kind["lies: figures"] + by_kind["lies: names"])
    assert any(by_kind["true copies"])
    assert [item.error for item in found] == [None] * len(found)
