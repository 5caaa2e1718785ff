"""Answers' pages, cards, oEmbed and exports over HTTP: what they show, to whom, and never."""

import io
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from litestar.testing import TestClient

from api.http.queue import QuestionQueue
from qa.archive.archive import Archive
from qa.archive.keys import create_key
from qa.errors import ModelUnavailable
from tests.support.archives import put
from tests.support.client import check_problem
from tests.support.fakes import FirstSentenceModel
from tests.support.server import client_of, serving
from tests.support.web import Reply, running_site

QUESTION = "How many people died on the ferry?"
TEXT = (
    "The Aurora left Hask at noon. A storm came up. Seven people died on the ferry."
    " The captain survived. The harbour is closed. An inquiry begins on Monday."
)
HOW_TO = Path(__file__).parents[4] / "docs" / "how-to" / "share-answers.md"
HOSTILE = "<script>window.hacked = 1</script><img src=x onerror='window.hacked = 1'>"


def report(**fields: Any) -> dict[str, Any]:
    usual = {"id": "first", "text": TEXT, "published_at": "2024-05-01", "source": "Argus"}
    return {**usual, "title": "Ferry sinks", "url": "https://argus.example/1", **fields}


@pytest.fixture
def told(archive: Archive, tmp_path: Path) -> Archive:
    put(archive, [report()], tmp_path)
    return archive


@pytest.fixture
def asking(told: Archive) -> Iterator[TestClient[Any]]:
    with client_of(told, FirstSentenceModel()) as client:
        yield client


def ask(client: TestClient[Any], question: str = QUESTION, **fields: Any) -> str:
    """The id of a new answer."""
    reply = client.post("/v1/ask", json={"question": question, **fields})
    assert reply.json()["status"] == "answered", reply.text
    identity: str = reply.json()["id"]
    return identity


def shown(client: TestClient[Any], identity: str) -> dict[str, str]:
    """What every form of an answer shows, as text."""
    texts = {
        "page": client.get(f"/a/{identity}").text,
        "card": client.get(f"/a/{identity}/card").text,
        "md": client.get(f"/v1/answers/{identity}/export?format=md").text,
        "jsonld": client.get(f"/v1/answers/{identity}/export?format=jsonld").text,
    }
    word = client.get(f"/v1/answers/{identity}/export?format=docx").content
    texts["docx"] = "\n".join(part.text for part in Document(io.BytesIO(word)).paragraphs)
    return texts


# the page


