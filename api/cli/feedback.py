"""`dateline feedback`, `dateline asked` and `dateline audit`: what users say, ask and asked."""

from pathlib import Path

import click

from api.cli.keys import open_store
from api.cli.options import load_settings, shared_options
from api.cli.output import one_line, print_json, progress

_since = click.option("--since", metavar="D", help="From this day on.")


@click.group()
def feedback() -> None:
    """What readers say of answers.

    `dateline eval import feedback` makes evaluation cases of it.
    """


@feedback.command("list")
@shared_options
def list_feedback(data_dir: Path | None, as_json: bool) -> None:
    """List all verdicts on answers, newest first."""
    from qa.archive.feedback import feedback_json
    from qa.archive.feedback import list_feedback as stored_feedback

    with open_store(data_dir) as store, store.snapshot() as snapshot:
        found = [feedback_json(one, snapshot) for one in stored_feedback(store)]
    if as_json:
        print_json({"feedback": found})
        return
    for one in found:
        click.echo(f"{one['given_at']}  {one['verdict']}  {one['by']}  {one['answer_id']}")
        click.echo(f"  {one_line(one['question'] or 'this answer is no longer stored')}")
        for name in ("status", "answer", "correction", "reason"):
            if one[name] is not None:
                click.echo(f"  {name}: {one_line(one[name])}")
    if not found:
        click.echo("no feedback")


@click.command()
@_since
@click.option("--until", metavar="D", help="Up to this day.")
@click.option(
    "--most",
    type=click.IntRange(1),
    default=50,
    show_default=True,
    help="How many questions to show.",
)
@shared_options
def asked(
    since: str | None, until: str | None, most: int, data_dir: Path | None, as_json: bool
) -> None:
    """Show what is asked, and the share that was answered.

    Questions that ask the same in other words are one. They are kept, without who asked, only while
    DATELINE_KEEP_QUESTIONS is set where the service runs.
    """
    from dataclasses import asdict

    from qa.archive.asked import list_asked
    from qa.archive.audit import instant_of
    from qa.bootstrap import open_archive
    from qa.retrieval.alike import cluster

    begins = instant_of("--since", since)
    ends = instant_of("--until", until, end_of_day=True)
    with open_archive(load_settings(data_dir)) as archive, progress("questions") as bar:
        wordings = list_asked(archive.store, begins, ends)
        found = cluster(wordings, archive.embedder, bar)
    total = sum(one.count for one in found)
    answered = sum(one.answered for one in wordings)
    if as_json:
        share = answered / total if total else None
        shown = [asdict(one) for one in found[:most]]
        print_json({"asked": total, "answered": share, "questions": shown})
        return
    if not total:
        click.echo("no questions are kept; see DATELINE_KEEP_QUESTIONS")
        return
    click.echo(f"{total} asked, {answered / total:.0%} answered")
    for one in found[:most]:
        figures = f"{one.count:6}  {one.answered:4.0%}  {one.last_asked}"
        click.echo(f"{figures}  {one_line(one.question)}")
        for example in one.examples:
            click.echo(f"{'':26}{one_line(example)}")


@click.command()
@click.option("--key", metavar="ID", help="Only this key, or name of a key or chat.")
@_since
@click.option(
    "--limit",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="How many lines, the newest.",
)
@shared_options
def audit(
    key: str | None, since: str | None, limit: int, data_dir: Path | None, as_json: bool
) -> None:
    """Show who asked what, newest first.

    Lines are written only while DATELINE_AUDIT_DAYS is set where the service runs.
    """
    from dataclasses import asdict

    from qa.archive.audit import instant_of, list_lines

    begins = instant_of("--since", since)
    with open_store(data_dir) as store:
        lines = list_lines(store, key, begins, limit)
    if as_json:
        print_json({"lines": [asdict(line) for line in lines]})
        return
    for line in lines:
        who = " ".join(part for part in (line.key_id, line.name) if part) or "local"
        shown = [line.asked_at, line.interface, who, line.status, line.answer_id or "-"]
        click.echo("\t".join(map(one_line, [*shown, line.question])))
    if not lines:
        click.echo("no lines; see DATELINE_AUDIT_DAYS")
