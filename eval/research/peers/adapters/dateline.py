"""Dateline, through its Python API, with its defaults and its own passages."""

from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

from eval.research.peers.wire import ARTICLES, Description, Found, Query, serve
from qa import Filters, Settings, open_archive
from qa.bootstrap import open_retriever
from qa.question import Question


class Dateline:
    """An archive in the run's folder."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        del encoder_python
        self._archive = self._open.enter_context(open_archive(folder / "dateline"))
        self._retriever = open_retriever(self._archive, Settings.load())
        self._archive.embedder.embed_question("ready?")
        self._archive.embedder.embed_passages(["ready?"])
        return Description(
            version=f"Dateline {version('dateline')}",
            setup="its defaults",
            storage="disk, each change",
            dates=True,
        )

    def index(self, folder: Path) -> int:
        return self._archive.ingest([folder / ARTICLES]).passages_embedded

    def search(self, query: Query) -> list[Found]:
        asked = Question.parse(query.question, Filters(as_of=query.as_of), k=query.k)
        passages = [hit.passage for hit in self._retriever.retrieve(asked).hits]
        return [Found(passage.article.id, passage.text) for passage in passages]

    def delete(self, article: str) -> None:
        self._archive.delete(article)

    def answer(self, query: Query) -> dict[str, Any]:
        answer = self._archive.ask(query.question, Filters(as_of=query.as_of), k=query.k)
        return answer.model_dump(mode="json")

    def close(self) -> None:
        self._open.close()


if __name__ == "__main__":
    serve(Dateline())
