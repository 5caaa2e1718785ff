"""The table of a comparison."""

from dataclasses import replace

from eval.research.peers.measure import Answers, Deletes, Measured, Searches
from eval.research.peers.table import Column, notes, table
from eval.research.peers.wire import Description

SEARCHES = Searches({"hit@1": 0.8125, "hit@5": 1.0}, p50_ms=12.4, p95_ms=40.6, cpu_ms=9.5)
FULL = Measured(
    Description("Fake 1", "its defaults", "disk", dates=True),
    passages=1200,
    index_seconds=60,
    index_cpu_seconds=48,
    peak_mb=1300,
    resident_mb=700,
    disk_mb=4.25,
    bare=SEARCHES,
    dated=replace(SEARCHES, ranking={"hit@1": 0.875}),
    answers=Answers(asked=200, right=0.7, declined=0.2, wrong=0.1, p50_ms=321),
    deletes=Deletes(tried=20, gone=19, p50_ms=3.14),
)
MUTE = replace(
    FULL,
    description=Description("Mute 2", "hybrid", "memory", dates=False, answers="needs a key"),
    dated=None,
    answers=None,
)


def test_a_table_has_a_system_in_each_column() -> None:
    text = table([Column("fake", FULL), Column("mute", MUTE)])
    assert text == (
        "|  | Fake 1 | Mute 2 |\n"
        "| --- | --- | --- |\n"
        "| passages | 1,200 | 1,200 |\n"
        "| passages indexed a second | 20.0 | 20.0 |\n"  # 1,200 / 60
        "| passages indexed a CPU second | 25.0 | 25.0 |\n"  # 1,200 / 48
        "| peak memory while indexing, MB | 1,300 | 1,300 |\n"
        "| memory after the searches, MB | 700 | 700 |\n"
        "| on disk, MB | 4.2 | 4.2 |\n"
        "| search p50 / p95, ms | 12 / 41 | 12 / 41 |\n"
        "| CPU time of a search, ms | 10 | 10 |\n"
        "| hit@1 | 0.812 | 0.812 |\n"
        "| hit@5 | 1.000 | 1.000 |\n"
        "| hit@1, with its date | 0.875 | - |\n"
        "| answers: right / declined / wrong | 0.700 / 0.200 / 0.100 of 200 | needs a key |\n"
        "| answer p50, ms | 321 | - |\n"
        "| delete visible at once | 19 of 20 | 19 of 20 |\n"
        "| delete p50, ms | 3.1 | 3.1 |\n"
        "| stored | disk | memory |"
    )


def test_a_system_that_was_not_measured_has_a_column_and_says_why() -> None:
    columns = [Column("fake", FULL), Column("haiku.rag", None, "needs Python 3.12 or newer")]
    lines = table(columns).splitlines()
    assert lines[0] == "|  | Fake 1 | haiku.rag |"
    assert lines[2] == "| passages | 1,200 | - |"
    assert notes(columns) == (
        "- Fake 1: its defaults.\n- haiku.rag: not measured: needs Python 3.12 or newer."
    )
