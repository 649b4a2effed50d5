"""How often each check of the mix report speaks: ``python -m benchmarks.mixes``.

Of clips of generated pop, of recordings (the half ``tune`` of `benchmarks.tagging`), of rendered songs (the first of
the half ``tune``, whose mixes are drawn at random, with noise, drive and coders among them), and of masters of three
recordings: how many verdicts of each kind a check gives, then every song's first move.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks import corpus
from benchmarks.analysis.real import five
from benchmarks.analysis.sets import clips
from benchmarks.tagging import recordings
from soundrack.analysis.engine import analyze
from soundrack.analysis.mix import MixReport, Verdict
from soundrack.mastering import Order, master

_RENDERED = 20
_MASTERED = ("feelings", "aftermath", "chains")
_SHOWN = (Verdict.OK, Verdict.NOTICE, Verdict.PROBLEM, Verdict.UNKNOWN)


def sets() -> Iterator[tuple[str, list[tuple[str, MixReport]]]]:
    """Yield each set's name and its songs' reports."""
    generated = [clip.path for clip in clips()]
    yield "clips", [(path.stem, analyze(path).mix) for path in generated]
    others = [each.path for each in recordings() if each.half == "tune" and each.path not in generated]
    yield "recordings", [(path.parent.name + "/" + path.stem, analyze(path).mix) for path in others]
    yield "rendered", [(song.name, analyze(song.audio).mix) for song in corpus.songs("rendered", "tune")[:_RENDERED]]
    with tempfile.TemporaryDirectory() as place:
        chosen = {name: path for name, path in five().items() if name in _MASTERED}
        yield "masters", [(name, _mastered(path, Path(place, f"{name}.wav"))) for name, path in chosen.items()]


def _mastered(path: Path, to: Path) -> MixReport:
    master(path, to, Order())
    return analyze(to).mix


def main() -> int:
    found = dict(sets())
    print("check", *found, sep="\t")
    for number, check in enumerate(next(iter(found.values()))[0][1].checks):
        counts = [Counter(report.checks[number].verdict for _, report in songs) for songs in found.values()]
        print(check.id, *("/".join(str(count[verdict]) for verdict in _SHOWN) for count in counts), sep="\t")
    for name, songs in found.items():
        for song, report in songs:
            print(f"{name}\t{song}\t{report.priority_move or 'nothing'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
