"""Phrases through the singing network: which spectra each moment of a phrase has.

The network is `models`' ``singer``, hibari's for speech with lengths, pitch and energy as inputs (docs/voice.md). It
speaks one sound after the other in units of 25 ms; a vowel that is longer than speech's is spoken shorter and then
stretched in its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundrack import models
from soundrack.composition.lyrics.sounds import VOICED
from soundrack.composition.voice.phrases import Phrase, Segment
from soundrack.composition.voice.pitch import Curve, hz, times

NETWORK = "singer"
FRAME_RATE_HZ = 80
"""Of spectra."""
BINS = 601
"""Of a spectrum, from 0 Hz to 12 kHz."""

Spectra = NDArray[np.float32]

_IDS = {
    **{" ": 16, ".": 4, "ˈ": 156, "ˌ": 157},
    **{"A": 24, "I": 25, "O": 31, "W": 39, "Y": 41, "i": 51, "u": 63, "ɑ": 69, "æ": 72, "ɔ": 76, "ə": 83, "ɛ": 86},
    **{"ɜ": 87, "ɪ": 102, "ʊ": 135, "ʌ": 138, "ɐ": 70},
    **{"b": 44, "d": 46, "f": 48, "h": 50, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61, "t": 62},
    **{"v": 64, "w": 65, "z": 68, "ð": 81, "ʤ": 82, "ɡ": 92, "ŋ": 112, "θ": 119, "ɹ": 123, "ɾ": 125, "ʃ": 131},
    **{"ʧ": 133, "ʒ": 147},
}
"""Kokoro's numbers of sounds, as hibari has them."""
_PAD = 0
_UNIT_S, _FRAMES_OF_UNIT = 0.025, 2
_BEFORE, _AFTER, _FULL_STOP = 8, 8, 3
"""Units of silence before and behind a phrase, and of the full stop."""
_STRESS = {1: "ˈ", 2: "ˌ"}
_LONGEST_S = 2.0
"""Of a vowel before it is stretched."""
_EDGE_FRAMES = (6.0, 6.0)
"""Of a stretched vowel's beginning and end, which are not."""
_HELD = 0.1
"""How much weaker than the middle vowel a vowel may be meant."""
_VOICELESS_HZ, _DOUBTFUL_HZ = 40.0, 60.0
_OUTPUTS = ["harmonic_level", "harmonic_phase", "noise_level", "free_level", "free_phase"]
_SONORANT = frozenset("mnŋlɹwj")
_HELD_VOWEL, _EDGE = 2, 4


@dataclass(frozen=True)
class Spoken:
    """A phrase's spectra as the network has them, in its own time.

    Parameters
    ----------
    harmonic_level, harmonic_phase, noise_level, free_level, free_phase : float32 arrays, shape (frames, BINS)
        Natural logarithms of magnitudes, and phases in radians; that of the harmonics before ``pi * tanh``.
    is_voiced : bool array, shape (frames,)
        Where there are harmonics.
    is_held : bool array, shape (frames,)
        Inside vowels, where the part with phases of its own would buzz at the rate of frames.
    own, song : float64 arrays
        Frames of its own time, ascending, and the times in the song, in seconds, that they have.
    script : Script
        What the network read.
    """

    harmonic_level: Spectra
    harmonic_phase: Spectra
    noise_level: Spectra
    free_level: Spectra
    free_phase: Spectra
    is_voiced: NDArray[np.bool_]
    is_held: NDArray[np.bool_]
    own: Curve
    song: Curve
    script: Script

    def sung_again(self, phrase: Phrase) -> Spoken | None:
        """Return the same spectra for a phrase of the same sounds at its own times; None for one of other sounds."""
        if _script(phrase).ids != self.script.ids:
            return None
        own, song = _clock(phrase.segments, self.script, np.cumsum(self.script.units) * _FRAMES_OF_UNIT)
        return replace(self, own=own, song=song)


@dataclass(frozen=True)
class Script:
    """What the network reads: a number and a length in units for each token, and which segment it belongs to."""

    ids: list[int]
    units: list[int]
    segments: list[int | None]


def spoken(phrase: Phrase, pitch: Curve, formants: float) -> Spoken:
    """Return the spectra of a phrase.

    Parameters
    ----------
    phrase : Phrase
        What is sung.
    pitch : float64 array
        MIDI numbers at `pitch.times` of the phrase.
    formants : float
        By which factor its spectra will be moved along frequency: the network is driven at a pitch that comes out right
        after that, as a tape that runs slower lowers a voice altogether.

    Raises
    ------
    NotConfigured
        If the network is not there.
    """
    script = _script(phrase)
    ends = np.cumsum(script.units) * _FRAMES_OF_UNIT
    frames = int(ends[-1])
    own, song = _clock(phrase.segments, script, ends)
    at = np.interp(np.arange(frames), own, song)
    sung_hz = np.interp(at, times(phrase), hz(pitch)) / formants
    feed = {
        "sounds": np.array([script.ids], dtype=np.float32),
        "speed": np.ones(1, dtype=np.float32),
        "lengths": np.array(script.units, dtype=np.float32),
        "pitch": np.zeros((1, frames), dtype=np.float32),
        "energy": np.zeros((1, frames), dtype=np.float32),
    }
    session = models.session(NETWORK)
    told_hz, told_energy = session.run(["told_pitch", "told_energy"], feed)
    kinds = _kinds(phrase.segments, script, ends)
    is_voiced = _voiced(told_hz[0], kinds)
    feed["pitch"] = np.where(is_voiced, sung_hz, 0.0).astype(np.float32)[None]
    feed["energy"] = _held(told_energy[0], phrase.segments, script, ends)[None]
    spectra = (np.ascontiguousarray(each[0].T, dtype=np.float32) for each in session.run(_OUTPUTS, feed))
    level, phase, noise, free, free_phase = spectra
    return Spoken(level, phase, noise, free, free_phase, is_voiced, kinds == _HELD_VOWEL, own, song, script)


