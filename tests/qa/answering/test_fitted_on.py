"""The artifacts say what they were fitted on."""

from qa.answering.fitted_on import reader_card
from qa.answering.reader import WEIGHTS_SHA256
from qa.answering.scorer import scorer


def test_the_card_belongs_to_the_packaged_reader() -> None:
    assert reader_card().reader_sha256 == WEIGHTS_SHA256


def test_the_scorer_was_fitted_on_other_files_of_our_own_than_the_reader() -> None:
    """Public sets are split by text instead; a null digest is one that was not recorded."""
    reader = {each.name for each in reader_card().fitted_on if each.name.endswith(".jsonl")}
    fitted = {each.name for each in scorer().training.fitted_on if each.name.endswith(".jsonl")}
    assert reader
    assert fitted == {"archive/cases.jsonl", "forms.jsonl", "held-out.jsonl"}
    assert not reader & fitted
