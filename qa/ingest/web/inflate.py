"""Decompression that stops at a limit: a few kilobytes of gzip can hold gigabytes."""

import zlib

from qa.errors import FetchFailed

GZIP = b"\x1f\x8b"
_EITHER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever the first bytes say
_RAW = -zlib.MAX_WBITS


class Inflater:
    """Decompresses up to ``limit`` bytes, piece by piece. ``encoding``: as in Content-Encoding."""

    def __init__(self, encoding: str, limit: int) -> None:
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise FetchFailed(f"content encoding '{encoding[:40]}' was not asked for")
        self._encoded = encoding not in ("", "identity")
        self._raw_deflate = encoding == "deflate"
        self._decoder = zlib.decompressobj(_EITHER)
        self._begun = False
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> None:
        """Add a piece. Raises FetchFailed beyond the limit, and for damaged data."""
        while data:
            plain, data = self._inflate(data) if self._encoded else (data, b"")
            self._size += len(plain)
            if self._size > self._limit:
                raise FetchFailed(f"longer than {self._limit:,} bytes")
            self._parts.append(plain)

    def finish(self) -> bytes:
        """All of it. Raises FetchFailed where the data breaks off."""
        if self._encoded and self._begun and not self._decoder.eof:
            raise FetchFailed("the compressed body breaks off")
        return b"".join(self._parts)

    def _inflate(self, data: bytes) -> tuple[bytes, bytes]:
        """What the start of ``data`` holds, and the rest of ``data``."""
        if self._decoder.eof:  # gzip allows several members, one after the other
            self._decoder = zlib.decompressobj(_EITHER)
        room = self._limit - self._size + 1
        try:
            plain = self._decoder.decompress(data, room)
        except zlib.error as error:
            if self._begun or not self._raw_deflate:
                raise FetchFailed(f"the compressed body is damaged: {error}") from error
            self._decoder = zlib.decompressobj(_RAW)  # some servers send deflate without a header
            self._raw_deflate = False
            return self._inflate(data)
        self._begun = True
        return plain, self._decoder.unused_data or self._decoder.unconsumed_tail


def gunzip(data: bytes, limit: int) -> bytes:
    """Decompress a whole gzip file. Raises FetchFailed."""
    inflater = Inflater("gzip", limit)
    inflater.feed(data)
    return inflater.finish()
