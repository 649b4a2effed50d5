"""``python -m benchmarks.rhythm``: the rhythm's table, or, with ``learn``, its weights."""

from __future__ import annotations

import sys

from benchmarks.rhythm.learning import learn
from benchmarks.rhythm.table import table


def main() -> int:
    if "learn" in sys.argv:
        learn()
    table(wrong="--wrong" in sys.argv)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
