"""Another system's answers in a file, and the adapter that makes each an `Answer`."""

import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from embeddings.files import sha256_of
from eval.cases import EvalCase
from eval.files import read_objects
from eval.outcome import Outcome
from eval.targets.base import TargetFailed, check_quotes, ingested_in, text_in
from qa.answer import Answer
from qa.archive.archive import Archive
from qa.errors import BadInput, first_problem

# What a system that reports less than the contract is taken to report.
_ANSWER: Mapping[str, Any] = {
    "id": "",
    "question": "",
    "as_of": None,
    "reason": None,
    "answer": None,
    "short_answer": None,
    "confidence": 0.0,
    "candidate": None,
    "citations": (),
    "figures": (),
    "timeline": (),
    "disagreements": (),
    "model": "",
    "index": {"generation": 0, "embedder": ""},
    "timings_ms": {},
}
_PARTS: Mapping[str, Mapping[str, Any]] = {
    "short_answer": {"kind": "text"},
    "statements": {"start": 0, "end": 0, "citations": ()},
    "items": {"kind": "text", "citations": ()},
    "candidate": {"confidence": 0.0},
    "citations": {
        "article_id": "",
        "version": "",
        "title": None,
        "source": None,
        "url": None,
        "published_at": None,
        "passage_id": 0,
        "start": 0,
        "end": 0,
    },
    "figures": {
        "kind": "number",
        "value": "",
        "value_to": None,
        "unit": None,
        "bound": "exact",
        "citation": None,
    },
    "timeline": {"value": "", "unit": None, "text": "", "published_at": "", "citation": 0},
    "disagreements": {"citations": ()},
}
_SCORED = ("confidence", "figures", "disagreements", "form")  # scored only where they are reported
_PASSAGE = {"id": 0, "text": "", "start": 0, "end": 0}
_ARTICLE = {"title": None, "source": None, "url": None, "published_at": None}


class NotAnAnswer(ValueError):
    """A record that cannot be read as an `Answer`. The message names the wrong key."""


def adapt_answer(record: Mapping[str, Any]) -> tuple[Answer, tuple[str, ...]]:
    """A record as an `Answer`, and the names of the scored fields that it does not report.

    The record needs no more than an ``answer``, null where the system declines; ``short_answer``
    and each of ``items`` may be a string. Raises NotAnAnswer.
    """
    if not any(name in record for name in ("status", "answer", "short_answer")):
        raise NotAnAnswer("answer: missing (null where the system declines)")
    check_finite(record)
    fields = _filled(_ANSWER, record)
    if isinstance(fields["short_answer"], str):
        fields["short_answer"] = {"text": fields["short_answer"]}
    if isinstance(fields.get("items"), list | tuple):
        fields["items"] = [
            {"text": item} if isinstance(item, str) else item for item in fields["items"]
        ]
    for name, defaults in _PARTS.items():
        if name in fields:
            fields[name] = _filled_part(defaults, fields[name])
    short = fields["short_answer"]
    said = fields["answer"] or (isinstance(short, Mapping) and short.get("text"))
    fields.setdefault("status", "answered" if said else "not_found")
    try:
        answer = Answer.model_validate(fields | {"hits": None})
    except ValidationError as error:
        raise NotAnAnswer(first_problem(error)) from error
    if answer.candidate is not None and not 0 <= answer.candidate.confidence <= 1:
        raise NotAnAnswer("candidate.confidence: expected a number from 0 to 1")
    unreported = [name for name in _SCORED if record.get(name) is None]
    candidate = record.get("candidate")
    if isinstance(candidate, Mapping) and candidate.get("confidence") is None:
        unreported.append("candidate.confidence")
    return answer, tuple(unreported)


def adapt_hits(hits: object) -> object:
    """Hits with what the contract requires, for validation; each needs only its article's id."""
    if not isinstance(hits, list | tuple):
        return hits
    return [_filled_hit(rank, hit) for rank, hit in enumerate(hits, start=1)]


