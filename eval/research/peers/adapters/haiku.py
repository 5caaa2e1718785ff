"""haiku.rag: hybrid search over LanceDB, with MiniLM behind an OpenAI-compatible server.

Its provider for local models, sentence-transformers, needs torch, of which the package index has
no CPU build for the Pythons that haiku.rag runs on. A server is its documented way to other models.
"""

import asyncio
import subprocess
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

from docling_core.types.doc.document import DoclingDocument
from docling_core.types.doc.labels import DocItemLabel
from haiku.rag.client import DocumentImport, HaikuRAG
from haiku.rag.config.models import (
    AppConfig,
    EmbeddingModelConfig,
    EmbeddingsConfig,
)
from haiku.rag.store.models.chunk import Chunk

from eval.research.peers.wire import Description, Found, Peer, Query, Row, read_rows, serve

BATCH = 100  # articles that are imported at once


class Haiku(Peer):
    """Articles as documents, our passages as their chunks, with the title as their heading."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._documents: dict[str, str] = {}

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        if encoder_python is None:
            raise ValueError("an interpreter with sentence-transformers is needed")
        self._encoder = subprocess.Popen(  # noqa: S603 - our own server
            [encoder_python, "-m", "eval.research.peers.adapters.encoder"],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._encoder.stdout is not None  # noqa: S101 - it is a pipe
        url = self._encoder.stdout.readline().strip()
        model = EmbeddingModelConfig(
            provider="openai", name="all-MiniLM-L6-v2", vector_dim=384, base_url=url, api_key="none"
        )
        config = AppConfig(embeddings=EmbeddingsConfig(model=model))
        self._client = self._runner.run(
            self._open.enter_async_context(
                HaikuRAG(folder / "haiku.lancedb", config=config, create=True)
            )
        )
        self._runner.run(self._client.embedder.embed_documents(["ready?"]))
        return Description(
            version=f"haiku.rag {version('haiku.rag-slim')}",
            setup="its hybrid search (LanceDB full text and vectors, reciprocal rank), no reranker;"
            " our passages as chunks; MiniLM over HTTP on loopback (sentence-transformers)",
            storage="disk, each change",
            dates=False,
            answers="needs a model server or a key",
        )

    def index(self, folder: Path) -> int:
        articles = [list(rows) for _, rows in groupby(read_rows(folder), lambda row: row.article)]
        for start in range(0, len(articles), BATCH):
            self._runner.run(self._import(articles[start : start + BATCH]))
        self._runner.run(self._client.vacuum())  # brings the full-text index up to date
        return sum(map(len, articles))

    async def _import(self, articles: Sequence[Sequence[Row]]) -> None:
        imports = [_import_of(rows) for rows in articles]
        for document in await self._client.import_documents(imports):
            self._documents[document.uri] = document.id

    def search(self, query: Query) -> list[Found]:
        results = self._runner.run(self._client.search(query.question, limit=query.k))
        return [Found(result.document_uri, result.content) for result in results]

    def delete(self, article: str) -> None:
        self._runner.run(self._client.delete_document(self._documents.pop(article)))

    def close(self) -> None:
        self._runner.run(self._open.aclose())
        self._runner.close()
        self._encoder.terminate()
        self._encoder.wait(30)


def _import_of(rows: Sequence[Row]) -> Any:
    first = rows[0]
    document = DoclingDocument(name=first.article)
    chunks = []
    for order, row in enumerate(rows):
        item = document.add_text(label=DocItemLabel.TEXT, text=row.text)
        metadata = {
            "doc_item_refs": [item.self_ref],
            "headings": [row.title] if row.title else None,
            "labels": ["text"],
        }
        chunks.append(Chunk(content=row.text, metadata=metadata, order=order))
    return DocumentImport(document, chunks, uri=first.article, title=first.title or None)


if __name__ == "__main__":
    serve(Haiku())
