"""`dateline ask` and `dateline retrieve`."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import FilterOptions, filter_options, load_settings, shared_options
from api.cli.output import print_answer, print_applied, print_hit, print_json

if TYPE_CHECKING:
    from qa.types import Form


@click.command()
@click.argument("question")
@click.option(
    "--form",
    type=click.Choice(["short", "sentences", "yes_no", "list", "brief"]),
    help="The form of the answer; by default the one that the question wants.",
)
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    help="Decline below this; 0 never declines for doubt.",
)
@filter_options
@shared_options
def ask(
    question: str,
    form: "Form | None",
    min_confidence: float | None,
    filters: FilterOptions,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Answer a question, with the sentences that say so.

    Where the archive does not say, the reason is printed, the best candidate and the nearest
    passages. The exit code is 0 then too; with --json, "status" is "not_found".
    """
    with _pause_garbage_collection():
        from qa.bootstrap import open_answerer
        from qa.question import Question

        with open_answerer(load_settings(data_dir)) as (answerer, _):
            asked = Question.parse(
                question, filters.checked(), form=form, min_confidence=min_confidence
            )
            answer = answerer.answer(asked)
    if as_json:
        print_json(answer.without_hits().model_dump(mode="json"))
    else:
        print_answer(answer)


@click.command()
@click.argument("question")
@click.option("-k", default=10, show_default=True, help="How many hits.")
@filter_options
@shared_options
def retrieve(
    question: str, k: int, filters: FilterOptions, data_dir: Path | None, as_json: bool
) -> None:
    """Find the passages about a question."""
    from qa.answer import SearchOutput
    from qa.bootstrap import open_archive, open_retriever
    from qa.question import Question

    settings = load_settings(data_dir)
    with open_archive(settings) as archive:
        asked = Question.parse(question, filters.checked(), k=k)
        retrieved = open_retriever(archive, settings).retrieve(asked)
    found = SearchOutput.of(question, retrieved.hits, retrieved.question.stated)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    print_applied(found.applied_filters)
    if not found.hits:
        reason = retrieved.absence.reason if retrieved.absence is not None else "no passage matches"
        click.echo(f"Nothing found: {reason}.")
    for hit in found.hits:
        print_hit(hit)


@contextmanager
def _pause_garbage_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: a twentieth of the time of a process that imports everything
    for one answer.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
