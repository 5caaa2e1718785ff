"""Texts that every tokenizer, database and JSON document takes."""

import json

from embeddings.texts import whole_characters


def test_half_a_character_is_replaced_and_every_offset_stays() -> None:
    text = "caf\udce9 \ud83d\ude00 \ud800"
    whole = whole_characters(text)
    assert whole == "caf\ufffd \ufffd\ufffd \ufffd"
    assert len(whole) == len(text)
    json.dumps(whole).encode()
    whole.encode()


def test_whole_characters_are_left_alone() -> None:
    text = "Straße 😀 Ωμέγα"
    assert whole_characters(text) == text
