"""Commands on the archive itself: ingest, articles, reindex, backup, copy, verify, doctor, demo."""

import inspect
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from api.cli.keys import open_store
from api.cli.options import (
    FOUND_FAULT,
    SKIPPED,
    FilterOptions,
    file_path,
    filter_options,
    json_option,
    load_settings,
    shared_options,
)
from api.cli.output import (
    ingest_progress,
    print_answer,
    print_currency,
    print_json,
    print_report,
    progress,
)

if TYPE_CHECKING:
    from qa.answer import Answer

_PAGE = 500  # articles read at once
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
DEMO_QUESTIONS = (
    "How much aid was announced?",  # short
    "How many people were killed by the flood in Port Eldric?",  # the latest of three tolls: 23
    "Why did the Tamber Bridge collapse?",
    "What did Sigrun Hallow say about the wind?",
    "Name the islands that the ferry Solvane serves.",
    "Were 212 houses destroyed by the Harrow Ridge wildfire?",  # yes or no
    "What do we know about the Harrow Ridge wildfire?",  # brief
    "Who refereed the Kestrel Cup final?",  # not found
)


class _WithFormats(click.Command):
    """A command whose help ends with the formats, which are imported only to be shown."""

    @property
    def help(self) -> str | None:
        from qa.ingest.readers import SUPPORTED

        return f"{inspect.cleandoc(self._help or '')}\n\nFormats: {SUPPORTED}."

    @help.setter  # noqa: A003  # click's name for it
    def help(self, text: str | None) -> None:
        self._help = text


@click.command(cls=_WithFormats, short_help="Add articles from files, folders or the web.")
@click.argument("places", nargs=-1, required=True, metavar="PATH|URL...")
@click.option(
    "--prune", is_flag=True, help="Delete articles that a folder given here no longer holds."
)
@click.option(
    "--limit",
    default=500,
    show_default=True,
    type=click.IntRange(1, 50_000),
    help="Pages read of each feed or sitemap.",
)
@shared_options
def ingest(
    places: tuple[str, ...], prune: bool, limit: int, data_dir: Path | None, as_json: bool
) -> int:
    """Add articles from files, folders, or the web.

    From the web: pages, feeds (RSS, Atom, RDF, JSON Feed) and sitemaps. Unchanged articles cost
    nothing.
    """
    from qa.bootstrap import open_archive
    from qa.errors import BadInput
    from qa.ingest.apply import IngestReport
    from qa.ingest.files import read_paths
    from qa.ingest.web.fetch import Fetcher
    from qa.ingest.web.read import ingest_reads, read_urls

    urls = [place for place in places if _URL.match(place)]
    files = [Path(place) for place in places if place not in urls]
    if prune and urls:
        raise BadInput("--prune is for files and folders: a feed lists only its newest articles")
    settings = load_settings(data_dir)
    reads = read_paths(files) if files else ()
    fetched = read_urls(Fetcher(settings), urls, limit, required=not files) if urls else ()
    report = IngestReport()
    with ingest_progress() as bar, open_archive(settings, create=True) as archive:
        if files:
            report = archive.ingest(files, reads, prune=prune, on_progress=bar)
        ingest_reads(archive, fetched, report, bar)
    print_report(report, as_json)
    return SKIPPED if report.skipped else 0


@click.group()
def articles() -> None:
    """List, show, withdraw or delete articles."""


@articles.command("list")
@filter_options
@shared_options
def list_articles(filters: FilterOptions, data_dir: Path | None, as_json: bool) -> None:
    """List the articles, in the order in which they were added."""
    from api.http.schemas import ArticleSummary
    from qa.bootstrap import open_archive

    wanted = filters.checked()
    with open_archive(load_settings(data_dir)) as archive, archive.snapshot() as snapshot:
        after = 0
        while found := snapshot.articles(wanted, _PAGE, after):
            for stored in found:
                if as_json:
                    click.echo(ArticleSummary.of(stored).model_dump_json())
                    continue
                article = stored.article
                cells = [
                    article.id,
                    article.published_at or "undated",
                    article.source or "-",
                    article.title or "-",
                ]
                click.echo("\t".join(" ".join(cell.split()) for cell in cells))
            after = found[-1].key
    if after == 0 and not as_json:
        click.echo("no articles")


