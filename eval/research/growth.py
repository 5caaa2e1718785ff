"""Growth curve of one machine: ``make growth``. What an archive costs as it grows to a million
passages: searching, starting, memory, writing, deleting, disk.

The passages are made of this project's own reports: their sentences, shuffled, with three words of
ten replaced by others of the same corpus, so that words are as frequent as in news, and no report
is a copy of another. Their vectors are mixtures of the vectors of real passages, with noise. One
report of ten has a later version, one of fifty no date. Only 2,000 real passages and the questions
are embedded, once.

Each size, and each set of filters, is measured in a process of its own, that has answered one
question before. Prints a table; ``--plot`` writes an SVG.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from embeddings.index import Vectors
from embeddings.packaged import NAME, WEIGHTS_SHA256, PackagedEmbedder
from eval.research.usage import memory_mb
from qa.archive.archive import Archive
from qa.archive.sqlite.store import SqliteStore
from qa.archive.writer import NewVersion
from qa.ingest.passages import split
from qa.language.sentences import sentences
from qa.question import Question
from qa.retrieval.hybrid import HybridRetriever
from qa.settings import Settings
from qa.types import Article, Filters

SIZES = (10_000, 100_000, 300_000, 1_000_000)
DATA = Path(__file__).parent / "data"
QUESTIONS = 60
WINDOW = 200  # articles of one transaction
_WORDS = 100  # of a passage, at least
_REPLACED = 0.3  # of a sentence's words
_SOURCES = 40
_REAL = 2_000  # passages whose vectors the others are mixed of
_DAYS = 3_650  # over which the reports spread
_DAY = 86_400
_FIRST = 1_420_070_400.0  # 2015-01-01
FILTERS = {
    "all": Filters(),
    "date": Filters(as_of="2022-06-30"),
    "date and source": Filters(as_of="2022-06-30", sources=("Source 1", "Source 4", "Source 9")),
}


@dataclass(frozen=True, slots=True)
class Corpus:
    """What the passages are made of, and the questions with their vectors."""

    sentences: Sequence[Sequence[str]]
    words: Sequence[str]  # as often as they are in the reports
    vectors: Vectors
    questions: Sequence[str]
    question_vectors: Vectors

    @classmethod
    def read(cls, cache: Path) -> "Corpus":
        """From the project's own reports; their vectors are remembered in ``cache``."""
        reports = [
            json.loads(line)
            for path in sorted(DATA.glob("*.jsonl"))
            for line in path.read_bytes().splitlines()
        ]
        drawn = random.Random(1)
        drawn.shuffle(reports)
        texts = [report["text"] for report in reports]
        cut = [text[start:end].split() for text in texts for start, end in sentences(text)]
        passages = [
            text[start:end] for text in texts for start, end in split(Article(id="", text=text))
        ]
        questions = [report["questions"][0]["q"] for report in reports if report["questions"]]
        questions = questions[:QUESTIONS]
        cache.mkdir(parents=True, exist_ok=True)
        (cache / "questions.json").write_text(json.dumps(questions))
        real = drawn.sample(passages, min(_REAL, len(passages)))
        return cls(
            sentences=[words for words in cut if len(words) > 3],
            words=[word for words in cut for word in words],
            vectors=_remembered(cache / "passages.npy", real),
            questions=questions,
            question_vectors=_remembered(cache / "questions.npy", questions),
        )

    @classmethod
    def questions_alone(cls, cache: Path) -> "Corpus":
        """Only the questions, as `read` left them in ``cache``."""
        questions = json.loads((cache / "questions.json").read_text())
        vectors = np.load(cache / "questions.npy")
        return cls([], [], vectors[:0], questions, vectors)

    def articles(self, first: int, seed: int) -> Iterator[NewVersion]:
        """Endlessly many, numbered from ``first``."""
        drawn = random.Random(seed)
        noise = np.random.default_rng(seed)
        number = first
        while True:
            count = drawn.randint(3, 13)
            update = first < number and drawn.random() < 0.1
            identity = drawn.randrange(first, number) if update else number
            published = None
            if drawn.random() > 0.02:
                published = _FIRST + _DAY * drawn.random() * _DAYS
            yield self._article(f"report-{identity}", published, count, drawn, noise)
            number += 0 if update else 1

    def _article(
        self,
        identity: str,
        published: float | None,
        count: int,
        drawn: random.Random,
        noise: np.random.Generator,
    ) -> NewVersion:
        text, spans = "", []
        for _ in range(count):
            passage = self._passage(drawn)
            spans.append((len(text), len(text) + len(passage)))
            text += passage
        moment = None
        if published is not None:
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(published))
        article = Article(
            id=identity,
            title=" ".join(self._sentence(drawn)[:9]),
            text=text,
            published_at=moment,
            source=f"Source {int(drawn.paretovariate(0.7)) % _SOURCES}",
        )
        rows = noise.integers(len(self.vectors), size=(2, count))
        share = noise.uniform(0.5, 1, size=(count, 1)).astype(np.float32)
        mixed = share * self.vectors[rows[0]] + (1 - share) * self.vectors[rows[1]]
        size = mixed.shape[1]
        mixed += noise.normal(scale=0.5 / size**0.5, size=mixed.shape).astype(np.float32)
        vectors: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return NewVersion(article, None, spans, vectors)

    def _passage(self, drawn: random.Random) -> str:
        words: list[str] = []
        while len(words) < _WORDS:
            words += self._sentence(drawn)
        return " ".join(words) + "\n"

    def _sentence(self, drawn: random.Random) -> list[str]:
        chosen = list(drawn.choice(self.sentences))
        for place in range(len(chosen)):
            if drawn.random() < _REPLACED:
                chosen[place] = drawn.choice(self.words)
        return chosen


