"""``python -m benchmarks.showcase FOLDER [NAME...]``: make the page, or some of its sounds anew and then the page.

What is there already is kept. All sounds take about a quarter of an hour of one core.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.showcase.items import items, judgements
from benchmarks.showcase.making import made
from benchmarks.showcase.page import write_page
from soundrack import analysis, composition


def main() -> int:
    """Make what is missing, then the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.showcase", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", help="items to make anew")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    listed = items()
    unknown = set(asked.names) - {item.name for item in listed}
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    for name in asked.names:
        (asked.folder / f"{name}.json").unlink(missing_ok=True)
    if any(not (asked.folder / f"{item.name}.json").exists() for item in listed):
        composition.warm()
        analysis.warm()
    shown = []
    for item in listed:
        shown.append((item, made(item, asked.folder)))
        print(f"\r{len(shown)} of {len(listed)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print(write_page(asked.folder, shown, judgements()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