@articles.command()
@click.argument("article_id", metavar="ID")
@click.option("--version", help="An older version, by its hash.")
@shared_options
def show(article_id: str, version: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Show one article with its text."""
    from api.http.schemas import ArticleOutput
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive, archive.snapshot() as snapshot:
        shown = ArticleOutput.read(snapshot, article_id, version)
    if as_json:
        print_json(shown.model_dump(mode="json"))
        return
    about = [
        shown.source,
        shown.published_at,
        ", ".join(shown.authors),
        shown.url,
        f"version {shown.version}",
        None if shown.status == "usable" else shown.status,
        shown.expires_at and f"expires {shown.expires_at}",
        shown.corrects and f"corrects {shown.corrects}",
        shown.corrected_by and f"corrected by {', '.join(shown.corrected_by)}",
    ]
    click.secho(shown.title or shown.id, bold=True)
    click.echo(" · ".join(part for part in about if part))
    click.echo(f"\n{shown.text}")


@articles.command()
@click.argument("article_id", metavar="ID")
@shared_options
def delete(article_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Delete an article with all its versions."""
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive:
        archive.delete(article_id)
    if as_json:
        print_json({"deleted": article_id})
    else:
        click.echo(f"deleted {article_id}")


@articles.command()
@click.argument("article_id", metavar="ID")
@shared_options
def withdraw(article_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Withdraw an article: it stays readable, and no answer rests on it.

    Its status becomes canceled, until it is stored again with another.
    """
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive:
        archive.withdraw(article_id)
    if as_json:
        print_json({"withdrawn": article_id})
    else:
        click.echo(f"withdrew {article_id}")


@click.command()
@shared_options
def reindex(data_dir: Path | None, as_json: bool) -> None:
    """Rebuild the index from the archive.

    Passages are embedded again only if the embedder or the splitter changed.
    """
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive, progress("articles") as bar:
        embedded = archive.reindex(bar)
        with archive.snapshot() as snapshot:
            passages = snapshot.size().passages
    if as_json:
        print_json({"passages": passages, "passages_embedded": embedded})
    else:
        click.echo(f"rebuilt the index over {passages} passages, {embedded} of them embedded again")


@click.command()
@click.argument("file", type=file_path())
@shared_options
def backup(file: Path, data_dir: Path | None, as_json: bool) -> None:
    """Copy the archive to FILE, also while it is in use.

    To restore, put FILE into a data folder as archive.sqlite3.
    """
    with open_store(data_dir) as store:
        store.backup(file)
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        click.echo(f"wrote {file}")


@click.command()
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@json_option
def copy(source: str, target: str, as_json: bool) -> None:
    """Copy an archive to a new place, whole, while FROM is in use.

    Each is a data folder or a postgresql:// address; FROM may also be a backup file. Ids, versions,
    answers, keys, jobs and feeds stay as they are, and nothing is embedded again. TO must be empty;
    it is compared with FROM in the end.
    """
    from qa.archive.copying import copy_archive
    from qa.archive.opening import create_place, open_place

    with (
        open_place(source) as store,
        create_place(target, store) as new,
        progress("versions") as bar,
    ):
        with store.snapshot() as held:
            copy_archive(held, new, bar)
        new.settle(force=True)
        with new.snapshot() as snapshot:
            size, fingerprint = snapshot.size(), snapshot.fingerprint()
        place = new.place
    if as_json:
        print_json({"to": place, **asdict(size), "fingerprint": fingerprint})
    else:
        click.echo(
            f"copied {size.articles} articles ({size.versions} versions, {size.passages} passages)"
            f" to {place}; fingerprint {fingerprint[:12]}"
        )


@click.command()
@click.argument("answer", type=click.File("rb"))
@click.option(
    "--recheck", is_flag=True, help="Ask again, for a later report that answers differently."
)
@shared_options
def verify(answer: BinaryIO, recheck: bool, data_dir: Path | None, as_json: bool) -> int:
    """Check a stored answer against the archive.

    ANSWER is a JSON file of `dateline ask --json` or of /v1/ask; - for standard input. Also says
    whether a cited report was corrected, updated or withdrawn since, which is not a fault.
    """
    from qa.answering.currency import currency
    from qa.answering.recheck import check_answer, parse_answer
    from qa.errors import BadInput

    try:
        content = json.loads(answer.read())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{answer.name}: invalid JSON: {error}") from error
    given = parse_answer(content)
    again = _answer_again(given, data_dir) if recheck else None
    with open_store(data_dir) as store, store.snapshot() as snapshot:
        faults = check_answer(content, snapshot)
        now = currency(given, snapshot, again)
    if as_json:
        print_json({"faults": faults, "currency": now.model_dump(mode="json")})
    else:
        for fault in faults:
            click.echo(f"FAULT  {fault}")
        if not faults:
            click.echo("OK: every quote is in the archive, every figure in its quote")
        print_currency(now)
    return FOUND_FAULT if faults else 0


def _answer_again(given: "Answer", data_dir: Path | None) -> "Answer":
    from qa.answering.currency import asked_again
    from qa.bootstrap import open_answerer

    with open_answerer(load_settings(data_dir)) as (answerer, archive):
        with archive.snapshot() as snapshot:
            filters = snapshot.filters_of(given.id)
        return answerer.answer(asked_again(given, filters))


@click.command()
@shared_options
def doctor(data_dir: Path | None, as_json: bool) -> int:
    """Check the archive; suggest a fix for each fault."""
    from qa.archive.doctor import examine
    from qa.bootstrap import open_archive

    settings = load_settings(data_dir)
    with open_archive(settings) as archive:
        findings = examine(archive, data_dir, settings.chat_key)
        with archive.snapshot() as snapshot:
            counts, manifest = snapshot.size(), snapshot.manifest
    if as_json:
        print_json(
            {
                "findings": [asdict(finding) for finding in findings],
                "counts": asdict(counts),
                "embedder": manifest["embedder"],
                "generation": int(manifest["generation"]),
            }
        )
        return FOUND_FAULT if findings else 0
    click.echo(
        f"{counts.articles} articles ({counts.versions} versions), {counts.passages} passages,"
        f" embedder {manifest['embedder']}, generation {manifest['generation']}"
    )
    for finding in findings:
        click.echo(f"FAULT  {finding.message}\n  fix: {finding.fix}")
    if not findings:
        click.echo("OK: no faults found")
    return FOUND_FAULT if findings else 0


@click.command()
@shared_options
def demo(data_dir: Path | None, as_json: bool) -> None:
    """Ingest the sample corpus and answer eight questions from it.

    Each form of answer is among them. Without --data-dir it has an archive of its own, apart from
    yours.
    """
    from importlib.resources import as_file
    from importlib.resources import files as resources

    from qa.bootstrap import open_answerer
    from qa.question import Question

    settings = load_settings(data_dir)
    if data_dir is None:
        settings = load_settings(settings.cache_dir / "demo")
    corpus = resources("qa") / "data" / "sample.jsonl"
    with as_file(corpus) as path, open_answerer(settings, create=True) as (answerer, archive):
        with ingest_progress() as bar:
            archive.ingest([path], on_progress=bar)
        for question in DEMO_QUESTIONS:
            answer = answerer.answer(Question.parse(question))
            if as_json:
                click.echo(answer.without_hits().model_dump_json())
            else:
                click.secho(f"\n{question}", bold=True)
                print_answer(answer)
    if not as_json:
        click.echo(f"\nAsk it yourself: dateline serve --data-dir {settings.data_dir}")
