"""Tags of a song: what two networks hear in some patches of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack import models
from soundrack.analysis.features.sound import RATE_HZ, Sound
from soundrack.analysis.tags.labels import MSD, MTT
from soundrack.analysis.tags.patches import mel_patches, starts

_EVERY_S = 22.0
_FEWEST, _MOST = 3, 24
"""A patch for each 22 s of a song: `benchmarks/tagging.py` shows how near that comes to all patches."""


@dataclass(frozen=True)
class Tags:
    """What the tagging networks hear.

    `at_s` is where each patch of 3 s begins, float64, shape (patches,); it has none where a song is shorter than a
    patch, or silent. `msd_patches` and `mtt_patches` are float32, shape (patches, 50): likelihoods 0 to 1 in the order
    of `labels.MSD` and `labels.MTT`. They are ranks more than probabilities: a tag that certainly holds may have 0.3.
    `embedding` is float32, shape (200,): the mean over the patches, of length 1; zeros if there are none.
    """

    at_s: NDArray[np.float64]
    msd_patches: NDArray[np.float32]
    mtt_patches: NDArray[np.float32]
    embedding: NDArray[np.float32]

    def __bool__(self) -> bool:
        """Whether anything was heard."""
        return self.at_s.size > 0

    @property
    def msd(self) -> Mapping[str, float]:
        """Mean likelihood of each tag of the Million Song Dataset; empty if nothing was heard."""
        return _means(MSD, self.msd_patches)

    @property
    def mtt(self) -> Mapping[str, float]:
        """Mean likelihood of each tag of MagnaTagATune; empty if nothing was heard."""
        return _means(MTT, self.mtt_patches)


def tags(sound: Sound, patches: int | None = None) -> Tags:
    """Tag a song.

    Parameters
    ----------
    sound : Sound
        The song.
    patches : int, optional
        How many patches of 3 s to look at, at most, spread evenly over it; one for each 22 s, but 3 to 24, if not
        given. Each costs 0.07 s of CPU time.

    Returns
    -------
    Tags
    """
    at = starts(sound.mono, patches_of(sound.duration_s) if patches is None else patches)
    spectra = mel_patches(sound.mono, at)
    msd, embeddings = _run("tags_msd", spectra, ("tags", "embedding"))
    (mtt,) = _run("tags_mtt", spectra, ("tags",))
    mean = embeddings.sum(axis=0)
    length = float(np.linalg.norm(mean))
    return Tags(at / RATE_HZ, msd, mtt, mean / np.float32(length or 1.0))


def patches_of(duration_s: float) -> int:
    """Return how many patches of a song are looked at."""
    return min(_MOST, max(_FEWEST, round(duration_s / _EVERY_S)))


def _run(name: str, patches: NDArray[np.float32], wanted: tuple[str, ...]) -> list[NDArray[np.float32]]:
    """Run a network patch by patch, so that a call takes no more memory than one."""
    session = models.session(name)
    sizes = {output.name: output.shape[1] for output in session.get_outputs()}
    found = [session.run(wanted, {"patches": patch[None]}) for patch in patches]
    if not found:
        return [np.empty((0, sizes[output]), dtype=np.float32) for output in wanted]
    return [np.concatenate(rows) for rows in zip(*found, strict=True)]


def _means(labels: tuple[str, ...], patches: NDArray[np.float32]) -> dict[str, float]:
    if patches.shape[0] == 0:
        return {}
    return dict(zip(labels, patches.mean(axis=0).tolist(), strict=True))
