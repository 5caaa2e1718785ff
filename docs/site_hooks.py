"""What turns docs/, as it is read in a repository, into a site; mkdocs calls these functions.

Pages of the repository's root that the documentation links to become pages of the site. A link to
any other file outside docs/ becomes plain text, as the site has no source code.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
# Files of the root, and the names of their pages.
PROJECT = {
    "CHANGELOG.md": "project/changelog.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "NOTICE": "project/notice.md",
    "SECURITY.md": "project/security.md",
    "THIRD_PARTY.md": "project/third-party.md",
    "README.md": "project/readme.md",
}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s:]+)\)")
FENCE = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Write out entries such as ``how-to/*`` of the navigation: all pages of that folder."""
    config.nav = _written_out(config.nav or [], Path(config.docs_dir))
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages of the root."""
    for name, page in PROJECT.items():
        text = (ROOT / name).read_text("utf-8")
        if not name.endswith(".md"):
            text = f"# Notice\n\n```text\n{text}```\n"
        files.append(File.generated(config, page, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Page, files: Files, **_: Any) -> str:
    """Point each link to where its target is in the site."""
    here = page.file.src_uri
    origins = {target: name for name, target in PROJECT.items()}
    origin = origins.get(here, f"docs/{here}")

    def moved(link: re.Match[str]) -> str:
        label, target = link.groups()
        path, _, anchor = target.partition("#")
        if not path:
            return link.group()
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(origin), path))
        there = PROJECT.get(meant, meant.removeprefix("docs/"))
        if files.get_file_from_path(there) is None and not meant.startswith("docs/"):
            return label
        relative = posixpath.relpath(there, posixpath.dirname(here) or ".")
        return f"[{label}]({relative}{'#' if anchor else ''}{anchor})"

    parts = FENCE.split(markdown)
    return "".join(part if part.startswith("```") else LINK.sub(moved, part) for part in parts)


def _written_out(entries: list[Any], docs: Path) -> list[Any]:
    pages: list[Any] = []
    for entry in entries:
        if isinstance(entry, dict):
            sections = {title: _written_out(inner, docs) for title, inner in entry.items()}
            pages.append(sections)
        elif entry.endswith("/*"):
            listed = {path.relative_to(docs).as_posix() for path in docs.glob(f"{entry}.md")}
            pages += sorted(listed - set(entries))
        else:
            pages.append(entry)
    return pages
