"""The corpus of a comparison: articles, the passages that are handed in, and the questions."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.cases import EvalCase, load_cases
from eval.files import write_atomically
from eval.research.peers.wire import ARTICLES, PASSAGES, Query, Row
from qa.errors import BadInput
from qa.ingest.files import Read, read_paths
from qa.ingest.passages import split
from qa.types import Article, instant

OWN = Path(__file__).parents[2] / "data" / "archive"
K = 10  # passages that are asked for


@dataclass(frozen=True, slots=True)
class Corpus:
    """What every system is given. ``cases``: a relevant article is in ``articles``, or none is."""

    name: str
    articles: tuple[Article, ...]
    rows: tuple[Row, ...]
    cases: tuple[EvalCase, ...]

    def write(self, folder: Path) -> None:
        """Write what adapters read: articles for Dateline, passages for the others."""
        records = [
            article.model_dump(mode="json", exclude_defaults=True, exclude={"extra"})
            for article in self.articles
        ]
        for name, items in ((ARTICLES, records), (PASSAGES, map(asdict, self.rows))):
            write_atomically(folder / name, (json.dumps(item) + "\n" for item in items))


def read_corpus(folder: Path, most: int | None = None) -> Corpus:
    """Read a folder with articles.jsonl[.gz] and cases.jsonl. Raises BadInput.

    ``most``: only so many articles, see `choose`, with the unanswerable cases and those that they
    answer.
    """
    path = next(
        (file for name in (ARTICLES, f"{ARTICLES}.gz") if (file := folder / name).is_file()), None
    )
    if path is None:
        raise BadInput(f"{folder.name} has no {ARTICLES}[.gz]")
    articles = [item.article for item in read_paths([path]) if isinstance(item, Read)]
    cases = load_cases(folder / "cases.jsonl")
    if most is not None:
        articles = choose(articles, cases, most)
    ids = {article.id for article in articles}
    cases = [case for case in cases if not case.answerable or ids & set(case.relevant)]
    rows = [row for article in articles for row in _rows(article)]
    return Corpus(folder.name, tuple(articles), tuple(rows), tuple(cases))


def choose(articles: Sequence[Article], cases: Sequence[EvalCase], most: int) -> list[Article]:
    """So many articles in their order: one that answers each of the first cases, then the first.

    A smaller corpus keeps as many questions as it can: a share of few questions says little.
    """
    firsts = [case.relevant[0] for case in cases if case.answerable and case.relevant]
    wanted = dict.fromkeys([*firsts, *(article.id for article in articles)])
    chosen = set(list(wanted)[:most])
    return [article for article in articles if article.id in chosen]


def bare(case: EvalCase) -> Query:
    """The question alone."""
    return Query(case.question, K)


def dated(case: EvalCase) -> Query:
    """The question with its date, if it has one."""
    until = instant(case.as_of, end_of_day=True) if case.as_of else None
    return Query(case.question, K, case.as_of, until)


def _rows(article: Article) -> list[Row]:
    published = instant(article.published_at) if article.published_at else None
    title = article.title or ""
    return [
        Row(f"{article.id}#{number}", article.id, title, article.text[start:end].strip(), published)
        for number, (start, end) in enumerate(split(article))
    ]
