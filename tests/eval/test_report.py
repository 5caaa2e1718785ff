"""The report, looked at in a real browser."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from eval.cases import EvalCase
from eval.compare import load, write_summary
from eval.outcome import Outcome, QuoteCheck
from eval.report import StressRow, cut_after, cut_before, html, markdown, stress_rows
from eval.run import run_cases
from eval.run_file import Stored, open_run
from eval.targets.base import CONTEXT
from eval.targets.file import adapt_answer
from qa.errors import BadInput
from tests.support.targets import Parrot, hits_of

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=\"document.title='taken'\">"
CASES = [
    EvalCase(
        id=name,
        question=question,
        answers=answers,
        answerable=bool(answers),
        relevant=(name,),
        tags=tags,
    )
    for name, question, answers, tags in (
        ("ships", "How many ships came?", ("five",), ("count",)),
        ("who", f"Who came? {HOSTILE}", ("Voss",), ("person",)),
        ("why", "Why did they come?", (), ()),
        ("down", "When?", ("May",), ()),
    )
]
FORMS = {"ships": "short", "who": "short", "why": "unanswerable", "down": "short"}
QUOTE = "🚢 Five ships came."


class Port(Parrot):
    def describe(self) -> Mapping[str, Any]:
        chosen = {"reader": [{"name": "reports.jsonl", "sha256": None}], "min_confidence": []}
        return {
            **super().describe(),
            "settings": {"min_confidence": 0.35},
            "fitted_on": chosen,
        }

    def ask(self, case: EvalCase) -> Outcome:
        if case.id in ("down", *self.failing):
            return super().ask(case.model_copy(update={"id": "down"}))
        said = {"ships": "five", "who": "Kestrel", "why": None}[case.id]
        if case.id in self.wrong:
            said = "nine"
        citation = {"n": 1, "article_id": "a", "title": HOSTILE, "quote": QUOTE}
        check = {"n": 1, "exact": True, "before": "It was foggy. ", "after": " They left."}
        answer = {
            "answer": said,
            "confidence": 0.9 if said == "five" else 0.4,
            "citations": [citation] if said else [],
        }
        adapted, unreported = adapt_answer(answer)
        return Outcome(
            answer=adapted,
            unreported=unreported,
            quotes=(QuoteCheck.model_validate(check),),
            hits=hits_of(("a", f"It was foggy. {QUOTE} {HOSTILE}")),
            seconds=0.5,
            cpu_seconds=0.25,
        )


def made(folder: Path, name: str, **more: Any) -> Stored:
    path = folder / name
    run_cases(CASES, Port(failing={"down"}, **more), cases_name="port.jsonl", out=path)
    return open_run(path)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a run with a baseline."""
    folder = tmp_path_factory.mktemp("report")
    before, after = made(folder, "before.json", wrong={"ships"}), made(folder, "after.json")
    share = {"mean": 0.75, "low": 0.5, "high": 1.0, "n": 4}
    stress = {"summary": {"kinds": {"typos": {"cases": 4, "as it must": share}}}}
    html(after, folder / "report.html", load(before.path), stress)
    return folder / "report.html"


@pytest.fixture
def page(browser: Any, report: Path) -> Iterator[Any]:
    """The report, opened from the disk with no network at all."""
    context = browser.new_context(offline=True)
    opened = context.new_page()
    opened.problems = []
    opened.on(
        "console",
        lambda message: opened.problems.append(message.text) if message.type == "error" else None,
    )
    opened.on("pageerror", lambda error: opened.problems.append(str(error)))
    opened.goto(report.as_uri())
    yield opened
    context.close()


def visible(page: Any) -> list[str]:
    return [
        row.get_attribute("data-id")
        for row in page.query_selector_all("#cases tbody tr")
        if row.is_visible()
    ]


def test_the_page_opens_offline_and_shows_what_matters(page: Any) -> None:
    text = page.inner_text("body")
    assert "port.jsonl" in page.title()
    assert "2 of 3" in text.replace(
        "\n", " "
    )  # right: the ships, and the silence; "who" is wrong, "down" failed
    assert "it is on strike" in text
    assert "+0.333" in text
    assert "By form" in text
    assert page.locator("figure svg").count() >= 3
    assert page.problems == []


def test_what_flipped_comes_first_with_both_answers(page: Any) -> None:
    rows = page.locator("#cases tbody tr")
    assert rows.first.get_attribute("data-id") == "ships"
    shown = rows.first.inner_text()
    assert "before nine" in shown
    assert "said five" in shown
    assert "won" in shown


def test_what_a_comparison_says_comes_before_the_summary(page: Any) -> None:
    headings = page.locator("h2").all_inner_texts()
    assert headings[0].startswith("Against ")
    assert headings[1] == "Summary"


def test_on_paper_it_is_dark_on_light_with_the_bars(browser: Any, report: Path) -> None:
    """Also for those whose screen is dark."""
    context = browser.new_context(offline=True, color_scheme="dark")
    opened = context.new_page()
    opened.goto(report.as_uri())
    opened.emulate_media(media="print", color_scheme="dark")
    style = "(node, name) => getComputedStyle(node)[name]"
    for name, value in (("color", "rgb(0, 0, 0)"), ("backgroundColor", "rgb(255, 255, 255)")):
        assert opened.locator("body").evaluate(style, name) == value
    assert opened.locator(".bar").first.evaluate(style, "printColorAdjust") == "exact"
    assert not opened.locator(".filters").is_visible()
    context.close()


