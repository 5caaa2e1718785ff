"""`dateline keys`: API keys."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli.options import load_settings, shared_options
from api.cli.output import print_json

if TYPE_CHECKING:
    from qa.archive.store import Store


@click.group()
def keys() -> None:
    """Create, list and revoke API keys.

    Once a key exists, every request needs one.
    """


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="read, ask, ingest or admin; may be repeated. Default: read, ask.",
)
@shared_options
def create(name: str, scopes: tuple[str, ...], data_dir: Path | None, as_json: bool) -> None:
    """Create a key for NAME. It is shown only once.

    The archive stores only its digest.
    """
    from qa.archive.keys import create_key, key_json
    from qa.bootstrap import open_archive

    with open_archive(load_settings(data_dir), create=True) as archive:
        key, secret = create_key(archive.store, name, scopes or ("read", "ask"))
    if as_json:
        print_json({**key_json(key), "key": secret})
    else:
        click.echo(f"{key.id}  {key.name}  {', '.join(key_json(key)['scopes'])}", err=True)
        click.echo(secret)


@keys.command("list")
@shared_options
def list_keys(data_dir: Path | None, as_json: bool) -> None:
    """List all keys, revoked ones too, without their secrets."""
    from qa.archive.keys import key_json
    from qa.archive.keys import list_keys as stored_keys

    with open_store(data_dir) as store:
        found = [key_json(key) for key in stored_keys(store)]
    if as_json:
        print_json({"keys": found})
        return
    for key in found:
        state = f"revoked {key['revoked_at']}" if key["revoked_at"] else "valid"
        scopes = ",".join(key["scopes"])
        click.echo("\t".join([key["id"], key["name"], scopes, key["created_at"], state]))
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


@contextmanager
def open_store(data_dir: Path | None) -> "Iterator[Store]":
    """The archive's store, without its models."""
    from qa.archive.opening import open_store as open_set_store

    with closing(open_set_store(load_settings(data_dir))) as store:
        yield store
