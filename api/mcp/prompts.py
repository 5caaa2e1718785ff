"""Prompts: what journalists ask again and again, in words that lead to cited answers."""

from typing import Annotated, Any

from mcp.server import MCPServer
from pydantic import Field

_CITE = (
    "Use only what the archive's tools return. Give each statement its source, its date and the"
    " exact quote that it rests on. Where the archive does not say, write that it does not."
)


def add_to(server: MCPServer[Any]) -> None:
    """Add the prompts to the server."""

    @server.prompt(title="Brief me on …")
    def brief_me_on(
        topic: Annotated[str, Field(description="a person, place, event or question")],
        since: Annotated[str, Field(description="a day, such as 2024-03-05; empty: all")] = "",
    ) -> str:
        """A short briefing on a topic, in time order, every statement quoted and dated."""
        period = f" since {since}" if since else ""
        limit = f" with published_from={since}" if since else ""
        return (
            f"Brief me on {topic}{period}. Ask the archive with form=brief{limit}, then ask for the"
            f" figures, names and decisions that matter one at a time. Order what you find by date"
            f" and say where reports disagree. {_CITE}"
        )

    @server.prompt(title="Check this claim …")
    def check_this_claim(
        claim: Annotated[str, Field(description="one statement, word for word")],
        as_of: Annotated[str, Field(description="check it as of this day; empty: now")] = "",
    ) -> str:
        """Whether the archive supports a claim, contradicts it, or does not say."""
        limit = f", with as_of={as_of}" if as_of else ""
        return (
            f"Check this claim against the archive{limit}: “{claim}”. Ask one question for each"
            " thing that it states: who, when, where, how many. Then give one verdict: supported,"
            " contradicted, outdated (true once, and what it is now), or not in the archive."
            f" {_CITE}"
        )

    @server.prompt(title="What changed since …")
    def what_changed_since(
        topic: Annotated[str, Field(description="a person, place, event or figure")],
        since: Annotated[str, Field(description="a day, such as 2024-03-05")],
    ) -> str:
        """What is reported differently from how it was on a day."""
        return (
            f"What changed about {topic} since {since}? Ask the archive with as_of={since} how it"
            " was, then ask the same without as_of how it is now, and with"
            f" published_from={since} for what was reported in between. List each change with the"
            f" earlier and the later quote. {_CITE}"
        )
