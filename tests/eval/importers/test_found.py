"""The id of a text without one, and the split that a name states."""

import pytest

from eval.cases import Split
from eval.importers.found import digest, split_in


def test_texts_that_differ_only_in_white_space_have_one_id() -> None:
    assert digest("Five  ships\ncame. ") == digest("Five ships came.")
    assert digest("Five ships came") != digest("Five ships came.")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train-v1.1.json", "train"),
        ("dev-v2.0.json", "dev"),
        ("RAMDocs_test.jsonl", "test"),
        ("validation", "dev"),
        ("DEV", "dev"),
        ("xquad.en.json", None),
        ("contested.json", None),
        ("train-and-dev.json", None),
    ],
)
def test_a_split_is_a_word_of_the_name(name: str, split: Split | None) -> None:
    assert split_in(name) == split
