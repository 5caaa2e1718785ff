"""What tests of the HTTP service share: articles, a question about them, readers of responses."""

import json
from typing import Any

ARTICLES = [
    {
        "id": "https://coast.example/a/1?x=1",
        "title": "Relief for the coast",
        "text": "The harbour was flooded on Sunday. The council pledged USD 40 million in relief."
        " Work begins soon.",
        "published_at": "2024-03-04",
        "source": "Coast Daily",
    },
    {
        "id": "later",
        "text": "The council spoke again on Friday.",
        "published_at": "2024-03-08",
        "source": "Hill Times",
    },
    {"id": "undated", "text": "The council sits in a hall of oak."},
]
QUESTION = "How much relief did the council pledge?"


def check_problem(response: Any, status: int, *words: str) -> None:
    """An RFC 9457 document that names what is wrong."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    for word in words:
        assert word in problem["detail"], problem


def events_of(response: Any) -> list[tuple[str, Any]]:
    """The server-sent events of a whole response; comments are left out."""
    events = []
    for block in response.text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(
            line.split(": ", 1) for line in block.splitlines() if line[:1] not in ("", ":")
        )
        if fields:
            events.append((fields["event"], json.loads(fields["data"])))
    return events
