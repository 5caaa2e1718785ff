"""Our own adapter, over the real archive. Those of the peers are run by `make peers` alone."""

from pathlib import Path

import pytest

from eval.research.peers.adapters.dateline import Dateline
from eval.research.peers.corpus import Corpus
from eval.research.peers.wire import Found, Query
from qa.answer import Answer
from qa.types import Article

TEXT = "The ferry left the harbour of Luwuk on Monday. Eleven people died in the fire."


def test_dateline_indexes_searches_answers_and_deletes(
    tmp_path: Path, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_CACHE_DIR", str(model_cache))
    article = Article(id="ferry", title="Ferry burns", text=TEXT, published_at="2023-03-06")
    Corpus("one", (article,), (), ()).write(tmp_path)
    dateline = Dateline()
    try:
        described = dateline.open(tmp_path, None)
        assert (described.dates, described.answers) == (True, "")
        assert dateline.index(tmp_path) == 1
        query = Query("Which harbour did the ferry leave?", 10)
        assert dateline.search(query) == [Found("ferry", TEXT)]
        assert dateline.search(Query(query.question, 10, as_of="2023-03-05", until=0)) == []
        answer = Answer.model_validate(dateline.answer(query))
        assert answer.short_answer is not None
        assert answer.short_answer.text == "Luwuk"
        dateline.delete("ferry")
        assert dateline.search(query) == []
    finally:
        dateline.close()
