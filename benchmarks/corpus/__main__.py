"""``python -m benchmarks.corpus``: make the songs, those that are not there yet or were made otherwise."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.corpus import folder, learning, learning_folder
from benchmarks.corpus.chorales import analyses, halves
from benchmarks.corpus.chorales import perform as sing
from benchmarks.corpus.chorales import seed as seed_of
from benchmarks.corpus.performance import perform
from benchmarks.corpus.plan import Plan, plans
from benchmarks.corpus.rendering import Players, ready, render


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("--first", type=int, default=None, metavar="N", help="only so many, which are varied too")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--chorales", action="store_true", help="only the chorales and madrigals")
    parser.add_argument("--learning", type=int, metavar="N", help="instead, so many songs that are to learn from")
    asked = parser.parse_args()
    ready()
    if asked.learning is not None:
        return _to_learn_from(asked.learning, asked.processes)
    wanted = [] if asked.chorales else plans()[: asked.first]
    started_s = time.perf_counter()
    with ProcessPoolExecutor(asked.processes) as pool:
        made = sum(pool.map(_make, [wanted[share :: asked.processes] for share in range(asked.processes)]))
        of = len(wanted)
        if asked.first is None:
            read = analyses()
            shared = halves([analysis["name"] for analysis in read])
            pieces = [(analysis, shared[analysis["name"]]) for analysis in read]
            made += sum(pool.map(_sing, [pieces[share :: asked.processes] for share in range(asked.processes)]))
            of += len(pieces)
    print(f"{made} of {of} songs made in {time.perf_counter() - started_s:.0f} s; they are in {folder()}")
    return 0


def _to_learn_from(count: int, processes: int) -> int:
    wanted, place = learning.plans(count), learning_folder()
    with ProcessPoolExecutor(processes) as pool:
        shares = [wanted[share::processes] for share in range(processes)]
        made = sum(pool.map(_make, shares, [place] * processes))
    print(f"{made} of {count} songs made; they are in {place}")
    return 0


def _make(share: list[Plan], place: Path | None = None) -> int:
    players, made = Players(), 0
    try:
        for plan in share:
            parts, truth = perform(plan)
            made += render(players, parts, truth, [88_888, plan.seed], place)
    finally:
        players.end()
    return made


def _sing(share: list[tuple[dict[str, Any], str]]) -> int:
    players, made = Players(), 0
    try:
        for analysis, half in share:
            parts, truth = sing(analysis, half)
            made += render(players, parts, truth, [88_888, *seed_of(analysis)])
    finally:
        players.end()
    return made


if __name__ == "__main__":
    sys.exit(main())
