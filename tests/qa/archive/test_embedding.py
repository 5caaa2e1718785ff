"""Whether the embedder that is set is the archive's, and what it costs to find out."""

from pathlib import Path

import pytest

from embeddings.embedder import SentenceTransformerEmbedder
from embeddings.errors import EmbedderUnavailable
from qa.archive.archive import Archive
from qa.archive.embedding import check_embedder, embedding_errors
from qa.bootstrap import open_archive, open_retriever
from qa.errors import EmbedderMismatch, ModelUnavailable
from qa.question import Question
from tests.support.archives import put
from tests.support.fakes import BagOfWordsEmbedder
from tests.support.stores import settings_of


@pytest.fixture
def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every model outside the archive's own is a minute of retries away."""

    def load(_: object) -> object:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(SentenceTransformerEmbedder, "_model", property(load))


@pytest.mark.usefixtures("unreachable")
@pytest.mark.parametrize("create", [False, True])
def test_another_name_is_refused_before_any_model_is_loaded(
    archive: Archive, tmp_path: Path, create: bool
) -> None:
    put(archive, [{"id": "a", "text": "Rain."}], tmp_path)
    settings = settings_of(archive.store, embedder="nobody/no-such-model")
    with open_archive(settings, create=create) as opened:
        for refused in (
            opened.check_embedder,
            opened.prepare,
            lambda: opened.ingest([tmp_path / "put.jsonl"]),
            lambda: open_retriever(opened).retrieve(Question.parse("rain", k=5)),
        ):
            with pytest.raises(EmbedderMismatch, match="the setting is 'nobody/no-such-model'"):
                refused()


def test_a_folder_with_the_same_weights_may_have_another_name(
    archive: Archive, tmp_path: Path
) -> None:
    moved = BagOfWordsEmbedder(name=str(tmp_path))
    with archive.snapshot() as snapshot:
        with pytest.raises(EmbedderMismatch):
            check_embedder(snapshot, moved)
        moved.digest = archive.embedder.digest
        check_embedder(snapshot, moved)


def test_what_the_embedder_raises_becomes_ours() -> None:
    with pytest.raises(ModelUnavailable, match="gone"), embedding_errors():
        raise EmbedderUnavailable("gone")
