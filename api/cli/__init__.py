"""The command line: `dateline`, or `python -m api.cli`.

Imports inside the commands are lazy, so that `dateline --help` is quick.
"""

import sys
from typing import Any, NoReturn

import click

from api.cli import archive, ask, drafting, evaluate, feedback, follow, keys, serve, watch
from api.cli.options import REFUSED, with_data_dir

_INTERRUPTED = 130  # as a shell reports SIGINT

HELP = """Ask a news archive a question; get the answer, its sentence and its date.

\b
  dateline ingest articles.jsonl
  dateline ask "Who opened the bridge?"

The archive is in the folder that --data-dir or DATELINE_DATA_DIR names. The default
is your user data folder:

\b
  {data_dir}

\b
Exit codes:
  0  done, also if the answer to a question was not found
  1  a gate, a comparison, `verify` or `doctor` found a fault
  2  refused, nothing changed
  3  done, but input was skipped or a case failed

Shell completion: eval "$(_DATELINE_COMPLETE=bash_source dateline)", for zsh with
zsh_source, for fish with fish_source.
"""


class Dateline(click.Group):
    """The group of all commands, which reports every expected error in one line."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and exit. Errors become one line on stderr and an exit code."""
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.exceptions.Abort:
            _complain(
                "interrupted; articles stored so far remain (of an evaluation, only with --out)"
            )
            sys.exit(_INTERRUPTED)
        except click.ClickException as error:
            _complain(error.format_message() + _hint(error))
            sys.exit(REFUSED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone; nothing is wrong here
            sys.exit(0)
        sys.exit(code if isinstance(code, int) else 0)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of the application becomes a message of the command line."""
        from qa.errors import QAError

        try:
            return super().invoke(ctx)
        except QAError as error:
            raise click.ClickException(with_data_dir(str(error), ctx)) from error

    def get_help(self, ctx: click.Context) -> str:
        """The help with this user's default folder in it."""
        import platformdirs

        folder = platformdirs.user_data_dir("dateline", appauthor=False)
        self.help = HELP.format(data_dir=folder)
        return super().get_help(ctx)


@click.group(
    cls=Dateline,
    help=HELP,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="dateline")
def cli() -> None:
    """See `HELP`."""


for _command in (
    archive.ingest,
    archive.articles,
    follow.follow,
    follow.sources,
    follow.status,
    archive.reindex,
    archive.backup,
    archive.copy,
    archive.verify,
    archive.doctor,
    archive.demo,
    ask.ask,
    ask.retrieve,
    serve.serve,
    serve.mcp,
    keys.keys,
    watch.watch,
    feedback.feedback,
    feedback.asked,
    feedback.audit,
    evaluate.evaluation,
):
    cli.add_command(_command)
for _command in (drafting.init_command, drafting.review_command, drafting.gates_command):
    evaluate.evaluation.add_command(_command)


def main() -> NoReturn:
    """Run the `dateline` command."""
    cli.main(prog_name="dateline")  # also as `python -m api.cli`


def _hint(error: click.ClickException) -> str:
    if isinstance(error, click.UsageError) and error.ctx is not None:
        return f" (see: {error.ctx.command_path} --help)"
    return ""


def _complain(message: str) -> None:
    click.echo(f"dateline: {' '.join(message.split())}", err=True)