def _script(phrase: Phrase) -> Script:
    script = Script([_PAD], [_BEFORE], [None])
    owed = 0.0
    for place, segment in enumerate(phrase.segments):
        length = segment.end_s - segment.start_s
        wanted = min(length, _LONGEST_S) / _UNIT_S + owed
        whole = max(1, round(wanted))
        owed = min(max(wanted - whole, -1.0), 1.0)
        marks = " " if segment.begins_word and place else ""
        marks += _STRESS.get(phrase.syllables[segment.syllable].stress, "") if segment.is_nucleus else ""
        for mark in marks:
            # it takes its time from the sound that follows, as the network is used to
            taken = 1 if whole >= 3 else 0
            whole -= taken
            _add(script, mark, taken, place)
        _add(script, segment.sound, whole, place)
    _add(script, ".", _FULL_STOP, None)
    script.ids.append(_PAD)
    script.units.append(_AFTER)
    script.segments.append(None)
    return script


def _add(script: Script, sound: str, units: int, segment: int | None) -> None:
    script.ids.append(_IDS[sound])
    script.units.append(units)
    script.segments.append(segment)


def _frames(segments: tuple[Segment, ...], script: Script, ends: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return where each segment begins and ends in the network's frames, with the marks before it."""
    found = [(0, 0)] * len(segments)
    for token, place in enumerate(script.segments):
        if place is not None:
            begin = found[place][0] or int(ends[token - 1])
            found[place] = (begin, int(ends[token]))
    return found


def _clock(segments: tuple[Segment, ...], script: Script, ends: NDArray[np.int64]) -> tuple[Curve, Curve]:
    """Return frames and the times in the song that they have."""
    bounds = _frames(segments, script, ends)
    first, last = segments[0], segments[-1]
    own, song = [0.0], [first.start_s - bounds[0][0] / FRAME_RATE_HZ]
    for segment, (begin, end) in zip(segments, bounds, strict=True):
        own.append(float(begin))
        song.append(segment.start_s)
        stretched = segment.end_s - segment.start_s > (end - begin) / FRAME_RATE_HZ + 0.05
        head, tail = _EDGE_FRAMES
        if segment.is_nucleus and stretched and end - begin > head + tail + 1:
            own += [begin + head, end - tail]
            song += [segment.start_s + head / FRAME_RATE_HZ, segment.end_s - tail / FRAME_RATE_HZ]
    whole = float(ends[-1])
    own += [float(bounds[-1][1]), whole]
    song += [last.end_s, last.end_s + (whole - bounds[-1][1]) / FRAME_RATE_HZ]
    return np.array(own), np.maximum.accumulate(np.array(song))


def _kinds(segments: tuple[Segment, ...], script: Script, ends: NDArray[np.int64]) -> NDArray[np.int8]:
    """Return of each frame whether it is voiced (1; inside vowels 2), voiceless if in doubt (-1), or as told (0)."""
    kinds = np.zeros(int(ends[-1]), dtype=np.int8)
    for segment, (begin, end) in zip(segments, _frames(segments, script, ends), strict=True):
        if segment.is_nucleus or segment.sound in _SONORANT:
            kinds[begin:end] = 1
            if segment.is_nucleus:
                kinds[begin + _EDGE : end - _EDGE] = _HELD_VOWEL
        elif segment.sound not in VOICED:
            kinds[begin:end] = -1
    return kinds


def _voiced(told_hz: NDArray[np.float32], kinds: NDArray[np.int8]) -> NDArray[np.bool_]:
    voiced = told_hz >= np.where(kinds < 0, _DOUBTFUL_HZ, _VOICELESS_HZ)
    return np.asarray(voiced | (kinds > 0), dtype=np.bool_)


def _held(
    energy: NDArray[np.float32], segments: tuple[Segment, ...], script: Script, ends: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Keep the energy up in vowels, in which speech fades."""
    held = energy.copy()
    bounds = [
        bound
        for segment, bound in zip(segments, _frames(segments, script, ends), strict=True)
        if segment.is_nucleus and bound[1] > bound[0]
    ]
    peaks = [float(energy[begin:end].max()) for begin, end in bounds]
    middle = float(np.median(peaks))
    for (begin, end), peak in zip(bounds, peaks, strict=True):
        held[begin:end] = np.maximum(held[begin:end], 0.97 * max(peak, middle - _HELD))
    return held
