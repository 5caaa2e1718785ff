"""Asks an archive, and changed copies of it. The archive itself is never written to."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from embeddings.embedder import Embedder
from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.stress.corpus import Corpus
from eval.targets.local import LocalTarget
from qa.answering.answerer import Answerer
from qa.answering.reader import Reader, shared_reader
from qa.archive.archive import Archive
from qa.archive.opening import open_store
from qa.archive.sqlite.store import DATABASE
from qa.bootstrap import make_answerer, open_archive, open_retriever
from qa.ingest.files import Read
from qa.models.base import AnswerModel
from qa.retrieval.hybrid import Retriever
from qa.settings import Settings
from qa.types import Article


class Laboratory:
    """A copy of an archive that stays as it is, and what is needed to change other copies."""

    def __init__(self, settings: Settings, folder: Path, archive: Archive) -> None:
        self.settings = settings
        self._folder = folder
        self._archive = archive
        self._embedder: Embedder = archive.embedder
        self.unchanged = _target(settings, archive)
        with archive.snapshot() as snapshot:
            self.corpus = Corpus.read(snapshot)

    def ask(
        self, case: EvalCase, add: Sequence[Article] = (), remove: Sequence[str] = ()
    ) -> Outcome:
        """Ask a case of the archive with some reports more and some less. Raises TargetFailed."""
        if not add and not remove:
            return self.unchanged.ask(case)
        with self.changed(add, remove) as target:
            return target.ask(case)

    def answering_with(
        self,
        model: AnswerModel,
        retrieving: Callable[[Retriever], Retriever],
        reading: Callable[[Reader], Reader],
    ) -> LocalTarget:
        """The unchanged archive, answered by another model, without a threshold."""
        retriever = retrieving(open_retriever(self._archive, self.settings))
        reader = reading(shared_reader(self.settings.threads))
        answerer = Answerer(retriever, model, 0.0, reader)
        return LocalTarget(self.settings, self._archive, retriever, answerer)

    @contextmanager
    def changed(self, add: Sequence[Article], remove: Sequence[str]) -> Iterator[LocalTarget]:
        """A copy with these changes, which is removed afterwards. Only ``add`` is embedded."""
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            copy = Path(name) / "archive"
            shutil.copytree(self._folder / "pristine", copy)
            settings = self.settings.in_folder(copy)
            store = open_store(settings)
            try:
                archive = Archive(store, self._embedder)
                for article_id in remove:
                    archive.delete(article_id)
                archive.put([Read(article, article.id, "stress") for article in add])
                yield _target(settings, archive)
            finally:
                store.close()


@contextmanager
def laboratory(settings: Settings) -> Iterator[Laboratory]:
    """Copy the archive of the settings to a temporary folder, and load the models."""
    with tempfile.TemporaryDirectory(prefix="dateline-stress-") as name:
        folder = Path(name)
        pristine = folder / "pristine"
        pristine.mkdir()
        with open_archive(settings) as archive:
            archive.check_embedder()
            archive.store.backup(pristine / DATABASE)
        # Its index is built once, for all copies.
        with open_archive(settings.in_folder(pristine)) as archive:
            archive.store.settle(force=True)
        asked = folder / "asked"
        shutil.copytree(pristine, asked)
        chosen = settings.in_folder(asked)
        with open_archive(chosen) as archive:
            make_answerer(archive, chosen).prepare()
            yield Laboratory(chosen, folder, archive)


def _target(settings: Settings, archive: Archive) -> LocalTarget:
    return LocalTarget(
        settings, archive, open_retriever(archive, settings), make_answerer(archive, settings)
    )
