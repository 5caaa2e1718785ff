"""`dateline keys`: API keys."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli.options import load_settings, shared_options
from api.cli.output import print_json

if TYPE_CHECKING:
    from qa.archive.store import Store
    from qa.archive.usage import Use

UNLIMITED = -1


class _Most(click.ParamType[int]):
    """A number, or "unlimited", which is -1 here: None means that the option was not given."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        if value == "unlimited":
            return UNLIMITED
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= 12):
            self.fail(f"'{value}' is neither a number nor unlimited", param, ctx)
        return int(text)


@click.group()
def keys() -> None:
    """Create, change, list and revoke API keys.

    Once a key exists, every request needs one.
    """


_questions = click.option(
    "--questions-per-day",
    "questions",
    type=_Most(),
    metavar="N",
    help="Questions allowed in a day (UTC), or unlimited.",
)
_tokens = click.option(
    "--tokens-per-day",
    "tokens",
    type=_Most(),
    metavar="N",
    help="Tokens of the language model allowed in a day (UTC), or unlimited.",
)


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="read, ask, ingest or admin; may be repeated. Default: read, ask.",
)
@click.option(
    "--rights",
    multiple=True,
    metavar="R",
    help="It may read articles with these `rights`, where DATELINE_RESTRICTED_RIGHTS names them;"
    " may be repeated.",
)
@_questions
@_tokens
@shared_options
def create(
    name: str,
    scopes: tuple[str, ...],
    rights: tuple[str, ...],
    questions: int | None,
    tokens: int | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Create a key for NAME. It is shown only once.

    The archive stores only its digest.
    """
    from qa.archive.keys import create_key, key_json
    from qa.archive.usage import Budget
    from qa.bootstrap import open_archive

    budget = Budget(_most(questions, None), _most(tokens, None))
    with open_archive(load_settings(data_dir), create=True) as archive:
        key, secret = create_key(
            archive.store, name, scopes or ("read", "ask"), rights=rights, budget=budget
        )
    if as_json:
        print_json({**key_json(key), "key": secret})
    else:
        click.echo(f"{key.id}  {key.name}  {', '.join(key_json(key)['scopes'])}", err=True)
        click.echo(secret)


@keys.command("set")
@click.argument("key_id", metavar="ID")
@click.option(
    "--rights", multiple=True, metavar="R", help="The only `rights` that it has from now on."
)
@click.option("--no-rights", is_flag=True, help="Take all its rights away.")
@_questions
@_tokens
@shared_options
def set_key(
    key_id: str,
    rights: tuple[str, ...],
    no_rights: bool,
    questions: int | None,
    tokens: int | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """Change what a key may read and use, at once.

    What is not named stays as it is.
    """
    from qa.archive.keys import key_json, key_of_id
    from qa.archive.keys import set_key as store_key
    from qa.archive.usage import Budget
    from qa.errors import BadInput

    if rights and no_rights:
        raise BadInput("give either --rights or --no-rights")
    with open_store(data_dir) as store:
        now = key_of_id(store, key_id).budget
        budget = Budget(_most(questions, now.questions), _most(tokens, now.tokens))
        given = rights if rights or no_rights else None
        key = store_key(store, key_id, rights=given, budget=budget)
    if as_json:
        print_json(key_json(key))
    else:
        click.echo("\t".join([key.id, key.name, *_allowed(key_json(key))]))


@keys.command("list")
@shared_options
def list_keys(data_dir: Path | None, as_json: bool) -> None:
    """List all keys, without their secrets, and what each used today."""
    from qa.archive.keys import key_json
    from qa.archive.keys import list_keys as stored_keys

    with open_store(data_dir) as store:
        used = _used_today(store)
        found = [
            {
                **key_json(key),
                "questions_today": used[key.id].questions if key.id in used else 0,
                "tokens_today": used[key.id].tokens if key.id in used else 0,
            }
            for key in stored_keys(store)
        ]
    if as_json:
        print_json({"keys": found})
        return
    for key in found:
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "valid"
        scopes = ",".join(key["scopes"])
        cells = [key["id"], key["name"], scopes, key["created_at"], state]
        click.echo("\t".join([*cells, *_allowed(key)]))
    if not found:
        click.echo("no keys: only this machine is served")


@keys.command()
@click.argument("key_id", metavar="ID")
@shared_options
def revoke(key_id: str, data_dir: Path | None, as_json: bool) -> None:
    """Revoke a key at once, also in a running service."""
    from qa.archive.keys import key_json, revoke_key

    with open_store(data_dir) as store:
        key = revoke_key(store, key_id)
    if as_json:
        print_json(key_json(key))
    else:
        click.echo(f"revoked {key.id} ({key.name})")


def _most(given: int | None, now: int | None) -> int | None:
    """A limit as it shall be: None is unlimited."""
    if given is None:
        return now
    return None if given == UNLIMITED else given


def _used_today(store: "Store") -> "dict[str, Use]":
    """What each key has used; nothing where that cannot be read, as in a read-only folder."""
    from qa.archive.usage import used_today
    from qa.errors import StoreError

    try:
        return used_today(store)
    except StoreError as error:
        click.echo(f"warning: what was used today is not known: {error}", err=True)
        return {}


def _allowed(key: Mapping[str, Any]) -> list[str]:
    """A key's rights and budget in words, with what it used today."""
    words = [f"rights: {', '.join(key['rights'])}"] if key["rights"] else []
    for name in ("questions", "tokens"):
        most, used = key[f"{name}_per_day"], key.get(f"{name}_today")
        if used is not None and (used or most is not None):
            words.append(f"{name} today: {used}" + ("" if most is None else f" of {most}"))
        elif most is not None:
            words.append(f"{name} a day: {most}")
    return words


@contextmanager
def open_store(data_dir: Path | None) -> "Iterator[Store]":
    """The archive's store, without its models."""
    from qa.archive.opening import open_store as open_set_store

    with closing(open_set_store(load_settings(data_dir))) as store:
        yield store