@dataclass(frozen=True, slots=True)
class Search:
    """Searches of one process under one set of filters, without embedding the questions."""

    start_s: float  # to open the archive and answer the first
    p50_ms: float
    p95_ms: float
    processor_ms: float  # the median, of all threads
    own_mb: int  # memory of the process alone
    shared_mb: int  # pages of files, which all processes share


@dataclass(frozen=True, slots=True)
class Size:
    """What an archive of one size costs."""

    passages: int
    searches: dict[str, Search]
    ingested_per_s: float  # passages written, without embedding
    index_s: float  # to build the index file
    delete_ms: float  # of one article, the median
    disk_mb: int

    def row(self) -> str:
        """Of the table."""
        searches = [self.searches[name] for name in FILTERS]
        times = [
            f"{one.p50_ms:.0f} / {one.p95_ms:.0f} ({one.processor_ms:.0f})" for one in searches
        ]
        cells = [
            f"{self.passages:,}",
            *times,
            f"{searches[0].start_s:.1f}",
            f"{searches[0].own_mb} + {searches[0].shared_mb}",
            f"{self.ingested_per_s:,.0f}",
            f"{self.index_s:.0f}",
            f"{self.delete_ms:.0f}",
            f"{self.disk_mb:,}",
        ]
        return f"| {' | '.join(cells)} |"


HEADING = """\
| passages | all: p50 / p95 (processor) ms | date | date and source | start s \
| memory MB, own + shared | written passages/s | index s | delete ms | disk MB |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"""


class Remembered:
    """An embedder that knows the vectors of the questions."""

    name = NAME
    digest = WEIGHTS_SHA256
    dimension = PackagedEmbedder.dimension

    def __init__(self, corpus: Corpus) -> None:
        self._vectors = dict(zip(corpus.questions, corpus.question_vectors, strict=True))

    def embed_question(self, text: str) -> Vectors:
        vector: Vectors = self._vectors[text]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        raise NotImplementedError(f"{len(texts)} passages")


