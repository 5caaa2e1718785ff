"""The description of the API: whole, true of the service, and readable without any other site."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from tests.support.archives import put
from tests.support.client import ARTICLES
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of, serving
from tests.support.values import an_answer


def test_every_operation_is_described_with_its_errors_and_bodies_with_examples(
    archive: Archive,
) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        description = asking.get("/schema/openapi.json").json()
    operations = {
        (method, path): operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }
    assert len(operations) >= 14
    for (method, path), operation in operations.items():
        assert operation.get("description"), (method, path)
        if not path.startswith("/health") and path != "/metrics":
            assert {"401", "403", "429"} <= set(operation["responses"]), (method, path)
        for kind, media in operation.get("requestBody", {}).get("content", {}).items():
            assert kind == "application/json"
            assert media["schema"], (method, path)
            assert media["examples"], (method, path)
    assert "text/event-stream" in operations["post", "/v1/ask"]["responses"]["200"]["content"]


def test_an_export_is_described_in_each_format(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        paths = asking.get("/schema/openapi.json").json()["paths"]
    answered = paths["/v1/answers/{answer_id}/export"]["get"]["responses"]["200"]["content"]
    types = {kind.rpartition("/")[2]: media["schema"]["type"] for kind, media in answered.items()}
    assert types["ld+json"] == "object"
    assert types["markdown"] == "string"
    assert len(types) == 3


def test_the_examples_do_what_they_say(archive: Archive) -> None:
    archive.store_answer(an_answer(id="an-answer"), 9)
    with client_of(archive, FirstSentenceModel()) as asking:
        description = asking.get("/schema/openapi.json").json()
        for path, methods in description["paths"].items():
            for method, operation in methods.items():
                for media in operation.get("requestBody", {}).get("content", {}).values():
                    for example in media["examples"].values():
                        named = path.replace("{article_id}", "bridge-1")
                        named = named.replace("{answer_id}", "an-answer")
                        reply = asking.request(method, named, json=example["value"])
                        assert reply.status_code in (200, 201), (path, reply.text)
        assert asking.get("/v1/articles/bridge-1").json()["source"] == "Hask Courier"


def test_the_page_of_the_description_needs_no_other_site(archive: Archive) -> None:
    with client_of(archive, FirstSentenceModel()) as asking:
        page = asking.get("/schema/docs")
    assert page.headers["content-type"].startswith("text/html")
    assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page.text)
    assert "<script" not in page.text
    for word in (
        "/v1/ask",
        "/v1/articles/{article_id}",
        "EUR 12 million",
        "Disagreement",
        "problem+json",
    ):
        assert word in page.text


# A schema says only in part which values are accepted (a day is a string); other tests cover those.
# A route's own OPTIONS, which litestar answers, names one handler's methods where two share a path.
# Everything else that schemathesis can check is checked.
LEFT_OUT = (
    "positive_data_acceptance,negative_data_rejection,missing_required_header"
    ",allow_header_conformance"
)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_thousands_of_made_up_requests_meet_nothing_undeclared(
    archive: Archive, tmp_path: Path
) -> None:
    put(archive, ARTICLES, tmp_path)
    _, secret = create_key(archive.store, "fuzz", ["admin"])
    limits: Any = dict.fromkeys(("ask_limit", "read_limit", "ingest_limit"), "1000000/second")
    with serving(archive, FirstSentenceModel(), **limits) as url:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/schema/openapi.json"]
        command += ["--checks", "all", "--exclude-checks", LEFT_OUT, "--max-examples", "650"]
        command += ["--header", f"Authorization: Bearer {secret}", "--seed", "20240305"]
        done = subprocess.run(
            [*command, "--warnings", "off"],
            capture_output=True,
            text=True,
            timeout=1400,
            cwd=tmp_path,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:]
    generated = re.search(r"([\d,]+) generated", done.stdout)
    assert generated is not None, done.stdout[-3000:]
    assert int(generated[1].replace(",", "")) >= 5000
