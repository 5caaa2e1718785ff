"""What platforms share."""

from api.chat.platform import Memory


def test_memory_is_bounded_and_forgets() -> None:
    now = 0.0
    memory: Memory[str] = Memory(most=2, seconds=60, clock=lambda: now)
    for key in "abc":
        memory.put(key, key.upper())
    assert [memory.get(key) for key in "abc"] == [None, "B", "C"]
    now = 60.0
    assert memory.get("c") is None
