"""The command line: a door like the others. Heavy imports happen inside the commands that need them.

Exit codes: 0 done; 1 a gate, a comparison or `doctor` found fault; 2 refused, nothing changed; 3 done, with lines
skipped.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NoReturn

import click

if TYPE_CHECKING:
    from eval.gates import Gate
    from eval.summary import Comparable
    from qa.answer import Answer, Citation
    from qa.ingest.apply import IngestReport, Progress
    from qa.settings import Settings
    from qa.types import Filters, Hit

FOUND_FAULT, REFUSED, SKIPPED = 1, 2, 3


def main() -> NoReturn:
    """The `dateline` command."""
    from qa.errors import QAError

    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        _complain(
            "interrupted; what was stored is kept (an evaluation without --out keeps nothing)"
        )
        sys.exit(130)
    except click.ClickException as error:
        hint = (
            f" (see: {error.ctx.command_path} --help)"
            if isinstance(error, click.UsageError) and error.ctx
            else ""
        )
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
        click.option(
            "--published-from", metavar="D", help="Only articles published from this day."
        ),
        click.option(
            "--source", "sources", multiple=True, help="Only this source; may be repeated."
        ),
        click.option(
            "--include-undated",
            is_flag=True,
            help="Undated articles too, whatever the dates asked for.",
        ),
        click.option(
            "--as-of", metavar="D", help="Answer as of this day: nothing published later is seen."
        ),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="dateline")
def cli() -> None:
    """Ask a news archive a question; get the answer, the sentence that says so, and the date on which it was said."""


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--prune", is_flag=True, help="Delete articles that a folder given here no longer holds."
)
@_shared_options
def ingest(paths: tuple[Path, ...], prune: bool, data_dir: Path | None, as_json: bool) -> int:
    """Take in articles: files or folders of .jsonl[.gz], .txt, .md, .html. Unchanged ones cost nothing."""
    from qa.bootstrap import open_archive
    from qa.ingest.files import read_paths

    settings = _settings(data_dir)
    reads = read_paths(paths)
    with open_archive(settings, create=True) as archive, _progress() as bar:
        report = archive.ingest(paths, reads, prune=prune, on_progress=bar)
    _print_report(report, as_json)
    return SKIPPED if report.skipped else 0


@cli.command()
@click.argument("question")
@click.option("-k", default=10, show_default=True, help="How many hits.")
@_filter_options
@_shared_options
def retrieve(question: str, k: int, data_dir: Path | None, as_json: bool, **filters: Any) -> None:
    """Find the passages that speak of a question."""
    from qa.answer import SearchOutput
    from qa.bootstrap import open_archive, open_retriever

    settings = _settings(data_dir)
    with open_archive(settings) as archive:
        retrieved = open_retriever(archive, settings).retrieve(question, k, _filters(filters))
    if as_json:
        _print_json(SearchOutput.of(question, retrieved.hits).model_dump(mode="json"))
        return
    if not retrieved.hits:
        click.echo("Nothing found.")
    for hit in retrieved.hits:
        _print_hit(hit)


@cli.command()
@click.argument("question")
@click.option(
    "--min-confidence",
    type=click.FloatRange(0, 1),
    help="Decline below this; 0 never declines for doubt.",
)
@_filter_options
@_shared_options
def ask(
    question: str,
    min_confidence: float | None,
    data_dir: Path | None,
    as_json: bool,
    **filters: Any,
) -> None:
    """Answer a question, with the sentence that says so; or say that the archive does not tell."""
    from qa.bootstrap import open_answerer

    with open_answerer(_settings(data_dir)) as (answerer, _):
        answer = answerer.answer(question, _filters(filters), min_confidence=min_confidence)
    if as_json:
        _print_json(answer.without_hits().model_dump(mode="json"))
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
    from api.http.schemas import ArticleSummary
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, archive.store.snapshot() as snapshot:
        after, page = 0, 500
        while found := snapshot.articles(_filters(filters), page, after):
            for stored in found:
                if as_json:
                    click.echo(ArticleSummary.of(stored).model_dump_json())
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
    from api.http.schemas import ArticleOutput
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, archive.store.snapshot() as snapshot:
        stored = snapshot.article(article_id, version)
    if as_json:
        _print_json(ArticleOutput.of(stored).model_dump(mode="json"))
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

    with open_archive(_settings(data_dir)) as archive:
        archive.delete(article_id)
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
    from api.http.server import run

    run(_settings(data_dir), host, port, workers, log_json=as_json)


@cli.command()
@click.option(
    "--data-dir",
    type=click.Path(path_type=Path),
    help="Where the archive is kept (or DATELINE_DATA_DIR).",
)
def mcp(data_dir: Path | None) -> None:
    """Speak the Model Context Protocol on standard input and output, for a client that starts this command."""
    import anyio

    from api.mcp import serve_stdio

    anyio.run(serve_stdio, _settings(data_dir))


@cli.group()
def keys() -> None:
    """Make, list or revoke API keys. Once one exists, every request needs one."""


@keys.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="read, ask, ingest or admin; may be repeated. Without: read, ask.",
)
@_shared_options
def create(name: str, scopes: tuple[str, ...], data_dir: Path | None, as_json: bool) -> None:
    """A new key for NAME. It is shown this once: the archive keeps only its digest."""
    from qa.archive.keys import create_key, key_json
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir), create=True) as archive:
        key, secret = create_key(archive.store, name, scopes or ("read", "ask"))
    if as_json:
        _print_json({**key_json(key), "key": secret})
    else:
        click.echo(f"{key.id}  {key.name}  {', '.join(key_json(key)['scopes'])}", err=True)
        click.echo(secret)


@keys.command("list")
@_shared_options
def list_them(data_dir: Path | None, as_json: bool) -> None:
    """All keys, the revoked too. What opens the archive is not shown: it is stored nowhere."""
    from qa.archive.keys import key_json, list_keys
    from qa.archive.sqlite import Store

    store = Store.open(_settings(data_dir).data_dir)
    try:
        found = [key_json(key) for key in list_keys(store)]
    finally:
        store.close()
    if as_json:
        _print_json({"keys": found})
        return
    for key in found:
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "valid"
        click.echo(
            f"{key['id']}\t{key['name']}\t{','.join(key['scopes'])}\t{key['created_at']}\t{state}"
        )
    if not found:
        click.echo("no keys: only this machine is served")


@keys.command()
@click.argument("key_id", metavar="ID")
@_shared_options
def revoke(key_id: str, data_dir: Path | None, as_json: bool) -> None:
    """From now on this key opens nothing, also in a service that is running."""
    from qa.archive.keys import key_json, revoke_key
    from qa.archive.sqlite import Store

    store = Store.open(_settings(data_dir).data_dir)
    try:
        key = revoke_key(store, key_id)
    finally:
        store.close()
    if as_json:
        _print_json(key_json(key))
    else:
        click.echo(f"revoked {key.id} ({key.name})")


@cli.command()
@_shared_options
def reindex(data_dir: Path | None, as_json: bool) -> None:
    """Rebuild what can be rebuilt; embeds anew only when the embedder or the splitter changed."""
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive, _count_progress("articles") as bar:
        embedded = archive.reindex(bar)
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
    from qa.archive.sqlite import Store

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
@click.argument("answer", type=click.File("rb"))
@_shared_options
def verify(answer: "BinaryIO", data_dir: Path | None, as_json: bool) -> int:
    """Check an ANSWER (a JSON file of `ask --json` or of /v1/ask; - for standard input) against the archive."""
    from qa.answering.recheck import check_answer
    from qa.archive.sqlite import Store
    from qa.errors import BadInput

    try:
        content = json.loads(answer.read())
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{answer.name} is no JSON: {error}") from error
    store = Store.open(_settings(data_dir).data_dir)
    try:
        with store.snapshot() as snapshot:
            faults = check_answer(content, snapshot)
    finally:
        store.close()
    if as_json:
        _print_json({"faults": faults})
    else:
        for fault in faults:
            click.echo(f"FAULT  {fault}")
        if not faults:
            click.echo("it stands: every quote is in the archive, every figure in its quote")
    return FOUND_FAULT if faults else 0


@cli.command()
@_shared_options
def doctor(data_dir: Path | None, as_json: bool) -> int:
    """Check the archive; name each fault and the command that mends it."""
    from dataclasses import asdict

    from qa.archive.doctor import examine
    from qa.bootstrap import open_archive

    with open_archive(_settings(data_dir)) as archive:
        findings = examine(archive, data_dir)
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
            click.echo(f"FAULT  {finding.message}\n  fix: {finding.fix}")
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
    from qa.bootstrap import open_answerer

    settings = _settings(data_dir)
    if data_dir is None:  # a place of its own, apart from the user's archive
        settings = _settings(settings.cache_dir / "demo")
    with sample_corpus() as path, open_answerer(settings, create=True) as (answerer, archive):
        with _progress() as bar:
            archive.ingest([path], on_progress=bar)
        for question in DEMO_QUESTIONS:
            answer = answerer.answer(question)
            if as_json:
                click.echo(answer.without_hits().model_dump_json())
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


def _file(**more: Any) -> click.Path:
    return click.Path(path_type=Path, dir_okay=False, **more)


_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_gate_option = click.option(
    "--gate", type=_file(), help="A TOML file of demands; exit code 1 when one is not met."
)
_baseline_option = click.option(
    "--baseline", type=_file(), help="A run file or a summary to compare with."
)


@evaluation.command("run")
@click.option(
    "--cases",
    type=click.Path(path_type=Path),
    help="cases.jsonl; without it, the sample corpus's own.",
)
@click.option(
    "--articles", type=click.Path(path_type=Path), help="Ingest these into a fresh archive."
)
@click.option("--url", help="Ask a served system instead.")
@click.option(
    "--answers",
    type=_file(),
    help="Score another system's answers: JSON lines with the id of the case.",
)
@click.option(
    "--replay", type=_file(), help="Score the answers of this run file again, without a model."
)
@click.option(
    "--out",
    type=_file(),
    help="Keep the run here. A run that was stopped goes on with the same --out.",
)
@click.option("--retrieval-only", is_flag=True, help="No language model: rankings only.")
@click.option(
    "--in-flight", type=click.IntRange(1, 64), help="Questions at a time for --url [default: 4]."
)
@_gate_option
@_baseline_option
@_shared_options
def eval_run(
    cases: Path | None,
    articles: Path | None,
    url: str | None,
    answers: Path | None,
    replay: Path | None,
    out: Path | None,
    retrieval_only: bool,
    in_flight: int | None,
    gate: Path | None,
    baseline: Path | None,
    data_dir: Path | None,
    as_json: bool,
) -> int:
    """Ask every case and score the answers."""
    from eval.cases import load_cases, name_of
    from eval.compare import load
    from eval.gates import check_gates, load_gates
    from eval.open import open_target
    from eval.replay import replay_run
    from eval.run import run_cases
    from eval.run_file import open_run
    from eval.summary import table
    from qa.errors import BadInput

    if in_flight is not None and url is None:
        raise BadInput(
            "--in-flight is for --url: the embedded model answers one question at a time"
        )
    if retrieval_only and (answers is not None or replay is not None):
        raise BadInput(
            "--retrieval-only is for a system that is asked: answers that are given are scored as they are"
        )
    if articles is not None and data_dir is not None:
        raise BadInput("--articles makes a fresh archive, --data-dir names one: give one of them")
    _apart(out, cases, articles, answers, replay, gate, baseline)
    gates = load_gates(gate) if gate is not None else ()
    against = load(baseline) if baseline is not None else None
    check_gates(gates, against)
    if replay is not None:
        if out is not None or url is not None or answers is not None:
            raise BadInput(
                "--replay scores what a run file holds: it asks nobody, and writes no run"
            )
        stored = open_run(replay)
        corpus = None
        if articles is not None or data_dir is not None:
            archive = data_dir is not None
            with open_target(
                _settings(data_dir), articles=articles, own_archive=archive, retrieval_only=True
            ) as target:
                corpus = target.describe()["corpus"]["fingerprint"]
        with _count_progress("cases") as bar:
            run = replay_run(stored, load_cases(cases) if cases is not None else None, corpus, bar)
    else:
        asked = load_cases(cases)
        # Cases of one's own, and nothing else named: they are about one's own archive.
        own_archive = data_dir is not None or (
            cases is not None and not (articles or url or answers)
        )
        with (
            open_target(
                _settings(data_dir),
                articles=articles,
                own_archive=own_archive,
                url=url,
                answers=answers,
                retrieval_only=retrieval_only,
            ) as target,
            _count_progress("cases") as bar,
        ):
            run = run_cases(
                asked, target, cases_name=name_of(cases), out=out, in_flight=in_flight or (4 if url else 1),
                on_progress=bar,
            )  # fmt: skip
    if as_json:
        _print_json({"header": run.header, "summary": run.summary})
    else:
        click.echo(table(run.summary))
    lines = _failed_gates(gates, run.comparable(str(out or replay or "this run")), against)
    return FOUND_FAULT if lines else SKIPPED if run.summary["failures"] else 0


@evaluation.command("compare")
@click.argument("first", type=_file())
@click.argument("second", type=_file())
@click.option(
    "--metric", help="Whose flipped cases are listed [default: F1, or the first that both have]."
)
@_gate_option
@_json_option
def eval_compare(
    first: Path, second: Path, metric: str | None, gate: Path | None, as_json: bool
) -> int:
    """What changed from the FIRST run to the SECOND, and whether it may be chance. Run files or summaries."""
    from eval.compare import as_json as comparison_json
    from eval.compare import compare, load, table
    from eval.gates import load_gates
    from qa.errors import BadInput

    gates = load_gates(gate) if gate is not None else ()
    before, after = load(first), load(second)
    comparison = compare(before, after)
    names = [change.metric for change in comparison.changes]
    if not names:
        raise BadInput(f"{first.name} and {second.name} have no score in common")
    metric = metric or ("F1" if "F1" in names else names[0])
    if metric not in names:
        raise BadInput(f"--metric {metric}: both have {', '.join(names)}")
    if as_json:
        _print_json(comparison_json(comparison))
    else:
        click.echo(table(comparison, metric))
    if _failed_gates(gates, after, before):
        return FOUND_FAULT
    return SKIPPED if after.summary["failures"] else 0


@evaluation.command("report")
@click.argument("run", type=_file())
@_baseline_option
@click.option(
    "--html", type=_file(), help="Write one page that opens offline. It holds the archive's text."
)
@click.option("--markdown", type=_file(), help="Write Markdown for a pull request: numbers only.")
@click.option(
    "--summary", type=_file(), help="Write the numbers alone, to be committed and compared with."
)
@_json_option
def eval_report(
    run: Path,
    baseline: Path | None,
    html: Path | None,
    markdown: Path | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Show a run: as a page, as Markdown (printed, unless a file is given), or as bare numbers."""
    from eval.compare import load, write_summary, write_whole
    from eval.report import html as write_html
    from eval.report import markdown as as_markdown
    from eval.run_file import open_run

    for written in (html, markdown, summary):
        _apart(written, run, baseline)
    stored = open_run(run)
    against = load(baseline) if baseline is not None else None
    if html is not None:
        write_html(stored, html, against)
    if summary is not None:
        write_summary(stored, summary)
    if markdown is not None:
        write_whole(markdown, [as_markdown(stored, against)])
    if as_json:
        _print_json({"header": stored.header, "summary": stored.summary})
    elif html is None and summary is None and markdown is None:
        click.echo(as_markdown(stored, against))


