"""Cases in groups: by use, source, age and length."""

from typing import Any

import pytest

from eval.cases import EvalCase
from eval.groups import AGE, ARTICLE_LENGTH, QUESTION_LENGTH, SOURCE, USE, groups_of
from eval.outcome import Outcome, Sought
from eval.run import score
from eval.summary import board_of
from eval.targets.file import adapt_answer


def case(name: str = "a", **more: Any) -> EvalCase:
    content = {"id": name, "question": "Who came to Hesk by the first of the ships?"}
    return EvalCase.model_validate(
        content | {"answers": ["Voss"], "answerable": True, "relevant": [name]} | more
    )


def outcome(said: str = "Voss", newest: str | None = None, **more: Any) -> Outcome:
    coverage = {"articles": 1, "newest_published_at": newest, "last_ingested_at": None}
    answer, unreported = adapt_answer({"answer": said, "confidence": 0.9, "coverage": coverage})
    return Outcome(answer=answer, unreported=unreported, **more)


@pytest.mark.parametrize(
    ("published", "as_of", "newest", "group"),
    [
        ("2024-03-04", "2024-03-04", None, "up to a day"),
        ("2024-03-04T12:00:00Z", "2024-03-06", None, "2 to 7 days"),
        ("2024-03-01", None, "2024-03-20", "8 to 30 days"),
        ("2024-03-01", "2024-12-01", "2024-03-02", "31 days to a year"),  # as_of comes first
        ("2020-03-01", "2024-03-01", None, "more than a year"),
        ("2024-03-05", "2024-03-01", None, None),  # later than the question's day
        (None, "2024-03-01", None, None),
        ("2024-03-01", None, None, None),
        ("soon", "2024-03-01", None, None),
    ],
)
def test_the_age_of_a_report_is_counted_to_the_day_of_the_question(
    published: str | None, as_of: str | None, newest: str | None, group: str | None
) -> None:
    sought = Sought(source="Post", published_at=published, words=400)
    found = dict(groups_of(case(as_of=as_of), outcome(newest=newest, sought=sought)))
    assert found.get(AGE) == group
    assert found[SOURCE] == "Post"
    assert found[ARTICLE_LENGTH] == "151 to 400 words"
    assert found[QUESTION_LENGTH] == "7 to 12 words"


def test_a_report_that_nothing_is_known_of_is_in_no_group() -> None:
    assert set(dict(groups_of(case(), outcome()))) == {USE, QUESTION_LENGTH}


def test_scores_are_summed_up_by_group_and_small_sources_together() -> None:
    results = []
    for number in range(30):
        source = "Post" if number < 10 else f"Paper {number}"
        sought = Sought(source=source, published_at=None)
        said = "Voss" if number < 5 else "Kestrel"
        split = "dev" if number < 10 else "test"
        results.append(score(case(str(number), split=split), outcome(said, sought=sought), None))
    groups = board_of(results).summary()["groups"]
    assert groups[USE]["fitted on"]["right"]["mean"] == 0.5
    assert groups[USE]["fitted on"]["CRAG score"]["n"] == 10
    assert (
        groups[USE]["not fitted on"]["right"] | {"mean": 0, "n": 20}
        == (groups[USE]["not fitted on"]["right"])
    )
    sources = groups[SOURCE]
    assert next(iter(sources)) == "Post"
    assert len(sources) == 13
    assert sources["Post"]["right"]["n"] == 10
    assert sources["other sources"]["right"]["n"] == 9  # 21 sources, of which 12 are named
    assert QUESTION_LENGTH not in groups  # all are of one length
