"""Decompression within a limit."""

import gzip
import tracemalloc
import zlib

import pytest

from qa.errors import FetchFailed
from qa.ingest.web.inflate import Inflater, gunzip


def inflate(encoding: str, data: bytes, limit: int = 1000, size: int = 7) -> bytes:
    inflater = Inflater(encoding, limit)
    for start in range(0, len(data), size):
        inflater.feed(data[start : start + size])
    return inflater.finish()


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_each_encoding_gives_the_plain_text_in_pieces_of_any_size(size: int) -> None:
    text = b"The sea wall will be rebuilt. " * 20
    raw = zlib.compress(text)[2:-4]  # deflate without a header
    assert inflate("", text, size=size) == text
    assert inflate("gzip", gzip.compress(text), size=size) == text
    assert inflate("deflate", zlib.compress(text), size=size) == text
    assert inflate("deflate", raw, size=max(size, 2)) == text
    two = gzip.compress(text[:100]) + gzip.compress(text[100:])
    assert inflate("gzip", two, size=size) == text
    assert inflate("gzip", b"", size=size) == b""


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_the_limit_counts_what_comes_out(encoding: str) -> None:
    text = b"x" * 1000
    data = gzip.compress(text) if encoding else text
    assert inflate(encoding, data, limit=1000) == text
    with pytest.raises(FetchFailed, match="longer than 999 bytes"):
        inflate(encoding, data, limit=999)


def test_a_zip_bomb_never_gets_into_memory() -> None:
    bomb = gzip.compress(gzip.compress(bytes(100_000_000), 9), 9)
    tracemalloc.start()
    with pytest.raises(FetchFailed, match="longer than 100,000 bytes"):
        gunzip(gunzip(bomb, 100_000), 100_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.parametrize(
    ("encoding", "data", "reason"),
    [
        ("gzip", gzip.compress(b"report" * 99, mtime=0)[:-9], "breaks off"),
        ("gzip", b"no gzip at all", "damaged"),
        ("br", b"report", "was not asked for"),
    ],
)
def test_damage_is_named(encoding: str, data: bytes, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        inflate(encoding, data)
