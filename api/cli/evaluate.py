"""`dateline eval`: measure answers against known ones."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import judge
from api.cli.options import (
    FOUND_FAULT,
    SKIPPED,
    any_path,
    collected,
    file_path,
    json_option,
    load_settings,
    only_one,
    refuse_to_overwrite,
    shared_options,
)
from api.cli.output import ingest_progress, print_json, progress
from api.cli.stress import stress_command

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eval.gates import Gate
    from eval.run import Run
    from eval.summary import Comparable
    from eval.targets.base import Target
    from qa.archive.archive import Archive

IN_FLIGHT = 4  # questions at a time for a served system
# Those of eval.importers, which the other commands need not load; a test compares.
FORMS = (
    "beir",
    "benchmark-qed",
    "clapnq",
    "crag",
    "freshqa",
    "mtrag",
    "ragas",
    "ragtime",
    "ramdocs",
    "squad",
)


@click.group("eval")
def evaluation() -> None:
    """Measure answers against known ones."""


for _command in judge.COMMANDS:
    evaluation.add_command(_command)
evaluation.add_command(stress_command)


_gate_option = click.option(
    "--gate", type=file_path(), help="A TOML file of requirements; exit code 1 if one is not met."
)
_baseline_option = click.option(
    "--baseline", type=file_path(), help="A run file or a summary to compare with."
)
_articles_option = click.option(
    "--articles", type=any_path(), help="Ingest these into a temporary archive."
)
_cases_option = click.option(
    "--cases",
    type=any_path(),
    multiple=True,
    callback=only_one,
    help="cases.jsonl; default: those of the sample corpus.",
)
_out_option = click.option(
    "--out", type=file_path(), help="Store the run here. A stopped run continues with the same."
)


@dataclass(frozen=True, slots=True)
class GateOptions:
    """Requirements that a run must meet, and the run that it must not be worse than."""

    gate: Path | None
    baseline: Path | None

    def load(self) -> "tuple[Sequence[Gate], Comparable | None]":
        """Read both before the run starts. Raises BadInput."""
        from eval.compare import load
        from eval.gates import check_gates, load_gates

        gates = load_gates(self.gate) if self.gate is not None else ()
        baseline = load(self.baseline) if self.baseline is not None else None
        check_gates(gates, baseline)
        return gates, baseline


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """The system that is asked, and how."""

    articles: Path | None
    url: str | None
    retrieval_only: bool
    in_flight: int | None


_gate_options = collected(GateOptions, "gating", _gate_option, _baseline_option)
_target_options = collected(
    TargetOptions,
    "asked",
    _articles_option,
    click.option("--url", help="Ask the service at this URL."),
    click.option("--retrieval-only", is_flag=True, help="No language model: rankings only."),
    click.option(
        "--in-flight",
        type=click.IntRange(1, 64),
        help=f"Questions at a time for --url [default: {IN_FLIGHT}].",
    ),
)


@evaluation.command("run")
@_cases_option
@_target_options
@_out_option
@_gate_options
@shared_options
def run_command(
    cases: Path | None,
    asked: TargetOptions,
    out: Path | None,
    gating: GateOptions,
    data_dir: Path | None,
    as_json: bool,
) -> int:
    """Ask every case and score the answers.

    Asked is a temporary archive of --articles, the archive of --data-dir, or the service at --url.
    With --cases alone it is your archive, without any of these the sample corpus.
    """
    from eval.cases import cases_name, load_cases
    from eval.run import run_cases
    from qa.errors import BadInput

    if asked.in_flight is not None and asked.url is None:
        raise BadInput("--in-flight is for --url: the embedded model answers one at a time")
    _check_out(out, cases, asked.articles, gating.gate, gating.baseline)
    gates, baseline = gating.load()
    known = load_cases(cases)
    own_archive = data_dir is not None or (cases is not None and asked.articles is None)
    with _opened(asked, data_dir, own_archive) as target, progress("cases") as bar:
        run = run_cases(
            known,
            target,
            cases_name=cases_name(cases),
            out=out,
            in_flight=(asked.in_flight or IN_FLIGHT) if asked.url is not None else 1,
            on_progress=bar,
        )
    _print_run(run, as_json)
    return _exit_code(run.comparable(str(out or "this run")), gates, baseline)


@evaluation.command("score")
@click.argument("answers", type=file_path())
@_cases_option
@_articles_option
@_out_option
@_gate_options
@shared_options
def score_command(
    answers: Path,
    cases: Path | None,
    articles: Path | None,
    out: Path | None,
    gating: GateOptions,
    data_dir: Path | None,
    as_json: bool,
) -> int:
    """Score the answers of another system.

    ANSWERS has JSON lines with the "id" of a case and an "answer", null where the system declines,
    and as much of Dateline's answer as the system reports. With --articles or --data-dir its quotes
    are looked up.
    """
    from eval.cases import cases_name, load_cases
    from eval.run import run_cases
    from eval.targets.file import FileTarget

    _check_out(out, answers, cases, articles, gating.gate, gating.baseline)
    gates, baseline = gating.load()
    known = load_cases(cases)
    with _archive_if_any(articles, data_dir) as archive, progress("cases") as bar:
        target = FileTarget(answers, archive)
        run = run_cases(known, target, cases_name=cases_name(cases), out=out, on_progress=bar)
    _print_run(run, as_json)
    return _exit_code(run.comparable(str(out or "this run")), gates, baseline)


@evaluation.command("replay")
@click.argument("run", type=file_path())
@click.option("--cases", type=any_path(), help="Refuse a run of other cases than these.")
@click.option("--articles", type=any_path(), help="Refuse a run over other articles than these.")
@_gate_options
@shared_options
def replay_command(
    run: Path,
    cases: Path | None,
    articles: Path | None,
    gating: GateOptions,
    data_dir: Path | None,
    as_json: bool,
) -> int:
    """Score the stored answers of RUN again, without a model."""
    from eval.cases import load_cases
    from eval.run import replay
    from eval.run_file import open_run
    from eval.targets.local import describe_corpus

    gates, baseline = gating.load()
    stored = open_run(run)
    known = load_cases(cases) if cases is not None else None
    with _archive_if_any(articles, data_dir) as archive:
        corpus = describe_corpus(archive)["fingerprint"] if archive is not None else None
    with progress("cases") as bar:
        scored = replay(stored, known, corpus, bar)
    _print_run(scored, as_json)
    return _exit_code(scored.comparable(str(run)), gates, baseline)


@evaluation.command("compare")
@click.argument("first", type=file_path())
@click.argument("second", type=file_path())
@click.option(
    "--metric", help="List the cases that changed in it [default: F1, or the first that both have]."
)
@click.option(
    "--html", type=file_path(), help="Write SECOND's report beside FIRST; needs SECOND's run file."
)
@_gate_option
@json_option
def compare_command(
    first: Path,
    second: Path,
    metric: str | None,
    html: Path | None,
    gate: Path | None,
    as_json: bool,
) -> int:
    """Show what changed between two runs, and if by chance.

    FIRST and SECOND are run files or summaries.
    """
    from eval.compare import as_json as comparison_json
    from eval.compare import compare, load, table
    from eval.gates import load_gates
    from eval.report import html as write_html
    from qa.errors import BadInput

    refuse_to_overwrite(html, first, second, gate)
    gates = load_gates(gate) if gate is not None else ()
    before, after = load(first), load(second)
    comparison = compare(before, after)
    names = [change.metric for change in comparison.changes]
    if not names:
        raise BadInput(f"{first.name} and {second.name} have no score in common")
    metric = metric or ("F1" if "F1" in names else names[0])
    if metric not in names:
        raise BadInput(f"--metric {metric}: both have {', '.join(names)}")
    if html is not None:
        if after.stored is None:
            raise BadInput(f"{second.name} is a summary: --html needs a run file")
        write_html(after.stored, html, before)
    if as_json:
        print_json(comparison_json(comparison))
    else:
        click.echo(table(comparison, metric))
    return _exit_code(after, gates, before)


@evaluation.command("report")
@click.argument("run", type=file_path())
@_baseline_option
@click.option(
    "--html", type=file_path(), help="Write a page that opens offline. It has the archive's text."
)
@click.option("--markdown", type=file_path(), help="Write Markdown: numbers only.")
@click.option(
    "--stress", type=file_path(), help="With --html: a result of 'eval stress --json' to show."
)
@click.option(
    "--summary", type=file_path(), help="Write only the numbers, to commit and compare with."
)
@json_option
def report_command(
    run: Path,
    baseline: Path | None,
    html: Path | None,
    markdown: Path | None,
    stress: Path | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Show a run as a page, as Markdown or as numbers.

    Without an option, Markdown is printed.
    """
    from eval.compare import load, write_summary
    from eval.files import read_json, write_atomically
    from eval.report import html as write_html
    from eval.report import markdown as as_markdown
    from eval.run_file import open_run

    for written in (html, markdown, summary):
        refuse_to_overwrite(written, run, baseline, stress)
    stored = open_run(run)
    against = load(baseline) if baseline is not None else None
    if html is not None:
        write_html(stored, html, against, read_json(stress) if stress is not None else None)
    if summary is not None:
        write_summary(stored, summary)
    if markdown is not None:
        write_atomically(markdown, [as_markdown(stored, against)])
    if as_json:
        print_json({"header": stored.header, "summary": stored.summary})
    elif html is None and summary is None and markdown is None:
        click.echo(as_markdown(stored, against))


