"""The only place that chooses concrete classes."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from embeddings.embedder import Embedder, SentenceTransformerEmbedder, resolve
from embeddings.packaged import NAME, PackagedEmbedder
from embeddings.reranker import CrossEncoderReranker
from qa.answering.answerer import Answerer
from qa.answering.reader import shared_reader
from qa.archive.archive import Archive
from qa.archive.embedding import embedding_errors
from qa.archive.opening import create_store, open_store
from qa.errors import BadInput, EmptyArchive
from qa.extras import require_model
from qa.models.base import AnswerModel
from qa.retrieval.hybrid import HybridRetriever
from qa.settings import Settings


def open_embedder(settings: Settings) -> Embedder:
    """The embedder that is set; its model is loaded when it is first needed."""
    if settings.embedder == NAME:
        return PackagedEmbedder(settings.cache_dir)
    return SentenceTransformerEmbedder(resolve(settings.embedder))


def open_model(settings: Settings) -> AnswerModel:
    """The language model that is set; a local one is loaded when it is first needed."""
    vendor, _, name = settings.model.partition(":")
    require_model(vendor)
    if vendor == "openai":
        from qa.models.openai import OpenAIModel

        return OpenAIModel(name, settings.openai_base_url, settings.model_timeout)
    if vendor == "anthropic":
        from qa.models.anthropic import AnthropicModel

        return AnthropicModel(name, settings.anthropic_base_url, settings.model_timeout)
    if vendor == "local":
        from qa.models.local import ExtractiveModel

        return ExtractiveModel()
    if vendor == "llama":
        from qa.models.llama import shared_llama_model

        return shared_llama_model(Path(name).expanduser(), settings.threads)
    raise BadInput(
        f"model '{settings.model}': no such vendor; known are local, llama, openai, anthropic"
    )


@contextmanager
def open_archive(settings: Settings, *, create: bool = False) -> Iterator[Archive]:
    """The archive in the store that is set.

    Raises EmptyArchive when there is none, unless ``create``.
    """
    with embedding_errors():
        embedder = open_embedder(settings)
        try:
            store = open_store(settings)
        except EmptyArchive:
            if not create:
                raise
            store = create_store(settings, embedder)
        try:
            yield Archive(store, embedder, partial(make_answerer, settings=settings))
        finally:
            store.close()


def open_retriever(archive: Archive, settings: Settings | None = None) -> HybridRetriever:
    """Without ``settings``: no reranker, every source alike."""
    if settings is None:
        return HybridRetriever(archive)
    chosen = CrossEncoderReranker(resolve(settings.reranker)) if settings.reranker else None
    return HybridRetriever(archive, chosen, settings.source_weights)


def make_answerer(archive: Archive, settings: Settings) -> Answerer:
    """What answers questions from the archive; its models are loaded when they are first needed."""
    return Answerer(
        open_retriever(archive, settings),
        open_model(settings),
        settings.min_confidence,
        shared_reader(settings.threads),
    )


@contextmanager
def open_answerer(
    settings: Settings, *, create: bool = False
) -> Iterator[tuple[Answerer, Archive]]:
    """An answerer over the archive, and the archive."""
    with open_archive(settings, create=create) as archive:
        yield make_answerer(archive, settings), archive
