"""Stored answers: the audit trail. Every function works inside the caller's transaction."""

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from qa.answer import Answer, AppliedFilters, Citation
from qa.archive.database import Database
from qa.errors import NotFound
from qa.types import Filters

# An answer's record holds these fields and nothing of an article's text. Every other field is
# blanked when an article that it cites is deleted.
_RECORD = frozenset(
    [
        "id",
        "question",
        "as_of",
        "known_at",
        "status",
        "form",
        "reason",
        "reason_code",
        "applied_filters",
        "confidence",
        "citations",
        "independent_sources",
        "coverage",
        "model",
        "index",
        "timings_ms",
    ]
)
_CITED = frozenset(  # the same, of a citation
    [
        "n",
        "article_id",
        "version",
        "source",
        "published_at",
        "passage_id",
        "start",
        "end",
        "answer_start",
        "answer_end",
        "corrects",
        "also_reported_by",
    ]
)
_DELETED = "an article that this answer cites was deleted"
_COPIED = 5  # words in a row that make a reader's text a copy of the article's
_WORD = re.compile(r"\w+")
_CLOSED = "an article that this answer rests on may not be shown now"
_WITHHELD = "an article that this answer rests on is withheld from this reader"


# By run of words: the column of `feedback`, the answer's id and who gave it.
Runs = Mapping[tuple[str, ...], AbstractSet[tuple[str, str, str]]]


@dataclass(frozen=True, slots=True)
class Withheld:
    """Versions that a reader may not see, as (article id, hash), and articles without others."""

    versions: frozenset[tuple[str, str]] = frozenset()
    articles: frozenset[str] = frozenset()

    def holds(self, citation: Citation) -> bool:
        """Return True if the citation is of such a version or article."""
        cited = (citation.article_id, citation.version)
        return cited in self.versions or citation.article_id in self.articles


def find(database: Database, answer_id: str) -> Answer:
    """Raises NotFound."""
    row = database.execute("SELECT body FROM answers WHERE id = ?", (answer_id,)).fetchone()
    if row is None:
        raise NotFound(f"no answer '{answer_id}' is stored in this archive")
    return Answer.model_validate_json(row[0])


def filters_of(database: Database, answer_id: str) -> Filters:
    """The filters of a stored answer's question; none for one stored before they were noted."""
    row = database.execute("SELECT filters FROM answers WHERE id = ?", (answer_id,)).fetchone()
    return Filters.from_json(row[0]) if row is not None and row[0] is not None else Filters()


def hidden_from(database: Database, answer_id: str) -> frozenset[str]:
    """The rights whose articles a stored answer did not see."""
    row = database.execute("SELECT hidden FROM answers WHERE id = ?", (answer_id,)).fetchone()
    return frozenset(json.loads(row[0])) if row is not None and row[0] is not None else frozenset()


def named_articles(database: Database, answer: Answer) -> set[str]:
    """The ids of the articles that a stored answer names or may hold text of."""
    rows = database.execute(
        "SELECT q.article_id FROM quoted q JOIN answers a ON a.key = q.answer_key WHERE a.id = ?",
        (answer.id,),
    )
    named = {row[0] for row in rows}
    for citation in answer.citations:
        named.add(citation.article_id)
        named.update(report.article_id for report in citation.also_reported_by)
        if citation.corrects is not None:
            named.add(citation.corrects)
    return named


def without_closed(answer: Answer, named: Collection[str], closed: Withheld) -> Answer:
    """The answer while nobody may see some of its articles.

    Their citations remain, without any text. If there are any, or the rejected candidate may be
    from one, all of the answer's own words are blank too.
    """
    if not closed.versions:
        return answer
    blank = _rests_on(answer, named, closed)
    citations = []
    reason = answer.reason
    for citation in answer.citations:
        shown = _beside_open(citation, closed)
        if closed.holds(citation):
            shown = _without_text(shown)
            reason = _CLOSED
        citations.append(shown)
    fields = {"citations": tuple(citations), "reason": reason}
    return (without_text(answer) if blank else answer).model_copy(update=fields)


def as_seen(
    answer: Answer, named: Collection[str], withheld: Withheld, *, saw_more: bool
) -> Answer:
    """The answer for a reader from whom some articles are withheld.

    Their citations are left out. If there were any, or the rejected candidate may be from one, all
    of the answer's own words are blank too. ``saw_more``: it was asked by somebody who saw articles
    that the reader may not see, which its coverage counts.
    """
    blank = _rests_on(answer, named, withheld)
    citations = tuple(
        _beside_open(citation, withheld)
        for citation in answer.citations
        if not withheld.holds(citation)
    )
    fields: dict[str, object] = {"citations": citations}
    if blank or saw_more:
        sources = {citation.source for citation in citations}
        fields["coverage"] = None
        fields["independent_sources"] = min(answer.independent_sources, len(sources))
    if blank:
        fields |= {"reason": _WITHHELD, "reason_code": None, "applied_filters": AppliedFilters()}
    elif saw_more and answer.status == "not_found":
        fields |= {"reason": None, "applied_filters": AppliedFilters()}
    return (without_text(answer) if blank else answer).model_copy(update=fields)


def _rests_on(answer: Answer, named: Collection[str], withheld: Withheld) -> bool:
    """Return True if the answer cites what is withheld, or its candidate may be from there."""
    if any(withheld.holds(citation) for citation in answer.citations):
        return True
    if answer.candidate is None:
        return False
    beside = set(named) - {citation.article_id for citation in answer.citations}
    return bool(beside & {article_id for article_id, _ in withheld.versions})