@evaluation.command("check")
@click.argument("cases", type=file_path())
@click.option("--articles", type=any_path(), help="Check against these articles.")
@shared_options
def check_command(cases: Path, articles: Path | None, data_dir: Path | None, as_json: bool) -> int:
    """Check a case file for faults.

    With --articles or --data-dir, also against its archive.
    """
    from eval.cases import read_cases
    from eval.check import Fault, find_faults

    known, problems = read_cases(cases)
    found = [Fault(f"line {line}", problem) for line, problem in problems]
    with _archive_if_any(articles, data_dir) as archive, progress("cases") as bar:
        found += find_faults(known, archive, bar)
    if not known and not problems:
        found.append(Fault(cases.name, "has no cases"))
    if as_json:
        faults = [{"case": fault.case, "problem": fault.problem} for fault in found]
        print_json({"cases": len(known), "faults": faults})
    else:
        for fault in found:
            click.echo(f"{fault.case}: {fault.problem}")
        click.echo(f"{len(known)} cases, {len(found)} faults")
    return FOUND_FAULT if found else 0


@evaluation.command("import")
@click.argument("form", type=click.Choice((*FORMS, "feedback")))
@click.argument("path", type=any_path(), required=False)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write.",
)
@shared_options
def import_command(
    form: str, path: Path | None, into: Path, data_dir: Path | None, as_json: bool
) -> int:
    """Make cases.jsonl of a public benchmark, or of feedback.

    A benchmark is read from PATH, and its articles are written too; docs/benchmarks/ says what each
    is and how its answers are scored. Feedback is read from the archive; what becomes no case by
    itself is written to review.jsonl, with the reason.
    """
    from eval.importers import IMPORTERS
    from eval.importers.writing import write
    from qa.errors import BadInput

    if form == "feedback":
        if path is not None:
            raise BadInput("feedback is read from the archive: leave PATH out")
        return _import_feedback(into, data_dir, as_json)
    if path is None or data_dir is not None:
        raise BadInput(f"{form} is read from PATH, not from an archive")
    written = write(
        IMPORTERS[form](path), into, lambda reason: click.echo(f"skipped: {reason}", err=True)
    )
    files = [file for file in (written.articles_file, written.cases_file) if file is not None]
    if as_json:
        print_json(
            {
                "articles": written.articles,
                "cases": written.cases,
                "skipped": written.skipped,
                "files": [str(file) for file in files],
            }
        )
    else:
        if written.articles_file is not None:
            click.echo(f"{written.articles} articles in {written.articles_file}")
        click.echo(f"{written.cases} cases in {written.cases_file}")
    return SKIPPED if written.skipped else 0


