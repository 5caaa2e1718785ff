"""Standing questions: which to ask again, and whether their answers have changed."""

from collections.abc import Iterator
from dataclasses import dataclass

from qa import tuning
from qa.answer import Answer
from qa.answering.currency import currency, fingerprint
from qa.archive.archive import Archive
from qa.archive.snapshot import Snapshot
from qa.archive.watches import Seen, Watch, list_watches, note_answer, note_seen
from qa.errors import NotFound
from qa.language.words import content_stems


@dataclass(frozen=True, slots=True)
class Due:
    """A watch to ask again. ``seen``: what the archive held when that was found."""

    watch: Watch
    seen: Seen


def due(archive: Archive) -> Iterator[Due]:
    """The watches whose answers may have changed since they were last looked at.

    A new one is due at once. So is one whose answer is not current, or is not stored any more; else
    one that a passage speaks of which is new, or whose embargo has ended. The others are noted as
    looked at. What the caller does between two of them may take its time.
    """
    for watch in list_watches(archive.store):
        with archive.snapshot() as snapshot:
            if not _anything_new(snapshot, watch):
                continue
            seen = Seen(snapshot.last_passage, snapshot.now, snapshot.generation)
            asks = _may_have_changed(archive, snapshot, watch)
        if asks:
            yield Due(watch, seen)
        else:
            note_seen(archive.store, watch, seen)


def settle(archive: Archive, item: Due, answer: Answer) -> str | None:
    """Note the answer; the id of the event, if it says something else than the one before."""
    said = fingerprint(answer)
    return note_answer(archive.store, item.watch, item.seen, answer.id, said)


def _anything_new(snapshot: Snapshot, watch: Watch) -> bool:
    return snapshot.generation != watch.generation or snapshot.ended_since(watch.looked_at)


def _may_have_changed(archive: Archive, snapshot: Snapshot, watch: Watch) -> bool:
    if watch.answer_id is None:
        return True
    try:
        answer = snapshot.answer(watch.answer_id)
    except NotFound:
        return True
    if currency(answer, snapshot).state != "current":
        return True
    return _speak_of(archive, snapshot, watch)


def _speak_of(archive: Archive, snapshot: Snapshot, watch: Watch) -> bool:
    """Return True if a passage that is new to the watch is near its question, in meaning or words.

    Asking in vain costs a second, missing a report costs the event: so the limits are low.
    """
    arrived = snapshot.arrived(watch.passages, watch.looked_at, watch.filters)
    if not len(arrived):
        return False
    vectors = snapshot.vectors(arrived, archive.embedder.dimension)
    cosines = vectors @ archive.embedder.embed_question(watch.question)
    if cosines.max() >= tuning.WATCH_COSINE:
        return True
    asked = set(content_stems(watch.question))
    least = max(1.0, tuning.WATCH_STEMS * len(asked))
    passages = snapshot.passages(arrived.tolist())
    return any(len(asked & set(content_stems(passage.text))) >= least for passage in passages)
