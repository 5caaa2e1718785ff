"""The memory and processor time of a process and its children, as Linux counts them."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")  # in which the kernel counts processor time, a second


def cpu_seconds(pid: int) -> float:
    """The time that they have used on all cores; proc(5), fields 14 and 15 of stat."""
    ticks = 0
    for number in family(pid):
        after_name = _proc(number, "stat").rpartition(")")[2].split()
        ticks += sum(map(int, after_name[11:13]))
    return ticks / _TICKS


def memory_mb(pid: int, name: str = "VmRSS") -> int:
    """The sum of a line of their status: VmRSS is resident, VmHWM each one's own peak."""
    lines = [line for number in family(pid) for line in _proc(number, "status").splitlines()]
    return sum(int(line.split()[1]) // 1024 for line in lines if line.startswith(f"{name}:"))


def family(pid: int) -> list[int]:
    """The process and its children, and theirs."""
    found = [pid]
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            found.extend(family(int(child)))
    return found


def _proc(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""  # it has ended
