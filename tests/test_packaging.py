"""What an installed package holds: the product, not our training data, baselines and research."""

import tomllib
from pathlib import Path

from setuptools import find_packages

ROOT = Path(__file__).parents[1]
TABLES = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]


def packages() -> list[str]:
    find = TABLES["packages"]["find"]
    found: list[str] = find_packages(str(ROOT), include=find["include"], exclude=find["exclude"])
    return found


def files() -> set[str]:
    """What the wheel takes: modules of its packages, and their package data."""
    found: set[Path] = set()
    for package in packages():
        folder = ROOT / package.replace(".", "/")
        found.update(folder.glob("*.py"))
        for pattern in TABLES["package-data"].get(package, []):
            found.update(folder.glob(pattern))
    return {path.relative_to(ROOT).as_posix() for path in found}


def test_the_wheel_has_every_package_but_research() -> None:
    inits = {
        path.parent
        for top in ("qa", "api", "eval", "embeddings")
        for path in (ROOT / top).rglob("__init__.py")
    }
    there = {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in inits}
    assert set(packages()) == {name for name in there if not name.startswith("eval.research")}
    assert "eval.metrics" in packages()
    assert "eval.targets" in packages()


def test_the_wheel_has_no_research_training_data_or_baselines() -> None:
    shipped = files()
    assert {
        "eval/data/chosen_on.json",
        "eval/data/sample.jsonl",
        "qa/answering/reader.json",
        "eval/templates/report.html",
        "qa/data/sample.jsonl",
    } <= shipped
    unwanted = ("eval/research/", "eval/baselines/", "eval/data/archive/", "tests/")
    assert [path for path in shipped if path.startswith(unwanted)] == []
