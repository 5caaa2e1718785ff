"""NOTICE names what the product really contains."""

import re
from email.message import Message
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from tests.support.scripts import load_script

ROOT = Path(__file__).parents[1]


def test_every_path_of_the_notice_exists() -> None:
    text = (ROOT / "NOTICE").read_text("utf-8")
    named = re.findall(r"\b(?:qa|eval|api|embeddings)/[\w/.-]*\w", text)
    assert len(named) >= 2
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.fixture(scope="module")
def notices() -> ModuleType:
    """deploy/release/notices.py, which is a script and not in a package."""
    return load_script(ROOT / "deploy" / "release" / "notices.py")


def test_every_package_that_is_installed_for_users_is_listed_with_its_licence(
    notices: ModuleType,
) -> None:
    wanted = notices.needed_by()
    assert {"torch", "litestar", "mcp", "psycopg"} <= wanted.keys()
    assert wanted["torch"] == {"dateline"}
    assert wanted["psycopg"] == {"postgres"}
    assert "pytest" not in wanted
    assert (ROOT / "THIRD_PARTY.md").read_text("utf-8") == notices.render(), "run: make notices"


def test_no_licence_asks_more_of_users_than_notices(notices: ModuleType) -> None:
    """No GPL or AGPL, unless another licence may be chosen; the LGPL's are drivers of an extra."""
    strict = {
        name: notices.licence(name)
        for name in notices.needed_by()
        if re.search(r"\bA?GPL|Affero|General Public", notices.licence(name))
    }
    assert strict == {"tld": "MPL-1.1 OR GPL-2.0-only OR LGPL-2.1-or-later"}


def test_a_package_without_a_licence_stops_the_release(
    notices: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "installed", lambda name: SimpleNamespace(metadata=Message()))
    with pytest.raises(SystemExit, match="unheard-of names no licence"):
        notices.licence("unheard-of")
