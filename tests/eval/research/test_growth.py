"""The growth curve, over an archive of a few hundred passages."""

from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from embeddings.index import Vectors
from eval.research import growth
from eval.research.growth import FILTERS, HEADING, Corpus, Remembered


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where vectors are remembered, made up: to embed 2,000 passages takes minutes."""
    for name, rows in (("passages", 50), ("questions", growth.QUESTIONS)):
        np.save(tmp_path / f"{name}.npy", unit_vectors(rows))
    return tmp_path


def unit_vectors(rows: int) -> Vectors:
    drawn = np.random.default_rng(rows).normal(size=(rows, Remembered.dimension))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


def test_articles_are_whole_and_the_same_again(cache: Path) -> None:
    corpus = Corpus.read(cache)
    articles = list(islice(corpus.articles(0, seed=1), 60))
    for new in articles:
        assert [start for start, _ in new.passages] == [0, *(end for _, end in new.passages[:-1])]
        assert new.passages[-1][1] == len(new.article.text)
        assert np.linalg.norm(new.vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    again = list(islice(Corpus.read(cache).articles(0, seed=1), 60))
    assert [new.article for new in again] == [new.article for new in articles]
    assert len({new.article.id for new in articles}) < 60  # some have a later version


def test_the_curve_of_two_sizes(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "WINDOW", 5)
    monkeypatch.setattr(growth, "_measured_apart", growth.measure)  # no process of its own
    sizes = list(growth.grow(tmp_path / "archive", cache, [40, 200]))
    assert 40 <= sizes[0].passages < 200 <= sizes[1].passages < 300
    for size in sizes:
        assert size.row().count("|") == HEADING.splitlines()[-1].count("|")
        for name in FILTERS:
            assert 0 < size.searches[name].p50_ms <= size.searches[name].p95_ms
    growth.plot(sizes, tmp_path / "growth.svg")
    assert "passages" in (tmp_path / "growth.svg").read_text()
