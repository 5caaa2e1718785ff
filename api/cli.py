"""The command line: a door like the others. Heavy imports happen inside the commands that need them.

Exit codes: 0 done; 1 a gate, a comparison or `doctor` found fault; 2 refused, nothing changed; 3 done, with lines
skipped.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from qa.ingest import IngestReport
    from qa.settings import Settings
    from qa.types import Answer, Citation, Filters, Hit

FOUND_FAULT, REFUSED, SKIPPED = 1, 2, 3


def main() -> NoReturn:
    """The `dateline` command."""
    from qa.errors import QAError

    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        _complain("interrupted; what was done is kept, and the same command goes on from there")
        sys.exit(130)
    except click.ClickException as error:
        hint = f" (see: {error.ctx.command_path} --help)" if isinstance(error, click.UsageError) and error.ctx else ""
        _complain(error.format_message() + hint)
        sys.exit(REFUSED)
    except QAError as error:
        _complain(str(error))
        sys.exit(REFUSED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing is wrong here
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


def _complain(message: str) -> None:
    click.echo(f"dateline: {' '.join(message.split())}", err=True)


Command = Callable[..., Any]


def _shared_options(command: Command) -> Command:
    command = click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)
    return click.option(
        "--data-dir",
        type=click.Path(path_type=Path),
        help="Where the archive is kept (or DATELINE_DATA_DIR).",
    )(command)


def _filter_options(command: Command) -> Command:
    for option in (
        click.option("--published-to", metavar="D", help="Only articles published up to this day."),
        click.option("--published-from", metavar="D", help="Only articles published from this day."),
        click.option("--source", "sources", multiple=True, help="Only this source; may be repeated."),
        click.option("--include-undated", is_flag=True, help="Undated articles too, whatever the dates asked for."),
        click.option("--as-of", metavar="D", help="Answer as of this day: nothing published later is seen."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dateline")
def cli() -> None:
    """Ask a news archive a question; get the answer, the sentence that says so, and the date on which it was said."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prune", is_flag=True, help="Delete articles that a folder given here no longer holds.")
@_shared_options
def ingest(paths: tuple[Path, ...], prune: bool, data_dir: Path | None, as_json: bool) -> int:
    """Take in articles: files or folders of .jsonl[.gz], .txt, .md, .html. Unchanged ones cost nothing."""
    from qa.articles import read_paths
    from qa.bootstrap import open_archive
    from qa.ingest import ingest_paths

    settings = _settings(data_dir)
    reads = read_paths(paths)
    with open_archive(settings, create=True) as archive, _progress("articles") as bar:
        report = ingest_paths(
            archive.store, archive.cache, archive.embedder, paths, reads, prune=prune, on_progress=bar
        )
    _print_report(report, as_json)
    return SKIPPED if report.skipped else 0


@cli.command()
@click.argument("question")
@click.option("-k", default=10, show_default=True, help="How many hits.")
@_filter_options
@_shared_options
def retrieve(question: str, k: int, data_dir: Path | None, as_json: bool, **filters: Any) -> None:
    """Find the passages that speak of a question."""
    from api.schemas import hits_json
    from qa.bootstrap import open_archive, open_retriever

    settings = _settings(data_dir)
    with open_archive(settings) as archive:
        retrieved = open_retriever(archive, settings).retrieve(question, k, _filters(filters))
    if as_json:
        _print_json(hits_json(question, retrieved.hits))
        return
    if not retrieved.hits:
        click.echo("Nothing found.")
    for hit in retrieved.hits:
        _print_hit(hit)


@cli.command()
@click.argument("question")
@click.option("--min-confidence", type=click.FloatRange(0, 1), help="Decline below this; 0 never declines for doubt.")
@_filter_options
@_shared_options
def ask(question: str, min_confidence: float | None, data_dir: Path | None, as_json: bool, **filters: Any) -> None:
    """Answer a question, with the sentence that says so; or say that the archive does not tell."""
    from api.schemas import answer_json
    from qa.bootstrap import open_answerer

    with open_answerer(_settings(data_dir)) as (answerer, _):
        answer = answerer.answer(question, _filters(filters), min_confidence=min_confidence)
    if as_json:
        _print_json(answer_json(answer))
    else:
        _print_answer(answer)


@cli.group()
def articles() -> None:
    """List, show or delete articles."""