def test_the_context_of_a_quote_ends_with_whole_words() -> None:
    cut = "mpletely " + "w" * (CONTEXT - 9)
    assert cut_before(cut) == "… " + "w" * (CONTEXT - 9)
    assert cut_after("w" * (CONTEXT - 4) + " hal") == "w" * (CONTEXT - 4) + " …"
    assert cut_before("It was foggy. ") == cut_after("It was foggy. ") == "It was foggy. "


def test_the_page_shows_groups_the_operating_point_stress_and_cost(page: Any) -> None:
    text = page.inner_text("body")
    assert "had a part in choosing Dateline's numbers" in text
    assert "not fitted on" in text.lower()
    assert "threshold 0.35" in page.locator("figure svg").first.text_content()
    assert "typos" in text
    assert "0.750" in text
    assert "0.25 s" in text
    assert "no passage found holds the answer" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_no_violation(browser: Any, report: Path, scheme: str, width: int) -> None:
    context = browser.new_context(
        offline=True, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    opened = context.new_page()
    opened.goto(report.as_uri())
    opened.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    found = Axe().run(opened)
    context.close()
    assert found.violations_count == 0, found.generate_report()


def test_the_page_is_one_file(report: Path) -> None:
    """Nothing is loaded from elsewhere, not even from beside it."""
    text = report.read_text("utf-8")
    assert not re.search(r"<(link|img|iframe|object)\b|\ssrc=[\"']?(?!x )|@import", text)


@pytest.mark.parametrize(
    "content", [[], {"kinds": 5}, {"typos": {"cases": 3}}, {"a": {"cases": "b"}}]
)
def test_what_is_no_stress_result_is_refused(content: Any) -> None:
    with pytest.raises(BadInput, match="eval stress --json"):
        stress_rows(content)


def test_a_stress_result_is_read_as_it_is_printed() -> None:
    share = {"mean": 0.75, "low": 0.5, "high": 1.0, "n": 4}
    rows = stress_rows({"summary": {"kinds": {"typos": {"cases": 4, "as it must": share}}}})
    assert rows == [StressRow("typos", 4, 0.75, 0.5, 1.0)]


def test_text_of_articles_and_cases_is_text(page: Any) -> None:
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    assert page.title() != "taken"
    assert page.locator("#cases script, #cases img").count() == 0
    assert "<script>" in page.inner_text("#cases")
    assert page.problems == []


def test_the_quote_stands_marked_in_its_context(page: Any) -> None:
    page.locator("tr[data-id=ships] summary").click()
    assert page.inner_text("tr[data-id=ships] mark") == QUOTE
    quote = page.inner_text("tr[data-id=ships] blockquote")
    assert quote.startswith(f"It was foggy. {QUOTE} They left.")


def test_cases_are_filtered_and_sorted(page: Any) -> None:
    assert len(visible(page)) == 4
    page.select_option("#state", "wrong")
    assert visible(page) == ["who"]
    page.select_option("#state", "")
    page.fill("#words", "SHIPS came many")
    assert visible(page) == ["ships"]
    assert page.inner_text("#shown") == "1 of 4"
    page.fill("#words", "")
    page.select_option("#tag", "person")
    assert visible(page) == ["who"]
    page.select_option("#tag", "")
    page.select_option("#flip", "won")
    assert visible(page) == ["ships"]
    page.select_option("#flip", "")
    page.click("button[data-key=f1]")
    # by rising F1; those without one come last
    assert visible(page)[:2] == ["who", "ships"]
    page.click("button[data-key=f1]")
    assert visible(page)[:2] == ["ships", "who"]


def test_the_page_fits_a_phone(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_markdown_and_summary_hold_numbers_and_no_text(tmp_path: Path) -> None:
    before, after = made(tmp_path, "before.json", wrong={"ships"}), made(tmp_path, "after.json")
    shown = markdown(after, load(before.path))
    assert "| exact match | 0.500 |" in shown  # of two answerable that were answered
    assert "| F1 | 0.000 | 0.500 | +0.500 |" in shown
    # ships right, who wrong, the unanswerable why rightly declined: (1 - 1 + 1) / 3
    assert "| CRAG score | 0.333 |" in shown
    assert "| short | 2 | 0.000 (-1.000 … 1.000) | 0.500 " in shown
    assert "| not fitted on | 3 | 0.333" in shown
    assert "| unanswerable | 1 | 1.000 | 1.000 | 0.000 | 0.000 |" in shown
    write_summary(after, tmp_path / "summary.json")
    written = (tmp_path / "summary.json").read_text("utf-8")
    for text in (shown, written):
        for secret in ("foggy", "Five ships", "Voss", "Kestrel", "How many ships"):
            assert secret not in text
    same = load(tmp_path / "summary.json")
    assert same.scores == load(after.path).scores
    assert same.uses == load(after.path).uses == dict.fromkeys(FORMS, "not fitted on")
    assert same.forms == load(after.path).forms == FORMS
    assert json.loads(written)["kind"] == "dateline summary"
