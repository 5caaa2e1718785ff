"""Vectors: the embedder seam and the FAISS index. Knows nothing of articles."""
