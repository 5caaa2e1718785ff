"""Answers to pass on: the page at `/a/ID`, a card for frames, oEmbed, and exports."""

import hashlib
import logging
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlsplit

from anyio import to_thread
from litestar import Controller, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Schema
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.plugins.problem_details import ProblemDetailsException
from markupsafe import Markup

from api.http.addresses import base_of
from api.http.auth import Access
from api.http.conditions import unmodified
from api.http.openapi import TEXT
from api.http.problems import documented, refused, to_problem
from api.http.queue import QuestionQueue
from api.share.jsonld import to_jsonld
from api.share.markdown import to_markdown
from api.share.outline import outline
from api.share.page import Place, answer_card, answer_page, refusal_page
from api.share.shared import SharedAnswer, read_shared
from api.share.word import to_word
from qa.answering.currency import asked_again
from qa.archive.archive import Archive
from qa.errors import NotFound, QAError
from qa.question import Question
from qa.settings import Settings
from qa.types import Hit

Format = Literal["md", "docx", "jsonld"]
Size = Annotated[int | None, QueryParameter(ge=1, le=100_000)]

_log = logging.getLogger("dateline")

_OPT: Final = {"scope": "read", "shared": True}
_TYPES: Final[dict[Format, str]] = {
    "md": "text/markdown",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "jsonld": "application/ld+json",
}
# Like that of the page at `/`, but nothing can run at all.
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {}"
)
_CARD_WIDTH, _CARD_HEIGHT = 600, 420  # pixels, where a consumer sets no limits
_LONGEST_NAME = 60  # characters of a file's name


async def _shared(
    request: Request[Any, Any, Any],
    answer_id: FromPath[str],
    archive: NamedDependency[Archive],
    queue: NamedDependency[QuestionQueue],
    access: NamedDependency[Access],
) -> SharedAnswer:
    """With the nearest reports, for those who may search the archive: a link that is open to
    everybody opens nothing but the answer. Raises NotFound.
    """

    def unanswered() -> Question | None:
        with archive.snapshot() as snapshot:
            answer, filters = snapshot.answer(answer_id), snapshot.filters_of(answer_id)
        if answer.status == "answered" or not access.may(request, archive, "read"):
            return None
        return asked_again(answer, filters)

    def read() -> SharedAnswer:
        with archive.snapshot() as snapshot:
            return read_shared(snapshot, answer_id, hits)

    question = await to_thread.run_sync(unanswered)
    hits = await _hits(queue, question) if question is not None else ()
    return await to_thread.run_sync(read)


async def _hits(queue: QuestionQueue, question: Question) -> tuple[Hit, ...]:
    try:
        return (await queue.find(question)).hits
    except QAError as error:
        _log.warning("the reports nearest to an answer were not found: %s", error)
        return ()  # the answer itself is stored and can be shown


_SHARED = {"shared": Provide(_shared)}


class AnswerPages(Controller):
    """For people: errors are pages too."""

    opt = _OPT
    include_in_schema = False
    exception_handlers = {
        HTTPException: lambda request, error: _refusal(request, refused(error)),
        QAError: lambda request, error: _refusal(request, to_problem(error)),
    }

    @get("/a/{answer_id:str}", sync_to_thread=True, dependencies=_SHARED)
    def page(
        self,
        request: Request[Any, Any, Any],
        answer_id: FromPath[str],
        shared: NamedDependency[SharedAnswer],
        settings: NamedDependency[Settings],
    ) -> Response[bytes | None]:
        place = _place(request, settings, answer_id)
        html = answer_page(shared, place, indexed=settings.index_answers)
        robots = {} if settings.index_answers else {"X-Robots-Tag": "noindex"}
        return _html(request, html, robots)

    @get("/a/{answer_id:str}/card", sync_to_thread=True, dependencies=_SHARED)
    def card(
        self,
        request: Request[Any, Any, Any],
        answer_id: FromPath[str],
        shared: NamedDependency[SharedAnswer],
        settings: NamedDependency[Settings],
    ) -> Response[bytes | None]:
        """Part of other pages, so never listed itself."""
        html = answer_card(shared, _place(request, settings, answer_id))
        ancestors = " ".join(settings.embed_origins) or "'none'"
        return _html(request, html, {"X-Robots-Tag": "noindex"}, ancestors)


