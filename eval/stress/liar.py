"""A model that lies: does verification let anything through?

It takes a sentence of the evidence, changes one thing in it and cites its number. What reaches the
user goes the whole way of an answer: a statement that is refused becomes the cited sentence, or
nothing.
"""

from collections.abc import Iterator, Sequence
from random import Random

from eval.cases import EvalCase
from eval.outcome import Outcome
from eval.run import OnProgress
from eval.stress.laboratory import Laboratory
from eval.stress.lies import KINDS, LEAST_LETTERS, STITCHED, Subject, Teller
from eval.stress.run import Finding
from eval.targets.base import TargetFailed
from qa.answering.reader import Reader, Reading
from qa.answering.sentence import Sentence
from qa.models.base import Statement, Written
from qa.question import Question
from qa.retrieval.hybrid import Retrieved, Retriever
from qa.types import Hit

TRUE = "copies"  # the group of `KINDS` that are true
_READ = 6  # sentences of the evidence that are tried
_NEEDED = 4  # sentences of the evidence, for the lies that are stitched from several


class LyingModel:
    """Writes one statement, of the kind that is set."""

    name = "lying"

    def __init__(self) -> None:
        self.kind: tuple[str, Teller] | None = None  # its name, and what makes a lie of a sentence
        self.seed = ""
        self.said: Statement | None = None
        self.lie = ""  # the words of the statement that are the lie

    def begin(self, name: str, teller: Teller, seed: str) -> None:
        """Write lies of this kind from now on; nothing is said yet."""
        self.kind, self.seed = (name, teller), seed
        self.said, self.lie = None, ""

    def prepare(self) -> None:
        """Nothing to load."""

    def write(self, question: Question, evidence: Sequence[Sentence]) -> Iterator[Written]:
        """A lie about the first sentence that the kind applies to, or nothing."""
        self.said, self.lie = None, ""
        if self.kind is None or len(evidence) < _NEEDED:
            return
        name, teller = self.kind
        for item in evidence[:_READ]:
            others = [other for other in evidence if other is not item]
            seed = f"{self.seed}/{item.n}"
            subject = Subject(question, [item, *others], seed, Random(seed))
            made = teller(subject) if len(subject.text) >= LEAST_LETTERS else None
            if made is not None and made[0] != subject.text:
                cited = STITCHED.get(name, (1,))
                numbers = tuple(subject.evidence[number - 1].n for number in cited)
                self.said = Statement(made[0], numbers)
                # Words that are evidence as well do not show the lie.
                is_evidence = any(_plain(made[1]) in _plain(other.text) for other in evidence)
                self.lie = made[0] if is_evidence else made[1]
                yield self.said
                return


def run_lies(
    cases: Sequence[EvalCase],
    laboratory: Laboratory,
    seed: int,
    on_progress: OnProgress = lambda *_: None,
) -> Iterator[Finding]:
    """Yield what came of every kind of lie that applies to every case. The evidence of a case is
    looked for once, only the answer is written again.
    """
    model = LyingModel()
    target = laboratory.answering_with(model, _Remembering, _RememberingReader)
    for number, case in enumerate(cases):
        on_progress(number, len(cases))
        for group, kinds in KINDS.items():
            for name, teller in kinds.items():
                model.begin(name, teller, f"{seed}/{case.id}/{name}")
                try:
                    outcome = target.ask(case)
                except TargetFailed as error:
                    yield _finding(case, group, name, model, error=str(error))
                    continue
                if model.said is not None:
                    yield _finding(case, group, name, model, outcome)
    on_progress(len(cases), len(cases))


def passes(outcome: Outcome, lie: str) -> bool:
    """Whether the words are in the answer, and no figure of it is marked as unsupported."""
    answer = outcome.answer
    if answer is None or answer.status != "answered":
        return False
    marked = any(figure.status == "unsupported" for figure in answer.figures)
    return _plain(lie) in _plain(answer.answer or "") and not marked


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(" .")


def _finding(
    case: EvalCase,
    group: str,
    name: str,
    model: LyingModel,
    outcome: Outcome | None = None,
    error: str | None = None,
) -> Finding:
    passed = passes(outcome, model.lie) if outcome is not None else None
    as_must = passed if group == TRUE or passed is None else not passed
    said = model.said.text if model.said is not None else ""
    return Finding.of(
        case,
        kind="true copies" if group == TRUE else f"lies: {group}",
        must="be kept" if group == TRUE else "be refused",
        change=f"{name}: {said}",
        after=outcome.answer.answer if outcome is not None and outcome.answer else None,
        as_must=as_must,
        error=error,
    )


class _Remembering:
    """A retriever that does not look twice in a row for the same question."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever
        self._last: tuple[Question, Retrieved] | None = None

    def prepare(self) -> None:
        self._retriever.prepare()

    def retrieve(self, question: Question) -> Retrieved:
        if self._last is None or self._last[0] != question:
            self._last = question, self._retriever.retrieve(question)
        return self._last[1]


class _RememberingReader:
    """A reader that reads each passage once for the question at hand."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._question = ""
        self._known: dict[tuple[int, ...], list[Reading]] = {}

    def prepare(self) -> None:
        self._reader.prepare()

    def begin_loading(self) -> None:
        self._reader.begin_loading()

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        if question != self._question:
            self._question = question
            self._known.clear()
        key = tuple(hit.passage.id for hit in hits)
        if key not in self._known:
            self._known[key] = self._reader.read(question, hits)
        return self._known[key]
