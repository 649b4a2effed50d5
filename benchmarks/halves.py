"""The command line of what is learned from one half of a corpus and measured on either."""

from __future__ import annotations

import argparse
from collections.abc import Callable


def run(module: str, about: str | None, learn: Callable[[], None], measure: Callable[[str], None]) -> int:
    """Do what is asked: ``learn``, or ``measure`` with the half ``tune`` or ``held``; return the exit code."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("what", choices=["learn", "measure"])
    parser.add_argument("half", nargs="?", choices=["tune", "held"], default="tune")
    asked = parser.parse_args()
    if asked.what == "learn":
        learn()
    else:
        measure(asked.half)
    return 0
