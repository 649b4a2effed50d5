"""Tonality: a song's key, chords, scale and melody."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.chroma import between, notes, semitones
from soundrack.analysis.features.constant_q import FPS, ConstantQ
from soundrack.analysis.features.tuning import LEAST_AGREEMENT
from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.tonality.chords import Followed, Sounding, follow
from soundrack.analysis.tonality.evidence import evidence
from soundrack.analysis.tonality.grid import CHORD_SPAN_S, KEY_SPAN_S, Grid, grid
from soundrack.analysis.tonality.key import KEYS, Keys, keys
from soundrack.analysis.tonality.key_evidence import KeyEvidence
from soundrack.analysis.tonality.labels import NO_CHORD, chord_label
from soundrack.analysis.tonality.melody import melody
from soundrack.analysis.tonality.network import Heard, hear_chords
from soundrack.analysis.tonality.numerals import loop, numeral
from soundrack.analysis.tonality.result import Chord, Key, KeySegment, Progression, Tonality
from soundrack.analysis.tonality.scales import scale

__all__ = ["Chord", "Key", "KeySegment", "Progression", "Tonality", "tonality"]

_MODES = ("major", "minor")
_LEAST_CLASSES = 3
_SOUNDS = 0.2
"""A pitch class sounds that has so much of the strongest one's."""
_LEAST_SOUNDING = 0.25
"""A song has a key if chords sound in so much of it."""
_ATONAL = 0.8
"""So probable must it be that there is no key; below, a key is told with what confidence it has."""
_LEAST_SOUNDING_S = 2.0
"""What sounds for less than that in all is a click or a knock, and no chord."""
_ALTERNATIVES = 3
_LEAST_ALTERNATIVE = 0.01


def tonality(constant_q: ConstantQ, rhythm: Rhythm) -> Tonality:
    """Tell a song's key, chords, progression, scale and melody.

    Parameters
    ----------
    constant_q : ConstantQ
        The song's.
    rhythm : Rhythm
        Chords begin on its beats or between two; without beats, on half seconds.

    Returns
    -------
    Tonality
        Without a key where there is none to tell: where few chords sound, where peaks lie on no scale, where fewer
        than three pitch classes sound, and where what sounds belongs to no key.
    """
    duration_s = constant_q.frames / FPS
    by_frame = semitones(constant_q)
    fine = _listen(by_frame, grid(rhythm.beats_s, rhythm.positions, duration_s, CHORD_SPAN_S))
    coarse = grid(rhythm.beats_s, rhythm.positions, duration_s, KEY_SPAN_S)
    beats = fine if len(coarse) == len(fine.grid) else _listen(by_frame, coarse)
    known = KeyEvidence(evidence(beats.spectrum), beats.heard, beats.followed.posteriors)
    found, strengths = keys(known), known.strengths
    tuned = constant_q.agreement >= LEAST_AGREEMENT
    pitched = tuned and int((strengths > _SOUNDS * strengths.max(initial=0.0)).sum()) >= _LEAST_CLASSES
    key = _key(found) if pitched and _is_tonal(found, fine.followed, fine.grid) else None
    segments = _segments(found, coarse, key)
    sounds = pitched and _sounding_s(fine.followed, fine.grid) >= _LEAST_SOUNDING_S
    chords = _chords(fine.followed, fine.grid, segments) if sounds else ()
    return Tonality(
        key=key,
        confidence=key.confidence if key else 0.0,
        alternatives=_alternatives(found, key),
        segments=segments,
        chords=chords,
        progression=_progression(fine.followed, key),
        scale=scale(strengths, key.tonic, key.mode) if key else None,
        melody=melody(notes(by_frame)) if tuned else (),
        tuning_cents=constant_q.tuning_cents if tuned else None,
    )


@dataclass(frozen=True)
class _Listened:
    """A song's mean spectra on a grid, what the network says of them, and the course through it."""

    grid: Grid
    spectrum: NDArray[np.float32]
    heard: Heard
    followed: Followed


