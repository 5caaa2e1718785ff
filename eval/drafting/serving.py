"""Serve the review page on loopback until it is stopped."""

import secrets
import socket
from collections.abc import Callable

from eval.drafting.draft import DraftFolder
from eval.drafting.page import create_page
from qa.errors import BadInput

HOST = "127.0.0.1"


def serve_review(folder: DraftFolder, port: int, announce: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. ``announce`` gets the address once it is listened on.

    Raises BadInput for a port that is taken.
    """
    import uvicorn

    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise BadInput(f"cannot listen on port {port}: {error.strerror}") from error
        listening.listen()
        bound: int = listening.getsockname()[1]
        token = secrets.token_urlsafe(24)
        config = uvicorn.Config(
            create_page(folder, token, bound),
            access_log=False,  # its lines would have the token
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        announce(f"http://{HOST}:{bound}/{token}/")
        try:
            uvicorn.Server(config).run(sockets=[listening])
        except KeyboardInterrupt:  # uvicorn raises it again once it has stopped
            return