@articles.command("list")
@_filter_options
@_shared_options
def list_articles(data_dir: Path | None, as_json: bool, **filters: Any) -> None:
    """The articles of the archive, in the order in which they came."""
    from api.schemas import article_json
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, archive.store.snapshot() as snapshot:
        after, page = 0, 500
        while found := snapshot.articles(_filters(filters), page, after):
            for stored in found:
                if as_json:
                    click.echo(json.dumps(article_json(stored, text=False), ensure_ascii=False))
                else:
                    article = stored.article
                    parts = (
                        article.id,
                        article.published_at or "undated",
                        article.source or "-",
                        article.title or "-",
                    )
                    click.echo("\t".join(" ".join(part.split()) for part in parts))
            after = found[-1].key


@articles.command()
@click.argument("article_id", metavar="ID")
@click.option("--version", help="An older version, by its hash.")
@_shared_options
def show(article_id: str, version: str | None, data_dir: Path | None, as_json: bool) -> None:
    """One article with its text."""
    from api.schemas import article_json
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, archive.store.snapshot() as snapshot:
        stored = snapshot.article(article_id, version)
    if as_json:
        _print_json(article_json(stored))
        return
    article = stored.article
    click.secho(article.title or article.id, bold=True)
    said = (
        article.source,
        article.published_at,
        ", ".join(article.authors),
        article.url,
        f"version {stored.version}",
    )
    click.echo(" · ".join(part for part in said if part))
    click.echo(f"\n{article.text}")


