"""Convert public benchmarks to `articles.jsonl` and `cases.jsonl`: a module for each."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from eval.importers.beir import beir
from eval.importers.benchmark_qed import benchmark_qed
from eval.importers.clapnq import clapnq
from eval.importers.crag import crag
from eval.importers.found import Found
from eval.importers.freshqa import freshqa
from eval.importers.mtrag import mtrag
from eval.importers.ragas import ragas
from eval.importers.ragtime import ragtime
from eval.importers.ramdocs import ramdocs
from eval.importers.squad import squad

IMPORTERS: Mapping[str, Callable[[Path], Iterator[Found]]] = {
    "beir": beir,
    "benchmark-qed": benchmark_qed,
    "clapnq": clapnq,
    "crag": crag,
    "freshqa": freshqa,
    "mtrag": mtrag,
    "ragas": ragas,
    "ragtime": ragtime,
    "ramdocs": ramdocs,
    "squad": squad,
}
