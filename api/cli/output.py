"""What commands print: answers, hits, reports, progress."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NoReturn

import click

from qa.tuning import DOUBTFUL

if TYPE_CHECKING:
    from tqdm import tqdm

    from qa.answer import (
        Answer,
        AppliedFilters,
        ArticleMention,
        Citation,
        Currency,
        HitOutput,
    )
    from qa.ingest.apply import IngestReport, Progress

_REDRAWN = 0.25  # seconds between two drawings of a bar
NEAREST = 3  # hits shown where no answer was found
_CHANGES = {
    "newer_version": "its quote is not in the newer version",
    "amended": "its source, address or date was changed",
    "correction": "there is a correction",
    "withdrawn": "the report was withdrawn",
    "deleted": "the report was deleted",
    "later_report": "there is a later report",
}


def print_json(content: Any) -> None:
    """Print JSON for people and programs."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def print_answer(answer: "Answer") -> None:
    """Print the answer with its quotes; or the reason, the best candidate and the nearest hits."""
    print_applied(answer.applied_filters)
    if answer.answer is None:
        _print_not_found(answer)
        return
    lines = _lines(answer)
    is_doubtful = answer.confidence < DOUBTFUL
    for number, line in enumerate(lines):
        doubt = "not sure: " if is_doubtful and number == 0 else ""
        is_last = number == len(lines) - 1
        click.secho(f"  {doubt}{line}", fg="yellow" if is_doubtful else "green", nl=not is_last)
    click.echo(f"  (confidence {answer.confidence:.2f})")
    if answer.reason_code in ("reports_say_unknown", "false_premise"):
        click.echo(f"  note: {one_line(answer.reason or '')}")
    if answer.independent_sources > 1:
        click.echo(f"  {answer.independent_sources} independent sources")
    for citation in answer.citations:
        _print_citation(citation)
    for other in answer.disagreements:
        click.echo(f"  sources disagree: {one_line(other.text)} {_markers(other.citations)}")
    if answer.timeline:
        values = (
            f"{entry.published_at[:10]} {one_line(entry.text)} [{entry.citation}]"
            for entry in answer.timeline
        )
        click.echo(f"  over time: {'; '.join(values)}")


def print_applied(applied: "AppliedFilters") -> None:
    """Print the filters that were taken from the question, if it states any."""
    if applied.in_words:
        click.echo(f"  only reports {one_line(applied.in_words)} (as the question says)")


def print_hit(hit: "HitOutput") -> None:
    """Print one passage with its origin and score."""
    click.secho(f"{hit.rank}. {one_line(hit.article.title or hit.article.id)}", bold=True, nl=False)
    click.echo(f"  {_origin(hit.article)}  score {hit.score:.3f}")
    click.echo(f"   {one_line(hit.passage.text)}\n")


def print_report(report: "IngestReport", as_json: bool) -> None:
    """Print what an ingest did; warnings and skipped input go to stderr."""
    from dataclasses import asdict

    for item in report.warnings:
        click.echo(f"warning: {item.place}: {item.reason}", err=True)
    for item in report.skipped:
        click.echo(f"skipped: {item.place}: {item.reason}", err=True)
    if report.not_pruned:
        click.echo(f"warning: {report.not_pruned}", err=True)
    if as_json:
        print_json(asdict(report))
        return
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.amended} amended,"
        f" {report.unchanged} unchanged, {report.deleted} deleted, {len(report.skipped)} skipped;"
        f" {report.passages_embedded} passages embedded in {report.seconds:.1f} s"
    )


def print_currency(currency: "Currency") -> None:
    """Print what has become of the cited reports; nothing for a current answer."""
    for change in currency.changes:
        cited = f"citation {change.citation}: " if change.citation is not None else ""
        day = f" of {change.published_at}" if change.published_at is not None else ""
        click.echo(
            f"{currency.state.upper()}  {cited}{_CHANGES[change.kind]}{day}: {change.article_id}"
        )


@contextmanager
def ingest_progress() -> Iterator[Callable[["Progress"], None]]:
    """How many articles are read and stored, and passages embedded; see `_bar`."""
    with _bar("passages embedded") as bar:

        def show(done: "Progress") -> None:
            bar.desc = f"{done.read:,} articles read, {done.articles:,} stored"
            bar.n = done.passages

        yield show


@contextmanager
def progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Call it with how many are done, and of how many (0: unknown); see `_bar`."""
    with _bar(unit) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total or None
            bar.n = done

        yield show


@contextmanager
def _bar(unit: str) -> Iterator["tqdm[NoReturn]"]:
    """A bar on a terminal, nothing elsewhere.

    It is drawn from the first second on, and its clock runs while a model loads.
    """
    from tqdm import tqdm

    ended = Event()
    with tqdm(unit=f" {unit}", disable=not sys.stderr.isatty(), leave=False) as bar:

        def draw() -> None:
            while not ended.wait(_REDRAWN):
                bar.refresh()

        drawing = Thread(target=draw, daemon=True)
        drawing.start()
        try:
            yield bar
        finally:
            ended.set()
            drawing.join()


def _lines(answer: "Answer") -> list[str]:
    """The answer's text; a list's items and a brief's dated reports as lines with their quotes."""
    if answer.form == "list" and len(answer.items) > 1:
        return [f"- {one_line(item.text)} {_markers(item.citations)}" for item in answer.items]
    if answer.form == "brief":
        days = {cited.n: (cited.published_at or "undated")[:10] for cited in answer.citations}
        return [
            f"- {days[said.citations[0]]}: {one_line(said.text)} {_markers(said.citations)}"
            for said in answer.statements
        ]
    return [one_line(answer.answer or "")]


def _markers(citations: Sequence[int]) -> str:
    return "".join(f"[{n}]" for n in citations)


def _print_not_found(answer: "Answer") -> None:
    click.secho("  not found", fg="yellow", nl=False)
    click.echo(f": {one_line(answer.reason or '')}")
    if answer.candidate is not None:
        candidate = answer.candidate
        click.secho(f"  not sure: {one_line(candidate.text)}", fg="yellow", nl=False)
        click.echo(f"  (confidence {candidate.confidence:.2f})")
    if answer.coverage is not None:
        click.echo(f"  {answer.coverage.in_words}.")
    hits = (answer.hits or ())[:NEAREST]
    if hits:
        click.echo("  nearest passages:\n")
    for hit in hits:
        print_hit(hit)


def _print_citation(citation: "Citation") -> None:
    click.echo(f"  [{citation.n}] “{one_line(citation.quote)}”")
    click.echo(f"      {one_line(citation.title or citation.article_id)} · {_origin(citation)}")
    if citation.speaker is not None:
        click.echo(f"      quoting {one_line(citation.speaker)}")
    if citation.also_reported_by:
        others = [report.source or report.article_id for report in citation.also_reported_by]
        click.echo(f"      also in {one_line(', '.join(dict.fromkeys(others)))}")


def _origin(article: "ArticleMention | Citation") -> str:
    return one_line(f"{article.source or 'unknown source'}, {article.published_at or 'undated'}")


def one_line(text: str) -> str:
    """The text in one line, without the signs that a terminal obeys: others wrote it."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in line)
