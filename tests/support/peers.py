"""A system for the comparison with peers whose every figure can be worked out by hand.

Run as an adapter: ``python -m tests.support.peers``. ``FAKE_PEER`` names its fault.
"""

import os
import re
from pathlib import Path
from typing import Any

from eval.research.peers.wire import Description, Found, Query, Row, read_rows, serve

FAULT = "FAKE_PEER"
REASON = "needs a key"


class FakePeer:
    """Ranks by how many words of the question a passage has; ties in the order of the corpus.

    Answers what `answer` is told to. Faults: "stale" deletes nothing, "mute" does not answer or
    filter by date, "broken" raises in a search, "gone" ends in a search.
    """

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.rows: list[Row] = []

    def open(self, folder: Path, encoder_python: str | None) -> Description:
        print("a library that prints")
        mute = self.fault == "mute"
        return Description(
            version="Fake 1",
            setup=f"{len(os.sched_getaffinity(0))} cores, encoder {encoder_python}",
            storage="memory",
            dates=not mute,
            answers=REASON if mute else "",
        )

    def index(self, folder: Path) -> int:
        self.rows = list(read_rows(folder))
        (folder / "index").write_bytes(bytes(500_000))
        return len(self.rows)

    def search(self, query: Query) -> list[Found]:
        if self.fault == "broken":
            raise LookupError("no index")
        if self.fault == "gone":
            os._exit(3)
        until = float("inf") if query.until is None else query.until
        seen = [row for row in self.rows if (row.published or 0) <= until]
        asked = _words(query.question)
        ranked = sorted(seen, key=lambda row: -len(asked & _words(row.full_text)))
        return [Found(row.article, row.text) for row in ranked[: query.k]]

    def delete(self, article: str) -> None:
        if self.fault != "stale":
            self.rows = [row for row in self.rows if row.article != article]

    def answer(self, query: Query) -> dict[str, Any] | None:
        # Imported here, as an adapter starts without ours.
        from qa.answer import ShortAnswer
        from tests.support.values import an_answer

        if "harbour" not in query.question:
            return an_answer().model_dump(mode="json")
        short = ShortAnswer(text="Luwuk", kind="place")
        answer = an_answer(status="answered", answer="It left Luwuk.", short_answer=short)
        return answer.model_dump(mode="json")

    def close(self) -> None:
        pass


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    serve(FakePeer(os.environ.get(FAULT, "")))
