"""Values that tests share, and variations of them."""

from typing import Any, TypeVar

from pydantic import BaseModel

from qa.answer import Answer, IndexState

Model = TypeVar("Model", bound=BaseModel)


def changed(model: Model, **fields: object) -> Model:
    """The model with these fields instead, validated."""
    return type(model).model_validate({**dict(model), **fields})


def an_answer(**fields: Any) -> Answer:
    """An answer that says and cites nothing, but for the fields given."""
    nothing: dict[str, Any] = {
        "id": "an-answer",
        "question": "How much was pledged?",
        "as_of": None,
        "status": "not_found",
        "reason": None,
        "answer": None,
        "short_answer": None,
        "confidence": 0.0,
        "candidate": None,
        "citations": (),
        "figures": (),
        "timeline": (),
        "disagreements": (),
        "model": "scripted",
        "index": IndexState(generation=1, embedder="bag-of-words"),
        "timings_ms": {},
    }
    return Answer.model_validate(nothing | fields)
