"""The service looks for questions to suggest by itself, and serves them."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from api.http.routes import suggestions
from qa.answering.sentence import Sentence
from qa.archive.archive import Archive
from qa.errors import AnswerModelTimeout
from qa.models.base import Written
from qa.question import Question
from tests.support.archives import put
from tests.support.client import until
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of

BRIDGE = {
    "id": "bridge",
    "title": "Bridge opens",
    "text": "Mayor Ada Lind opened the new Hask bridge on Monday.",
    "published_at": "2024-05-06",
    "source": "Coast Daily",
}
FLOOD = {"id": "flood", "text": "The flood killed 17 people in Marlow.", "source": "Argus"}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAUSE", "BETWEEN", "SOON", "LATER"):
        monkeypatch.setattr(suggestions, name, 0.02)


def test_the_service_finds_suggestions_and_follows_the_archive(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, [BRIDGE], tmp_path)
    with client_of(archive, FirstSentenceModel(), suggestions=5) as asking:
        until(lambda: asking.get("/v1/suggestions").json()["suggestions"])
        assert asking.get("/v1/suggestions").json() == {
            "suggestions": [
                {
                    "question": "Who opened the new Hask bridge?",
                    "article_id": "bridge",
                    "title": "Bridge opens",
                    "source": "Coast Daily",
                    "published_at": "2024-05-06",
                }
            ]
        }
        asking.put("/v1/articles/flood", json=FLOOD)
        until(lambda: len(asking.get("/v1/suggestions").json()["suggestions"]) == 2)
        asking.delete("/v1/articles/bridge")
        (left,) = asking.get("/v1/suggestions").json()["suggestions"]
        assert left["article_id"] == "flood"


def test_none_are_looked_for_where_none_are_wanted(archive: Archive, tmp_path: Path) -> None:
    put(archive, [BRIDGE], tmp_path)
    model = FirstSentenceModel()
    with client_of(archive, model, suggestions=0) as asking:
        assert asking.get("/v1/suggestions").json() == {"suggestions": []}
    with archive.store.reading() as database:
        assert database.execute("SELECT count(*) FROM suggestions").fetchone()[0] == 0


class OnceAway(FirstSentenceModel):
    """Fails its first answer."""

    def __init__(self) -> None:
        self.asked = 0

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        self.asked += 1
        if self.asked == 1:
            raise AnswerModelTimeout("late")
        return super().write(question, evidence)


def test_a_question_that_fails_is_tried_again(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing is written to the archive meanwhile."""
    monkeypatch.setattr("qa.archive.suggestions.AGAIN", 0)
    put(archive, [BRIDGE], tmp_path)
    with client_of(archive, OnceAway(), suggestions=5) as asking:
        until(lambda: asking.get("/v1/suggestions").json()["suggestions"])