@evaluation.command("check")
@click.argument("cases", type=_file())
@click.option("--articles", type=click.Path(path_type=Path), help="Check against these articles.")
@_shared_options
def eval_check(cases: Path, articles: Path | None, data_dir: Path | None, as_json: bool) -> int:
    """What is wrong with a case file: by itself and, with --articles or --data-dir, over its archive."""
    from contextlib import ExitStack

    from eval.cases import EvalCase, read_cases
    from eval.check import Fault, faults
    from eval.run import fresh_archive
    from qa.bootstrap import open_archive
    from qa.errors import BadInput

    if articles is not None and data_dir is not None:
        raise BadInput("--articles makes a fresh archive, --data-dir names one: give one of them")
    read = list(read_cases(cases))
    good = [case for _, case in read if isinstance(case, EvalCase)]
    found = [Fault(f"line {number}", case) for number, case in read if isinstance(case, str)]
    with ExitStack() as stack:
        archive = None
        if articles is not None or data_dir is not None:
            settings = _settings(data_dir)
            if articles is not None:
                settings = stack.enter_context(fresh_archive(settings, articles))
            archive = stack.enter_context(open_archive(settings))
        found += faults(good, archive)
    if not read:
        found.append(Fault(cases.name, "holds no case"))
    if as_json:
        _print_json({"cases": len(good), "faults": [fault._asdict() for fault in found]})
    else:
        for fault in found:
            click.echo(f"{fault.case}: {fault.what}")
        click.echo(f"{len(good)} cases, {len(found)} faults")
    return FOUND_FAULT if found else 0


