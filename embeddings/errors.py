"""What can go wrong with vectors.

EmbeddingError
├── EmbedderUnavailable   the model cannot be found, loaded or trusted (weights' digest differs)
└── IndexUnusable         an index file is missing, cut short, altered, or of another form
"""


class EmbeddingError(Exception):
    """Base of everything that `embeddings` raises on purpose."""


class EmbedderUnavailable(EmbeddingError):
    """The embedder cannot be found, loaded, or is not the one it claims to be."""


class IndexUnusable(EmbeddingError):
    """An index file cannot be used; the vectors themselves are elsewhere, so rebuild it."""
