"""What all checks look at, gathered once: meters, spectra, flat tops, clicks and silences."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.sound import Sound
from soundrack.analysis.loudness import Loudness
from soundrack.analysis.mix import clicks, flat_tops
from soundrack.analysis.mix.flat_tops import FlatTops
from soundrack.analysis.mix.spectra import LowSpectra, Spectra, low_spectra, spectra
from soundrack.audio.channels import USUAL_MASKS
from soundrack.audio.containers import AudioInfo
from soundrack.audio.measurement import Measurement

_LEFT = (0, 4, 6, 9, 12, 15)
_RIGHT = (1, 5, 7, 10, 14, 17)
_FRONT = (0, 1)
_LFE = 3
_SHARE = 10.0 ** (-3.0 / 20.0)


@dataclass(frozen=True)
class Evidence:
    """A song under examination.

    - `info`, `rate_hz`, `channels`, `duration_s`: of the file. `samples`: as decoded, float32, (frames, channels).
    - `loudness`, `measurement`: its meters, of all channels.
    - `stereo`: whether there are two channels or more; `pair` measures the stereo image of the fold-down of more than
      two (:func:`fold_down`), None for mono.
    - `spectra`, `low`: of mono or of two channels.
    - `flat_tops` and `clicks_s`: of all channels.
    - `genre`: whose tone it is held against, a key of :data:`soundrack.audio.tone_curves.COLOURS`; None where no
      record is a measure for it.
    - `voice`: whether somebody sings or speaks, None where that is not known.
    """

    info: AudioInfo
    samples: NDArray[np.float32]
    rate_hz: int
    loudness: Loudness
    spectra: Spectra
    low: LowSpectra
    flat_tops: FlatTops
    clicks_s: NDArray[np.float64]
    genre: str | None
    voice: bool | None

    @property
    def measurement(self) -> Measurement:
        """The meters."""
        return self.loudness.measurement

    @property
    def channels(self) -> int:
        """How many."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.samples) / self.rate_hz

    @property
    def silent(self) -> bool:
        """Whether nothing of it is heard."""
        return self.loudness.silent


def examine(sound: Sound, loudness: Loudness, genre: str | None, voice: bool | None) -> Evidence:
    """Look at everything once; arguments as for :func:`soundrack.analysis.mix.mix_report`."""
    pair = fold_down(sound.samples, sound.info.channel_mask)
    return Evidence(
        info=sound.info,
        samples=sound.samples,
        rate_hz=sound.rate_hz,
        loudness=loudness,
        spectra=spectra(pair, sound.rate_hz, loudness.power),
        low=low_spectra(pair, sound.rate_hz),
        flat_tops=flat_tops.find(sound.samples, loudness.seen.peaks),
        clicks_s=clicks.find(sound.samples, sound.rate_hz),
        genre=genre,
        voice=voice,
    )


def fold_down(samples: NDArray[np.float32], mask: int = 0) -> NDArray[np.float32]:
    """Return one or two channels as they are, and more as two: centre and surrounds at -3 dB, no LFE.

    After ITU-R BS.775-4, Annex 4 (Lo/Ro). Which channel is which follows the mask, or their number.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        1 to 8 channels.
    mask : int
        dwChannelMask, 0 where the number of channels says it.
    """
    channels = samples.shape[1]
    if channels <= 2:
        return samples
    mask = mask or USUAL_MASKS.get(channels, 0)
    places = [bit for bit in range(mask.bit_length()) if mask >> bit & 1][:channels]
    places += [_FRONT[n % 2] for n in range(channels - len(places))]
    weights = np.zeros((channels, 2), dtype=np.float32)
    for channel, place in enumerate(places):
        share = 1.0 if place in _FRONT else _SHARE
        if place != _LFE:
            weights[channel] = share * (place not in _RIGHT), share * (place not in _LEFT)
    return np.ascontiguousarray(samples @ weights)
