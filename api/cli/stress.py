"""`dateline eval stress`: the same cases under changes of the question and of the archive."""

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import (
    FOUND_FAULT,
    SKIPPED,
    any_path,
    collected,
    file_path,
    load_settings,
    only_one,
    refuse_to_overwrite,
    shared_options,
)
from api.cli.output import print_json, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eval.cases import EvalCase
    from eval.stress.run import Finding


@dataclass(frozen=True, slots=True)
class StressOptions:
    """What is asked, and under which changes."""

    cases: Path | None
    articles: Path | None
    kinds: tuple[str, ...]
    liar: bool
    injection: Path | None
    sample: int | None
    seed: int


@dataclass(frozen=True, slots=True)
class ShownOptions:
    """What is shown, and what must be reached."""

    markdown: Path | None
    examples: int
    gate: Path | None


_stress_options = collected(
    StressOptions,
    "asked",
    click.option(
        "--cases",
        type=any_path(),
        multiple=True,
        callback=only_one,
        help="cases.jsonl; default: those of the sample corpus.",
    ),
    click.option(
        "--articles", type=any_path(), help="Ingest these; default: the archive, see --data-dir."
    ),
    click.option("--kind", "kinds", multiple=True, help="Only this kind of change; repeatable."),
    click.option("--liar", is_flag=True, help="Instead: answers by a model that lies."),
    click.option(
        "--injection",
        type=file_path(),
        help='Instead: attacks in reports, JSON lines with an "attack" each.',
    ),
    click.option(
        "--sample", type=click.IntRange(1), help="Only so many of the cases, drawn by --seed."
    ),
    click.option("--seed", type=int, default=1, show_default=True, help="What is drawn at random."),
)
_shown_options = collected(
    ShownOptions,
    "shown",
    click.option("--markdown", type=file_path(), help="Write the table and examples here."),
    click.option(
        "--examples",
        type=click.IntRange(0),
        default=3,
        show_default=True,
        help="Examples of each kind that went wrong. They have the archive's text.",
    ),
    click.option(
        "--gate",
        type=file_path(),
        help="A TOML file of requirements; exit code 1 if one is not met.",
    ),
)


@click.command("stress")
@_stress_options
@_shown_options
@shared_options
def stress_command(
    asked: StressOptions, shown: ShownOptions, data_dir: Path | None, as_json: bool
) -> int:
    """Ask the same cases again, changed: do the answers hold?

    The question is paraphrased, misspelt or shortened; reports are added and removed; the day as of
    which it is asked moves. The archive is copied first and never changed.
    """
    from eval.cases import load_cases
    from eval.gates import failed
    from eval.stress.gates import load_stress_gates
    from eval.stress.injection import load_attacks
    from eval.stress.run import comparable, sample, summarise
    from qa.errors import BadInput

    _check(asked, data_dir)
    refuse_to_overwrite(shown.markdown, asked.cases, asked.articles, asked.injection, shown.gate)
    gates = load_stress_gates(shown.gate)
    attacks = load_attacks(asked.injection) if asked.injection is not None else None
    cases = sample(load_cases(asked.cases), asked.sample, asked.seed)
    findings = _findings(asked, cases, attacks, data_dir)
    if not findings:
        raise BadInput("no change of these kinds applies to any of the cases")
    summary = summarise(findings)
    _show(findings, summary, shown, as_json)
    missed = failed(gates, comparable(summary))
    for line in missed:
        click.echo(line, err=True)
    if missed:
        return FOUND_FAULT
    return SKIPPED if summary["failures"] else 0


def _check(asked: StressOptions, data_dir: Path | None) -> None:
    from eval.stress.trials import KINDS
    from qa.errors import BadInput

    unknown = [kind for kind in asked.kinds if kind not in KINDS]
    if unknown:
        raise BadInput(f"--kind {unknown[0]}: known are {', '.join(KINDS)}")
    if asked.articles is not None and data_dir is not None:
        raise BadInput("--articles cannot be combined with --data-dir")
    if bool(asked.kinds) + asked.liar + (asked.injection is not None) > 1:
        raise BadInput("--kind, --liar and --injection cannot be combined")


def _findings(
    asked: StressOptions,
    cases: "Sequence[EvalCase]",
    attacks: "Sequence[str] | None",
    data_dir: Path | None,
) -> "list[Finding]":
    from eval.stress.injection import run_attacks
    from eval.stress.laboratory import laboratory
    from eval.stress.liar import run_lies
    from eval.stress.run import run_trials
    from eval.stress.trials import KINDS
    from eval.targets.local import temporary_archive

    settings = load_settings(data_dir)
    threshold = settings.min_confidence
    if attacks is not None:
        settings = settings.model_copy(update={"min_confidence": 0.0})
    with ExitStack() as stack:
        if data_dir is None and (asked.articles is not None or asked.cases is None):
            settings = stack.enter_context(temporary_archive(settings, asked.articles))
        bar = stack.enter_context(progress("attacks" if attacks is not None else "cases"))
        opened = stack.enter_context(laboratory(settings))
        if attacks is not None:
            return list(run_attacks(attacks, cases, opened, threshold, bar))
        if asked.liar:
            return list(run_lies(cases, opened, asked.seed, bar))
        return list(run_trials(cases, opened, asked.kinds or KINDS, asked.seed, bar))


def _show(
    findings: "Sequence[Finding]", summary: "Mapping[str, Any]", shown: ShownOptions, as_json: bool
) -> None:
    from eval.files import write_atomically
    from eval.stress.table import failures, markdown

    examples = failures(findings, shown.examples)
    if shown.markdown is not None:
        write_atomically(shown.markdown, [markdown(summary, examples)])
    if as_json:
        print_json({"summary": summary, "examples": [asdict(item) for item in examples]})
    else:
        click.echo(markdown(summary, examples), nl=False)
