"""A program that masters a file, in a process of its own, with what it takes.

Nothing here imports NumPy: a process inherits the most memory that the one it is started from ever had.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parent.parent
ONE_THREAD = {
    f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB_MAXIMUM")
}


class Failed(Exception):
    """A program that ended with an error, in its last words."""


@dataclass(frozen=True)
class Usage:
    """What a process and its children took: seconds by the clock, user and system CPU seconds, the most memory of any
    one of them; and what it printed."""

    wall_s: float
    cpu_s: float
    memory_mb: float
    printed: str


def run(command: list[str], runs: int = 1) -> Usage:
    """Run a command some times, its numerical libraries on one thread, and return what the cheapest run took.

    Raises
    ------
    Failed
        If it ended with another status than 0.
    """
    return min((_run(command) for _ in range(runs)), key=lambda usage: usage.cpu_s)


def _run(command: list[str]) -> Usage:
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as printed:
        started_s = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=printed, stderr=said, env=os.environ | ONE_THREAD, cwd=_ROOT
        )
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - started_s
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            *_, last = said.read().strip().splitlines() or [f"status {process.returncode}"]
            raise Failed(last)
        printed.seek(0)
        return Usage(wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024.0, printed.read())
