"""What a song costs: ``python -m benchmarks.composition.speed [SECONDS] [STYLE...]``, ``sung`` among the styles.

Each song is made in a forked child of a warm process, from its prompt to the mastered FLAC file. Printed are its length
over the seconds of CPU of all threads, the most memory of the child, the CPU of each stage, and of each instrument.
"""

from __future__ import annotations

import os
import pickle
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from soundrack import composition
from soundrack.composition.instruments.catalogue import instrument
from soundrack.composition.instruments.tone import Instrument

STYLES = ("house", "rock", "jazz", "cinematic", "drum_and_bass", "ambient", "sung")
_SECONDS = 180.0
_SEED = 11
_LYRICS = "\n".join(
    f"[{name}]\n{text}"
    for name, text in (
        ("Verse", "Morning paints the window gold\nI count the roads we never took\nThe coffee and the rain are cold\n"
         "Your name is in my only book"),
        ("Chorus", "So turn the light around for me\nand let the river carry on\nwe were as wide as any sea\n"
         "and in a single night were gone"),
        ("Verse", "Evening hangs a coat of blue\nA train is calling through the town\nI kept a summer there for you\n"
         "and watched the petals falling down"),
        ("Chorus", "So turn the light around for me\nand let the river carry on\nwe were as wide as any sea\n"
         "and in a single night were gone"),
    )
)  # fmt: skip


@dataclass
class Cost:
    """What one song took, in seconds of CPU and megabytes."""

    duration_s: float = 0.0
    cpu_s: float = 0.0
    megabytes: float = 0.0
    stages_s: dict[str, float] = field(default_factory=dict)
    parts_s: dict[str, float] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times as fast as it sounds."""
        return self.duration_s / self.cpu_s


def cost(style: str, seconds: float) -> Cost:
    """Return what a song costs in a child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(pickle.dumps(_made(style, seconds)))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    made: Cost = pickle.loads(told)  # noqa: S301 -- written by this process's own child
    return made


def _made(style: str, seconds: float) -> Cost:
    made, stage_before, since = Cost(), "prompt", time.process_time()
    sung = style == "sung"
    prompt = "pop, female vocal" if sung else style.replace("_", " ")
    order = composition.Order(prompt, lyrics=_LYRICS if sung else None, duration_s=seconds, seed=_SEED)

    def told(stage: str, _done: float) -> None:
        nonlocal stage_before, since
        now = time.process_time()
        made.stages_s[stage_before] = made.stages_s.get(stage_before, 0.0) + now - since
        stage_before, since = stage, now

    timed = mock.patch("soundrack.composition.engine.instrument", _timed(made, instrument))
    with tempfile.TemporaryDirectory() as name, timed:
        began = time.process_time()
        song = composition.compose(order, composition.Outputs(Path(name, "song.flac")), told)
        made.cpu_s = time.process_time() - began
    made.duration_s = song.duration_s
    made.megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    return made


def _timed(made: Cost, make: Callable[[str], Instrument]) -> Callable[[str], Instrument]:
    """Return a maker of instruments that tell how long they played."""

    def maker(name: str) -> Instrument:
        player = make(name)
        play = player.play

        def timed(*arguments: object) -> object:
            began = time.process_time()
            sound = play(*arguments)  # type: ignore[arg-type]  # passed on as they are
            made.parts_s[name] = made.parts_s.get(name, 0.0) + time.process_time() - began
            return sound

        player.play = timed  # type: ignore[method-assign, assignment]  # for the time of a measurement
        return player

    return maker


def main(seconds: float, styles: list[str]) -> None:
    """Print what songs cost."""
    began = time.process_time()
    composition.warm()
    print(f"warm() {time.process_time() - began:.2f} s")
    print("style          x real time   CPU s    MB   stages; instruments (CPU s)")
    for style in styles:
        each = cost(style, seconds)
        stages, parts = (
            ", ".join(f"{name} {spent:.2f}" for name, spent in sorted(table.items(), key=lambda item: -item[1]))
            for table in (each.stages_s, each.parts_s)
        )
        print(f"{style:14} {each.ratio:11.1f} {each.cpu_s:7.2f} {each.megabytes:5.0f}   {stages}", flush=True)
        print(f"{'':41}{parts}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else _SECONDS, sys.argv[2:] or list(STYLES))