def grow(folder: Path, cache: Path, sizes: Sequence[int]) -> Iterator[Size]:
    """Fill the archive in ``folder`` to each of the sizes, and measure it there."""
    corpus = Corpus.read(cache)
    store = SqliteStore.create(folder, NAME, WEIGHTS_SHA256, corpus.vectors.shape[1])
    articles = corpus.articles(0, seed=1)
    passages = 0
    for size in sizes:
        before, spent = passages, 0.0
        while passages < size:
            window = list(islice(articles, WINDOW))
            started = time.perf_counter()
            with store.writing() as writer:
                for new in window:
                    writer.put(new)
            spent += time.perf_counter() - started
            passages += sum(len(new.passages) for new in window)
        started = time.perf_counter()
        store.settle(force=True)
        index_s = time.perf_counter() - started
        yield Size(
            passages,
            {name: _measured_apart(folder, cache, name) for name in FILTERS},
            ingested_per_s=(passages - before) / spent,
            index_s=index_s,
            delete_ms=_delete(store),
            disk_mb=store.size_in_bytes() // 2**20,
        )
    store.close()


def measure(folder: Path, cache: Path, name: str) -> Search:
    """Search in this process, every question once."""
    corpus = Corpus.questions_alone(cache)
    started = time.perf_counter()
    store = SqliteStore.open(folder)
    retriever = HybridRetriever(Archive(store, Remembered(corpus)))
    first, *others = (Question.parse(text, FILTERS[name]) for text in corpus.questions)
    retriever.retrieve(first)
    start = time.perf_counter() - started
    took, spent = [], []
    for question in others:
        started, busy = time.perf_counter(), time.process_time()
        retriever.retrieve(question)
        spent.append((time.process_time() - busy) * 1000)
        took.append((time.perf_counter() - started) * 1000)
    own, shared = (memory_mb(os.getpid(), kind) for kind in ("RssAnon", "RssFile"))
    store.close()
    return Search(
        start_s=start,
        p50_ms=statistics.median(took),
        p95_ms=statistics.quantiles(took, n=20)[-1],
        processor_ms=statistics.median(spent),
        own_mb=own,
        shared_mb=shared,
    )


def plot(sizes: Sequence[Size], path: Path) -> None:
    """The medians of the searches over the sizes, as an SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "growth"  # the same numbers give the same file
    figure, axes = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    passages = [size.passages for size in sizes]
    for name in FILTERS:
        axes.plot(passages, [size.searches[name].p50_ms for size in sizes], "o-", label=name)
    axes.set(xscale="log", yscale="log", xlabel="passages", ylabel="search, p50, ms")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(title="filter")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Grow an archive, measure it, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="in passages")
    parser.add_argument("--cache", type=Path, default=Path("build/growth"), help="of vectors")
    parser.add_argument("--plot", type=Path, help="the SVG to write")
    parser.add_argument("--measure", nargs=2, metavar=("ARCHIVE", "FILTER"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        folder, name = given.measure
        print(json.dumps(asdict(measure(Path(folder), given.cache, name))))
        return
    print(HEADING)
    measured = []
    with tempfile.TemporaryDirectory(prefix="growth-") as folder:
        for size in grow(Path(folder) / "archive", given.cache, sorted(given.sizes)):
            print(size.row(), flush=True)
            measured.append(size)
    if given.plot:
        plot(measured, given.plot)


def _measured_apart(folder: Path, cache: Path, name: str) -> Search:
    command = [sys.executable, "-m", "eval.research.growth", "--cache", str(cache)]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, "--measure", str(folder), name], check=True, capture_output=True, text=True
    )
    return Search(**json.loads(done.stdout))


def _delete(store: SqliteStore) -> float:
    """The median of twenty deletions, in milliseconds."""
    took = []
    with store.snapshot() as snapshot:
        found = snapshot.articles(Filters(), 20)
    for stored in found:
        started = time.perf_counter()
        with store.writing() as writer:
            writer.delete(stored.article.id)
        took.append((time.perf_counter() - started) * 1000)
    return statistics.median(took)


def _remembered(path: Path, texts: Sequence[str]) -> Vectors:
    """The vectors of texts, embedded unless the file has them."""
    if path.is_file():
        known: Vectors = np.load(path)
        return known
    embedder = PackagedEmbedder(Settings.load().cache_dir)
    vectors = embedder.embed_passages(texts)
    np.save(path, vectors)
    return vectors


if __name__ == "__main__":
    main()
