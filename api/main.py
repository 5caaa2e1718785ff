"""The server's entry point."""

import ipaddress
import os
from typing import TYPE_CHECKING

from qa.errors import BadInput
from qa.settings import PREFIX, Settings

if TYPE_CHECKING:
    from litestar import Litestar


def run(settings: Settings, host: str, port: int, workers: int, *, log_json: bool) -> None:
    """Serve until told to stop; SIGTERM lets running requests finish. Raises BadInput for an address that is
    reachable from outside: there are no keys yet, and an archive must not stand open.
    """
    import uvicorn

    if not _loopback(host):
        raise BadInput(f"--host {host}: only loopback addresses (127.0.0.1, ::1, localhost) are served without keys")
    # Worker processes are fresh ones: they read the settings as we did, and the folder from here.
    os.environ[f"{PREFIX}DATA_DIR"] = str(settings.data_dir.absolute())
    uvicorn.run(
        "api.main:app",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        timeout_graceful_shutdown=30,
        access_log=not log_json,
        server_header=False,
    )


def app() -> "Litestar":
    """The application over the archive that the settings name, made empty where there is none."""
    from api.app import create_app
    from qa.bootstrap import open_answerer

    settings = Settings.load()
    return create_app(lambda: open_answerer(settings, create=True), settings)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