def test_the_page_shows_the_quote_in_its_context_without_any_script(
    asking: TestClient[Any],
) -> None:
    page = asking.get(f"/a/{ask(asking)}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script-src" not in policy
    assert "<mark>Seven people died on the ferry.</mark>" in page.text
    assert "The Aurora left Hask at noon. A storm came up. <mark>" in page.text
    assert "</mark> The captain survived. The harbour is closed. …" in page.text
    assert "An inquiry" not in page.text
    for words in (QUESTION, "Argus", "1 May 2024", "Still current", "Confidence 0.90: likely"):
        assert words in page.text
    assert 'href="https://argus.example/1"' in page.text


def test_each_sentence_of_an_answer_is_followed_by_the_numbers_of_its_quotes(
    asking: TestClient[Any],
) -> None:
    identity = ask(asking, form="sentences")
    texts = shown(asking, identity)
    sentence = '<span>Seven people died on the ferry.</span> <a class="number" href="#quote-1"'
    assert sentence in texts["page"]
    assert "**Seven people died on the ferry.** [1]" in texts["md"]
    assert "Seven people died on the ferry. [1]" in texts["docx"]


def test_filters_and_the_as_of_are_said(asking: TestClient[Any]) -> None:
    identity = ask(asking, as_of="2024-06-01", filters={"sources": ["Argus"]})
    page = asking.get(f"/a/{identity}").text
    assert "as of 1 June 2024, in Argus" in page


def test_the_browser_asks_each_time_and_is_told_what_has_changed(
    asking: TestClient[Any],
) -> None:
    path = f"/a/{ask(asking)}"
    first = asking.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    tag = {"If-None-Match": f"W/{first.headers['etag']}"}
    assert asking.get(path, headers=tag).status_code == 304
    fix = report(id="fix", text="Six people died on the ferry.", corrects="first")
    asking.put("/v1/articles/fix", json={**fix, "published_at": "2024-05-02", "title": "Corrected"})
    changed = asking.get(path, headers=tag)
    assert changed.status_code == 200
    for words in (
        "Changed since",
        ": a correction of a cited report was published.",
        "on 2 May 2024",
        "Corrected",
    ):
        assert words in changed.text
    assert '<blockquote dir="auto">Six people died on the ferry.</blockquote>' in changed.text


def test_an_unknown_answer_is_a_page_that_says_so(asking: TestClient[Any]) -> None:
    for path in ("/a/nothing", "/a/nothing/card", f"/a/{HOSTILE.replace('/', '')}"):
        page = asking.get(path)
        assert page.status_code == 404
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "No answer" in page.text
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in page.text


def test_with_a_slash_at_the_end_the_style_sheet_is_found_too(asking: TestClient[Any]) -> None:
    identity = ask(asking)
    for path in (f"/a/{identity}", f"/a/{identity}/", f"/a/{identity}/card", "/a/nothing/card/"):
        page = asking.get(path)
        style = page.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert asking.get(str(page.url.join(style))).headers["content-type"].startswith("text/css")


def test_head_is_answered(asking: TestClient[Any]) -> None:
    page = asking.head(f"/a/{ask(asking)}")
    assert (page.status_code, page.content) == (200, b"")


# what must not be shown


@pytest.mark.parametrize(
    "end",
    [
        {"status": "canceled"},
        {"expires_at": "2024-06-01"},
        {"embargoed_until": "2999-01-01T00:00:00Z"},
        None,
    ],
)
def test_no_word_of_a_report_that_may_not_be_used_is_shown_anywhere(
    asking: TestClient[Any], end: dict[str, Any] | None
) -> None:
    identity = ask(asking)
    assert all("Seven people" in text for text in shown(asking, identity).values())
    if end is None:
        asking.delete("/v1/articles/first")
    else:
        asking.put("/v1/articles/first", json=report(**end))
    for name, text in shown(asking, identity).items():
        for words in ("Seven", "Aurora", "storm", "Ferry sinks", "argus.example"):
            assert words not in text, (name, words)
        assert QUESTION in text
        if name != "jsonld":
            assert ("Deleted" if end is None else "Withdrawn") in text, name


def test_other_reports_that_may_not_be_used_are_not_named(told: Archive, tmp_path: Path) -> None:
    copy = report(id="copy", source="Echo", published_at="2024-05-02", url=None)
    put(told, [copy], tmp_path)
    with client_of(told, FirstSentenceModel()) as asking:
        identity = ask(asking)
        cited = asking.get(f"/v1/answers/{identity}").json()["citations"][0]["article_id"]
        other, name = ("copy", "Echo") if cited == "first" else ("first", "Argus")
        assert f'also in <span dir="auto">{name}</span>' in asking.get(f"/a/{identity}").text
        told.withdraw(other)
        assert "also in" not in asking.get(f"/a/{identity}").text


def test_what_an_article_says_of_itself_cannot_act(told: Archive, tmp_path: Path) -> None:
    evil = report(
        id=f"evil/{HOSTILE}",
        title=HOSTILE,
        source=HOSTILE,
        authors=[HOSTILE],
        url="javascript:window.hacked=1",
        language='en" onfocus="x',
        text=f'Vera Quill "opened" the bridge {HOSTILE} [x](javascript:1) *on* Monday.',
    )
    put(told, [evil], tmp_path)
    with client_of(told, FirstSentenceModel(), embed_origins=["*"]) as asking:
        identity = ask(asking, f"Who opened the bridge {HOSTILE}?")
        texts = shown(asking, identity)
        embed = asking.get("/oembed", params={"url": f"http://127.0.0.1/a/{identity}"}).json()
    for text in (texts["page"], texts["card"], texts["md"].replace("\\<", ""), embed["html"]):
        assert "<script" not in text
        assert "<img" not in text
        assert "onfocus" not in text
    assert "javascript:" not in texts["jsonld"].replace("[x](javascript:1)", "")
    assert 'href="javascript' not in texts["page"]
    assert r"\[x\](javascript:1) \*on\*" in texts["md"]


# exports


def test_exports_are_files_named_after_the_question(asking: TestClient[Any]) -> None:
    identity = ask(asking)
    for form, kind in (
        ("md", "text/markdown; charset=utf-8"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("jsonld", "application/ld+json"),
    ):
        file = asking.get(f"/v1/answers/{identity}/export", params={"format": form})
        assert file.headers["content-type"] == kind
        name = f"how-many-people-died-on-the-ferry.{form}"
        disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}"
        assert file.headers["content-disposition"] == disposition
        assert file.headers["cache-control"] == "private, no-cache"
    check_problem(asking.get(f"/v1/answers/{identity}/export?format=pdf"), 400, "format")
    check_problem(asking.get(f"/v1/answers/{identity}/export"), 400, "format")
    check_problem(asking.get("/v1/answers/none/export?format=md"), 404, "none")


def test_an_export_holds_a_line_to_cite_and_the_answers_address(told: Archive) -> None:
    with client_of(told, FirstSentenceModel(), public_url="https://qa.example/desk") as asking:
        identity = ask(asking)
        texts = shown(asking, identity)
    for name in ("md", "docx"):
        plain = texts[name].translate(str.maketrans("", "", "<>"))
        assert "[1] “Ferry sinks”, Argus, 1 May 2024 https://argus.example/1" in plain
        assert f"https://qa.example/desk/a/{identity}" in plain
    line = "“Ferry sinks”, Argus, 1 May 2024, https://argus.example/1"
    assert f'<li dir="auto">{line}</li>' in texts["page"]


def test_json_ld_is_of_schema_org(asking: TestClient[Any]) -> None:
    identity = ask(asking)
    file = asking.get(f"/v1/answers/{identity}/export?format=jsonld")
    question = json.loads(file.text)
    assert question["@context"] == "https://schema.org"
    assert (question["@type"], question["name"]) == ("Question", QUESTION)
    answer = question["acceptedAnswer"]
    assert answer["creativeWorkStatus"] == "current"
    quotation = answer["citation"][0]
    assert quotation["@type"] == "Quotation"
    assert quotation["text"] == "Seven people died on the ferry."
    assert quotation["isPartOf"] == {
        "@type": "NewsArticle",
        "identifier": "first",
        "headline": "Ferry sinks",
        "url": "https://argus.example/1",
        "datePublished": "2024-05-01",
        "publisher": {"@type": "Organization", "name": "Argus"},
    }


# oEmbed


def test_oembed_gives_a_frame_only_where_one_may_show_the_card(told: Archive) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        address = f"http://127.0.0.1/a/{ask(asking)}"
        link = asking.get("/oembed", params={"url": address, "format": "json"}).json()
        assert link == {
            "version": "1.0",
            "type": "link",
            "title": QUESTION,
            "provider_name": "Dateline",
            "provider_url": "http://127.0.0.1/",
        }
        card = asking.get(f"{address}/card")
        assert "frame-ancestors 'none'" in card.headers["content-security-policy"]
    with client_of(told, FirstSentenceModel(), embed_origins=["https://news.example"]) as asking:
        limits = {"maxwidth": "300", "maxheight": "200"}
        rich = asking.get("/oembed", params={"url": address, **limits}).json()
        assert (rich["type"], rich["width"], rich["height"]) == ("rich", 300, 200)
        assert f'<iframe src="{address}/card" width="300" height="200"' in rich["html"]
        policy = asking.get(f"{address}/card").headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://news.example")
        page = asking.get(address)
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        discovered = page.text.partition('application/json+oembed" href="')[2].partition('"')[0]
        assert asking.get(discovered.replace("&amp;", "&")).json()["type"] == "rich"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"url": "http://127.0.0.1/a/none"}, 404),
        ({"url": "https://elsewhere.example/a/{id}"}, 404),
        ({"url": "http://127.0.0.1/b/{id}"}, 404),
        ({"url": "javascript://127.0.0.1/a/{id}"}, 404),
        ({"url": "http://[/a/{id}"}, 404),
        ({"url": "http://127.0.0.1/a/{id}", "format": "xml"}, 501),
        ({"url": "http://127.0.0.1/a/{id}", "maxwidth": "-1"}, 400),
        ({}, 400),
    ],
)
def test_oembed_refuses_what_is_not_an_answers_page(
    asking: TestClient[Any], query: dict[str, str], status: int
) -> None:
    identity = ask(asking)
    filled = {name: value.replace("{id}", identity) for name, value in query.items()}
    check_problem(asking.get("/oembed", params=filled), status)


