"""Node.js, with which receivers verify what is sent: that of the development dependencies, or the machine's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest


@cache
def program() -> str | None:
    """Return where it is, if it is anywhere."""
    return shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")


needed = pytest.mark.skipif(program() is None, reason="there is no Node.js here")


def run(script: str, given: str) -> str:
    """Run a module, give it a text on its standard input, and return what it prints."""
    done = subprocess.run(
        [program() or "node", "--input-type=module", "--eval", script],
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
