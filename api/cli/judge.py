"""`dateline eval sheet`, `judge` and `disagreements`: can the metrics themselves be trusted?"""

from pathlib import Path

import click

from api.cli.options import FOUND_FAULT, file_path, json_option
from api.cli.output import print_json

_runs_argument = click.argument("runs", type=file_path(), nargs=-1, required=True)


@click.command("sheet")
@_runs_argument
@click.option("--count", type=click.IntRange(1), default=100, show_default=True, help="Answers.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another draws others.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="The folder to write labels.jsonl and answers.md into.",
)
@json_option
def sheet(runs: tuple[Path, ...], count: int, seed: int, into: Path, as_json: bool) -> None:
    """Draw answers of RUNS to label by hand.

    As many of each form and verdict. Read answers.md, which has the archive's text, and fill in
    "first" in labels.jsonl, which has none; a second reader fills in "second" without looking at
    the first.
    """
    from eval.files import write_atomically
    from eval.labels import draw, lines_of, pages
    from eval.run_file import open_run
    from qa.errors import BadInput

    labels, answers = into / "labels.jsonl", into / "answers.md"
    for path in (labels, answers):
        if path.exists():
            raise BadInput(f"{path} exists: name another folder")
    drawn = draw([open_run(run) for run in runs], count, seed)
    if not drawn:
        raise BadInput("these runs have no answers to label")
    into.mkdir(parents=True, exist_ok=True)
    write_atomically(labels, lines_of(one.labelled for one in drawn))
    write_atomically(answers, pages(drawn))
    if as_json:
        print_json({"answers": len(drawn), "files": [str(labels), str(answers)]})
    else:
        click.echo(f"{len(drawn)} answers to read in {answers}, to label in {labels}")


@click.command("judge")
@_runs_argument
@click.option("--labels", type=file_path(), required=True, help="A labels.jsonl that is filled in.")
@click.option("--wrong", is_flag=True, help="List the answers where verdict and label differ.")
@json_option
def judge(runs: tuple[Path, ...], labels: Path, wrong: bool, as_json: bool) -> None:
    """Show how often each metric is wrong, against labels.

    The labelled answers are found in RUNS again and scored by the current metrics, without a model.
    """
    from eval.judgement import as_json as judgement_json
    from eval.judgement import judge as judge_runs
    from eval.judgement import markdown, misjudged
    from eval.labels import read_labels
    from eval.run_file import open_run

    judgement = judge_runs(read_labels(labels), [open_run(run) for run in runs])
    if as_json:
        print_json(judgement_json(judgement))
        return
    click.echo(markdown(judgement))
    if wrong:
        click.echo("\n".join(("", *misjudged(judgement))))


@click.command("disagreements")
@_runs_argument
@json_option
def disagreements(runs: tuple[Path, ...], as_json: bool) -> int:
    """List where RUNS judge their answers otherwise than we do.

    Such as a figure that is labelled as supported, and is not in its quote by the evaluation's own
    reading. Exit code 1 if there are any.
    """
    from eval.disagreements import of_run
    from eval.run_file import open_run

    found = [one for run in runs for one in of_run(open_run(run))]
    if as_json:
        print_json([one._asdict() for one in found])
    else:
        for one in found:
            click.echo(f"{one.case}: {one.problem}: {one.text}")
        click.echo(f"{len(found)} disagreements")
    return FOUND_FAULT if found else 0


COMMANDS = (sheet, judge, disagreements)