# the how-to page


@pytest.mark.sqlite_only("runs the commands of a page")
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed on this machine")
def test_the_commands_of_the_how_to_page_work(told: Archive, tmp_path: Path) -> None:
    text = "The new Hask bridge cost EUR 12 million."
    put(told, [report(id="bridge", text=text, title="Bridge opens")], tmp_path)
    blocks = re.findall(r"```sh\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    origins = re.search(r"DATELINE_EMBED_ORIGINS='(.*)'", "".join(blocks))
    assert origins is not None
    with serving(told, FirstSentenceModel(), embed_origins=json.loads(origins[1])) as url:
        script = "set -e\n" + "\n".join(blocks).replace("http://127.0.0.1:8000", url)
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
        )
    assert json.loads(done.stdout)["type"] == "rich"
    assert json.loads(done.stdout)["width"] == 500
    for name in ("answer.html", "answer.md"):
        assert "EUR 12 million" in (tmp_path / name).read_text("utf-8"), name
    word = Document(str(tmp_path / "answer.docx"))
    assert any("EUR 12 million" in part.text for part in word.paragraphs)
    assert json.loads((tmp_path / "answer.jsonld").read_text("utf-8"))["@type"] == "Question"


# robots, and who may open a page


def test_search_engines_list_answers_only_where_a_setting_says_so(told: Archive) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        path = f"/a/{ask(asking)}"
        page = asking.get(path)
        assert page.headers["x-robots-tag"] == "noindex"
        assert '<meta name="robots" content="noindex">' in page.text
    with client_of(told, FirstSentenceModel(), index_answers=True) as asking:
        page = asking.get(path)
        assert "x-robots-tag" not in page.headers
        assert "noindex" not in page.text
        assert asking.get(f"{path}/card").headers["x-robots-tag"] == "noindex"


