"""What the packaged artifacts were fitted on, as they say it themselves.

The weights of the reader have a card beside them (`reader.json`), written by
`eval/research/train_reader.py`; `scorer.json` holds its own list.
"""

from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

CARD = "reader.json"


class DataSet(BaseModel):
    """A file that something was fitted on. ``sha256``: None where it was not recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    sha256: str | None


class ReaderCard(BaseModel):
    """``reader_sha256``: of the weights that the card belongs to."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reader_sha256: str
    fitted_on: tuple[DataSet, ...]


@lru_cache(maxsize=1)
def reader_card() -> ReaderCard:
    """The card of the packaged reader."""
    text = files("qa.answering").joinpath(CARD).read_text("utf-8")
    return ReaderCard.model_validate_json(text)
