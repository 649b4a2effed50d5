"""What the analysis takes: CPU seconds for a minute of sound, on one thread, warm, and the most memory."""

from __future__ import annotations

import json
import sys
from typing import Any

import soundfile

from benchmarks import corpus
from benchmarks import peers as environments
from benchmarks.analysis.peers import script
from benchmarks.contender import run

_SONGS = 5


def table(names: tuple[str, ...]) -> None:
    """Print what each method takes on the same songs, and beside our whole report."""
    paths = [song.audio for song in corpus.songs("rendered")[:: max(1, len(corpus.songs("rendered")) // _SONGS)]][
        :_SONGS
    ]
    if not paths:
        return
    minutes = sum(soundfile.info(path).duration for path in paths) / 60.0
    arguments = [str(path) for path in paths]
    used = run([sys.executable, "-m", "benchmarks.analysis.ours", *arguments])
    told = [json.loads(line) for line in used.printed.splitlines()]
    whole_s = sum(answer["cpu_s"] for answer in told) / minutes
    print(f"\n| {len(paths)} songs, {minutes:.1f} min | CPU s/min | beside our report | memory, MB |")
    print("|---|---|---|---|")
    print(f"| soundrack, the whole report | {whole_s:.3f} | 1.00 | {used.memory_mb:.0f} |")
    for stage in told[0]["stages_s"]:
        stage_s = sum(answer["stages_s"].get(stage, 0.0) for answer in told) / minutes
        print(f"| soundrack: {stage} | {stage_s:.3f} | {stage_s / whole_s:.2f} | |")
    for name in names:
        _peer(name, arguments, minutes, whole_s)


def _peer(name: str, arguments: list[str], minutes: float, whole_s: float) -> None:
    used = run([str(environments.python(name)), "-I", str(script(name)), *arguments])
    told: list[dict[str, Any]] = [json.loads(line) for line in used.printed.splitlines()]
    for number, method in enumerate(told[0]):
        seconds = sum(answer[method]["cpu_s"] for answer in told) / minutes
        memory = f"{used.memory_mb:.0f}" if number == 0 else ""
        print(f"| {name}: {method} | {seconds:.3f} | {seconds / whole_s:.2f} | {memory} |")
