"""Answers on their way out: checked against the archive once more, and stored."""

import logging
from collections.abc import Generator, Mapping
from contextlib import closing
from typing import TypeVar

from qa.answer import Answer, Citation, HitOutput
from qa.answering.answerer import Event, Token
from qa.answering.shaping import content_id
from qa.archive.answers import without_text
from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.errors import StoreError
from qa.types import Filters

_DELETED = "an article that the answer rested on was deleted while the question was answered"
_WITHHELD = "an article that the answer rested on was withheld while the question was answered"

Item = TypeVar("Item", Citation, HitOutput)

_log = logging.getLogger("dateline")


def record(
    events: Generator[Event, None, None],
    archive: Archive,
    most: int,
    filters: Filters | None = None,
) -> Generator[Event, None, None]:
    """The same events, without what is deleted meanwhile, or withheld from whoever asks; the answer
    is stored before it is sent.

    After a deletion, tokens are held back until the answer shows whether it rests on what was
    deleted: then they are sent with it, or it becomes "not_found". So they are after any write
    where articles are withheld.

    ``most`` answers are stored, with the ``filters`` of their questions. An archive that cannot
    store one now (busy with a reindex, a full disk) does not hold it back: the log says that the
    audit trail has a gap.
    """
    with archive.snapshot() as snapshot:
        begun = snapshot.generation
    held_back: list[Event] = []
    with closing(events):
        for event in events:
            if isinstance(event, Token) and (held_back or _may_have_gone(archive, begun)):
                held_back.append(event)
            elif isinstance(event, Answer):
                answer = _still_true(event, archive, begun)
                if answer.status == "answered":
                    yield from held_back
                _store(answer, archive, most, filters)
                yield answer
            else:
                yield event


def _may_have_gone(archive: Archive, begun: int) -> bool:
    """Return True if an article may have been deleted or withheld since generation ``begun``."""
    with archive.snapshot() as snapshot:
        return _has_less(snapshot, begun)


def _has_less(snapshot: Snapshot, begun: int) -> bool:
    if snapshot.generation == begun:
        return False
    return snapshot.withholds or snapshot.deleted_since(begun)


def _still_true(answer: Answer, archive: Archive, begun: int) -> Answer:
    """The answer without what was deleted or withheld since generation ``begun``."""
    with archive.snapshot() as snapshot:
        if not _has_less(snapshot, begun):
            return answer
        held = {
            "hits": _held_hits(answer, snapshot),
            "citations": tuple(_held_reports(item, snapshot) for item in answer.citations),
        }
        cited = {(citation.article_id, citation.version) for citation in answer.citations}
        reason = _DELETED if snapshot.deleted_among(cited) else _WITHHELD
        if reason is _WITHHELD and not cited & snapshot.withheld_of(
            {article_id for article_id, _ in cited}
        ):
            # A rejected candidate may be from what is gone.
            return _changed(answer, {**held, "candidate": None})
    not_found = {
        "status": "not_found",
        "reason": reason,
        "reason_code": "not_in_archive",
        "confidence": 0.0,
        "independent_sources": 0,
        "citations": (),
    }
    return _changed(without_text(answer), {**held, **not_found})


def _changed(answer: Answer, fields: Mapping[str, object]) -> Answer:
    """The answer with other content, and the id of that content."""
    changed = answer.model_copy(update=fields)
    return changed.model_copy(update={"id": content_id(changed)})


def _held_hits(answer: Answer, snapshot: Snapshot) -> object:
    if answer.hits is None:
        return None
    found = snapshot.passages([hit.passage.id for hit in answer.hits])
    withheld = snapshot.withheld_of({passage.article.id for passage in found})
    held = {
        passage.id
        for passage in found
        if (passage.article.id, passage.stored.version) not in withheld
    }
    return tuple(_held_reports(hit, snapshot) for hit in answer.hits if hit.passage.id in held)


def _held_reports(item: Item, snapshot: Snapshot) -> Item:
    """The citation or hit without other reports that were deleted or withheld."""
    held = tuple(
        report for report in item.also_reported_by if _is_held(report.article_id, snapshot)
    )
    return item.model_copy(update={"also_reported_by": held})


def _is_held(article_id: str, snapshot: Snapshot) -> bool:
    stored = snapshot.find(article_id)
    if stored is None:
        return False
    return (article_id, stored.version) not in snapshot.withheld_of([article_id])


def _store(answer: Answer, archive: Archive, most: int, filters: Filters | None) -> None:
    if not most:
        return
    try:
        archive.store_answer(answer, most, filters)
    except StoreError as error:
        _log.warning("answer %s is not stored: %s", answer.id, error)
