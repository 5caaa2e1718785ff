"""A small archive, a case about it and answers, for the tests of `eval stress`."""

from typing import Any

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.stress.corpus import Corpus
from qa.answer import ShortAnswer
from qa.types import Article
from tests.support.values import an_answer

RELIEF = Article(
    id="relief",
    text="The council of Hask pledged 40 million crowns.",
    published_at="2024-03-04",
)
COPY = Article(id="copy", text="The council of Hask pledged 40 million.", published_at="2024-03-06")
NEWEST = Article(id="newest", text="Rain.", published_at="2024-05-01")
CORPUS = Corpus([RELIEF, COPY, NEWEST])
CASE = EvalCase(
    id="sum",
    question="How much did the council of Hask pledge?",
    answers=("40 million",),
    answerable=True,
    relevant=("relief",),
)
DECLINED = Outcome(answer=an_answer())


def said(text: str, **fields: Any) -> Outcome:
    """An answer of one figure."""
    short = ShortAnswer(text=text, kind="number")
    return Outcome(answer=an_answer(status="answered", answer=text, short_answer=short, **fields))
