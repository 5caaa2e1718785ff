"""The result of `eval stress` for people: a table of kinds, and examples of what went wrong."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from eval.stress.run import AS_MUST, CONSISTENT, Finding

_LONGEST = 200  # characters of a change that are shown


def markdown(summary: Mapping[str, Any], examples: Sequence[Finding] = ()) -> str:
    """A table with a row for each kind, and a list of the examples."""
    return "\n".join([*_table(summary), *_examples(examples)]) + "\n"


def failures(findings: Sequence[Finding], most: int) -> list[Finding]:
    """Up to ``most`` findings of each kind that are not as they must be, in their order."""
    shown: list[Finding] = []
    for kind in dict.fromkeys(item.kind for item in findings):
        wrong = [item for item in findings if item.kind == kind and item.as_must is False]
        shown += wrong[:most]
    return shown


def _table(summary: Mapping[str, Any]) -> Iterator[str]:
    yield "| change | must | cases | changes | consistent | as it must | n |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for kind, row in summary["kinds"].items():
        yield (
            f"| {kind} | {row['must']} | {row['cases']} | {row['changes']}"
            f" | {_share(row[CONSISTENT])} | {_share(row[AS_MUST])} | {row[AS_MUST]['n']} |"
        )
    yield (
        f"| all | | {summary['cases']} | {summary['changes']} | {_share(summary[CONSISTENT])}"
        f" | {_share(summary[AS_MUST])} | {summary[AS_MUST]['n']} |"
    )
    if summary["failures"]:
        yield ""
        yield f"{summary['failures']} failures, which are in no share."


def _share(entry: Mapping[str, Any]) -> str:
    if entry["mean"] is None:
        return "–"
    if entry["low"] is None:
        return f"{entry['mean']:.3f}"
    return f"{entry['mean']:.3f} ({entry['low']:.3f} – {entry['high']:.3f})"


def _examples(examples: Sequence[Finding]) -> Iterator[str]:
    if examples:
        yield ""
        yield "Not as it must be:"
        yield ""
    for item in examples:
        change = " ".join(item.change.split())
        if len(change) > _LONGEST:
            change = f"{change[:_LONGEST]} …"
        yield f"- {item.kind}, case {item.case}: {item.question}"
        yield f"  - {change}"
        before = f"before: {item.before}; after: " if item.before is not None else "answer: "
        yield f"  - {before}{item.after or '(declined)'}"
