"""The documentation agrees with the code: references, links, packages, the quickstart."""

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import qa
from qa.archive.archive import Archive
from qa.settings import Settings
from tests.support.archives import put
from tests.support.cli import LocalCli
from tests.support.fakes import FirstSentenceModel
from tests.support.scripts import load_script
from tests.support.server import serving

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "embeddings", "eval", "qa")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    """docs/generate.py, which is a script and not in a package."""
    return load_script(ROOT / "docs" / "generate.py")


def pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob(".github/**/*.md")])


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the usual renderers of Markdown name them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings
    }


def links() -> Iterator[tuple[Path, str]]:
    for page in pages():
        for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
            if not re.match(r"[a-z]+:", target):
                yield page, target


@pytest.mark.parametrize("name", ["settings.md", "cli.md", "http.md"])
def test_generated_references_are_up_to_date(generate: ModuleType, name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text("utf-8")
    assert written == generate.pages()[name], "run: make docs"


def test_every_setting_has_a_description() -> None:
    without = [name for name, field in Settings.model_fields.items() if not field.description]
    assert without == []


def test_every_relative_link_resolves() -> None:
    found = list(links())
    assert len(found) > 20
    broken = []
    for page, target in found:
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (anchor and anchor not in anchors(file)):
            broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert broken == []


def test_every_page_that_the_code_cites_exists() -> None:
    """A comment cites a page as docs/NAME; a decision may be cited by its number alone."""
    cited = [
        (path.relative_to(ROOT).as_posix(), page)
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for page in re.findall(r"docs/[\w/.-]*\w", path.read_text("utf-8"))
    ]
    assert cited
    missing = [
        (path, page)
        for path, page in cited
        if not ((ROOT / page).exists() or list(ROOT.glob(f"{page}-*.md")))
    ]
    assert missing == []


def test_the_index_links_every_page_of_docs() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {(page.parent / target.partition("#")[0]).resolve() for page, target in links()}
    from_index = {
        (index.parent / target.partition("#")[0]).resolve()
        for target in LINK.findall(index.read_text("utf-8"))
    }
    for page in (ROOT / "docs").rglob("*.md"):
        if page == index or page.parent.name in ("decisions", "measurements", "benchmarks"):
            assert page in linked, f"{page.relative_to(ROOT)} is linked from nowhere"
        else:
            assert page in from_index, f"{page.relative_to(ROOT)} is not in docs/index.md"


def test_the_table_of_packages_names_every_package() -> None:
    """Packages that hold code; those of data, templates or static files are their owners' own."""
    architecture = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    table = architecture.partition("## Packages")[2].partition("\n## ")[0]
    named = {name.rstrip("/") for name in re.findall(r"^\| `([\w/]+)` \|", table, re.MULTILINE)}
    real = {
        path.parent.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert named == real


def test_decisions_have_the_same_parts_in_order() -> None:
    for page in sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md")):
        parts = re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE)
        expected = ["Context", "Options", "Decision", "Consequences"]
        given = [part.split()[0] for part in parts]
        assert given in (expected, expected[:3]), page.name


def test_the_version_has_a_section_in_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(rf"^## \[?{re.escape(project['version'])}\b", changelog, re.MULTILINE)


def test_the_quickstart_works_as_written(model_cache: Path, tmp_path: Path) -> None:
    text = (ROOT / "docs" / "quickstart.md").read_text("utf-8")
    article = re.findall(r"```json\n(.*?)```", text, re.DOTALL)[0]
    cli = LocalCli(tmp_path, model_cache)
    (tmp_path / "articles.jsonl").write_text(article, "utf-8")
    ran = []
    for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words[:1] == ["dateline"] and words[1] != "serve":
                ran.append((words[1], cli(*words[1:]).stdout))
    assert [command for command, _ in ran][:2] == ["ingest", "ask"]
    shown = re.findall(r"```console\n\$ dateline ask [^\n]*\n(.*?)```", text, re.DOTALL)[0]
    confidence = re.compile(r"confidence \d\.\d\d")  # moves with each fit
    first = next(output for command, output in ran if command == "ask")
    assert confidence.sub("", first) == confidence.sub("", shown)


def test_the_python_page_names_what_is_public() -> None:
    page = (ROOT / "docs" / "reference" / "python.md").read_text("utf-8")
    missing = [name for name in qa.__all__ if f"{name}" not in page]
    assert missing == []
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        compile(block, "python.md", "exec")


def test_the_page_of_openai_clients_works_as_written(
    archive: Archive,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (ROOT / "docs" / "how-to" / "openai-clients.md").read_text("utf-8")
    (article,) = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    put(archive, [json.loads(article)], tmp_path)
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    with serving(archive, FirstSentenceModel()) as url:
        monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
        monkeypatch.setenv("OPENAI_API_KEY", "none")
        exec("".join(examples), {})  # noqa: S102  # our own page
    shown = re.findall(r"^print\(.*\)  # (.+)$", "".join(examples), re.MULTILINE)
    printed = capsys.readouterr().out
    assert len(shown) == 3
    assert set(shown) <= set(printed.splitlines())
    assert f"[1] New bridge for Hask {url}/v1/articles/bridge-1?version=" in printed
    assert " -> New bridge for Hask" in printed
