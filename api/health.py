"""Whether the process lives, and whether it can answer."""

from http import HTTPStatus
from typing import Any

from litestar import Controller, get
from litestar.di import NamedDependency

from api.problems import documented
from qa.bootstrap import Archive
from qa.ingest import check_embedder


class Health(Controller):
    path = "/health"
    tags = ["health"]

    @get("/live", operation_id="live", sync_to_thread=False)
    def live(self) -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @get(
        "/ready",
        operation_id="ready",
        sync_to_thread=True,
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def ready(self, archive: NamedDependency[Archive]) -> dict[str, Any]:
        """Models are loaded and the archive can be read; until then nothing is served at all."""
        with archive.store.snapshot() as snapshot:
            check_embedder(snapshot, archive.embedder)
            counts = snapshot.counts()
            return {
                "status": "ready",
                "articles": counts.articles,
                "passages": counts.passages,
                "generation": snapshot.generation,
            }
