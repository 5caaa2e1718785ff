"""`dateline eval init`, `review` and `gates`: an evaluation of one's own archive."""

from pathlib import Path

import click

from api.cli.options import file_path, json_option, load_settings, shared_options
from api.cli.output import print_json, progress

FOLDER = "evaluation"

_folder_type = click.Path(path_type=Path, file_okay=False)


@click.command("init")
@click.option(
    "--cases",
    "wanted",
    type=click.IntRange(1, 500),
    default=50,
    show_default=True,
    help="How many cases to draft.",
)
@click.option(
    "--out",
    type=_folder_type,
    default=Path(FOLDER),
    show_default=True,
    help="The folder to write, which must have no drafts and no cases.",
)
@shared_options
def init_command(wanted: int, out: Path, data_dir: Path | None, as_json: bool) -> None:
    """Draft cases from your archive, for a person to review.

    Questions are made from the archive's own sentences, by rules for English and by the language
    model if one is set. A fifth has no answer in the archive.
    """
    from collections import Counter

    from eval.drafting.asking import Asking
    from eval.drafting.draft import DraftFolder, check_new
    from eval.drafting.make import make_drafts
    from qa.bootstrap import open_archive, open_model
    from qa.models.base import Prompted

    check_new(out)
    settings = load_settings(data_dir)
    model = open_model(settings)
    asking = Asking(model) if isinstance(model, Prompted) else None
    with open_archive(settings) as archive, progress("candidates") as bar:
        drafts, left_out = make_drafts(archive, wanted, asking, bar)
    DraftFolder.create(out, drafts)
    kinds = dict(sorted(Counter(draft.kind for draft in drafts).items()))
    if as_json:
        print_json(
            {
                "drafts": len(drafts),
                "kinds": kinds,
                "articles_read": left_out.read,
                "left_out": left_out.counts(),
                "folder": str(out),
            }
        )
        return
    click.echo(f"{len(drafts)} drafts in {out}: {', '.join(f'{n} {k}' for k, n in kinds.items())}")
    if len(drafts) < wanted:
        click.echo(f"fewer than {wanted}: {left_out}")
    click.echo(f"next: dateline eval review {out}")


@click.command("review")
@click.argument("folder", type=_folder_type, default=Path(FOLDER))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="The port of the page [default: a free one].",
)
def review_command(folder: Path, port: int) -> None:
    """Accept, edit or reject drafts on a page of this machine.

    FOLDER was written by `dateline eval init`. Each decision is saved at once; the accepted cases
    are in FOLDER/cases.jsonl. Stop with Ctrl+C and go on later.
    """
    from eval.drafting.draft import DraftFolder
    from eval.drafting.serving import serve_review

    with DraftFolder.open(folder) as drafts:
        serve_review(drafts, port, lambda url: click.echo(f"review at {url} (Ctrl+C to stop)"))
        accepted = sum(draft.decision == "accepted" for draft in drafts.drafts)
    click.echo(f"{accepted} cases in {folder / 'cases.jsonl'}")


@click.command("gates")
@click.argument("run", type=file_path())
@click.option("--out", type=file_path(), required=True, help="The TOML file to write.")
@click.option(
    "--margin",
    type=click.FloatRange(0, 1),
    default=0.05,
    show_default=True,
    help="How much worse than RUN a later run may be.",
)
@json_option
def gates_command(run: Path, out: Path, margin: float, as_json: bool) -> None:
    """Make gates from a first run, for `eval run --gate`.

    RUN is a run file or a summary.
    """
    from eval.compare import load
    from eval.drafting.gating import write_gates
    from eval.gates import few_cases

    first = load(run)
    gates = write_gates(first.summary, run.name, margin, out)
    for line in few_cases(gates, first):
        click.echo(line, err=True)
    if as_json:
        print_json({"gates": len(gates), "file": str(out)})
    else:
        click.echo(f"{len(gates)} gates in {out}")
