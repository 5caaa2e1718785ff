"""Lies about the sentences of the sample corpus, the same in every run."""

import json
import random
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from eval.stress.lies import LEAST_LETTERS, Subject, Teller
from qa.answering.sentence import Sentence
from qa.language.sentences import sentences, trimmed
from qa.models.base import Statement
from qa.question import Question
from qa.types import Article, Hit, Passage, Scores, StoredArticle


@cache
def subjects() -> list[Subject]:
    """Every sentence of the sample corpus that is long enough, with evidence beside it."""
    articles = _articles()
    asked = _questions()
    found = []
    for number, article in enumerate(articles):
        spans = _sentences(article)
        for index, span in enumerate(spans):
            near = [spans[(index + step) % len(spans)] for step in (1, 2)]
            far = articles[(number + 7) % len(articles)]
            places = [(article, span), *((article, other) for other in near)]
            places += [(far, other) for other in _sentences(far)[:2]]
            evidence = [_item(n, *place) for n, place in enumerate(places, start=1)]
            questions = asked.get(article.id) or ["What happened?"]
            question = Question.parse(questions[index % len(questions)])
            seed = f"{article.id}/{index}"
            found.append(Subject(question, evidence, seed, random.Random(seed)))
    return found


@cache
def _articles() -> list[Article]:
    return [
        Article.model_validate(
            {
                key: value
                for key, value in json.loads(line).items()
                if key in ("id", "title", "text", "published_at", "source")
            }
        )
        for line in (files("qa") / "data" / "sample.jsonl").read_text("utf-8").splitlines()
    ]


def _questions() -> dict[str, list[str]]:
    asked: dict[str, list[str]] = {}
    for line in (files("eval") / "data" / "sample.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        if case["answerable"] and len(case["relevant"]) == 1:
            asked.setdefault(case["relevant"][0], []).append(case["question"])
    return asked


def _sentences(article: Article) -> list[tuple[int, int]]:
    spans = [trimmed(article.text, span) for span in sentences(article.text, "en")]
    return [span for span in spans if span[1] - span[0] >= LEAST_LETTERS]


def _item(n: int, article: Article, span: tuple[int, int]) -> Sentence:
    passage = Passage(n, StoredArticle(n, "v", article), 0, len(article.text))
    return Sentence(n, Hit(n, 1.0, Scores(), passage), *span)


def told(
    teller: Teller, cites: tuple[int, ...] = (1,), every: int = 1
) -> Iterator[tuple[Subject, Statement, str]]:
    """The lie about ``every`` so manieth sentence about which it can be told."""
    for subject in subjects()[::every]:
        subject.random.seed(subject.seed)
        made = teller(subject)
        if made is not None and made[0] != subject.text:
            yield subject, Statement(made[0], cites), made[1]


def paraphrase_subject(article_id: str, text: str, question: str) -> Subject:
    """A sentence of the sample corpus, as the only evidence for a question."""
    article = next(article for article in _articles() if article.id == article_id)
    start = article.text.index(text)
    item = _item(1, article, (start, start + len(text)))
    return Subject(Question.parse(question), [item], article_id, random.Random(article_id))
