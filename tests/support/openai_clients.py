"""OpenAI's own client on a service of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import openai

from qa.archive.archive import Archive
from qa.models.base import AnswerModel
from tests.support.server import serving


def client_at(url: str, **options: Any) -> openai.OpenAI:
    """The official client; it tries nothing twice unless it is told to."""
    return openai.OpenAI(base_url=f"{url}/v1", **{"api_key": "none", "max_retries": 0, **options})


@contextmanager
def official_client(
    archive: Archive, model: AnswerModel, **settings: Any
) -> Iterator[openai.OpenAI]:
    """The official client on a real server of the archive."""
    with serving(archive, model, **settings) as url, client_at(url) as client:
        yield client
