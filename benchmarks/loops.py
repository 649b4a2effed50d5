"""What is measured of loops: whether their seam is one moment among others.

``python -m benchmarks.loops [seed]`` makes three loops in each of the 18 styles and ten beds of sound effects, prints a
line each, and ends with 1 if the samples jump at a seam, if a bed's seam lies above the 95th percentile of its spectral
flux, or if that is so of more than one in ten musical loops: a loop whose notes begin at fewer than one place in twenty
and whose first beat is the strongest of them cannot be otherwise.
"""

from __future__ import annotations

import sys
import time

import numpy as np
from numpy.typing import NDArray

from benchmarks.foley import SEAMLESS, seam_rank
from soundrack.composition.foley import EffectOrder, Sound, effect
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.samples import SampleOrder, sample
from soundrack.composition.styles import styles

_WHO = ("bass line", "chords", "melody")
_BEDS = (
    "rain",
    "wind",
    "sea",
    "fire",
    "crowd murmur",
    "traffic",
    "forest birds",
    "clock ticking",
    "server room hum",
    "typing on a keyboard",
)
_SECONDS = 8.0
_MOST_BEYOND = 0.1


def jump(sound: NDArray[np.float32]) -> float:
    """Return the step from a loop's last frame to its first, as a part of the 99.9th percentile of all steps."""
    steps = np.abs(np.diff(np.concatenate([sound, sound[:1]]), axis=0)).max(axis=1)
    return float(steps[-1] / max(np.percentile(steps, 99.9), 1e-9))


def line(name: str, made: Sound, cost_s: float) -> tuple[float, float]:
    """Print a loop's line; return the percentile of its seam and its jump."""
    rank, step = seam_rank(made.samples), jump(made.samples)
    told = -1.0 if made.seam_percentile is None else made.seam_percentile
    print(
        f"{name:34s}{len(made.samples) / RATE_HZ:7.2f}{rank:9.1f}{told:9.1f}{step:8.3f}{cost_s:8.2f}  {made.why}",
        flush=True,
    )
    return rank, step


def main() -> None:
    """Print the table; end with 1 where a bound is exceeded."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    print(f"{'loop':34s}{'s':>7s}{'seam %':>9s}{'told %':>9s}{'jump':>8s}{'CPU s':>8s}")
    music, beds = [], []
    for number, style in enumerate(styles()):
        for who in ("drum loop", _WHO[number % len(_WHO)], ""):
            prompt = f"{style.replace('_', ' ')} {who}".strip()
            began = time.process_time()
            made = sample(SampleOrder(prompt, _SECONDS, loopable=True, seed=seed))
            music.append(line(prompt, made, time.process_time() - began))
    for prompt in _BEDS:
        began = time.process_time()
        made = effect(EffectOrder(prompt, _SECONDS, seed, loopable=True))
        beds.append(line(prompt, made, time.process_time() - began))
    beyond = [sum(rank > SEAMLESS for rank, _ in each) for each in (music, beds)]
    most = max(step for _, step in music + beds)
    print(f"\nmusical loops within the 95th percentile: {len(music) - beyond[0]} of {len(music)}")
    print(f"beds within the 95th percentile: {len(beds) - beyond[1]} of {len(beds)}")
    print(f"largest step at a seam, as a part of the 99.9th percentile of all steps: {most:.2f}")
    if beyond[0] > _MOST_BEYOND * len(music) or beyond[1] or most > 1.0:
        sys.exit(1)


if __name__ == "__main__":
    main()
