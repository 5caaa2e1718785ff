"""Why articles gave no draft, noted where it is decided: few drafts must explain themselves."""

from collections import Counter
from typing import Literal

Reason = Literal["language", "no question", "unclear", "model", "alike", "differs"]
_IN_WORDS: dict[Reason, str] = {
    "language": "in another language than English, which needs DATELINE_MODEL, a language model",
    "no question": "without a sentence that the rules make a question of",
    "unclear": "with questions that need the report to be understood",
    "model": "of which neither the rules nor the model made a sound question",
    "alike": "with a question that another draft asks already",
    "differs": "with a question that another report may answer differently",
}


class LeftOut:
    """The articles that were read, and why one gave no draft: of several reasons the last."""

    def __init__(self) -> None:
        self.read = 0
        self._reasons: dict[str, Reason] = {}
        self._drafted: set[str] = set()

    def note(self, article_id: str, reason: Reason) -> None:
        """Note why a question of the article became no draft, or why it has none."""
        if article_id not in self._drafted:
            self._reasons[article_id] = reason

    def add_draft(self, article_id: str) -> None:
        """Note that the article gave a draft."""
        self._drafted.add(article_id)
        self._reasons.pop(article_id, None)

    def counts(self) -> dict[Reason, int]:
        """How many articles each reason left out, most first."""
        return dict(Counter(self._reasons.values()).most_common())

    def __str__(self) -> str:
        read = f"{self.read} article{'s' if self.read != 1 else ''} read"
        parts = [f"{count} {_IN_WORDS[reason]}" for reason, count in self.counts().items()]
        return f"{read}; without a draft: {', '.join(parts) or 0}"