def test_pages_need_a_key_unless_answers_are_public(told: Archive) -> None:
    _, asker = create_key(told.store, "asker", ["ask"])
    _, reader = create_key(told.store, "reader", ["read"])
    keys = [{"Authorization": f"Bearer {secret}"} for secret in (asker, reader)]
    with client_of(told, FirstSentenceModel()) as asking:
        asked = asking.post("/v1/ask", json={"question": QUESTION}, headers=keys[0])
        identity = asked.json()["id"]
        embed = f"/oembed?url=http://127.0.0.1/a/{identity}"
        export = f"/v1/answers/{identity}/export?format=md"
        paths = [f"/a/{identity}", f"/a/{identity}/card", embed, export]
        for path in paths:
            assert asking.get(path).status_code == 401, path
            assert asking.get(path, headers=keys[0]).status_code == 403, path
            assert asking.get(path, headers=keys[1]).status_code == 200, path
        refused = asking.get(paths[0])
        assert refused.headers["content-type"] == "text/html; charset=utf-8"
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "Seven" not in refused.text
    outside = {"client": "203.0.113.9", "host": "qa.example"}
    with client_of(told, FirstSentenceModel(), public_answers=True, **outside) as asking:
        for path in paths:
            opened = path.replace("127.0.0.1", "qa.example")
            assert asking.get(opened).status_code == 200, path
            assert asking.get(opened, headers=keys[0]).status_code == 403, path
        assert asking.get(f"/v1/answers/{identity}").status_code == 401
        assert asking.get("/v1/articles").status_code == 401


def test_without_a_key_pages_are_read_within_the_limit_of_an_address(told: Archive) -> None:
    _, secret = create_key(told.store, "reader", ["read", "ask"])
    with_key = {"Authorization": f"Bearer {secret}"}
    settings: dict[str, Any] = {"public_answers": True, "read_limit": "2/hour"}
    with client_of(told, FirstSentenceModel(), **settings) as asking:
        reply = asking.post("/v1/ask", json={"question": QUESTION}, headers=with_key)
        path = f"/a/{reply.json()['id']}"
        pages = [asking.get(path) for _ in range(3)]
        assert [page.status_code for page in pages] == [200, 200, 429]
        assert int(pages[-1].headers["retry-after"]) > 0
        assert "2 requests per hour from" in pages[-1].text
        assert asking.get(path, headers=with_key).status_code == 200
    with client_of(told, FirstSentenceModel(), **settings, client="203.0.113.9") as asking:
        assert asking.get(path).status_code == 200


# not found


def ask_in_vain(client: TestClient[Any], **headers: str) -> str:
    """The id of an answer whose only candidate is rejected: `FirstSentenceModel` is .9 sure."""
    fields = {"question": QUESTION, "min_confidence": 0.95}
    reply = client.post("/v1/ask", json=fields, headers=headers).json()
    assert (reply["status"], reply["candidate"]["confidence"]) == ("not_found", 0.9)
    identity: str = reply["id"]
    return identity


