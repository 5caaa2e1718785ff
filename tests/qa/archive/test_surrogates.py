"""Half of a surrogate pair, as a shell or a broken client sends it: refused, never a traceback."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qa.answer import Answer
from qa.answering.answerer import Answerer
from qa.archive import jobs, keys
from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.errors import BadInput
from qa.question import Question
from qa.types import Filters
from tests.support.archives import put
from tests.support.fakes import FirstSentenceModel

HALF = "\udcff"


def ask(archive: Archive, text: str, filters: Filters | None = None) -> Answer:
    answerer = Answerer(open_retriever(archive), FirstSentenceModel(), 0.0)
    return answerer.answer(Question.parse(text, filters))


def find_article(archive: Archive) -> object:
    with archive.snapshot() as snapshot:
        return snapshot.article(HALF)


def find_answer(archive: Archive) -> object:
    with archive.snapshot() as snapshot:
        return snapshot.answer(HALF)


@pytest.mark.parametrize(
    "call",
    [
        find_article,
        find_answer,
        lambda archive: archive.delete(HALF),
        lambda archive: jobs.find_job(archive.store, HALF),
        lambda archive: keys.revoke_key(archive.store, HALF),
        lambda archive: ask(archive, "Who resigned?", Filters(sources=(HALF,))),
    ],
)
def test_an_id_or_a_filter_that_is_no_text_is_refused(
    archive: Archive, call: Callable[[Archive], object]
) -> None:
    with pytest.raises(BadInput, match=r"'\\udcff' is not valid Unicode text"):
        call(archive)


def test_a_question_is_answered_and_stored_with_the_half_replaced(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [{"id": "a", "text": "The mayor resigned after the audit."}], tmp_path)
    answer = ask(archive, f"Which mayor {HALF} resigned?")
    assert (answer.status, answer.question) == ("answered", "Which mayor \ufffd resigned?")
    archive.store_answer(answer, 10)
    with archive.snapshot() as snapshot:
        assert snapshot.answer(answer.id).question == answer.question
