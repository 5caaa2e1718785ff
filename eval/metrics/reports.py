"""Reports: are their sentences supported, and do they say what they should?

After ARGUE (Mayfield et al., 2024) and RAGTIME (Lawrie et al., 2026), with the deterministic test
of support of `eval.metrics.citations` where they use a person or a language model.
"""

from collections.abc import Sequence

from eval.cases import Nugget
from eval.metrics.citations import answer_citations, statements_with_quotes, supports
from qa.answer import Answer


def sentence_support(answer: Answer, question: str) -> float | None:
    """(sentences that their own citations support) / (sentences).

    A sentence without a citation is unsupported; one that has nothing to support (a bare yes) is
    left out. None without a sentence, so for an answer that was declined.
    """
    judged = [verdict for _, verdict in _judged(answer, question) if verdict is not None]
    return sum(judged) / len(judged) if judged else None


def supported_text(answer: Answer, question: str) -> str:
    """The sentences that their own citations support, in their order, as one text."""
    return " ".join(text for text, supported in _judged(answer, question) if supported)


def nugget_recall(nuggets: Sequence[Nugget], text: str, question: str) -> float | None:
    """(weight of the nuggets that the text states) / (weight of all), of Pradeep et al. (2025).

    None without nuggets. A text states a nugget's answer if it has its figures by value and four of
    five of its content words; those of the nugget's question, or of ``question``, are taken as
    given.
    """
    whole = sum(nugget.weight for nugget in nuggets)
    if not nuggets:
        return None
    return sum(nugget.weight for nugget in nuggets if _states(text, nugget, question)) / whole


def _states(text: str, nugget: Nugget, question: str) -> bool:
    given = nugget.question or question
    stated = [_states_answer(text, answer, given) for answer in nugget.answers]
    return all(stated) if nugget.every else any(stated)


def _states_answer(text: str, answer: str, given: str) -> bool:
    verdict = supports([text], answer, given)
    if verdict is None:  # it has only words of the question
        verdict = supports([text], answer, "")
    return bool(text.strip()) and bool(verdict)


def _judged(answer: Answer, question: str) -> list[tuple[str, bool | None]]:
    """Each sentence, and whether its citations support it.

    A system that does not report its statements has one, with all citations.
    """
    if answer.status != "answered":
        return []
    sentences = statements_with_quotes(answer)
    if not sentences:
        own = [citation.quote for citation in answer_citations(answer)]
        sentences = [(answer.answer or "", own)]
    return [(text, supports(own, text, question)) for text, own in sentences]
