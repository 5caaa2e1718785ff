"""Compare both searches alone and ways of fusing them: ``make ablation BENCH=… ARCHIVES=…``.

BENCH has a folder for each set (articles.jsonl.gz, cases.jsonl); ARCHIVES gets an archive for each,
so that a second run embeds nothing. Prints Markdown, as in docs/measurements/retrieval.md.
A fusion is chosen by this table, so held-out cases are refused, unless it is only to measure.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from eval.cases import EvalCase, load_cases
from eval.held_out import cases_to_fit_on
from eval.research.refusing import refusing
from eval.scoring import Scores, ranking_scores
from eval.summary import means
from qa.archive.archive import Archive
from qa.archive.snapshot import Ranked, Snapshot
from qa.bootstrap import open_archive
from qa.retrieval.hybrid import fuse, search_words
from qa.settings import Settings
from qa.tuning import SEARCH_DEPTH

Fusion = Callable[[Ranked, Ranked], Sequence[int]]


def reciprocal_rank_fusion(dense: Ranked, lexical: Ranked, constant: int = 60) -> list[int]:
    """Cormack, Clarke and Büttcher (2009): the sum of 1 / (constant + rank); ties by lower id."""
    fused: dict[int, float] = {}
    for ranked in (dense, lexical):
        for rank, (identity, _) in enumerate(ranked, start=1):
            fused[identity] = fused.get(identity, 0.0) + 1 / (constant + rank)
    return sorted(fused, key=lambda identity: (-fused[identity], identity))


def _min_max(weight: float) -> Fusion:
    return lambda dense, lexical: [identity for identity, _ in fuse(dense, lexical, weight)]


FUSIONS: Mapping[str, Fusion] = {
    "dense alone": lambda dense, _: [identity for identity, _ in dense],
    "lexical alone": lambda _, lexical: [identity for identity, _ in lexical],
    "reciprocal rank, 60": reciprocal_rank_fusion,
    "reciprocal rank, 10": lambda dense, lexical: reciprocal_rank_fusion(dense, lexical, 10),
    **{f"min-max, {weight} dense": _min_max(weight) for weight in (0.3, 0.4, 0.5, 0.6)},
}


def measure(archive: Archive, cases: Sequence[EvalCase]) -> dict[str, dict[str, float]]:
    """By fusion: the means of the rankings' scores over the answerable cases."""
    scores: dict[str, list[Scores]] = {name: [] for name in FUSIONS}
    with archive.store.snapshot() as snapshot:
        for case in cases:
            if not case.answerable:
                continue
            dense, lexical = _both(archive, snapshot, case)
            for name, order in FUSIONS.items():
                passages = snapshot.passages(order(dense, lexical)[:50])
                ranked = [passage.article.id for passage in passages]
                texts = [passage.text for passage in passages]
                scores[name].append(ranking_scores(case, ranked, texts))
    return {name: means(of_fusion) for name, of_fusion in scores.items()}


def _both(archive: Archive, snapshot: Snapshot, case: EvalCase) -> tuple[Ranked, Ranked]:
    filters = case.filters()
    vector = archive.embedder.embed_question(case.question)
    dense = snapshot.dense(vector, SEARCH_DEPTH, filters)
    return dense, snapshot.lexical(search_words(case.question), SEARCH_DEPTH, filters)


def cases_by_folder(benchmarks: Path, *, only_measure: bool) -> dict[Path, list[EvalCase]]:
    """The cases of every benchmark in the folder. Raises BadInput for held-out ones, unless it is
    only to measure.
    """
    load = load_cases if only_measure else cases_to_fit_on
    return {
        path.parent: load(path.parent / "cases.jsonl")
        for path in sorted(benchmarks.glob("*/articles.jsonl.gz"))
    }


@refusing
def main() -> None:
    """Measure every benchmark in the folder."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("benchmarks", type=Path)
    parser.add_argument("archives", type=Path)
    parser.add_argument(
        "--only-measure", action="store_true", help="take held-out cases; choose nothing by them"
    )
    options = parser.parse_args()
    known = cases_by_folder(options.benchmarks, only_measure=options.only_measure)
    tables: dict[str, dict[str, dict[str, float]]] = {}
    for folder, cases in known.items():
        settings = Settings.load(data_dir=options.archives / folder.name)
        with open_archive(settings, create=True) as archive:
            path = folder / "articles.jsonl.gz"
            archive.ingest([path])
            tables[folder.name] = measure(archive, cases)
    for metric in ("hit@1", "hit@5", "answer in passage@1", "answer in passage@5"):
        print(f"\n**{metric}**\n\n| fusion | {' | '.join(tables)} | mean |")
        print(f"| --- |{' --- |' * (len(tables) + 1)}")
        for name in FUSIONS:
            values = [table[name][metric] for table in tables.values()]
            cells = " | ".join(f"{value:.3f}" for value in [*values, sum(values) / len(values)])
            print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
