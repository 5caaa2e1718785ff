"""Word documents."""

import io

from docx import Document

from api.share.outline import Block
from api.share.word import to_word


def test_each_block_is_a_paragraph_of_its_style() -> None:
    blocks = [
        Block("title", "How many died?"),
        Block("answer", "Seven"),
        Block("quote", "“Seven died.”"),
        Block("source", "Argus, 1 May 2024", (1,), "https://argus.example/1?a=1&b=2"),
        Block("item", "Hill Times: eleven", (2,)),
    ]
    document = Document(io.BytesIO(to_word(blocks)))
    assert [(part.style.name, part.text) for part in document.paragraphs if part.style] == [
        ("Title", "How many died?"),
        ("Subtitle", "Seven"),
        ("Intense Quote", "“Seven died.”"),
        ("Normal", "[1] Argus, 1 May 2024 https://argus.example/1?a=1&b=2"),
        ("List Bullet", "Hill Times: eleven [2]"),
    ]
    links = [link.address for part in document.paragraphs for link in part.hyperlinks]
    assert links == ["https://argus.example/1?a=1&b=2"]
    assert document.core_properties.title == "How many died?"


def test_characters_that_xml_cannot_hold_are_replaced() -> None:
    document = Document(io.BytesIO(to_word([Block("text", "a\x00b\x1fc\ud800d\uffffe🌊")])))
    assert [part.text for part in document.paragraphs] == ["a�b�c�d�e🌊"]
