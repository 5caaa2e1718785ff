"""robots.txt and llms.txt."""

from urllib.robotparser import RobotFileParser

from qa.archive.archive import Archive
from qa.archive.keys import create_key
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of


def test_crawlers_may_fetch_answers_pages_only_where_they_are_public(archive: Archive) -> None:
    allowed = []
    for public in (False, True):
        with client_of(archive, FirstSentenceModel(), public_answers=public) as asking:
            file = asking.get("/robots.txt")
        assert file.headers["content-type"].startswith("text/plain")
        robots = RobotFileParser()
        robots.parse(file.text.splitlines())
        paths = ("/", "/v1/answers/x/export", "/a/x", "/static/answer.css")
        allowed.append([path for path in paths if robots.can_fetch("Bot", path)])
    assert allowed == [[], ["/a/x", "/static/answer.css"]]


def test_agents_read_where_the_api_is_without_a_key(archive: Archive) -> None:
    create_key(archive.store, "reader", ["read"])
    with client_of(archive, FirstSentenceModel(), public_url="https://qa.example") as asking:
        file = asking.get("/llms.txt")
        for path in ("schema/openapi.json", "schema/docs", "mcp"):
            assert f"(https://qa.example/{path})" in file.text
            assert asking.get(f"/{path}").status_code != 404
    assert file.text.startswith("# Dateline\n\n> Ask")
    assert "/v1/ask" in file.text
