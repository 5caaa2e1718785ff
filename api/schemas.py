"""The wire: requests as frozen pydantic models. What is answered has the forms of `qa.contract`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from qa.types import Filters


class _Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FilterRequest(_Wire):
    """Which articles may be seen."""

    sources: tuple[StrictStr, ...] = Field(default=(), max_length=100)
    languages: tuple[StrictStr, ...] = Field(default=(), max_length=100)
    published_from: StrictStr | None = None
    published_to: StrictStr | None = None


class RetrieveRequest(_Wire):
    """A question, how many hits, and what may be seen."""

    question: StrictStr
    k: StrictInt = 10
    as_of: StrictStr | None = None
    include_undated: StrictBool = False
    filters: FilterRequest = FilterRequest()

    def to_filters(self) -> Filters:
        return Filters(
            as_of=self.as_of,
            include_undated=self.include_undated,
            sources=self.filters.sources,
            languages=self.filters.languages,
            published_from=self.filters.published_from,
            published_to=self.filters.published_to,
        )


class AskRequest(RetrieveRequest):
    """A question to be answered; with ``stream`` as server-sent events."""

    stream: StrictBool = False
    include_hits: StrictBool = False
    min_confidence: Annotated[StrictFloat | StrictInt, Field(ge=0, le=1)] | None = None
