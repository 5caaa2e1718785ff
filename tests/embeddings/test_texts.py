"""Lone surrogates are replaced one for one, so that offsets hold."""

import pytest

from embeddings.texts import whole_characters


@pytest.mark.parametrize(
    ("text", "whole"),
    [("Ships 😀 came.", "Ships 😀 came."), ("a\ud800b\udfff", "a\ufffdb\ufffd"), ("", "")],
)
def test_only_lone_surrogates_are_replaced(text: str, whole: str) -> None:
    assert whole_characters(text) == whole