@evaluation.command("import")
@click.argument("form", type=click.Choice(["squad", "beir", "ragas"]))
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write.",
)
@_json_option
def eval_import(form: str, path: Path, into: Path, as_json: bool) -> int:
    """Turn somebody else's benchmark into articles.jsonl and cases.jsonl."""
    from eval.importers import IMPORTERS, write

    imported = IMPORTERS[form](path)
    for line in imported.skipped:
        click.echo(f"skipped: {line}", err=True)
    articles, cases = write(imported, into)
    if as_json:
        counts = {
            "articles": len(imported.articles),
            "cases": len(imported.cases),
            "skipped": len(imported.skipped),
        }
        _print_json(counts | {"files": [str(articles), str(cases)]})
    else:
        click.echo(
            f"{len(imported.articles)} articles in {articles}, {len(imported.cases)} cases in {cases}"
        )
    return SKIPPED if imported.skipped else 0


def _apart(written: Path | None, *read: Path | None) -> None:
    """Refuse to write over what is read. Raises BadInput."""
    from qa.errors import BadInput

    for path in read:
        if written is not None and path is not None and written.resolve() == path.resolve():
            raise BadInput(f"{written} is read and would be written over: name another file")


def _failed_gates(
    gates: "Sequence[Gate]", run: "Comparable", baseline: "Comparable | None"
) -> list[str]:
    from eval.gates import failed

    lines = failed(gates, run, baseline)
    for line in lines:
        click.echo(line, err=True)
    return lines


def _settings(data_dir: Path | None) -> "Settings":
    from qa.settings import Settings

    return Settings.load(data_dir=data_dir)


def _filters(given: dict[str, Any]) -> "Filters":
    from qa.question import check_filters
    from qa.types import Filters

    filters = Filters(**given)
    check_filters(filters)
    return filters


@contextmanager
def _progress() -> Iterator[Callable[["Progress"], None]]:
    """A bar on a terminal, nothing elsewhere."""
    with _count_progress("passages embedded") as count:
        yield lambda progress: count(progress.passages, 0)


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
    click.echo(
        f"      {citation.title or citation.article_id} · {_origin(citation.source, citation.published_at)}"
    )


def _origin(source: str | None, published_at: str | None) -> str:
    return f"{source or 'unknown source'}, {published_at or 'undated'}"
