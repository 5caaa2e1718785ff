"""What crawlers and agents read first."""

from typing import Any, Final

from litestar import Controller, Request, get
from litestar.di import NamedDependency
from litestar.enums import MediaType

from api.http.addresses import base_of
from qa.extras import installed
from qa.settings import Settings

_AGENTS: Final = """# Dateline

> Ask a news archive a question; get the answer, the sentence that says so, and its date.

- [API]({base}schema/openapi.json): OpenAPI. `POST /v1/ask` takes `{{"question": "…"}}`; \
send `Authorization: Bearer KEY`
- [The same for people]({base}schema/docs)
- [The page]({base})
"""
_MCP: Final = "- [MCP]({base}mcp): the archive's tools for agents\n"


class Robots(Controller):
    """Open to all: nothing of the archive is in these files."""

    opt = {"scope": None}
    include_in_schema = False

    @get("/robots.txt", media_type=MediaType.TEXT, sync_to_thread=False)
    def robots(self, settings: NamedDependency[Settings]) -> str:
        """Answers' pages may be fetched where they are public: only then can a crawler see that
        they are not to be listed, and a chat show a preview. Their exports never.
        """
        allowed = "Allow: /a/\nAllow: /static/\n" if settings.public_answers else ""
        return f"User-agent: *\n{allowed}Disallow: /\n"

    @get("/llms.txt", media_type=MediaType.TEXT, sync_to_thread=False)
    def agents(self, request: Request[Any, Any, Any], settings: NamedDependency[Settings]) -> str:
        """https://llmstxt.org"""
        text = _AGENTS + _MCP if installed("mcp") else _AGENTS
        return text.format(base=base_of(request, settings))
