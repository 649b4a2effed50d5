"""Code run twice: once as it is compiled, once as the plain Python that it is written in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


def both_ways(code: str) -> tuple[Any, Any]:
    """Run some code with and without numba's compiler, each time in a process of its own.

    Parameters
    ----------
    code : str
        A program that prints one JSON document.

    Returns
    -------
    compiled, plain
        The document that it printed with the compiler, and the one without.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails either way; what it said of that is in the test's captured output.
    """
    compiled, plain = (
        json.loads(
            subprocess.run(
                [sys.executable, "-W", "ignore", "-c", code],
                stdout=subprocess.PIPE,
                check=True,
                env=os.environ | {"NUMBA_DISABLE_JIT": flag},
            ).stdout
        )
        for flag in ("0", "1")
    )
    return compiled, plain
