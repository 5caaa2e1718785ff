"""AP's JSON: close to ninjs 1, inside an envelope, and often with the text in a file of its own."""

from collections.abc import Mapping
from typing import Any

from qa.errors import BadInput
from qa.ingest.readers.fields import Record, first_text
from qa.ingest.readers.ninjs import ninjs_record


def is_ap(item: Mapping[str, Any]) -> bool:
    """Return True for an item of AP, also inside ``{"data": {"item": …}}``."""
    return _item(item) is not None


def ap_record(item: Mapping[str, Any]) -> Record:
    """Return the record. Raises BadInput for an item whose text is a file of its own."""
    given = _item(item)
    assert given is not None  # noqa: S101  # `is_ap` was asked
    try:
        record = ninjs_record(given)
    except BadInput as error:
        renditions = given.get("renditions")
        nitf = renditions.get("nitf") if isinstance(renditions, Mapping) else None
        if not isinstance(nitf, Mapping):
            raise
        address = first_text(nitf.get("href")) or "its NITF rendition"
        raise BadInput(
            f"no text: AP has it in a file of its own; save and ingest {address}"
        ) from error
    identity = first_text(given["altids"].get("itemid"))
    return record | {"id": identity or record["id"]}


def _item(value: object) -> Mapping[str, Any] | None:
    for _ in range(3):  # data, item, and the item itself
        if not isinstance(value, Mapping):
            return None
        if isinstance(value.get("altids"), Mapping) and "itemid" in value["altids"]:
            return value
        value = value.get("item") or value.get("data")
    return None
