"""``python -m benchmarks.analysis``: the tables."""

from __future__ import annotations

import argparse
import sys

from benchmarks.analysis import ours, peers, speed
from benchmarks.analysis.scores import Judge
from benchmarks.analysis.sets import HALVES, Item, items
from benchmarks.analysis.tables import TASKS, Result, calibration, task

OURS = "soundrack"
_SETS = ("ACE-28", "charted", "rendered", "rare metres", "chorales", "rendered, more")
_OURS_ALONE = "rendered, more"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__)
    parser.add_argument("--only", choices=(*TASKS, "calibration", "speed"), default=None)
    parser.add_argument("--half", choices=HALVES, default=None)
    parser.add_argument("--sets", nargs="+", choices=_SETS, default=_SETS)
    parser.add_argument("--peers", nargs="*", choices=peers.PEERS, default=peers.PEERS)
    parser.add_argument("--wrong", action="store_true", help="name what we get wrong")
    asked = parser.parse_args()
    chosen = [item for item in items(asked.half) if item.set in asked.sets]
    names = tuple(name for name in peers.ready((*asked.peers, "mir_eval")) if name != "mir_eval")
    if not any(item.set == "rendered" for item in chosen):
        print("no rendered songs are there: python -m benchmarks.corpus", file=sys.stderr)
    if asked.only != "speed":
        results = measured(chosen, names)
        for name in TASKS:
            if asked.only in (None, name):
                task(name, results)
        if asked.only in (None, "calibration"):
            calibration(results, OURS)
        if asked.wrong:
            wrong(results)
    if asked.only in (None, "speed"):
        speed.table(names)
    return 0


def measured(chosen: list[Item], names: tuple[str, ...]) -> list[Result]:
    """Return every method's answers for some recordings, with their scores."""
    judge = Judge()
    results = []
    for number, item in enumerate(chosen):
        if sys.stderr.isatty():
            print(f"\r{number + 1} of {len(chosen)}", end="", file=sys.stderr, flush=True)
        found = ours.answer(item.path)
        results.append(Result(item, OURS, found, judge.scores(item.true, found)))
    shared = [item for item in chosen if item.set != _OURS_ALONE]
    for name in names:
        for item, told in zip(shared, peers.answers(name, [item.path for item in shared]), strict=True):
            for method, found in told.items():
                if method != "decoding":
                    label = f"{name} {method}" if len(told) > 2 else name
                    results.append(Result(item, label, found, judge.scores(item.true, found)))
    judge.end()
    return results


def wrong(results: list[Result]) -> None:
    """Print which of our tempi, metres and keys are wrong."""
    for result in results:
        if result.method == OURS:
            for score, name in (("acc1", "bpm"), ("metre", "metre"), ("key_correct", "key")):
                if result.scores.get(score) == 0.0:
                    true = result.item.true
                    print(
                        f"{result.item.set} {result.item.half} {result.item.path.stem} {true.get('style', '')} "
                        f"{true.get('metre', '')}: {name} {true[name]}, told {result.found[name]}"
                    )


if __name__ == "__main__":
    sys.exit(main())
