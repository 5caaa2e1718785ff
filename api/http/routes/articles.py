"""Articles and passages over HTTP."""

import hashlib
import json
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import unquote

from anyio import to_thread
from litestar import Controller, Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from api.http.conditions import listed, unmodified
from api.http.idempotency import Key
from api.http.openapi import ARTICLE, BATCH, REPORT, described
from api.http.problems import documented
from api.http.replays import Replies, Reply
from api.http.runs import Runs
from api.http.schemas import (
    ArticleListing,
    ArticleOutput,
    ArticleSummary,
    JobOutput,
    PassageRecord,
    StoredOutput,
)
from api.http.selection import SELECTED, Selection
from api.http.writes import Writes
from qa.archive import jobs
from qa.archive.archive import Archive
from qa.archive.browsing import Order, Place
from qa.archive.snapshot import Snapshot
from qa.errors import BadInput, NotFound
from qa.types import StoredArticle

MOST_IN_ONE_REQUEST = 10_000
MOST_AT_ONCE = 50  # more than these take longer than a client should wait

_READ = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_WRITE = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,  # without an id
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
)
_BATCH: dict[int, ResponseSpec] = {
    **_WRITE,
    **documented(HTTPStatus.UNPROCESSABLE_ENTITY),
    HTTPStatus.ACCEPTED: ResponseSpec(
        JobOutput,
        description="A job; GET /v1/jobs/{id} says how far it is",
        generate_examples=False,
    ),
}


class Articles(Controller):
    """Storing, listing, reading and deleting articles."""

    path = "/v1/articles"
    tags = ["articles"]

    @post(
        operation_id="add_articles",
        operation_class=described({"one": REPORT, "several": {"articles": [REPORT]}}, schema=BATCH),
        status_code=201,
        responses=_BATCH,
        opt={"scope": "ingest"},
    )
    async def add(
        self,
        request: Request[Any, Any, Any],
        data: JSONBody[dict[str, Any]],
        archive: NamedDependency[Archive],
        writes: NamedDependency[Writes],
        runs: NamedDependency[Runs],
    ) -> Response[StoredOutput]:
        """Store one article, or {"articles": [...]}: all of them, or with a 400 none.

        ``results`` says what became of each. More than 50, or any number with the header
        ``Prefer: respond-async``, are accepted with a 202 as a job. With an Idempotency-Key, the
        same request gets the same reply for a day.
        """
        records = data["articles"] if set(data) == {"articles"} else [data]
        if not isinstance(records, list) or not records:
            raise BadInput("articles must be a list with at least one article")
        if len(records) > MOST_IN_ONE_REQUEST:
            raise BadInput(
                f"{len(records)} articles in one request; at most {MOST_IN_ONE_REQUEST} are taken"
            )

        async def store() -> AsyncGenerator[Reply, None]:
            if len(records) > MOST_AT_ONCE or _prefers_a_job(request):
                job = await to_thread.run_sync(jobs.accept, archive.store, records)
                location = {"Location": f"/v1/jobs/{job.id}"}
                yield Reply(HTTPStatus.ACCEPTED, jobs.job_json(job), location)
                return
            reads = jobs.read_records(records)
            outcomes = await writes.run(lambda wait: jobs.store_articles(archive, reads, wait))
            yield Reply(HTTPStatus.CREATED, _stored(outcomes))

        opened = await runs.open(await Key.of(request), store(), Replies())
        async with aclosing(opened.events) as replies:
            reply = await anext(replies)
        headers = {**reply.headers, **opened.headers}
        return Response(reply.body, status_code=reply.status, headers=headers)

    @get(
        operation_id="list_articles",
        sync_to_thread=True,
        dependencies=SELECTED,
        responses=_READ,
        opt={"scope": "read"},
    )
    def list_articles(
        self,
        request: Request[Any, Any, Any],
        archive: NamedDependency[Archive],
        selected: NamedDependency[Selection],
        order: FromQuery[Order] = "stored",
        limit: Annotated[int, QueryParameter(ge=1, le=1000)] = 50,
        cursor: FromQuery[str | None] = None,
    ) -> ArticleListing:
        """Articles without their text, in the order in which they were stored, or by their day.

        ``q``: words that they all hold, in their title or text. A filter that is given twice
        means either value.
        """
        if not _raw_path(request, "/v1/articles").endswith("/v1/articles"):
            raise NotFound("invalid article id: nothing but slashes")
        after = _place(cursor, order)
        with archive.snapshot() as snapshot:
            found = snapshot.browse(
                selected.filters, limit + 1, words=selected.words, order=order, after=after
            )
        page = found[:limit]
        more = len(found) > limit
        return ArticleListing(
            articles=[ArticleSummary.of(stored) for stored in page],
            next_cursor=_cursor(page[-1], order) if more else None,
        )

    @get(
        "/{article_id:path}",
        operation_id="get_article",
        sync_to_thread=True,
        responses=_READ,
        opt={"scope": "read"},
    )
    def get_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        archive: NamedDependency[Archive],
        version: FromQuery[str | None] = None,
    ) -> Response[ArticleOutput]:
        """One article with its text: the newest version, or the one asked for.

        Withdrawn articles and those past their term can be read too; one under embargo cannot.
        Its ETag serves If-None-Match here, and If-Match when it is put or deleted.
        """
        with archive.snapshot() as snapshot:
            found = ArticleOutput.read(snapshot, _article_id(request, article_id), version)
        tag = _tag(found)
        if unmodified(request, tag):
            return Response(
                None,  # type: ignore[arg-type]  # a 304 has no body
                status_code=HTTPStatus.NOT_MODIFIED,
                headers={"ETag": tag},
            )
        return Response(found, headers={"ETag": tag})

    @put(
        "/{article_id:path}",
        operation_id="put_article",
        operation_class=described(
            {"a report": {name: value for name, value in REPORT.items() if name != "id"}},
            schema=ARTICLE,
        ),
        responses=_WRITE,
        opt={"scope": "ingest"},
    )
    async def put_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        data: JSONBody[dict[str, Any]],
        archive: NamedDependency[Archive],
        writes: NamedDependency[Writes],
    ) -> StoredOutput:
        """Store an article under this id; the same again changes nothing.

        With If-Match, only over that version; with "If-None-Match: *", only where there is none.
        """
        identity = _article_id(request, article_id)
        if data.get("id") not in (None, identity):
            raise BadInput(f"the body's id is '{data['id']}', the path's is '{identity}'")
        read = jobs.read_record({**data, "id": identity}, "article")

        def check(snapshot: Snapshot) -> None:
            _check_condition(request, snapshot, identity)

        outcomes = await writes.run(lambda wait: jobs.store_articles(archive, [read], wait, check))
        return _stored(outcomes)

    @delete(
        "/{article_id:path}",
        operation_id="delete_article",
        responses=_WRITE,
        opt={"scope": "ingest"},
    )
    async def delete_article(
        self,
        request: Request[Any, Any, Any],
        article_id: FromPath[str],
        archive: NamedDependency[Archive],
        writes: NamedDependency[Writes],
    ) -> None:
        """Remove an article and all its versions; complete when this answers.

        Stored answers that cite it keep their record without its text. With If-Match, only if that
        version is the newest.
        """
        identity = _article_id(request, article_id)

        def check(snapshot: Snapshot) -> None:
            _check_condition(request, snapshot, identity)

        await writes.run(lambda wait: archive.delete(identity, wait=wait, check=check))


