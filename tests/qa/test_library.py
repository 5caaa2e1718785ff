"""The documented Python API."""

import importlib
from pathlib import Path

import pytest

import qa
from qa import Answer, BadInput, Filters, open_archive

REPORT = (
    '{"id": "aid", "text": "The council pledged USD 40 million in relief on Monday.",'
    ' "published_at": "2024-03-04", "source": "Coast Daily"}'
)


@pytest.mark.usefixtures("model_cache")
def test_an_archive_takes_articles_and_answers_from_them(tmp_path: Path) -> None:
    (tmp_path / "articles.jsonl").write_text(REPORT)
    with open_archive(tmp_path / "archive", min_confidence=0) as archive:
        report = archive.ingest([tmp_path / "articles.jsonl"])
        assert (report.added, report.skipped) == (1, [])
        answer = archive.ask("How much did the council pledge?")
        assert isinstance(answer, Answer)
        assert answer.short_answer is not None
        assert (answer.short_answer.value, answer.short_answer.unit) == ("40000000", "USD")
        (citation,) = answer.citations
        assert citation.quote == "The council pledged USD 40 million in relief on Monday."
        earlier = archive.ask("How much did the council pledge?", Filters(as_of="2024-03-01"))
        assert (earlier.status, earlier.reason_code) == ("not_found", "nothing_visible")
        with pytest.raises(BadInput, match="question is empty"):
            archive.ask(" ")


def test_an_unknown_setting_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="colour"):
        open_archive(tmp_path, colour="blue")


def test_every_public_name_is_there() -> None:
    for name in qa.__all__:
        assert getattr(qa, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        importlib.import_module("qa").nothing  # noqa: B018
