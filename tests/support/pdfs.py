"""PDF files for tests: lines of Helvetica at given places, pictures, a password."""

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


@dataclass(frozen=True)
class Page:
    """``lines``: (x, y, size, text), in points from the bottom left, drawn in this order."""

    lines: Sequence[tuple[float, float, float, str]] = ()
    picture: bool = False


@dataclass
class _File:
    key: bytes | None
    objects: list[bytes] = field(default_factory=list)

    def add(self, body: str, stream: bytes | None = None) -> int:
        number = len(self.objects) + 1
        content = body.encode("latin-1")
        if stream is not None:
            if self.key is not None:
                salted = self.key + number.to_bytes(3, "little") + b"\0\0"
                stream = _rc4(hashlib.md5(salted, usedforsecurity=False).digest()[:10], stream)
            length = f" /Length {len(stream)} >>".encode()
            content = content[:-2] + length + b"\nstream\n" + stream + b"\nendstream"
        self.objects.append(content)
        return number


def pdf(
    pages: Sequence[Page], *, title: str = "", password: str | None = None, packed: bool = False
) -> bytes:
    """Return a PDF file; with a password, encrypted by 40-bit RC4."""
    owner = _rc4(_md5(_padded("owner"))[:5], _padded(password or ""))
    permissions = (-44).to_bytes(4, "little", signed=True)
    key = _md5(_padded(password or "") + owner + permissions + b"0" * 16)[:5]
    file = _File(key if password is not None else None)
    file.add("<< /Type /Catalog /Pages 2 0 R >>")
    kids = " ".join(f"{4 + 3 * index} 0 R" for index in range(len(pages)))
    file.add(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    file.add("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for page in pages:
        here = len(file.objects) + 1
        file.add(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {here + 1} 0 R"
            f" /Resources << /Font << /F 3 0 R >> /XObject << /I {here + 2} 0 R >> >> >>"
        )
        drawn = _drawn(page)
        if packed:
            file.add("<< /Filter /FlateDecode >>", zlib.compress(drawn))
        else:
            file.add("<< >>", drawn)
        file.add(
            "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
            " /BitsPerComponent 8 >>",
            b"\x80",
        )
    info = file.add(f"<< /Title ({title}) /CreationDate (D:20240229120000Z) >>")
    trailer = f"/Root 1 0 R /Info {info} 0 R"
    if password is not None:
        user = _rc4(key, _PADDING).hex()
        trailer += (
            f" /Encrypt << /Filter /Standard /V 1 /R 2 /O <{owner.hex()}> /U <{user}> /P -44 >>"
            f" /ID [<{(b'0' * 16).hex()}> <{(b'0' * 16).hex()}>]"
        )
    return _written(file.objects, trailer)


def _drawn(page: Page) -> bytes:
    lines = []
    for x, y, size, text in page.lines:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        lines.append(f"BT /F {size} Tf 1 0 0 1 {x} {y} Tm ({escaped}) Tj ET")
    if page.picture:
        lines.append("q 500 0 0 700 40 60 cm /I Do Q")
    return "\n".join(lines).encode("cp1252")


def _written(objects: Sequence[bytes], trailer: str) -> bytes:
    content = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} {trailer} >>\n"
    return content + end.encode() + f"startxref\n{len(content)}\n%%EOF\n".encode()


def _padded(password: str) -> bytes:
    return (password.encode() + _PADDING)[:32]


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def _rc4(key: bytes, content: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
