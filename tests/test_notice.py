"""NOTICE names what the product really contains."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_path_of_the_notice_exists() -> None:
    text = (ROOT / "NOTICE").read_text("utf-8")
    named = re.findall(r"\b(?:qa|eval|api|embeddings)/[\w/.-]*\w", text)
    assert len(named) >= 2
    assert [path for path in named if not (ROOT / path).exists()] == []
