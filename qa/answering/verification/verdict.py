"""Whether a yes or no agrees with the sentence that is to decide it."""

from collections.abc import Sequence

from qa import tuning
from qa.answering.choice import decide
from qa.answering.sentence import Sentence
from qa.answering.verification.claim import Claim
from qa.answering.verification.figures import holder
from qa.answering.verification.polarity import polarity_faults
from qa.answering.verification.source import Alignment, Source
from qa.answering.verification.text import opposites, words
from qa.question import Question


def contradicts(
    verdict: bool, body: str, question: Question, sentences: Sequence[Sentence]
) -> bool:
    """Return True where the figures or the words of the sentences decide the other way.

    Words decide where a sentence speaks of nearly all that is asked: by a negation, or a contrary,
    that only one of the two has.
    """
    decided = decide(question, sentences)
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
