"""The comparison as Markdown: one table, systems in columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eval.research.peers.measure import RANKING, Measured, Searches

_NONE = "-"


@dataclass(frozen=True, slots=True)
class Column:
    """One system. ``missing``: why it was not measured."""

    name: str
    measured: Measured | None
    missing: str = ""


def _ranking(name: str) -> Callable[[Measured], str]:
    return lambda of: _share(of.bare, name)


def _dated_ranking(name: str) -> Callable[[Measured], str]:
    return lambda of: _share(of.dated, name)


def _share(searches: Searches | None, name: str) -> str:
    share = searches.ranking.get(name) if searches else None
    return _NONE if share is None else f"{share:.3f}"


def _rate(count: int, seconds: float) -> str:
    return f"{count / seconds:.1f}" if seconds else _NONE


def _answers(of: Measured) -> str:
    if of.answers is None:
        return of.description.answers
    given = of.answers
    return f"{given.right:.3f} / {given.declined:.3f} / {given.wrong:.3f} of {given.asked}"


_ROWS: Mapping[str, Callable[[Measured], str]] = {
    "passages": lambda of: f"{of.passages:,}",
    "passages indexed a second": lambda of: _rate(of.passages, of.index_seconds),
    "passages indexed a CPU second": lambda of: _rate(of.passages, of.index_cpu_seconds),
    "peak memory while indexing, MB": lambda of: f"{of.peak_mb:,}",
    "memory after the searches, MB": lambda of: f"{of.resident_mb:,}",
    "on disk, MB": lambda of: f"{of.disk_mb:.1f}",
    "search p50 / p95, ms": lambda of: f"{of.bare.p50_ms:.0f} / {of.bare.p95_ms:.0f}",
    "CPU time of a search, ms": lambda of: f"{of.bare.cpu_ms:.0f}",
    **{name: _ranking(name) for name in RANKING},
    **{f"{name}, with its date": _dated_ranking(name) for name in RANKING},
    "answers: right / declined / wrong": _answers,
    "answer p50, ms": lambda of: f"{of.answers.p50_ms:.0f}" if of.answers else _NONE,
    "delete visible at once": lambda of: f"{of.deletes.gone} of {of.deletes.tried}",
    "delete p50, ms": lambda of: f"{of.deletes.p50_ms:.1f}",
    "stored": lambda of: of.description.storage,
}


def table(columns: Sequence[Column]) -> str:
    """A row for each measure; a row that no system has a value for is left out."""
    lines = [
        _line("", [_title(column) for column in columns]),
        _line("---", ["---"] * len(columns)),
    ]
    for name, cell in _ROWS.items():
        cells = [cell(column.measured) if column.measured else _NONE for column in columns]
        if set(cells) != {_NONE}:
            lines.append(_line(name, cells))
    return "\n".join(lines)


def notes(columns: Sequence[Column]) -> str:
    """How each system was set up, or why it was not measured."""
    return "\n".join(
        f"- {_title(column)}: {column.measured.description.setup}."
        if column.measured
        else f"- {column.name}: not measured: {column.missing}."
        for column in columns
    )


def _title(column: Column) -> str:
    return column.measured.description.version if column.measured else column.name


def _line(head: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join([head, *cells])} |"
