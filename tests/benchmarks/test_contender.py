"""What the benchmarks say a process took."""

from __future__ import annotations

import sys

import pytest
from benchmarks.contender import Failed, run


def test_a_grandchilds_work_counts() -> None:
    burn = "sum(range(10**7))"
    alone = run([sys.executable, "-c", burn])
    through = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}])"])
    assert through.cpu_s > 0.5 * alone.cpu_s


def test_a_grandchilds_memory_counts() -> None:
    # What the interpreter itself takes comes on top.
    fill = "b'x' * (1 << 30)"
    ran = run([sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {fill!r}])"])
    assert 1024.0 <= ran.memory_mb < 1124.0


def test_what_it_printed_is_kept() -> None:
    assert run([sys.executable, "-c", "print('done')"]).printed == "done\n"


def test_a_failure_is_told_in_its_last_words() -> None:
    with pytest.raises(Failed, match=r"^no such song$"):
        run([sys.executable, "-c", "import sys; print('first', file=sys.stderr); sys.exit('no such song')"])
