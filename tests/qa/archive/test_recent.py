"""The values that were read last."""

import pytest

from qa.archive import recent
from qa.archive.recent import Recent


def test_a_value_is_read_once_until_others_take_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "_MOST", 2)
    values: Recent[str, str] = Recent()
    read: list[str] = []

    def get(key: str) -> str:
        def reading() -> str:
            read.append(key)
            return key.upper()

        return values.get(key, reading)

    assert [get(key) for key in "abab"] == ["A", "B", "A", "B"]
    assert read == ["a", "b"]
    assert [get(key) for key in "cba"] == ["C", "B", "A"]
    assert read == ["a", "b", "c", "a"]
