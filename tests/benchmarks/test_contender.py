"""What the benchmarks say a process took."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.contender import Failed, run

ROOT = Path(__file__).parents[2]
RUN = "from benchmarks.contender import run"


def test_a_grandchilds_work_counts() -> None:
    burn = "sum(range(10**7))"
    alone = run([sys.executable, "-c", burn])
    through = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"])
    assert through.cpu_s > 0.5 * alone.cpu_s


def test_a_grandchilds_memory_counts() -> None:
    fill = "b'x' * (1 << 30)"
    through = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {fill!r}])"
    # from a small process, as the benchmarks are: one that is started from here inherits what other tests took
    told = subprocess.run(
        [sys.executable, "-c", f"import sys; {RUN}; print(run([sys.executable, '-c', {through!r}]).memory_mb)"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    # what the interpreter itself takes comes on top
    assert 1024.0 <= float(told.stdout) < 1124.0


def test_what_it_printed_is_kept() -> None:
    assert run([sys.executable, "-c", "print('done')"]).printed == "done\n"


def test_a_failure_is_told_in_its_last_words() -> None:
    with pytest.raises(Failed, match=r"^no such song$"):
        run([sys.executable, "-c", "import sys; print('first', file=sys.stderr); sys.exit('no such song')"])
