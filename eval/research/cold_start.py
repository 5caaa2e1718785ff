"""Time the parts of a first answer in a fresh process: ``python -m eval.research.cold_start Q``.

Prints one JSON object, in seconds; llama.cpp is imported with the language model. Used by
`eval.research.speed`.
"""

import time

_STARTED = time.perf_counter()

import json  # noqa: E402 - the imports are part of what is timed
import sys  # noqa: E402

import faiss  # noqa: E402, F401
import onnxruntime  # noqa: E402, F401
import tokenizers  # noqa: E402, F401

from qa.bootstrap import open_answerer, open_model, open_retriever  # noqa: E402
from qa.question import Question  # noqa: E402
from qa.settings import Settings  # noqa: E402


def main(question: str) -> None:
    """Open everything, one part at a time, and answer."""
    imported = time.perf_counter()
    settings = Settings.load()
    with open_answerer(settings) as (answerer, archive):
        open_retriever(archive, settings).prepare()
        retriever_ready = time.perf_counter()
        open_model(settings).prepare()
        model_ready = time.perf_counter()
        answer = answerer.answer(Question.parse(question))
        answered = time.perf_counter()
    parts = {
        "imports": imported - _STARTED,
        "embedder_and_index": retriever_ready - imported,
        "language_model": model_ready - retriever_ready,
        "answer": answered - model_ready,
        "of_which": answer.timings_ms,
    }
    print(json.dumps(parts))


if __name__ == "__main__":
    main(sys.argv[1])