@articles.command()
@click.argument("article_id", metavar="ID")
@_shared_options
def delete(article_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Remove an article, all its versions; complete when this returns."""
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, archive.store.writing() as writer:
        writer.delete(article_id)
    if as_json:
        _print_json({"deleted": article_id})
    else:
        click.echo(f"deleted {article_id}")


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@_shared_options
def serve(host: str, port: int, workers: int, data_dir: Path | None, as_json: bool) -> None:
    """Serve the archive over HTTP."""
    from api.main import run

    run(_settings(data_dir), host, port, workers, log_json=as_json)


@cli.command()
@_shared_options
def reindex(data_dir: Path | None, as_json: bool) -> None:
    """Rebuild what can be rebuilt; embeds anew only when the embedder or the splitter changed."""
    from qa.bootstrap import open_archive
    from qa.ingest import reindex as rebuild

    with open_archive(_settings(data_dir)) as archive, _count_progress("articles") as bar:
        embedded = rebuild(archive.store, archive.cache, archive.embedder, on_progress=bar)
        with archive.store.snapshot() as snapshot:
            passages = snapshot.counts().passages
    if as_json:
        _print_json({"passages": passages, "passages_embedded": embedded})
    else:
        click.echo(f"rebuilt the index over {passages} passages, {embedded} of them embedded anew")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_shared_options
def backup(file: Path, data_dir: Path | None, as_json: bool) -> None:
    """Copy the archive to FILE while it is in use. To restore: put FILE in a data directory as archive.sqlite3."""
    from qa.store import Store

    store = Store.open(_settings(data_dir).data_dir)
    try:
        store.backup(file)
    finally:
        store.close()
    if as_json:
        _print_json({"file": str(file), "bytes": file.stat().st_size})
    else:
        click.echo(f"wrote {file}")


@cli.command()
@_shared_options
def doctor(data_dir: Path | None, as_json: bool) -> int:
    """Check the archive; name each fault and the command that mends it."""
    from dataclasses import asdict

    from qa.bootstrap import open_archive
    from qa.doctor import examine

    with open_archive(_settings(data_dir)) as archive:
        findings = examine(archive)
        with archive.store.snapshot() as snapshot:
            counts, manifest = snapshot.counts(), snapshot.manifest
    if as_json:
        _print_json(
            {
                "findings": [asdict(finding) for finding in findings],
                "counts": asdict(counts),
                "embedder": manifest["embedder"],
                "generation": int(manifest["generation"]),
            }
        )
    else:
        click.echo(
            f"{counts.articles} articles ({counts.versions} versions), {counts.passages} passages,"
            f" embedder {manifest['embedder']}, generation {manifest['generation']}"
        )
        for finding in findings:
            click.echo(f"FAULT  {finding.fault}\n  mend {finding.mend}")
        if not findings:
            click.echo("all is well")
    return FOUND_FAULT if findings else 0


DEMO_QUESTIONS = (
    "How much aid was announced?",
    "How many people were killed by the flood in Port Eldric?",
    "How effective is the Ovelis vaccine against Lenner fever?",
    "What share of the vote did Kordovan win in Tavaria's presidential run-off?",
    "What started the Harrow Ridge wildfire?",
)


@cli.command()
@_shared_options
def demo(data_dir: Path | None, as_json: bool) -> None:
    """Take in the sample corpus that ships with the package, and answer five questions from it."""
    from api.schemas import answer_json
    from qa.articles import read_paths
    from qa.bootstrap import open_answerer
    from qa.ingest import ingest_paths

    settings = _settings(data_dir)
    if data_dir is None:  # a place of its own, apart from the user's archive
        settings = _settings(settings.cache_dir / "demo")
    with sample_corpus() as path, open_answerer(settings, create=True) as (answerer, archive):
        with _progress("articles") as bar:
            ingest_paths(archive.store, archive.cache, archive.embedder, [path], read_paths([path]), on_progress=bar)
        for question in DEMO_QUESTIONS:
            answer = answerer.answer(question)
            if as_json:
                click.echo(json.dumps(answer_json(answer), ensure_ascii=False))
            else:
                click.secho(f"\n{question}", bold=True)
                _print_answer(answer)


@contextmanager
def sample_corpus() -> Iterator[Path]:
    """The sample corpus as a file."""
    from importlib.resources import as_file, files

    with as_file(files("qa") / "data" / "sample.jsonl") as path:
        yield path


@cli.group("eval")
def evaluation() -> None:
    """Measure answers against known ones."""


@evaluation.command("run")
@click.option("--cases", type=click.Path(path_type=Path), help="cases.jsonl; without it, the sample corpus's own.")
@click.option("--articles", "articles_path", type=click.Path(path_type=Path), help="Ingest these into a fresh archive.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the run to this file.")
@click.option("--retrieval-only", is_flag=True, help="No language model: rankings only.")
@_shared_options
def eval_run(
    cases: Path | None,
    articles_path: Path | None,
    out: Path | None,
    retrieval_only: bool,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Ask every case and score the answers."""
    from eval.run import run_cases

    with _count_progress("cases") as bar:
        run = run_cases(
            _settings(data_dir),
            cases,
            articles_path,
            retrieval_only=retrieval_only,
            own_archive=data_dir is None,
            on_progress=bar,
        )
    if out is not None:
        run.save(out)
    if as_json:
        _print_json(run.summary)
    else:
        click.echo(run.table())


def _settings(data_dir: Path | None) -> "Settings":
    from qa.settings import Settings

    return Settings.load(data_dir=data_dir)


def _filters(given: dict[str, Any]) -> "Filters":
    from qa.retriever import check_filters
    from qa.types import Filters

    filters = Filters(**given)
    check_filters(filters)
    return filters


@contextmanager
def _progress(unit: str) -> Iterator[Callable[["IngestReport"], None]]:
    """A bar on a terminal, nothing elsewhere."""
    with _count_progress(unit) as count:
        yield lambda report: count(report.articles_read, 0)


@contextmanager
def _count_progress(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Called with how many are done and of how many (0: nobody knows)."""
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=not sys.stderr.isatty(), leave=False) as bar:

        def show(done: int, of: int) -> None:
            bar.total = of or None
            bar.n = done
            bar.refresh()

        yield show


def _print_json(content: Any) -> None:
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def _print_report(report: "IngestReport", as_json: bool) -> None:
    from dataclasses import asdict

    for item in report.warnings:
        click.echo(f"warning: {item.place}: {item.reason}", err=True)
    for item in report.skipped:
        click.echo(f"skipped: {item.place}: {item.reason}", err=True)
    if report.not_pruned:
        click.echo(f"warning: {report.not_pruned}", err=True)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.amended} amended, {report.unchanged} unchanged,"
        f" {report.deleted} deleted, {len(report.skipped)} skipped;"
        f" {report.passages_embedded} passages embedded in {report.seconds:.1f} s"
    )


def _print_hit(hit: "Hit") -> None:
    article = hit.passage.article
    click.secho(f"{hit.rank}. {article.title or article.id}", bold=True, nl=False)
    click.echo(f"  {_origin(article.source, article.published_at)}  score {hit.score:.3f}")
    click.echo(f"   {' '.join(hit.passage.text.split())}\n")


def _print_answer(answer: "Answer") -> None:
    if answer.answer is None:
        click.secho("  not found", fg="yellow", nl=False)
        click.echo(f": {answer.reason}")
        return
    click.secho(f"  {answer.answer}", fg="green", nl=False)
    click.echo(f"  (confidence {answer.confidence:.2f})")
    for citation in answer.citations:
        _print_citation(citation)


def _print_citation(citation: "Citation") -> None:
    click.echo(f"  [{citation.n}] “{' '.join(citation.quote.split())}”")
    click.echo(f"      {citation.title or citation.article_id} · {_origin(citation.source, citation.published_at)}")


def _origin(source: str | None, published_at: str | None) -> str:
    return f"{source or 'unknown source'}, {published_at or 'undated'}"


if __name__ == "__main__":
    main()