def check_finite(value: object, place: str = "") -> None:
    """Refuse NaN and infinity, which Python's JSON reader lets through. Raises NotAnAnswer."""
    if isinstance(value, float) and not math.isfinite(value):
        raise NotAnAnswer(f"{place}: expected a finite number")
    if isinstance(value, Mapping):
        for key, item in value.items():
            check_finite(item, f"{place}.{key}" if place else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            check_finite(item, f"{place}.{index}")


class FileTarget:
    """Another system's answers: a JSON object a line with the case's ``id`` and an ``answer``.

    Beside them as much of an `Answer`, of ``hits`` and of ``seconds`` as the system reports.
    With an archive, quotes are looked up in it.
    """

    def __init__(self, path: Path, archive: Archive | None = None) -> None:
        self._name = path.name
        self._archive = archive
        self._answers: dict[str, dict[str, Any]] = {}
        for number, record in read_objects(path):
            case_id = record.get("id")
            if not isinstance(case_id, str):
                raise BadInput(f"{path.name}:{number}: an answer needs the 'id' of its case")
            if case_id in self._answers:
                raise BadInput(f"{path.name}:{number}: second answer to case '{case_id}'")
            self._answers[case_id] = record
        if not self._answers:
            raise BadInput(f"{path.name} has no answers")
        self._digest = sha256_of(path)

    def describe(self) -> Mapping[str, Any]:
        """The file's name and digest."""
        corpus: dict[str, Any] = {}
        if self._archive is not None:
            with self._archive.store.snapshot() as snapshot:
                corpus = {"fingerprint": snapshot.fingerprint()}
        return {
            "kind": "answers of another system",
            "settings": {"file": self._name, "sha256": self._digest},
            "models": {},
            "corpus": corpus,
        }

    def ask(self, case: EvalCase) -> Outcome:
        """The file's answer to the case. Raises TargetFailed."""
        record = self._answers.get(case.id)
        if record is None:
            raise TargetFailed(f"{self._name} has no answer to this case")
        try:
            if "hits" in record and "answer" not in record:
                check_finite(record)
                return self._outcome(record)
            answer, unreported = adapt_answer(record)
            quotes = check_quotes(answer, self._text) if self._archive is not None else ()
            return self._outcome(record, answer=answer, unreported=unreported, quotes=quotes)
        except ValidationError as error:
            raise TargetFailed(f"not a Dateline answer: {first_problem(error)}") from error
        except NotAnAnswer as error:
            raise TargetFailed(f"not a Dateline answer: {error}") from error

    def ingested(self, article_ids: Collection[str]) -> set[str] | None:
        """Which articles the archive has; None without an archive."""
        return ingested_in(self._archive, article_ids) if self._archive is not None else None

    def _outcome(self, record: Mapping[str, Any], **fields: Any) -> Outcome:
        fields["hits"] = adapt_hits(record.get("hits"))
        fields["seconds"] = record.get("seconds")
        return Outcome.model_validate(fields)

    def _text(self, article_id: str, version: str | None) -> str | None:
        return text_in(self._archive, article_id, version) if self._archive is not None else None


def _filled(defaults: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    reported = {name: value for name, value in record.items() if value is not None}
    return {**defaults, **reported}


def _filled_part(defaults: Mapping[str, Any], part: object) -> object:
    """One object, or a list of them; anything else is left for the validation to refuse."""
    if isinstance(part, Mapping):
        return _filled(defaults, part)
    if isinstance(part, list | tuple):
        return [_filled(defaults, item) if isinstance(item, Mapping) else item for item in part]
    return part


def _filled_hit(rank: int, hit: object) -> object:
    if not isinstance(hit, Mapping):
        return hit
    fields = _filled({"rank": rank, "score": 0.0, "passage": {}}, hit)
    scores = hit.get("scores")
    fields["scores"] = _filled_part({"dense": None, "lexical": None}, scores or {})
    fields["passage"] = _filled_part(_PASSAGE, fields["passage"])
    if "article" in fields:
        fields["article"] = _filled_part(_ARTICLE, fields["article"])
    return fields
