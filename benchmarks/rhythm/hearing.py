"""Examples as their rhythm is heard: whole, and cut to half a minute as clips are."""

from __future__ import annotations

import hashlib
import pickle
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.folder import kept
from benchmarks.rhythm import examples
from benchmarks.rhythm.examples import Example
from soundrack.analysis.features import bands as front_end
from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.rhythm import activation as network
from soundrack.analysis.rhythm import hypotheses, salience
from soundrack.analysis.rhythm import onsets as rises
from soundrack.analysis.rhythm.activation import Activation, activation
from soundrack.analysis.rhythm.hypotheses import Scene
from soundrack.analysis.rhythm.onsets import Onsets, onsets

_CUT_S = 31.0
_KEPT = "rhythm"


@dataclass(frozen=True)
class Heard:
    """An example, or a cut of one, and where what is heard of it is kept. `whole` is false of a cut."""

    example: Example
    whole: bool
    kept: Path

    @property
    def name(self) -> str:
        """The example's."""
        return self.example.name

    def listen(self) -> tuple[Activation, Onsets]:
        """Return what the network says, and the onsets."""
        found: tuple[Activation, Onsets] = pickle.loads(self.kept.read_bytes())  # noqa: S301  written below
        return found

    def scene(self) -> tuple[Scene, NDArray[np.float32]]:
        """Return what its rhythm is told by, and its salience."""
        heard, found = self.listen()
        curve = salience.salience(heard, found)
        return hypotheses.scene(found, curve, heard.beat, heard.downbeat), curve


def heard(example: Example, *, cut: bool = False) -> Heard:
    """Hear an example, or a part of it, drawn by its name, that is as long as a clip."""
    short = replace(example, bands=examples.NO_BANDS)
    if not cut:
        return Heard(short, True, _keep(example.name, example.bands))
    length_s = example.bands.duration_s
    rng = np.random.default_rng([31, *example.name.encode()])
    start = int(FPS * rng.uniform(0.0, max(0.0, length_s - _CUT_S)))
    part = Bands(example.bands.magnitude[start : start + int(FPS * _CUT_S)], example.bands.centres_hz)
    return Heard(_moved(short, start / FPS), False, _keep(f"{example.name} from {start}", part))


def _moved(example: Example, start_s: float) -> Example:
    """Return an example with the truth of a cut."""
    truth = example.truth
    if truth is None:
        return example
    beats_s, downbeats_s = (np.array(truth[name]) - start_s for name in ("beats_s", "downbeats_s"))
    beats_s, downbeats_s = (times[(times >= 0.0) & (times < _CUT_S)] for times in (beats_s, downbeats_s))
    bpm = truth["bpm"] if truth["metre"] == "7/8" else float(60.0 / np.median(np.diff(beats_s)))
    moved = truth | {"beats_s": beats_s.tolist(), "downbeats_s": downbeats_s.tolist(), "bpm": bpm}
    return replace(example, truth=moved, bpm=bpm)


def _keep(name: str, bands: Bands) -> Path:
    """Hear a sound, unless what is kept on disk was heard of the same one in the same way."""
    made = "".join(Path(module.__file__ or "").read_text() for module in (front_end, network, rises))
    mark = f"{name} {made} {len(bands.magnitude)} {float(bands.magnitude.sum())}"
    path = kept(_KEPT, hashlib.sha256(mark.encode()).hexdigest()[:16] + ".heard")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps((activation(bands), onsets(bands))))
        part.replace(path)
    return path