def _beside_open(citation: Citation, withheld: Withheld) -> Citation:
    """The citation without the ids of articles that are withheld."""
    corrects = None if citation.corrects in withheld.articles else citation.corrects
    others = tuple(
        report for report in citation.also_reported_by if report.article_id not in withheld.articles
    )
    return citation.model_copy(update={"corrects": corrects, "also_reported_by": others})


def store(
    database: Database,
    answer: Answer,
    most: int,
    filters: Filters | None = None,
    hidden: Collection[str] = (),
) -> None:
    """Store an answer without its hits, and drop the oldest beyond ``most`` that nobody has judged.

    Of an article that was deleted since it was read, no text is stored. ``filters``: those of its
    question, so that it can be asked again. ``hidden``: the rights whose articles it did not see.
    """
    stored = answer.model_copy(update={"hits": None})
    cited = cited_articles(answer)
    for article_id in sorted(cited):
        known = database.execute("SELECT 1 FROM versions WHERE article_id = ?", (article_id,))
        if known.fetchone() is None:
            stored = without_article(stored, article_id)
            cited.discard(article_id)
    database.execute("DELETE FROM answers WHERE id = ?", (answer.id,))
    asked = filters or Filters(as_of=answer.as_of)
    inserted = database.execute(
        "INSERT INTO answers (id, body, filters, hidden) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING RETURNING key",
        (answer.id, stored.model_dump_json(), asked.to_json(), json.dumps(sorted(hidden))),
    ).fetchone()
    if inserted is None:
        return  # somebody got the same answer at the same moment
    database.executemany(
        "INSERT INTO quoted (article_id, answer_key) VALUES (?, ?)",
        [(article_id, inserted[0]) for article_id in cited],
    )
    dropped = database.execute(
        "DELETE FROM answers WHERE key <="
        " (SELECT key FROM answers ORDER BY key DESC LIMIT 1 OFFSET ?)"
        " AND id NOT IN (SELECT answer_id FROM feedback) RETURNING id",
        (most,),
    ).fetchall()
    # Results of requests, which hold their hits too, would fill the disk for a day.
    database.executemany(
        "UPDATE requests SET result = NULL WHERE result IS NOT NULL AND answer_id = ?", dropped
    )


def cited_articles(answer: Answer) -> set[str]:
    """The ids of the articles that its text may be from."""
    sources = answer.candidate.article_ids if answer.candidate is not None else ()
    return {*(citation.article_id for citation in answer.citations), *sources}


def forget_article(database: Database, article_id: str) -> None:
    """Blank the text of an article in every stored answer, and each whole result of a request."""
    rows = database.execute(
        "SELECT a.key, a.body FROM quoted q JOIN answers a ON a.key = q.answer_key"
        " WHERE q.article_id = ?",
        (article_id,),
    ).fetchall()
    for key, body in rows:
        blanked = without_article(Answer.model_validate_json(body), article_id)
        database.execute(
            "UPDATE answers SET body = ? WHERE key = ?", (blanked.model_dump_json(), key)
        )
    database.execute("DELETE FROM quoted WHERE article_id = ?", (article_id,))
    # Results of requests hold hits too, of which nothing says where they are.
    database.execute(
        "UPDATE requests SET result = NULL WHERE result IS NOT NULL AND answer_id IS NOT NULL"
    )


def runs_of_readers(database: Database) -> Runs:
    """Where readers wrote what of answers: each run of their words, and whose texts have it."""
    found: dict[tuple[str, ...], set[tuple[str, str, str]]] = defaultdict(set)
    for field in ("correction", "reason"):
        rows = database.execute(
            f"SELECT answer_id, given_by, {field} FROM feedback WHERE {field} IS NOT NULL"
        )
        for answer_id, caller, text in rows:
            for run in _runs(text):
                found[run].add((field, answer_id, caller))
    return found


def forget_copied(database: Database, texts: Iterable[str], readers: Runs) -> None:
    """Blank what readers wrote of answers where it copies these texts, which are deleted."""
    copied = {
        place for text in texts if readers for run in _runs(text) for place in readers.get(run, ())
    }
    for field, answer_id, caller in copied:
        database.execute(
            f"UPDATE feedback SET {field} = NULL WHERE answer_id = ? AND given_by = ?",
            (answer_id, caller),
        )


def _runs(text: str) -> set[tuple[str, ...]]:
    """Each run of words that is long enough to be a copy."""
    words = _WORD.findall(text.casefold())
    return {tuple(words[at : at + _COPIED]) for at in range(len(words) - _COPIED + 1)}


def without_article(answer: Answer, article_id: str) -> Answer:
    """The answer's record without any text that may come from the article.

    Quotes of other articles remain, the answer's own words do not: they may rest on both.
    """
    citations = tuple(
        _without_text(citation) if citation.article_id == article_id else citation
        for citation in answer.citations
    )
    reason = _DELETED if citations != answer.citations else answer.reason
    return without_text(answer).model_copy(update={"citations": citations, "reason": reason})


def without_text(answer: Answer) -> Answer:
    """The answer with every field blank that may hold text of articles, but for its citations."""
    blank = {
        name: () if isinstance(value, tuple) else None
        for name, value in answer
        if name not in _RECORD
    }
    return answer.model_copy(update=blank)


def _without_text(citation: Citation) -> Citation:
    blank = {name: None for name, _ in citation if name not in _CITED}
    return citation.model_copy(update={**blank, "quote": ""})