def _import_feedback(into: Path, data_dir: Path | None, as_json: bool) -> int:
    from eval.feedback import import_feedback
    from eval.importers.writing import write_records
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir)) as archive:
        found = import_feedback(archive)
    cases = [case.model_dump(mode="json") for case in found.cases]
    written = write_records(into, {"cases.jsonl": cases, "review.jsonl": found.review})
    if as_json:
        files = [str(path) for path in written]
        print_json({"cases": len(cases), "review": len(found.review), "files": files})
    else:
        click.echo(f"{len(cases)} cases in {written[0]}")
        click.echo(f"{len(found.review)} answers to review in {written[1]}")
    return 0


@contextmanager
def _opened(asked: TargetOptions, data_dir: Path | None, own_archive: bool) -> "Iterator[Target]":
    from eval.targets.local import LocalTarget, temporary_archive
    from eval.targets.served import ServedTarget
    from qa.errors import BadInput

    if asked.url is not None and (asked.articles is not None or data_dir is not None):
        raise BadInput("--url cannot be combined with --articles or --data-dir")
    if asked.articles is not None and data_dir is not None:
        raise BadInput("--articles cannot be combined with --data-dir")
    settings = load_settings(data_dir)
    only = asked.retrieval_only
    with ExitStack() as stack:
        if asked.url is not None:
            service = ServedTarget.opened(asked.url, retrieval_only=only, key=settings.api_key)
            yield stack.enter_context(service)
            return
        if not own_archive:
            with ingest_progress() as bar:
                chosen = temporary_archive(settings, asked.articles, bar)
                settings = stack.enter_context(chosen)
        yield stack.enter_context(LocalTarget.opened(settings, retrieval_only=only))


