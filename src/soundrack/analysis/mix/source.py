"""Checks of where the sound comes from: lossy coding, a lower sample rate, fewer bits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.mix.check import Check, Question, Verdict
from soundrack.analysis.mix.evidence import Evidence
from soundrack.audio.containers import Container

_SILENT = "Nothing is louder than -70 LUFS."

_LOSSY = Question("lossy_source", "Lossy source", "kHz", "a spectrum that reaches 20 kHz without an edge", 0.55)
_CODED = replace(_LOSSY, harm=0.05)
"""Of a file that says itself that it is lossy: every fault of the mix comes before that."""
_CODERS = {Container.MP3: "MP3", Container.OGG: "Ogg", Container.M4A: "AAC"}
_CODERS_HZ = (9500.0, 19_700.0)
"""Where coders cut: MP3 at 16 kHz for 128 kbit/s and 19 to 20 kHz for 256 and more; Opus at 20 kHz never is told."""
_LOW_EDGE_HZ = 17_000.0

_RATE = Question("sample_rate", "Sample rate", "kHz", "sound up to the half of the sample rate", 0.3)
_WIDE_RATE_HZ = 32_000
_NARROW_EDGE_HZ = 9500.0
_HIGH_RATE_HZ, _HIGH_EDGE_HZ = 64_000, 25_000.0

_BITS = Question("bit_depth", "Bit depth", "bits", "as many as the file has", 0.3)
_PROMISED = {"PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_DEPTHS = (8, 12, 16, 20, 24)
_LOOKED_AT = 1 << 18

_BAND_HZ = 100.0
_BESIDE, _ACROSS = 6, 8
"""In bands: what is averaged below an edge, and how far it may fall over."""
_FALL_DB = 22.0
_STEEP_DB_PER_OCTAVE = 60.0
"""No instrument and no usual filter falls like that; a coder's edge falls by hundreds."""
_HEARD_DB = -85.0
"""Of the last bands below an edge, relative to the song: an edge in what nobody hears says nothing."""


def lossy_source(seen: Evidence) -> Check:
    """A steep edge where coders cut, above which nothing follows."""
    coder = _CODERS.get(seen.info.container)
    if seen.silent or seen.rate_hz < _WIDE_RATE_HZ:
        return _LOSSY.unknown(_SILENT if seen.silent else "At this sample rate coders leave no edge.")
    edge_hz = edge(seen)
    if edge_hz is None or not _CODERS_HZ[0] <= edge_hz <= _CODERS_HZ[1]:
        advice = f"This file is coded as {coder} itself: mix and master from the uncompressed original."
        return _CODED.answered(None, Verdict.NOTICE if coder else Verdict.OK, advice)
    advice = (
        f"The spectrum ends at {edge_hz / 1000.0:.1f} kHz like that of a lossy file. Use the original recording or an "
        "uncompressed export; what the coder has taken away comes back by no equaliser."
    )
    if edge_hz < _LOW_EDGE_HZ:
        return _LOSSY.answered(edge_hz / 1000.0, Verdict.PROBLEM, advice)
    return (_CODED if coder else _LOSSY).answered(edge_hz / 1000.0, Verdict.NOTICE, advice)


def sample_rate(seen: Evidence) -> Check:
    """An edge far below half the sample rate: the sound was made at a lower one."""
    if seen.silent:
        return _RATE.unknown(_SILENT)
    edge_hz = edge(seen)
    low = edge_hz is not None and edge_hz < _NARROW_EDGE_HZ and seen.rate_hz >= _WIDE_RATE_HZ
    padded = edge_hz is not None and edge_hz < _HIGH_EDGE_HZ and seen.rate_hz >= _HIGH_RATE_HZ
    reaches_khz = (edge_hz if edge_hz is not None else seen.rate_hz / 2.0) / 1000.0
    advice = (
        f"There is nothing above {reaches_khz:.1f} kHz in a file of {seen.rate_hz / 1000.0:g} kHz: it was made at a "
        "lower sample rate. Look for the original, or deliver at the rate that it was made at."
    )
    return _RATE.answered(reaches_khz, Verdict.NOTICE if low or padded else Verdict.OK, advice)


def bit_depth(seen: Evidence) -> Check:
    """How many of a file's bits are in use."""
    promised = _PROMISED.get(seen.info.encoding)
    if promised is None or seen.silent:
        return _BITS.unknown(_SILENT if seen.silent else "Its samples have no number of bits.")
    flat = seen.samples.reshape(-1)
    some = flat[:: max(1, len(flat) // _LOOKED_AT)].astype(np.float64)
    found = next((bits for bits in _DEPTHS if _fits(some, bits)), promised)
    used = min(found, promised)
    advice = (
        f"Of {promised} bits {used} are in use: the sound was rounded before. Export once more from the session at "
        f"{promised} bits without a step at {used}, and dither only where bits are taken away."
    )
    verdict = Verdict.NOTICE if used < min(promised, 24) else Verdict.OK
    return _BITS.answered(float(used), verdict, advice, digits=0)


def _fits(samples: NDArray[np.float64], bits: int) -> bool:
    scaled = samples * 2.0 ** (bits - 1)
    return bool((scaled == np.round(scaled)).all())


def edge(seen: Evidence) -> float | None:
    """Return where the spectrum of the louder half ends steeply and for good, in Hz; None if it does not."""
    spectra = seen.spectra
    bands = int(0.49 * spectra.rate_hz / _BAND_HZ)
    edges = np.arange(bands + 1) * _BAND_HZ / spectra.bin_hz
    power = spectra.total()
    running = np.concatenate(([0.0], np.cumsum(power)))
    inside = np.diff(np.interp(edges, np.arange(len(running)) - 0.5, running))
    levels = 10.0 * np.log10(np.maximum(inside, 1e-20))
    if bands < 3 * _ACROSS:
        return None
    running = np.concatenate(([0.0], np.cumsum(levels)))
    before = (running[_BESIDE:] - running[:-_BESIDE]) / _BESIDE  # of the bands up to each
    rest = np.maximum.accumulate(levels[::-1])[::-1]  # the highest from each band on
    places = np.arange(_BESIDE, bands - _ACROSS)
    falls = before[places - _BESIDE] - rest[places + _ACROSS]
    octaves = np.log2((places + _ACROSS) / (places - 0.5 * _BESIDE))
    song_db = 10.0 * math.log10(max(float(power.sum()), 1e-20))
    clear = (falls >= _FALL_DB) & (falls / octaves >= _STEEP_DB_PER_OCTAVE)
    clear &= before[places - _BESIDE] >= song_db + _HEARD_DB
    if not clear.any():
        return None
    at = int(places[clear][np.argmax(falls[clear])])
    middle = before[at - _BESIDE] - 0.5 * float(falls[clear].max())
    reached = np.flatnonzero(levels[at - _BESIDE : at + _ACROSS + 1] < middle)
    return float((at - _BESIDE + (reached[0] if len(reached) else _BESIDE)) * _BAND_HZ)