class Embeds(Controller):
    """https://oembed.com: what a page of somebody else shows for a link to an answer."""

    opt = _OPT
    include_in_schema = False

    @get("/oembed", sync_to_thread=True)
    def oembed(
        self,
        request: Request[Any, Any, Any],
        archive: NamedDependency[Archive],
        settings: NamedDependency[Settings],
        url: FromQuery[str],
        maxwidth: Size = None,
        maxheight: Size = None,
        format: FromQuery[str] = "json",  # noqa: A002  # oEmbed's name
    ) -> Response[dict[str, Any]]:
        """A frame with the answer's card; only a link where no frame may show it."""
        if format != "json":
            raise HTTPException(
                status_code=HTTPStatus.NOT_IMPLEMENTED, detail="the only format is json"
            )
        base = base_of(request, settings)
        answer_id = _linked_answer(url, base)
        with archive.snapshot() as snapshot:
            question = snapshot.answer(answer_id).question
        embed: dict[str, Any] = {
            "version": "1.0",
            "type": "link",
            "title": question,
            "provider_name": "Dateline",
            "provider_url": base,
        }
        if settings.embed_origins:
            width = min(_CARD_WIDTH, maxwidth or _CARD_WIDTH)
            height = min(_CARD_HEIGHT, maxheight or _CARD_HEIGHT)
            frame = Markup(
                '<iframe src="{}/card" width="{}" height="{}" title="{}" loading="lazy"'
                ' sandbox="allow-popups allow-popups-to-escape-sandbox"'
                ' style="border:0"></iframe>'
            ).format(_address(base, answer_id), width, height, question)
            embed |= {"type": "rich", "html": str(frame), "width": width, "height": height}
        return Response(embed, headers={"Cache-Control": "private, no-cache"})


@dataclass
class _InEveryFormat(Operation):
    """An operation whose answer has one of several media types."""

    def __post_init__(self) -> None:
        if self.responses is not None:
            answered: Any = self.responses["200"]
            answered.content = {kind: OpenAPIMediaType(schema=TEXT) for kind in _TYPES.values()}
            # JSON, so that clients read it as such.
            answered.content[_TYPES["jsonld"]] = OpenAPIMediaType(
                schema=Schema(type=OpenAPIType.OBJECT)
            )


class Exports(Controller):
    path = "/v1/answers"
    tags = ["questions"]

    @get(
        "/{answer_id:str}/export",
        operation_id="export_answer",
        operation_class=_InEveryFormat,
        sync_to_thread=True,
        dependencies=_SHARED,
        opt=_OPT,
        responses=documented(
            HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE
        ),
    )
    def export_answer(
        self,
        request: Request[Any, Any, Any],
        answer_id: FromPath[str],
        shared: NamedDependency[SharedAnswer],
        settings: NamedDependency[Settings],
        format: FromQuery[Format],  # noqa: A002  # named in messages
    ) -> Response[bytes]:
        """A stored answer as a file: Markdown, a Word document, or JSON-LD of schema.org.

        It says whether the answer is still current; nothing of a deleted or withdrawn article is
        in it.
        """
        address = _address(base_of(request, settings), answer_id)
        if format == "jsonld":
            content = to_jsonld(shared, address)
        elif format == "docx":
            content = to_word(outline(shared, address))
        else:
            content = to_markdown(outline(shared, address))
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": _attachment(shared.answer.question, format),
            "X-Robots-Tag": "noindex",
        }
        return Response(content, media_type=_TYPES[format], headers=headers)


def _address(base: str, answer_id: str) -> str:
    return f"{base}a/{quote(answer_id, safe='')}"


def _place(request: Request[Any, Any, Any], settings: Settings, answer_id: str) -> Place:
    base = base_of(request, settings)
    return Place(_root(request), base, _address(base, answer_id))


def _root(request: Request[Any, Any, Any]) -> str:
    """The relative address of the service: one step up for each slash but the first, in the path
    as it was sent (the routed one has no slash at its end).
    """
    path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    return "../" * (path.partition(b"?")[0].count(b"/") - 1)


def _linked_answer(url: str, base: str) -> str:
    """The id in the address of an answer's page. Raises NotFound."""
    here = urlsplit(base)
    try:
        there = urlsplit(url)
        ours = there.scheme in ("http", "https") and there.netloc.lower() == here.netloc.lower()
    except ValueError:
        ours = False
    found = re.fullmatch(re.escape(here.path) + "a/([0-9A-Za-z_-]+)", there.path) if ours else None
    if found is None:
        raise NotFound("the url is not that of an answer's page")
    return found[1]


def _html(
    request: Request[Any, Any, Any],
    html: str,
    headers: dict[str, str],
    ancestors: str = "'none'",
) -> Response[bytes | None]:
    """Kept by the browser, but checked each time: an answer may be withdrawn at any moment."""
    content = html.encode("utf-8", "replace")
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": _POLICY.format(ancestors),
        "ETag": tag,
        "Referrer-Policy": "no-referrer",
        **headers,
    }
    if unmodified(request, tag):
        return Response(None, status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(content, media_type="text/html", headers=headers)


def _refusal(
    request: Request[Any, Any, Any], problem: ProblemDetailsException
) -> Response[bytes | None]:
    html = refusal_page(problem.status_code, problem.title or "", problem.detail, _root(request))
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY.format("'none'"),
        "Referrer-Policy": "no-referrer",
        "X-Robots-Tag": "noindex",
        **(problem.headers or {}),
    }
    return Response(
        html.encode("utf-8", "replace"),
        status_code=problem.status_code,
        media_type="text/html",
        headers=headers,
    )


def _attachment(question: str, form: Format) -> str:
    """A Content-Disposition (RFC 6266) that names the file after the question."""
    words = "-".join(re.findall(r"\w+", question.lower()))
    name = f"{words[:_LONGEST_NAME].strip('-_') or 'answer'}.{form}"
    plain = re.sub("[^a-z0-9.-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, errors='replace')}"
