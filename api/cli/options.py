"""Options that several commands share, and the exit codes."""

import dataclasses
import functools
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from qa.settings import Settings
    from qa.types import Filters

FOUND_FAULT, REFUSED, SKIPPED = 1, 2, 3
GIVEN_DATA_DIR = "dateline.data_dir"  # in a context's `meta`: the --data-dir of the command line

Command = Callable[..., Any]


def file_path() -> click.Path:
    """The type of a file's path; that it can be read is checked where it is read."""
    return click.Path(path_type=Path, dir_okay=False)


def any_path() -> click.Path:
    """The type of a file's or folder's path."""
    return click.Path(path_type=Path)


def refuse_to_overwrite(written: Path | None, *read: Path | None) -> None:
    """Raise BadInput if a file that is read would be written."""
    from qa.errors import BadInput

    for path in read:
        if written is not None and path is not None and written.resolve() == path.resolve():
            raise BadInput(f"{written} would be overwritten, but it is read: name another file")


def only_one(_: click.Context, parameter: click.Parameter, given: tuple[Path, ...]) -> Path | None:
    """Refuse a file that is named twice, of which click would take the last without a word."""
    if len(given) > 1:
        raise click.BadParameter(
            f"give one file, not {len(given)}: join them first", param=parameter
        )
    return given[0] if given else None


def collected(record: type, name: str, *options: Command) -> Callable[[Command], Command]:
    """Add options to a command, and pass them as one record, under ``name``.

    ``record`` is a dataclass with a field for each option.
    """
    fields = [field.name for field in dataclasses.fields(record)]

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def called(**given: Any) -> Any:
            values = {field: given.pop(field) for field in fields}
            return command(**{name: record(**values)}, **given)

        decorated: Command = called
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


def _remember(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path | None:
    if value is not None:
        ctx.meta[GIVEN_DATA_DIR] = value
    return value


data_dir_option = click.option(
    "--data-dir",
    type=any_path(),
    callback=_remember,
    help="The folder of the archive (or DATELINE_DATA_DIR).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def shared_options(command: Command) -> Command:
    """``--data-dir`` and ``--json``."""
    return data_dir_option(json_option(command))


@dataclasses.dataclass(frozen=True, slots=True)
class FilterOptions:
    """Which articles a question may see."""

    as_of: str | None
    known_at: str | None
    include_undated: bool
    sources: tuple[str, ...]
    authors: tuple[str, ...]
    sections: tuple[str, ...]
    article_ids: tuple[str, ...]
    published_from: str | None
    published_to: str | None

    def checked(self) -> "Filters":
        """The filters. Raises BadInput for a date that cannot be read."""
        from qa.question import check_filters
        from qa.types import Filters

        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        filters = Filters(**values)
        check_filters(filters)
        return filters


filter_options = collected(
    FilterOptions,
    "filters",
    click.option("--as-of", metavar="D", help="See nothing that was published after this day."),
    click.option(
        "--known-at", metavar="D", help="See nothing that the archive received after this day."
    ),
    click.option(
        "--include-undated", is_flag=True, help="See undated articles, whatever dates are given."
    ),
    click.option("--source", "sources", multiple=True, help="Only this source; may be repeated."),
    click.option("--author", "authors", multiple=True, help="Only this author; may be repeated."),
    click.option(
        "--section", "sections", multiple=True, help="Only this section; may be repeated."
    ),
    click.option(
        "--article",
        "article_ids",
        metavar="ID",
        multiple=True,
        help="Only this article; may be repeated.",
    ),
    click.option("--published-from", metavar="D", help="Only articles published from this day."),
    click.option("--published-to", metavar="D", help="Only articles published up to this day."),
)


def with_data_dir(message: str, ctx: click.Context) -> str:
    """The message, its suggested commands with the ``--data-dir`` that was given, if any.

    Pasted as it is, a suggestion must work on the archive that was asked about.
    """
    data_dir = ctx.meta.get(GIVEN_DATA_DIR)
    root = ctx.find_root().command
    if data_dir is None or not isinstance(root, click.Group):
        return message
    names = "|".join(map(re.escape, _commands_with_data_dir(root)))
    option = f" --data-dir {shlex.quote(str(data_dir))}"
    return re.sub(rf"\bdateline (?:{names})\b", lambda found: found[0] + option, message)


def _commands_with_data_dir(root: click.Group) -> list[str]:
    names = []
    for name, command in root.commands.items():
        nested = command.commands if isinstance(command, click.Group) else {"": command}
        for nested_name, one in nested.items():
            if any(parameter.name == "data_dir" for parameter in one.params):
                names.append(f"{name} {nested_name}".strip())
    return names


def load_settings(data_dir: Path | None) -> "Settings":
    """The settings, with the ``--data-dir`` of the command line."""
    from qa.settings import Settings

    return Settings.load(data_dir=data_dir)
