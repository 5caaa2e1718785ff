"""`dateline watch`: standing questions."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.keys import open_store
from api.cli.options import FilterOptions, filter_options, load_settings, shared_options
from api.cli.output import one_line, print_json

if TYPE_CHECKING:
    from qa.archive.watches import Watch
    from qa.types import Form


@click.group()
def watch() -> None:
    """Ask questions again when new reports come in.

    `dateline serve` asks them by itself; `dateline watch run` is for cron.
    """


@watch.command()
@click.argument("question")
@click.option(
    "--form",
    type=click.Choice(["short", "sentences", "yes_no", "list", "brief"]),
    help="The form of the answer; by default the one that the question wants.",
)
@filter_options
@shared_options
def add(
    question: str,
    form: "Form | None",
    filters: FilterOptions,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Ask QUESTION from now on.

    The next run answers it for the first time; later answers are compared with that.
    """
    from qa.archive.watches import add_watch, watch_json

    with open_store(data_dir) as store:
        added = add_watch(store, question, filters.checked(), form)
    if as_json:
        print_json(watch_json(added))
    else:
        click.echo(f"{added.id}\t{added.question}")


@watch.command("list")
@shared_options
def list_watches(data_dir: Path | None, as_json: bool) -> None:
    """List the standing questions, oldest first."""
    from qa.archive.watches import list_watches as stored_watches
    from qa.archive.watches import watch_json

    with open_store(data_dir) as store:
        found = stored_watches(store)
    if as_json:
        print_json({"watches": [watch_json(one) for one in found]})
        return
    for one in found:
        click.echo("\t".join([one.id, one_line(one.question), *_limits(one)]))
    if not found:
        click.echo("no standing questions")


def _limits(watch: "Watch") -> list[str]:
    """What sets a standing question apart from another of the same words: its form, its filters."""
    limits = [] if watch.form is None else [f"form: {watch.form}"]
    for name, value in json.loads(watch.filters.to_json()).items():
        shown = ", ".join(value) if isinstance(value, list) else str(value).lower()
        limits.append(f"{name.replace('_', ' ')}: {shown}")
    return limits


@watch.command()
@click.argument("watch_id", metavar="ID")
@shared_options
def remove(watch_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Remove a standing question with its events."""
    from qa.archive.watches import remove_watch

    with open_store(data_dir) as store:
        remove_watch(store, watch_id)
    if as_json:
        print_json({"removed": watch_id})
    else:
        click.echo(f"removed {watch_id}")


@watch.command()
@shared_options
def run(data_dir: Path | None, as_json: bool) -> None:
    """Ask again what new reports may have changed, and deliver the events.

    Events go to DATELINE_WEBHOOK_URL, where that is set.
    """
    from api.webhook import Webhook
    from qa.answer import Answer
    from qa.answering.recording import record
    from qa.answering.standing import due, settle
    from qa.bootstrap import open_answerer

    settings = load_settings(data_dir)
    webhook = Webhook.of(settings)
    asked, events = 0, []
    with open_answerer(settings) as (answerer, archive):
        # As in a service: the events go to people of any rights.
        archive.store.hidden = lambda: frozenset(settings.restricted_rights)
        for item in due(archive):
            question = item.watch.to_question()
            stream = answerer.stream(question)
            for part in record(stream, archive, settings.answers_kept, question.filters):
                if isinstance(part, Answer):
                    event = settle(archive, item, part)
                    asked += 1
                    if event is not None:
                        events.append((event, item.watch.question))
        delivered = webhook.deliver_due(archive) if webhook is not None else 0
    if as_json:
        changed = [event for event, _ in events]
        print_json({"asked": asked, "events": changed, "delivered": delivered})
        return
    for event, question_text in events:
        click.echo(f"{event}\t{question_text}")
    click.echo(f"{asked} asked, {len(events)} changed, {delivered} events delivered")
