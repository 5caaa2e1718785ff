"""The server's entry point."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import BadInput
from qa.extras import require_for
from qa.settings import Settings

if TYPE_CHECKING:
    from litestar import Litestar

_SERVED_FOLDER = "_DATELINE_SERVED_FOLDER"
_METRICS = "PROMETHEUS_MULTIPROC_DIR"
_LINES = {"format": "%(asctime)s %(levelname)-8s %(message)s", "datefmt": "%Y-%m-%dT%H:%M:%S%z"}


def run(settings: Settings, host: str, port: int, workers: int, *, log_json: bool) -> None:
    """Serve until stopped; SIGTERM lets running requests finish.

    Raises BadInput for an address that is reachable from outside while the archive has no key.
    """
    import uvicorn

    from api.http.auth import loopback
    from api.webhook import Webhook
    from qa.archive.keys import SCOPES, any_key, create_key
    from qa.bootstrap import open_archive

    require_for(settings)
    Webhook.of(settings)
    with open_archive(settings, create=True) as archive:
        if not any_key(archive.store):
            if settings.first_key is not None:
                try:
                    create_key(
                        archive.store, "first", SCOPES, settings.first_key.get_secret_value()
                    )
                except BadInput:
                    if not any_key(archive.store):  # else another host was faster
                        raise
            elif not loopback(host):
                raise BadInput(
                    f"--host {host} can be reached from outside, and this archive has no keys:"
                    " create one first: dateline keys create NAME"
                )
    _check_free(host, port)
    # Worker processes read the settings again, and the folder from here.
    os.environ.pop(_SERVED_FOLDER, None)
    if settings.store_url is None:  # also where a --data-dir won over a store that is set
        os.environ[_SERVED_FOLDER] = str(settings.data_dir.absolute())
    with _metrics_of(workers):
        uvicorn.run(
            "api.http.server:app",
            factory=True,
            host=host,
            port=port,
            workers=workers,
            http="api.http.protocol:ImpatientProtocol",
            timeout_graceful_shutdown=30,
            access_log=False,  # ours has the request id
            server_header=False,
            proxy_headers=False,  # a header never decides who sent a request
            log_config=logging_config(as_json=log_json),
        )


def logging_config(*, as_json: bool) -> dict[str, Any]:
    """The configuration of logging: every line has its time, as JSON or for people."""
    from api.http.metrics import JSONLines

    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": JSONLines} if as_json else _LINES},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {"uvicorn": {"level": "INFO"}, "dateline": {"level": "INFO"}},
    }


def app() -> "Litestar":
    """The application over the archive of the settings, which is created if there is none."""
    from api.http.app import create_app
    from api.http.metrics import configure_tracing
    from qa.bootstrap import open_answerer

    folder = os.environ.get(_SERVED_FOLDER)
    settings = Settings.load(data_dir=None if folder is None else Path(folder))
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        configure_tracing()
    return create_app(lambda: open_answerer(settings, create=True), settings)


def _check_free(host: str, port: int) -> None:
    """Raises BadInput when nothing can listen there; uvicorn would only log it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            line.bind((host, port))
        except OSError as error:
            raise BadInput(
                f"cannot listen on {host}, port {port}: {error.strerror or error}"
            ) from error


@contextmanager
def _metrics_of(workers: int) -> Iterator[None]:
    """Several workers count into files of one folder, which the worker that is scraped adds up."""
    if workers == 1 or _METRICS in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dateline-metrics-") as folder:
        os.environ[_METRICS] = folder
        try:
            yield
        finally:
            del os.environ[_METRICS]