def test_not_found_shows_the_nearest_reports_and_what_was_rejected(
    asking: TestClient[Any],
) -> None:
    texts = shown(asking, ask_in_vain(asking))
    for form in ("page", "card", "md", "docx"):
        for words in ("Nearest reports", "Ferry sinks", "Argus", "1 May 2024"):
            assert words in texts[form], (form, words)
        assert "https://argus.example/1" in texts[form] or form == "docx"
    folded = re.search(r'<details class="rejected">.*?</details>', texts["page"], re.DOTALL)
    assert folded is not None
    assert "<mark>Seven people died on the ferry.</mark>" in folded[0]
    assert "Confidence 0.90: not enough" in folded[0]
    assert "Seven people" not in texts["page"].replace(folded[0], ""), "nowhere else"
    for form in ("md", "docx"):
        _, rejected = texts[form].split("Not an answer", 1)
        assert "Seven people died on the ferry." in rejected, form
    for form in ("card", "jsonld"):
        assert "Seven people" not in texts[form], form
    assert "All quotes" not in texts["card"], "there are none"


def test_a_rejected_answer_goes_with_the_report_that_says_it(told: Archive, tmp_path: Path) -> None:
    put(told, [report(id="other", text="The ferry was new.", title="A ferry")], tmp_path)
    with client_of(told, FirstSentenceModel()) as asking:
        identity = ask_in_vain(asking)
        told.withdraw("first")
        texts = shown(asking, identity)
    assert "A ferry" in texts["page"]
    for form, text in texts.items():
        assert "Ferry sinks" not in text, form
        assert "Seven" not in text, form


def test_a_public_link_opens_no_search(told: Archive) -> None:
    _, secret = create_key(told.store, "all", ["ask", "read"])
    key = {"Authorization": f"Bearer {secret}"}
    with client_of(told, FirstSentenceModel(), public_answers=True) as asking:
        path = f"/a/{ask_in_vain(asking, **key)}"
        assert "Ferry sinks" in asking.get(path, headers=key).text
        page = asking.get(path).text
    assert "Not found" in page
    assert "Ferry sinks" not in page
    assert "Seven" not in page


def test_a_search_that_fails_does_not_hide_the_answer(
    asking: TestClient[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = ask_in_vain(asking)

    async def fail(*_: object) -> None:
        raise ModelUnavailable("the embedder is gone")

    monkeypatch.setattr(QuestionQueue, "find", fail)
    page = asking.get(f"/a/{identity}")
    assert page.status_code == 200
    assert "Not found" in page.text
    assert "Nearest reports" not in page.text


# in a browser


@pytest.mark.sqlite_only("the browser sees no store")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_to_object_to_and_nothing_breaks_the_policy(
    told: Archive, browser: Any, scheme: str, width: int
) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        identity = ask(asking)
        told.withdraw("first")
        asking.put("/v1/articles/first", json=report(text=TEXT.replace("Seven", "Nine")))
    # Only axe itself is a script: the page's own policy allows none.
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    with serving(told, FirstSentenceModel()) as url:
        tab = context.new_page()
        problems: list[str] = []
        strict = browser.new_page()  # under the page's own policy
        strict.on("console", lambda message: problems.append(message.text))
        for path in (f"/a/{identity}", f"/a/{identity}/card", "/a/nothing"):
            strict.goto(url + path)
            tab.goto(url + path)
            found = Axe().run(tab)
            assert found.violations_count == 0, found.generate_report()
            assert tab.evaluate("document.documentElement.scrollWidth") <= width
        strict.close()
    context.close()
    assert [text for text in problems if "404" not in text] == []


@pytest.mark.sqlite_only("the browser sees no store")
def test_a_page_elsewhere_frames_the_card_only_if_its_origin_is_set(
    told: Archive, browser: Any
) -> None:
    with client_of(told, FirstSentenceModel()) as asking:
        identity = ask(asking)
    seen = []
    for may_frame in (False, True):
        with running_site() as site:
            origins = [site.url] if may_frame else []
            with serving(told, FirstSentenceModel(), embed_origins=origins) as url:
                frame = f'<iframe sandbox="allow-popups" src="{url}/a/{identity}/card"></iframe>'
                site.replies["/"] = Reply(frame)
                tab = browser.new_page()
                tab.goto(f"{site.url}/")
                seen.append(tab.frames[1].locator(".lead").count())
                if may_frame:
                    weight = "(lead) => getComputedStyle(lead).fontWeight"
                    styled = tab.frames[1].locator(".lead").evaluate(weight)
                    assert styled == "700", "its style sheet is loaded"
                tab.close()
    assert seen == [0, 1]
