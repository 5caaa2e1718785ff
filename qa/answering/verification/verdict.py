"""What a statement says about its question: yes, no, not known, wrongly asked."""

from collections.abc import Sequence

from qa import tuning
from qa.answer import ReasonCode
from qa.answering.extraction.figure_verdicts import by_figure
from qa.answering.sentence import Sentence
from qa.answering.verification.claim import Claim
from qa.answering.verification.figures import holder
from qa.answering.verification.polarity import polarity_faults
from qa.answering.verification.source import Alignment, Source
from qa.answering.verification.text import opposites, words
from qa.answering.verification.vocabulary import CONDITIONAL, NEGATIVE, UNKNOWN
from qa.language.unknowns import is_left_open
from qa.question import Question


def contradicts(verdict: bool, question: Question, sentences: Sequence[Sentence]) -> bool:
    """Return True where the figures or the words of the sentences decide the other way.

    Words decide where a sentence speaks of nearly all that is asked: by a negation, or a contrary,
    that only one of the two has.
    """
    if any(figure.bound != "exact" for figure in question.figures):
        return False  # "more than": to compare is the model's part
    decided = by_figure(question, sentences)
    if decided is not None:
        return decided.value != verdict
    if any(holder(figure, sentences) is None for figure in question.figures):
        return False  # figures differ: no rule here knows which of them count
    asked = Claim(question.text)
    content = [asked.words[index] for index in asked.content]
    for item in sentences:
        source = Source(item, question)
        spoken = [word for word in content if word.key in source.places]
        contrary = [word for word in content if opposites(word.key) & source.exact]
        if not content or len(spoken) + len(contrary) < tuning.SPOKEN_OF * len(content):
            continue
        differs = any(polarity_faults(asked, source, Alignment(words(question.text), source)))
        return verdict == (differs or bool(contrary))
    return False


def confirmed(
    code: ReasonCode | None, question: Question, sentences: Sequence[Sentence]
) -> ReasonCode | None:
    """What a model says about the question itself, if the sentences bear it out.

    Not known: they say that something is not known. A false premise: they lack a figure or a name
    of the question, or deny what it takes for granted.
    """
    said = {word.lower for item in sentences for word in words(item.text)}
    if code == "reports_say_unknown":
        left_open = any(is_left_open(item.text) for item in sentences)
        return code if left_open or said & (NEGATIVE | CONDITIONAL | UNKNOWN) else None
    if code == "false_premise":
        asked = [word for word in words(question.text) if word.is_name]
        lacks = any(word.lower not in said for word in asked) or any(
            holder(figure, sentences) is None for figure in question.figures
        )
        return code if lacks or said & NEGATIVE else None
    return code
