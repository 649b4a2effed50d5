"""The servers that tests start end with the tests, also when those are killed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil

from tests.live import until

TESTS = """
import sys, time
from pathlib import Path
from tests.live import Live
live = Live(Path(sys.argv[1]))
print(live.start("courier").pid, flush=True)
time.sleep(60)
"""


def test_what_the_tests_started_ends_when_they_are_killed(tmp_path: Path):
    tests = subprocess.Popen(
        [sys.executable, "-c", TESTS, tmp_path / "data"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert tests.stdout is not None
    started = psutil.Process(int(tests.stdout.readline()))
    until(lambda: "courier" in started.cmdline() and started.cmdline()[1] == "-m")  # it has become the program

    tests.kill()
    tests.communicate()

    psutil.wait_procs([started], timeout=10)
    assert not started.is_running()
