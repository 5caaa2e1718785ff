"""Readers, one module per format. To add one: write the module, add its line to `READERS`."""

from collections.abc import Mapping

from qa.ingest.readers.base import Reader
from qa.ingest.readers.html import read_html
from qa.ingest.readers.jsonl import read_jsonl
from qa.ingest.readers.text import read_text

# By how the file's name ends, in lower case; what ends in .gz is decompressed for the reader.
READERS: Mapping[str, Reader] = {
    ".jsonl": read_jsonl,
    ".jsonl.gz": read_jsonl,
    ".txt": read_text,
    ".md": read_text,
    ".html": read_html,
    ".html.gz": read_html,
    ".htm": read_html,
    ".htm.gz": read_html,
}
