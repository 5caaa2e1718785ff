"""Of the copies of a report one is a hit, and the others are named beside it."""

from pathlib import Path
from typing import Any

import pytest

from qa.archive.archive import Archive
from qa.bootstrap import open_retriever
from qa.question import Question
from qa.retrieval.hybrid import HybridRetriever
from qa.types import Filters
from tests.support.archives import put

WORDS = [f"{letter}{vowel}rn" for letter in "bcdfghjklmprst" for vowel in "ao"]
LEAD = (
    "A passenger ferry carrying 92 people sank in heavy seas off Port Selwen on Tuesday, killing at"
    " least 14, the coastguard said. The Lady Orla had left the island of Hesk shortly after dawn."
)
REPEATED = [
    {"id": "wire", "source": "Agency", "published_at": "2024-03-05", "text": LEAD},
    {"id": "copy", "source": "Herald", "published_at": "2024-03-06", "text": f"{LEAD} More soon."},
    {"id": "later", "source": "Ledger", "text": LEAD.replace("14", "19")},
]
FERRY = "What happened to the ferry off Port Selwen?"


@pytest.fixture
def retriever(archive: Archive) -> HybridRetriever:
    return open_retriever(archive)


def reported(retriever: HybridRetriever, **filters: Any) -> dict[str, list[str | None]]:
    """By article among the hits, the sources of its copies."""
    question = Question.parse(FERRY, Filters(**filters))
    hits = retriever.retrieve(question).hits
    return {hit.passage.article.id: [copy.source for copy in hit.copies] for hit in hits}


def test_of_copies_one_is_a_hit_and_names_the_others(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    put(archive, REPEATED, tmp_path)
    found = reported(retriever)
    assert found in ({"wire": ["Herald"], "later": []}, {"copy": ["Agency"], "later": []})
    assert reported(retriever, as_of="2024-03-05") == {"wire": []}
    assert reported(retriever, sources=("Herald",)) == {"copy": []}


def test_as_many_hits_as_asked_for_come_behind_many_copies(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    copies = [REPEATED[0] | {"id": f"c{n}", "source": f"Paper {n}"} for n in range(60)]
    others = [
        {"id": f"o{n}", "text": f"The ferry to {word} sailed on time off the port of {word}."}
        for n, word in enumerate(WORDS)
    ]
    put(archive, [*copies, *others], tmp_path)
    hits = retriever.retrieve(Question.parse(FERRY, Filters(), k=10)).hits
    found = [hit.passage.article.id for hit in hits]
    assert len(found) == 10
    assert sum(identity.startswith("c") for identity in found) == 1
    assert len(hits[0].copies) == 59


def test_what_only_a_longer_copy_has_is_still_found(
    archive: Archive, retriever: HybridRetriever, tmp_path: Path
) -> None:
    background = " ".join(
        f"The {word} of the harbour was shut by the {other} office for the whole of that day."
        for word, other in zip(WORDS[:14], WORDS[14:28], strict=True)
    )
    longer = REPEATED[0] | {"id": "longer", "source": "Herald", "text": f"{LEAD}\n\n{background}"}
    put(archive, [REPEATED[0], longer], tmp_path)
    question = Question.parse("What sank off Port Selwen, and why was the barn shut?", Filters())
    hits = retriever.retrieve(question).hits
    texts = [hit.passage.text for hit in hits]
    assert sum("Lady Orla" in text for text in texts) == 1
    assert any("barn" in text for text in texts)
    assert all(hit.copies for hit in hits)
