"""Articles and passages over HTTP."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote

from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api.problems import documented
from qa.articles import Read, parse_record
from qa.bootstrap import Archive
from qa.contract import article_json, passage_json
from qa.errors import BadInput
from qa.ingest import ingest_articles
from qa.retriever import check_filters
from qa.settings import Settings
from qa.types import Filters

MOST_IN_ONE_REQUEST = 1000

_READ = documented(HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)
_WRITE = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Articles(Controller):
    path = "/v1/articles"
    tags = ["articles"]

    @post(operation_id="add_articles", sync_to_thread=True, responses=_WRITE)
    def add(
        self,
        data: JSONBody[dict[str, Any]],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
    ) -> dict[str, Any]:
        """Store one article, or {"articles": [...]}: all of them, or with a 400 none."""
        records = data["articles"] if set(data) == {"articles"} else [data]
        if not isinstance(records, list) or not records:
            raise BadInput("articles must be a list with at least one article")
        if len(records) > MOST_IN_ONE_REQUEST:
            raise BadInput(f"{len(records)} articles in one request; at most {MOST_IN_ONE_REQUEST} are taken")
        return _store(archive, settings, [_read(record, f"articles[{i}]") for i, record in enumerate(records)])

    @get(operation_id="list_articles", sync_to_thread=True, responses=_READ)
    def list_articles(
        self,
        archive: NamedDependency[Archive],
        source: FromQuery[str | None] = None,
        published_from: FromQuery[str | None] = None,
        published_to: FromQuery[str | None] = None,
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 50,
        cursor: FromQuery[str | None] = None,
    ) -> dict[str, Any]:
        """Articles without their text, in the order in which they came; ``next_cursor`` leads on."""
        filters = Filters(
            sources=(source,) if source is not None else (),
            published_from=published_from,
            published_to=published_to,
        )
        check_filters(filters)
        with archive.store.snapshot() as snapshot:
            found = snapshot.articles(filters, limit + 1, _cursor(cursor))
        page = found[:limit]
        return {
            "articles": [article_json(stored, text=False) for stored in page],
            "next_cursor": str(page[-1].key) if len(found) > limit else None,
        }

    @get("/{article_id:path}", operation_id="get_article", sync_to_thread=True, responses=_READ)
    def get_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        archive: NamedDependency[Archive],
        version: FromQuery[str | None] = None,
    ) -> dict[str, Any]:
        """One article with its text: the newest version, or the one asked for."""
        with archive.store.snapshot() as snapshot:
            return article_json(snapshot.article(_article_id(request, article_id), version))

    @put("/{article_id:path}", operation_id="put_article", sync_to_thread=True, responses=_WRITE)
    def put_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        data: JSONBody[dict[str, Any]],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
    ) -> dict[str, Any]:
        """Store an article under this id; the same again changes nothing."""
        identity = _article_id(request, article_id)
        if data.get("id") not in (None, identity):
            raise BadInput(f"the body's id is '{data['id']}', the path's is '{identity}'")
        return _store(archive, settings, [_read({**data, "id": identity}, "article")])

    @delete("/{article_id:path}", operation_id="delete_article", sync_to_thread=True, responses=_WRITE)
    def delete_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
    ) -> None:
        """Remove an article and all its versions; complete when this answers."""
        with archive.store.writing(settings.write_wait) as writer:
            writer.delete(_article_id(request, article_id))


class Passages(Controller):
    path = "/v1/passages"
    tags = ["articles"]

    @get("/{passage_id:int}", operation_id="get_passage", sync_to_thread=True, responses=_READ)
    def get_passage(self, passage_id: FromPath[int], archive: NamedDependency[Archive]) -> Response[dict[str, Any]]:
        """One passage: the text between two offsets of an article's version."""
        with archive.store.snapshot() as snapshot:
            return Response(passage_json(snapshot.passage(passage_id)))


def _article_id(request: Request[Any, Any, Any], article_id: str) -> str:
    """The id as it was sent: a URL's "//" would be folded in the routed path."""
    raw = request.scope.get("raw_path")
    path = raw.decode("ascii", "replace").partition("?")[0] if isinstance(raw, bytes) else article_id
    return unquote(path.partition("/v1/articles/")[2]) or article_id.removeprefix("/")


def _read(record: object, place: str) -> Read:
    try:
        article, warnings = parse_record(record)
    except BadInput as error:
        raise BadInput(f"{place}: {error}") from error
    return Read(article, place, "", warnings)


def _store(archive: Archive, settings: Settings, reads: list[Read]) -> dict[str, Any]:
    report = ingest_articles(archive.store, archive.cache, archive.embedder, reads, wait=settings.write_wait)
    with archive.store.snapshot() as snapshot:
        ids = dict.fromkeys(read.article.id for read in reads)
        found = [(identity, snapshot.find(identity)) for identity in ids]
    return {
        "added": report.added,
        "updated": report.updated,
        "amended": report.amended,
        "unchanged": report.unchanged,
        "skipped": [asdict(item) for item in report.skipped],
        "warnings": [asdict(item) for item in report.warnings],
        "articles": [{"id": identity, "version": stored.version} for identity, stored in found if stored],
    }


def _cursor(text: str | None) -> int:
    if text is None:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadInput(f"'{text[:40]}' is no cursor; take next_cursor of the page before")
    return int(text)
