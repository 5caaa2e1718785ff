"""Health checks and metrics."""

import os
from http import HTTPStatus
from typing import Any

from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from api.http.auth import Access
from api.http.metrics import ARTICLES, GENERATION, INDEX_FAULT
from api.http.problems import documented
from qa.archive.archive import Archive
from qa.archive.embedding import check_embedder


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
    ) -> dict[str, Any]:
        """Models are loaded and the archive can be read; until then nothing is served at all.

        A caller that may read also gets counts, and why the index file cannot be used, if so.
        """
        with archive.snapshot() as snapshot:
            check_embedder(snapshot, archive.embedder)
            if not access.may(request, archive, "read"):
                return {"status": "ready"}
            counts = snapshot.counts()
            return {
                "status": "ready",
                "articles": counts.articles,
                "passages": counts.passages,
                "generation": snapshot.generation,
                "index_fault": archive.cache.load_fault,
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
    def metrics(self, archive: NamedDependency[Archive]) -> Response[bytes]:
        """Counts and times in Prometheus' text format."""
        with archive.snapshot() as snapshot:
            GENERATION.set(snapshot.generation)
            ARTICLES.set(snapshot.counts().articles)
        INDEX_FAULT.set(archive.cache.load_fault is not None)
        registry = REGISTRY
        if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several workers: their files are added up
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it has no types
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
