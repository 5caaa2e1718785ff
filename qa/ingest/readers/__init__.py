"""Readers, one module per format. To add one: write the module, add its line to `READERS`."""

from collections.abc import Mapping
from pathlib import PurePath

from qa.ingest.readers.base import Reader
from qa.ingest.readers.csv import read_csv
from qa.ingest.readers.html import read_html
from qa.ingest.readers.json import read_json
from qa.ingest.readers.jsonl import read_jsonl
from qa.ingest.readers.parquet import read_parquet
from qa.ingest.readers.pdf import read_pdf
from qa.ingest.readers.text import read_text
from qa.ingest.readers.warc import read_warc
from qa.ingest.readers.xml import read_xml

# By how the file's name ends, in lower case; `.gz` may follow any of them.
READERS: Mapping[str, Reader] = {
    ".jsonl": read_jsonl,
    ".json": read_json,
    ".csv": read_csv,
    ".parquet": read_parquet,
    ".txt": read_text,
    ".md": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".xml": read_xml,
    ".warc": read_warc,
}
SUPPORTED = f"{', '.join(READERS)}, each also compressed as .gz"


def reader_of(name: str) -> Reader | None:
    """Return the reader of a file by its name, or None for an unsupported format."""
    return READERS.get(PurePath(name.lower().removesuffix(".gz")).suffix)