class Passages(Controller):
    """Reading passages."""

    path = "/v1/passages"
    tags = ["articles"]

    @get(
        "/{passage_id:int}",
        operation_id="get_passage",
        sync_to_thread=True,
        responses=_READ,
        opt={"scope": "read"},
    )
    def get_passage(
        self, passage_id: FromPath[int], archive: NamedDependency[Archive]
    ) -> PassageRecord:
        """One passage: the text between two offsets of one version of an article."""
        with archive.snapshot() as snapshot:
            return PassageRecord.of(snapshot.passage(passage_id))


def _article_id(request: Request[Any, Any, Any], article_id: str) -> str:
    """The id as it was sent: in the routed path, a URL's "//" is one slash."""
    return unquote(
        _raw_path(request, article_id).partition("/v1/articles/")[2]
    ) or article_id.removeprefix("/")


def _raw_path(request: Request[Any, Any, Any], routed: str) -> str:
    """The path as it was sent, where the server passes it on."""
    raw = request.scope.get("raw_path")
    return raw.decode("ascii", "replace").partition("?")[0] if isinstance(raw, bytes) else routed


def _prefers_a_job(request: Request[Any, Any, Any]) -> bool:
    """RFC 7240: names of preferences ignore case."""
    return any(
        part.partition(";")[0].strip().lower() == "respond-async"
        for part in listed(request, "prefer")
    )


def _tag(article: ArticleOutput) -> str:
    """A strong ETag: it changes with every field that is sent, not only with the text's version."""
    content = json.dumps(article.model_dump(mode="json"), sort_keys=True)
    return f'"{hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:24]}"'


def _check_condition(request: Request[Any, Any, Any], snapshot: Snapshot, identity: str) -> None:
    """Raises HTTPException (412) when the article is not as the client believes it to be.

    Callers who may write see articles under embargo: the stored article decides.
    """
    wanted = listed(request, "if-match")  # by strong comparison: a weak tag never matches
    if not wanted and "if-none-match" not in request.headers:
        return
    stored = snapshot.find(identity)
    tag = _tag(ArticleOutput.with_corrections(snapshot, stored)) if stored is not None else None
    missed = wanted and (tag is None or not {tag, "*"} & set(wanted))
    if missed or (tag is not None and unmodified(request, tag)):
        now = f"its ETag is {tag}" if tag else "it does not exist"
        raise HTTPException(
            status_code=HTTPStatus.PRECONDITION_FAILED,
            detail=f"article '{identity}' has changed: {now}",
        )


def _stored(outcomes: Sequence[jobs.Outcome]) -> StoredOutput:
    counts = Counter(outcome.status for outcome in outcomes)
    return {
        "added": counts["added"],
        "updated": counts["updated"],
        "amended": counts["amended"],
        "unchanged": counts["unchanged"],
        "results": [asdict(outcome) for outcome in outcomes],
    }


def _cursor(last: StoredArticle, order: Order) -> str:
    return str(last.key) if order == "stored" else Place.of(last).text


def _place(cursor: str | None, order: Order) -> Place | None:
    """Raises BadInput."""
    if cursor is None:
        return None
    return Place.parse(f":{cursor}" if order == "stored" else cursor)
