"""The id of a text without one."""

from eval.importers.found import digest


def test_texts_that_differ_only_in_white_space_have_one_id() -> None:
    assert digest("Five  ships\ncame. ") == digest("Five ships came.")
    assert digest("Five ships came") != digest("Five ships came.")
