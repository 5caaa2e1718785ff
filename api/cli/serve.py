"""`dateline serve` and `dateline mcp`."""

from pathlib import Path

import click

from api.cli.options import data_dir_option, load_settings, shared_options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@shared_options
def serve(host: str, port: int, workers: int, data_dir: Path | None, as_json: bool) -> None:
    """Serve the archive over HTTP. With --json, log lines are JSON."""
    from api.http.server import run

    run(load_settings(data_dir), host, port, workers, log_json=as_json)


@click.command()
@data_dir_option
def mcp(data_dir: Path | None) -> None:
    """Serve a Model Context Protocol client over stdin and stdout."""
    import anyio

    from api.mcp.transport import serve_stdio

    anyio.run(serve_stdio, load_settings(data_dir))
