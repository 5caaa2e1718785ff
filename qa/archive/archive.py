"""The archive, as interfaces and evaluation use it: a store and its embedder."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Protocol

from embeddings.embedder import Embedder
from qa.answer import Answer
from qa.archive import answers
from qa.archive.embedding import check_embedder, embedding_errors
from qa.archive.feedback import Feedback, list_feedback, record_feedback
from qa.archive.snapshot import Snapshot
from qa.archive.store import Store
from qa.errors import ModelUnavailable
from qa.ingest import apply
from qa.ingest.apply import Check, IngestReport, OnProgress, Settled
from qa.ingest.files import Read, Skipped, read_paths
from qa.question import Question
from qa.types import Filters, Form


class Asker(Protocol):
    """Answers questions from an archive; see `qa.answering.answerer.Answerer`."""

    def answer(self, question: Question) -> Answer: ...


class Archive:
    """A store with what makes it searchable. Safe to share between threads.

    ``open_asker`` makes what answers questions from it, when the first is asked.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        open_asker: Callable[["Archive"], Asker] | None = None,
    ) -> None:
        self.store = store
        self.embedder = embedder
        self._open_asker = open_asker
        self._opening = Lock()

    def ask(
        self,
        question: str,
        filters: Filters | None = None,
        *,
        form: Form | None = None,
        k: int = 10,
        min_confidence: float | None = None,
    ) -> Answer:
        """Answer a question; see `Question.parse` for the parameters.

        Blocks while models load and run. Raises BadInput, ModelUnavailable, AnswerModelError.
        """
        asked = Question.parse(question, filters, form=form, k=k, min_confidence=min_confidence)
        with self._opening:  # two first questions at once must not open two
            asker = self._asker
        return asker.answer(asked)

    @cached_property
    def _asker(self) -> Asker:
        if self._open_asker is None:
            raise ModelUnavailable("this archive was opened without anything that answers")
        return self._open_asker(self)

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """The archive as it is now, whatever is written meanwhile."""
        return self.store.snapshot()

    def check_embedder(self) -> None:
        """Raises EmbedderMismatch when the archive was built with another embedder."""
        with self.snapshot() as snapshot, embedding_errors():
            check_embedder(snapshot, self.embedder)

    def prepare(self) -> None:
        """Load embedder and indexes, so that the first question does not wait."""
        self.check_embedder()
        with embedding_errors():
            vector = self.embedder.embed_question("ready?")
        with self.snapshot() as snapshot:
            snapshot.dense(vector, 1, Filters())
            snapshot.lexical(["ready"], 1, Filters())

    def ingest(
        self,
        paths: Sequence[Path],
        reads: Iterable[Read | Skipped] | None = None,
        *,
        prune: bool = False,
        on_progress: OnProgress = lambda _: None,
        wait: float = 0,
    ) -> IngestReport:
        """Store the articles of files and folders; see `qa.ingest.apply.ingest_paths`.

        ``reads``: what was read from ``paths``, where that was begun before.
        """
        report = apply.ingest_paths(
            self.store,
            self.embedder,
            paths,
            read_paths(paths) if reads is None else reads,
            prune=prune,
            on_progress=on_progress,
            wait=wait,
        )
        self.store.settle()
        return report

    def put(
        self, reads: Sequence[Read], *, wait: float = 0, check: Check = lambda _: None
    ) -> Settled:
        """Store articles with different ids, in one transaction; see `qa.ingest.apply.settle`."""
        settled = apply.settle(self.store, self.embedder, reads, wait, check=check)
        if settled.passages_embedded:
            self.store.settle()
        return settled

    def delete(self, article_id: str, *, wait: float = 0, check: Check = lambda _: None) -> None:
        """Remove an article, all its versions, and its text from stored answers.

        ``check`` sees the archive under the write lock; what it raises ends this. Raises NotFound,
        ArchiveBusy after ``wait`` seconds.
        """
        with self.store.writing(wait, [article_id]) as writer:
            check(writer)
            writer.delete(article_id)

    def withdraw(self, article_id: str, *, wait: float = 0) -> None:
        """Mark an article as canceled: it can be read by its id, and no answer rests on it.

        Raises NotFound, ArchiveBusy after ``wait`` seconds.
        """
        with self.store.writing(wait, [article_id]) as writer:
            writer.withdraw(article_id)

    def reindex(self, on_progress: Callable[[int, int], None] = lambda *_: None) -> int:
        """Rebuild all that can be rebuilt; returns how many passages were embedded."""
        embedded = apply.reindex(self.store, self.embedder, on_progress=on_progress)
        self.store.settle(force=True)
        return embedded

    def backup(self, target: Path) -> None:
        """Copy the archive to a file, whole, while others read and write."""
        self.store.backup(target)

    def store_answer(self, answer: Answer, most: int, filters: Filters | None = None) -> None:
        """Store an answer, and drop the oldest beyond ``most``. Raises ArchiveBusy, StorageFailed.

        No text is stored of an article that was deleted meanwhile. ``filters``: its question's.
        """
        with self.store.aside(answers.cited_articles(answer)) as database:
            answers.store(database, answer, most, filters, self.store.hidden())

    def record_feedback(
        self,
        answer_id: str,
        verdict: str,
        by: str,
        correction: str | None = None,
        reason: str | None = None,
    ) -> Feedback:
        """Say whether a stored answer is right; see `qa.archive.feedback.record_feedback`."""
        return record_feedback(self.store, answer_id, verdict, by, correction, reason)

    def feedback(self) -> list[Feedback]:
        """All verdicts on stored answers, newest first."""
        return list_feedback(self.store)
