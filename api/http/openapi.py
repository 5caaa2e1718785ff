"""The API's description: what litestar cannot read off the code, and a page for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

TEXT = Schema(type=OpenAPIType.STRING)
_OPTIONAL = Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL])
_EVENT = Schema(type=OpenAPIType.OBJECT, properties={"event": TEXT, "data": TEXT})
ARTICLE = Schema(
    type=OpenAPIType.OBJECT,
    description="One news report. Other keys are stored, unused; a date that cannot be read becomes"
    " null, with a warning.",
    required=["text"],
    properties={
        "text": TEXT,
        **dict.fromkeys(
            ("id", "title", "published_at", "updated_at", "source", "url", "language"), _OPTIONAL
        ),
        "authors": Schema(
            one_of=[Schema(type=OpenAPIType.ARRAY, items=TEXT), _OPTIONAL],
            description="a list, or one name",
        ),
    },
)
BATCH = Schema(
    one_of=[
        ARTICLE,
        Schema(
            type=OpenAPIType.OBJECT,
            required=["articles"],
            properties={"articles": Schema(type=OpenAPIType.ARRAY, items=ARTICLE, min_items=1)},
            additional_properties=False,
        ),
    ]
)
REPORT = {
    "id": "bridge-1",
    "title": "New bridge for Hask",
    "text": "The council of Hask approved a new bridge on Monday. It will cost EUR 12 million.",
    "published_at": "2024-05-06",
    "source": "Hask Courier",
}


def described(
    examples: Mapping[str, object], *, schema: Schema | None = None, streams: bool = False
) -> type[Operation]:
    """An operation with examples of its body.

    ``schema`` replaces that of the body where its type says too little; ``streams`` if the
    operation may answer with server-sent events.
    """

    @dataclass
    class Described(Operation):
        def __post_init__(self) -> None:
            content = (
                self.request_body.content if isinstance(self.request_body, RequestBody) else {}
            )
            for media in content.values():
                media.schema = schema or media.schema
                media.examples = {name: Example(value=value) for name, value in examples.items()}
            if streams and self.responses is not None:
                answered: Any = self.responses["200"]
                answered.content["text/event-stream"] = OpenAPIMediaType(schema=_EVENT)

    return Described


class PageOfOperations(OpenAPIRenderPlugin):
    """The description as one HTML page without scripts; nothing is loaded from elsewhere."""

    def __init__(self, *, path: str) -> None:
        super().__init__(path=path)
        environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
        self._template = environment.from_string(
            (files("api.http") / "templates" / "description.html").read_text("utf-8")
        )

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        description = json.loads(
            self.render_json(request, openapi_schema)
        )  # defaults are objects until then
        return self._template.render(
            info=description["info"],
            groups=_groups(description),
            schemas=description.get("components", {}).get("schemas", {}),
        ).encode()


def _groups(description: Mapping[str, Any]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The operations by their first tag, in the order of the description."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                tag = (operation.get("tags") or ["other"])[0]
                groups.setdefault(tag, []).append(
                    {"method": method.upper(), "path": path, **operation}
                )
    return groups
