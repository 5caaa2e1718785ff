"""Liveness, readiness and metrics."""

import os
from http import HTTPStatus
from pathlib import Path
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from api.http.auth import Access
from api.http.callers import called_by
from api.http.metrics import ARTICLES, GENERATION, INDEX_FAULT
from api.http.problems import documented
from api.http.routes.status import Freshness, check_freshness
from qa.archive.archive import Archive
from qa.archive.embedding import check_embedder
from qa.settings import Settings


class Health(Controller):
    """Whether the process lives, and whether it can answer."""

    path = "/health"
    tags = ["health"]
    opt = {"scope": None}

    @get("/live", operation_id="live", sync_to_thread=False, security=[{}])
    def live(self) -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @get(
        "/ready",
        operation_id="ready",
        security=[{}],
        sync_to_thread=True,
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def ready(
        self,
        request: Request[Any, Any, Any],
        archive: NamedDependency[Archive],
        access: NamedDependency[Access],
        settings: NamedDependency[Settings],
    ) -> dict[str, Any]:
        """Models are loaded and the archive can be read; until then nothing is served at all.
        503 also once nothing new could be read for longer than `DATELINE_MAX_STALENESS`.

        Callers who may read also get the size of the archive, and why its index file cannot be
        used, if so.
        """
        with archive.snapshot() as snapshot:
            check_embedder(snapshot, archive.embedder)
            check_freshness(archive, snapshot, settings.max_staleness)
            if not access.may(request, archive, "read"):
                return {"status": "ready"}
            counts = snapshot.counts()
            return {
                "status": "ready",
                "articles": counts.articles,
                "passages": counts.passages,
                "generation": snapshot.generation,
                "index_fault": archive.store.index_fault,
            }


class Metrics(Controller):
    """What the process counts."""

    path = "/metrics"
    tags = ["health"]

    @get(
        operation_id="metrics",
        sync_to_thread=True,
        media_type="text/plain",
        opt={"scope": "read"},
        responses=documented(HTTPStatus.SERVICE_UNAVAILABLE),
    )
    def metrics(
        self, request: Request[Any, Any, Any], archive: NamedDependency[Archive]
    ) -> Response[bytes]:
        """Counts and times in Prometheus' text format."""
        if request.scope["raw_path"].decode() != self.path:
            # litestar routes "/metrics/" and "//metrics" here too; a proxy's rule may miss them
            raise NotFoundException
        with called_by(None):  # what is counted is for all who watch the service
            with archive.snapshot() as snapshot:
                GENERATION.set(snapshot.generation)
                ARTICLES.set(snapshot.counts().articles)
            freshness = CollectorRegistry()
            freshness.register(Freshness(archive))
            ages = generate_latest(freshness)
        INDEX_FAULT.set(archive.store.index_fault is not None)
        registry = REGISTRY
        if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # several workers, added up
            forget_dead_workers(Path(folder))
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # untyped upstream
        content = generate_latest(registry) + ages
        return Response(content, headers={"Content-Type": CONTENT_TYPE_LATEST})


def forget_dead_workers(folder: Path) -> None:
    """Drop the live gauges of killed workers, whose last values would be added for ever."""
    for file in folder.glob("gauge_live*.db"):
        process = int(file.stem.rpartition("_")[2])
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            mark_process_dead(process, folder)  # type: ignore[no-untyped-call]  # untyped upstream
