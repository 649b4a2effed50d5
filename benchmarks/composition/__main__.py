"""``python -m benchmarks.composition``: what songs of random prompts are, by judges who know nothing of the composer.

Songs are kept in a folder and composed only where they are missing (``--anew``: all). Everything that is known of them
is written to ``facts.json`` beside them. ``ceiling`` tells how often the judges are right on songs that are not ours;
``styles [SECONDS] [STYLE...]`` measures speed, loudness, length, repetition and stems of a song a style; ``pictures``
draws one of each style.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks.composition import ceiling, pictures, styles
from benchmarks.composition.ears import hear_all
from benchmarks.composition.prompts import HALVES, prompts
from benchmarks.composition.songs import Song, song
from benchmarks.composition.tables import print_all
from benchmarks.composition.verdicts import Verdict, verdict
from benchmarks.folder import kept
from soundrack import composition

_PARTS = {"ceiling": ceiling.main, "styles": styles.main, "pictures": pictures.main}


def main() -> int:
    if sys.argv[1:2] and sys.argv[1] in _PARTS:
        _PARTS[sys.argv[1]](sys.argv[2:])
        return 0
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composition", description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--half", choices=HALVES, default=None)
    parser.add_argument("--style", default=None, help="only prompts that ask for this style")
    parser.add_argument("--folder", type=Path, default=kept("composition", "songs"))
    parser.add_argument("--anew", action="store_true", help="compose what is there already")
    parser.add_argument("--no-pairs", action="store_true", help="compose nothing a second time")
    asked = parser.parse_args()
    folder = asked.folder / f"{asked.seed}"
    chosen = [
        each
        for each in prompts(asked.count, asked.seed)
        if asked.half in (None, each.half) and asked.style in (None, each.style)
    ]
    if asked.anew:
        for each in chosen:
            for old in folder.glob(f"{each.number:03}-*"):
                old.unlink()
    composition.warm()
    songs = []
    for each in chosen:
        songs.append(song(each, folder, pairs=not asked.no_pairs))
        print(f"\r{len(songs)} of {len(chosen)} composed", end="", file=sys.stderr, flush=True)
    judged = judge(songs)
    (folder / "facts.json").write_text(
        json.dumps([each.as_dict() for each in judged], ensure_ascii=False, indent=1) + "\n"
    )
    print_all(judged)
    return 0


def judge(songs: list[Song]) -> list[Verdict]:
    """Return the verdict on each song."""
    others = {each.path: each.other for each in songs if each.other is not None}
    heard = dict(zip(others, hear_all(list(others.values())), strict=True))
    first = hear_all([each.path for each in songs])
    return [verdict(each, its, heard.get(each.path)) for each, its in zip(songs, first, strict=True)]


if __name__ == "__main__":
    sys.exit(main())
