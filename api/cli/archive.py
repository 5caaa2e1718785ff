"""Commands on the archive itself: ingest, articles, reindex, backup, verify, doctor, demo."""

import json
import re
from pathlib import Path
from typing import BinaryIO

import click

from api.cli.keys import open_store
from api.cli.options import (
    FOUND_FAULT,
    SKIPPED,
    FilterOptions,
    file_path,
    filter_options,
    load_settings,
    shared_options,
)
from api.cli.output import ingest_progress, print_answer, print_json, print_report, progress

_PAGE = 500  # articles read at once
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
DEMO_QUESTIONS = (
    "How much aid was announced?",  # short
    "How many people were killed by the flood in Port Eldric?",  # the latest of three tolls: 23
    "Why did the Tamber Bridge collapse?",
    "What did Sigrun Hallow say about the wind?",
    "Name the islands that the ferry Solvane serves.",
    "Did pesticides kill the bees in the Tarn Valley?",
    "What do we know about the Harrow Ridge wildfire?",  # brief
    "Who refereed the Kestrel Cup final?",  # not found
)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--prune", is_flag=True, help="Delete articles that a folder given here no longer holds."
)
@shared_options
def ingest(paths: tuple[str, ...], prune: bool, data_dir: Path | None, as_json: bool) -> int:
    """Add articles from files or folders.

    Formats: .jsonl, .jsonl.gz, .txt, .md, .html, .html.gz, .htm, .htm.gz. Unchanged articles cost
    nothing.
    """
    from qa.bootstrap import open_archive
    from qa.ingest.files import read_paths

    files = [_local_path(path) for path in paths]
    settings = load_settings(data_dir)
    reads = read_paths(files)
    with ingest_progress() as bar, open_archive(settings, create=True) as archive:
        report = archive.ingest(files, reads, prune=prune, on_progress=bar)
    print_report(report, as_json)
    return SKIPPED if report.skipped else 0


def _local_path(given: str) -> Path:
    from qa.errors import BadInput

    if _URL.match(given):
        raise BadInput(f"{given}: URLs are not supported yet: save the page first")
    return Path(given)


@click.group()
def articles() -> None:
    """List, show or delete articles."""


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


@articles.command()
@click.argument("article_id", metavar="ID")
@click.option("--version", help="An older version, by its hash.")
@shared_options
def show(article_id: str, version: str | None, data_dir: Path | None, as_json: bool) -> None:
    """Show one article with its text."""
    from api.http.schemas import ArticleOutput
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive, archive.snapshot() as snapshot:
        stored = snapshot.article(article_id, version)
    if as_json:
        print_json(ArticleOutput.of(stored).model_dump(mode="json"))
        return
    article = stored.article
    about = [
        article.source,
        article.published_at,
        ", ".join(article.authors),
        article.url,
        f"version {stored.version}",
    ]
    click.secho(article.title or article.id, bold=True)
    click.echo(" · ".join(part for part in about if part))
    click.echo(f"\n{article.text}")


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
            passages = snapshot.counts().passages
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
@click.argument("answer", type=click.File("rb"))
@shared_options
def verify(answer: BinaryIO, data_dir: Path | None, as_json: bool) -> int:
    """Check a stored answer against the archive.

    ANSWER is a JSON file of `dateline ask --json` or of /v1/ask; - for standard input.
    """
    from qa.answering.recheck import check_answer
    from qa.errors import BadInput

    try:
        content = json.loads(answer.read())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{answer.name}: invalid JSON: {error}") from error
    with open_store(data_dir) as store, store.snapshot() as snapshot:
        faults = check_answer(content, snapshot)
    if as_json:
        print_json({"faults": faults})
    else:
        for fault in faults:
            click.echo(f"FAULT  {fault}")
        if not faults:
            click.echo("OK: every quote is in the archive, every figure in its quote")
    return FOUND_FAULT if faults else 0


@click.command()
@shared_options
def doctor(data_dir: Path | None, as_json: bool) -> int:
    """Check the archive; suggest a fix for each fault."""
    from dataclasses import asdict

    from qa.archive.doctor import examine
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive:
        findings = examine(archive, data_dir)
        with archive.snapshot() as snapshot:
            counts, manifest = snapshot.counts(), snapshot.manifest
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
