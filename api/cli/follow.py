"""`dateline follow`, `dateline status` and `dateline sources`: feeds, freshness, publishers."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.keys import open_store
from api.cli.options import SKIPPED, load_settings, shared_options
from api.cli.output import print_json

if TYPE_CHECKING:
    from qa.archive.status import Status
    from qa.ingest.web.poll import Outcome

_MIB = 1024 * 1024


@click.group()
def follow() -> None:
    """Follow feeds and sitemaps, and read what is new in them."""


@follow.command()
@click.argument("url")
@click.option(
    "--every", default="15m", show_default=True, help="How often to look: 90s, 15m, 6h, 1d."
)
@shared_options
def add(url: str, every: str, data_dir: Path | None, as_json: bool) -> None:
    """Follow a feed (RSS, Atom, RDF, JSON Feed) or a sitemap.

    It is read by the next `dateline follow run`, or by `dateline serve` if DATELINE_FOLLOW=true.
    """
    from qa.archive.feeds import feed_json
    from qa.archive.status import seconds_of
    from qa.bootstrap import open_archive
    from qa.ingest.web.fetch import Fetcher
    from qa.ingest.web.poll import follow as start

    settings = load_settings(data_dir)
    period = seconds_of(every)
    with open_archive(settings, create=True) as archive:
        feed = start(archive, Fetcher(settings), url, period)
    if as_json:
        print_json(feed_json(feed))
    else:
        click.echo(f"following {feed.url} ({feed.kind}), every {every}")


@follow.command("list")
@shared_options
def list_feeds(data_dir: Path | None, as_json: bool) -> None:
    """List what is followed, and how the last check of each went."""
    from qa.archive.feeds import feed_json
    from qa.archive.feeds import list_feeds as followed

    with open_store(data_dir) as store:
        feeds = [feed_json(feed) for feed in followed(store)]
    if as_json:
        print_json({"feeds": feeds})
        return
    for feed in feeds:
        checked = feed["last_checked_at"] or "not checked yet"
        cells = [feed["url"], feed["kind"], checked, feed["last_outcome"] or "-"]
        click.echo("\t".join(str(cell) for cell in cells))
    if not feeds:
        click.echo("no feeds are followed: dateline follow add URL")


@follow.command()
@click.argument("url")
@shared_options
def remove(url: str, data_dir: Path | None, as_json: bool) -> None:
    """Follow a feed no more. Its articles stay."""
    from qa.archive.feeds import remove_feed

    with open_store(data_dir) as store:
        remove_feed(store, url)
    if as_json:
        print_json({"removed": url})
    else:
        click.echo(f"no longer following {url}")


@follow.command("run")
@click.option("--all", "everything", is_flag=True, help="Also those that are not due yet.")
@shared_options
def run_feeds(everything: bool, data_dir: Path | None, as_json: bool) -> int:
    """Read what is new in the feeds that are due; for cron.

    A feed that fails says so in one line, and the others are read.
    """
    from qa.bootstrap import open_archive
    from qa.ingest.web.fetch import Fetcher
    from qa.ingest.web.poll import check_due

    settings = load_settings(data_dir)

    def show(outcome: "Outcome") -> None:
        if not as_json:
            click.echo(f"{outcome.feed}: {outcome.in_words}", err=not outcome.ok)

    with open_archive(settings) as archive:
        outcomes = check_due(archive, Fetcher(settings), everything=everything, on_outcome=show)
    if as_json:
        print_json({"feeds": [outcome.as_json() for outcome in outcomes]})
    elif not outcomes:
        click.echo("no feed is due")
    return 0 if all(outcome.ok and not outcome.report.skipped for outcome in outcomes) else SKIPPED


@click.command()
@shared_options
def status(data_dir: Path | None, as_json: bool) -> None:
    """Show how large and how fresh the archive is.

    Its feeds and its index too.
    """
    from qa.archive.status import status_of
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive:
        found = status_of(archive, read_index=True)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_status(found)


def _print_status(found: "Status") -> None:
    reach = "none dated"
    if found.oldest_published_at is not None:
        age = _ago(found.newest_age)
        reach = f"{found.oldest_published_at} to {found.newest_published_at} ({age})"
    lines = {
        "articles": f"{found.articles}, {reach}",
        "last ingest": found.last_ingested_at or "never",
        "last success": _ago(found.ingest_age),
        "on disk": f"{found.bytes_on_disk / _MIB:,.1f} MiB",
        "index": found.index.fault or f"in order, generation {found.index.generation}",
        "embedder": found.embedder,
    }
    for name, text in lines.items():
        click.echo(f"{name:<14}{text}")
    for feed in found.feeds:
        success = feed["last_success_at"] or "never"
        outcome = feed["last_outcome"] or "not checked yet"
        click.echo(f"{'feed':<14}{feed['url']}: {outcome} (last success: {success})")


def _ago(seconds: float | None) -> str:
    if seconds is None:
        return "never"
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit} ago"
    return f"{seconds:.0f} seconds ago"


@click.group(invoke_without_command=True)
@shared_options
@click.pass_context
def sources(ctx: click.Context, data_dir: Path | None, as_json: bool) -> None:
    """List the sources, their periods and aliases."""
    if ctx.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    with open_store(data_dir) as store, store.snapshot() as snapshot:
        found = snapshot.sources()
    if as_json:
        print_json({"sources": [asdict(source) for source in found]})
        return
    if not found:
        click.echo("no sources")
    for source in found:
        period = f"{source.oldest_published_at or '-'}\t{source.newest_published_at or '-'}"
        aliases = ", ".join(source.aliases) or "-"
        cells = [source.name or "(none)", str(source.articles), period, aliases]
        click.echo("\t".join([*cells, f"last received {source.last_received_at or '-'}"]))
    for source in found:
        if source.perhaps is not None:
            command = shlex.join(["dateline", "sources", "alias", str(source.name), source.perhaps])
            click.echo(f"{source.name} may be {source.perhaps}; if so: {command}", err=True)


@sources.command()
@click.argument("alias")
@click.argument("source", required=False)
@click.option("--remove", "removing", is_flag=True, help="ALIAS is a name of its own again.")
@shared_options
def alias(
    alias: str, source: str | None, removing: bool, data_dir: Path | None, as_json: bool
) -> None:
    """Make ALIAS another name of SOURCE, for every filter by source.

    No article is changed.
    """
    from qa.archive.sources import add_alias, remove_alias

    if (source is None) != removing:
        raise click.UsageError("expected either a SOURCE or --remove")
    with open_store(data_dir) as store, store.aside() as database:
        if source is None:
            remove_alias(database, alias)
        else:
            add_alias(database, alias, source)
    if as_json:
        print_json({"alias": alias, "source": source})
    elif source is None:
        click.echo(f"{alias} is a name of its own")
    else:
        click.echo(f"{alias} is now {source}")