def _listen(by_frame: NDArray[np.float32], laid: Grid) -> _Listened:
    spectrum = between(by_frame, laid.frames(len(by_frame)))
    heard = hear_chords(spectrum)
    return _Listened(laid, spectrum, heard, follow(heard, laid))


def _is_tonal(found: Keys, followed: Followed, laid: Grid) -> bool:
    """Tell whether there is a key at all."""
    sounding = sum(chord.last - chord.first for chord in followed.chords if chord.root is not None)
    return sounding >= _LEAST_SOUNDING * len(laid) and bool(found.probabilities[KEYS] < _ATONAL)


def _sounding_s(followed: Followed, laid: Grid) -> float:
    return sum(
        float(laid.times_s[each.last] - laid.times_s[each.first]) for each in followed.chords if each.root is not None
    )


def _named(key: int, confidence: float) -> Key:
    return Key(key // 2, _MODES[key % 2], confidence)


def _key(found: Keys) -> Key:
    best = int(found.probabilities[:KEYS].argmax())
    return _named(best, float(found.probabilities[best]))


def _alternatives(found: Keys, key: Key | None) -> tuple[Key, ...]:
    if key is None:
        return ()
    order = np.argsort(-found.probabilities[:KEYS])[1 : 1 + _ALTERNATIVES].tolist()
    others = (_named(other, float(found.probabilities[other])) for other in order)
    return tuple(other for other in others if other.confidence >= _LEAST_ALTERNATIVE)


def _segments(found: Keys, laid: Grid, key: Key | None) -> tuple[KeySegment, ...]:
    if key is None:
        return ()
    return tuple(
        KeySegment(float(laid.times_s[each.first]), float(laid.times_s[each.last]), _named(each.key, each.confidence))
        for each in found.stretches
    )


def _chords(followed: Followed, laid: Grid, segments: tuple[KeySegment, ...]) -> tuple[Chord, ...]:
    """Name the chords, each in the key of its place."""
    told = []
    for number, chord in enumerate(followed.chords):
        middle_s = float(laid.times_s[chord.first] + laid.times_s[chord.last]) / 2.0
        here = next((segment.key for segment in segments if middle_s <= segment.end_s), None)
        after = followed.chords[number + 1] if number + 1 < len(followed.chords) else None
        told.append(_told(chord, after, laid, here))
    return tuple(told)


def _told(chord: Sounding, after: Sounding | None, laid: Grid, key: Key | None) -> Chord:
    start_s, end_s = float(laid.times_s[chord.first]), float(laid.times_s[chord.last])
    roman = numeral(chord, after, key.tonic, key.mode) if key else None
    label = _label(chord, key)
    return Chord(start_s, end_s, label, roman, chord.confidence, chord.root, chord.quality, chord.bass)


def _progression(followed: Followed, key: Key | None) -> Progression | None:
    """Return the loop of chords that the song repeats, inversions left aside."""
    if key is None:
        return None
    plain: list[Sounding] = []
    for chord in followed.chords:
        upright = replace(chord, bass=chord.root)
        same = plain and (plain[-1].root, plain[-1].quality) == (chord.root, chord.quality)
        if chord.root is not None and not same:
            plain.append(upright)
    found = loop([f"{chord.root} {chord.quality}" for chord in plain])
    if found is None:
        return None
    places = range(found.first, found.first + found.length)
    numerals = [
        numeral(plain[at], plain[at + 1] if at + 1 < len(plain) else None, key.tonic, key.mode) for at in places
    ]
    names = [_label(plain[at], key) for at in places]
    return Progression(tuple(name or "" for name in numerals), tuple(names), found.times)


def _label(chord: Sounding, key: Key | None) -> str:
    if chord.root is None or chord.quality is None or chord.bass is None:
        return NO_CHORD
    tonic, mode = (key.tonic, key.mode) if key else (None, "major")
    return chord_label(chord.root, chord.quality, chord.bass, tonic, mode)