@contextmanager
def _archive_if_any(articles: Path | None, data_dir: Path | None) -> "Iterator[Archive | None]":
    """A temporary archive of the articles, the archive of ``data_dir``, or None without both."""
    from eval.targets.local import temporary_archive
    from qa.bootstrap import open_archive
    from qa.errors import BadInput

    if articles is not None and data_dir is not None:
        raise BadInput("--articles cannot be combined with --data-dir")
    if articles is None and data_dir is None:
        yield None
        return
    settings = load_settings(data_dir)
    with ExitStack() as stack:
        if articles is not None:
            with ingest_progress() as bar:
                chosen = temporary_archive(settings, articles, bar)
                settings = stack.enter_context(chosen)
        yield stack.enter_context(open_archive(settings))


def _check_out(out: Path | None, *read: Path | None) -> None:
    """Raise BadInput if the run would replace a file that is read, or a finished run."""
    from qa.errors import BadInput

    refuse_to_overwrite(out, *read)
    if out is not None and out.is_file():
        raise BadInput(f"{out} exists: name another file with --out, or remove it first")


def _print_run(run: "Run", as_json: bool) -> None:
    from eval.summary import table

    if as_json:
        print_json({"header": run.header, "summary": run.summary})
    else:
        click.echo(table(run.summary))


def _exit_code(run: "Comparable", gates: "Sequence[Gate]", baseline: "Comparable | None") -> int:
    """Print what fails, and which gates chance decides; what the command returns."""
    from eval.gates import failed, few_cases

    lines = failed(gates, run, baseline)
    for line in [*few_cases(gates, run), *lines]:
        click.echo(line, err=True)
    if lines:
        return FOUND_FAULT
    if gates:
        click.echo(f"{len(gates)} of {len(gates)} gates met", err=True)
    return SKIPPED if run.summary["failures"] else 0
