"""Evidence sentences whose text, offsets and article a test can work out by hand."""

from qa.answering.sentence import Sentence
from qa.types import Article, Hit, Passage, Scores, StoredArticle


def sentence(
    n: int,
    text: str,
    *,
    before: str = "",
    behind: str = "",
    published_at: str | None = None,
    title: str | None = None,
) -> Sentence:
    """A sentence of its own article, with other text around it."""
    article = Article(
        id=f"article-{n}",
        title=title,
        text=before + text + behind,
        published_at=published_at,
        source="Gazette",
        url=f"u{n}",
    )
    passage = Passage(100 + n, StoredArticle(10 + n, f"version-{n}", article), 0, len(article.text))
    return Sentence(n, Hit(1, 1.0, Scores(), passage), len(before), len(before) + len(text))
