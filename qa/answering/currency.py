"""Whether an answer that was given before still holds: computed from the archive as it is now."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from qa.answer import Answer, Change, Citation, Currency, Item, ShortAnswer
from qa.answering.corroboration import normalised
from qa.archive.snapshot import Snapshot
from qa.errors import NotFound
from qa.question import Question
from qa.types import Article, Filters, StoredArticle, instant, iso_instant

_NO_EVIDENCE = ("withdrawn", "deleted")


class _Dated(NamedTuple):
    """A change, and when it came into effect; None where the archive did not note it."""

    change: Change
    since: float | None = None


def currency(answer: Answer, snapshot: Snapshot, again: Answer | None = None) -> Currency:
    """What has become of the reports that an answer cites.

    A newer version counts only where the quote is not in it any more, a correction only where the
    answer does not cite it. "Amended": its source, address or date is another one now.

    ``again``: the same question answered now, for `later_report`.
    """
    withheld = snapshot.withheld_of({cited.article_id for cited in answer.citations})
    found: list[_Dated] = []
    for cited in answer.citations:
        found += _changes(answer, cited, snapshot, withheld)
    if again is not None and (later := later_report(answer, again)) is not None:
        found.append(_Dated(later, _received(snapshot.find(later.article_id))))
    if not found:
        return Currency(state="current")
    moments = [dated.since for dated in found if dated.since is not None]
    supporting = _supporting(answer)
    lost = any(
        dated.change.kind in _NO_EVIDENCE and dated.change.citation in supporting for dated in found
    )
    return Currency(
        state="withdrawn" if lost else "changed",
        since=iso_instant(min(moments)) if moments else None,
        changes=tuple(dated.change for dated in found),
    )


def later_report(answer: Answer, again: Answer) -> Change | None:
    """The report on which a different answer to the same question rests, if it is later than all
    that the first one rests on.
    """
    if again.status != "answered" or fingerprint(answer) == fingerprint(again):
        return None
    cited = {citation.article_id for citation in answer.citations}
    before = [citation for citation in answer.citations if citation.n in _supporting(answer)]
    newest = max((_published(citation) for citation in before), default=float("-inf"))
    for citation in again.citations:
        is_new = citation.n in _supporting(again) and citation.article_id not in cited
        if is_new and (not before or _published(citation) > newest):
            return Change(
                kind="later_report",
                article_id=citation.article_id,
                citation=before[0].n if before else None,
                published_at=citation.published_at,
            )
    return None


def fingerprint(answer: Answer) -> str:
    """A hash of what an answer says, whoever reports it and in which words around it.

    Of a figure or a date its value, of names and items their words, of whole sentences all words.
    """
    if answer.status != "answered":
        said: Sequence[object] = []
    elif answer.form == "list" and answer.items:
        said = sorted(_value(item) for item in answer.items)
    elif answer.form in ("short", "yes_no") and answer.short_answer is not None:
        said = [_value(answer.short_answer), answer.short_answer.value_to]
    else:
        said = [normalised(answer.answer or "")]
    content = json.dumps([answer.status, said])
    return hashlib.sha256(content.encode()).hexdigest()[:24]


def asked_again(answer: Answer, filters: Filters) -> Question:
    """The question of an answer, to be asked again. ``filters``: those that it was asked under."""
    form = answer.form if "form" in answer.model_fields_set else None
    if filters == Filters():  # that of an answer which is not stored here
        filters = Filters(as_of=answer.as_of, known_at=answer.known_at)
    return Question.parse(answer.question, filters, form=form)


def misstated(citation: Citation, article: Article) -> list[str]:
    """The fields of a citation that differ from the article's."""
    fields = ("title", "source", "url", "published_at")
    return [field for field in fields if getattr(citation, field) != getattr(article, field)]


def _changes(
    answer: Answer, citation: Citation, snapshot: Snapshot, withheld: Collection[tuple[str, str]]
) -> Iterator[_Dated]:
    identity = citation.article_id
    stored = snapshot.find(identity)
    if stored is None:
        yield _Dated(_change("deleted", identity, citation))
        return
    try:
        newest = snapshot.article(identity)
    except NotFound:  # under embargo again
        newest = stored
    versions = (newest.version, citation.version)
    if any((identity, version) in withheld for version in versions):
        yield _Dated(_change("withdrawn", identity, citation), _expired(stored, snapshot.now))
        return
    if not citation.quote:  # the article was stored again
        yield _Dated(_change("deleted", identity, citation))
        return
    if newest.version != citation.version and citation.quote not in newest.article.text:
        article = newest.article
        change = _change("newer_version", identity, citation)
        dated = change.model_copy(
            update={"published_at": article.updated_at or citation.published_at}
        )
        yield _Dated(dated, _received(newest))
    elif newest.version == citation.version and _is_amended(citation, snapshot):
        yield _Dated(_change("amended", identity, citation))
    cited = {other.article_id for other in answer.citations}
    for correcting in snapshot.corrections([identity], Filters()).get(identity, []):
        if correcting not in cited:
            correction = snapshot.article(correcting)
            change = _change("correction", correcting, citation)
            published = correction.article.published_at
            dated = change.model_copy(update={"published_at": published})
            yield _Dated(dated, _received(correction))


def _is_amended(citation: Citation, snapshot: Snapshot) -> bool:
    """Return True if a citation is as the article was, but not as it is."""
    present, *earlier = snapshot.descriptions(citation.article_id, citation.version)
    if not misstated(citation, present.article):
        return False
    return any(not misstated(citation, one.article) for one in earlier)


def _change(kind: str, article_id: str, citation: Citation) -> Change:
    return Change.model_validate({"kind": kind, "article_id": article_id, "citation": citation.n})


def _received(stored: StoredArticle | None) -> float | None:
    """When readers could first see it; None where the archive did not note it."""
    if stored is None or stored.received_at is None:
        return None
    embargo = stored.article.embargoed_until
    return max(instant(stored.received_at), instant(embargo) if embargo else 0.0)


def _expired(stored: StoredArticle, now: float) -> float | None:
    """The end of its term, if that has passed; when a report was withdrawn is not noted."""
    article = stored.article
    if article.status != "usable" or article.expires_at is None:
        return None
    end = instant(article.expires_at, end_of_day=True)
    return end if end <= now else None


def _supporting(answer: Answer) -> set[int]:
    """The numbers of the citations that the answer rests on. A blanked one has lost its statements
    and may rest on all.
    """
    used = {n for statement in answer.statements for n in statement.citations}
    return used or {citation.n for citation in answer.citations}


def _published(citation: Citation) -> float:
    return instant(citation.published_at) if citation.published_at else float("-inf")


def _value(said: ShortAnswer | Item) -> list[str]:
    if said.value is None:
        return ["text", normalised(said.text), ""]
    return [said.kind, said.value, said.unit or ""]
