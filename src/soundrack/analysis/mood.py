"""Mood: energy, danceability and valence, each a weighted mean of named features, and words for them.

The formulae are in docs/structure-and-mood.md. Each feature is brought to 0 to 1 between two reference values, which
lie near the 5th and 95th percentile of real songs; so every score rises, or falls, with each of its features and stays
where the feature leaves its range.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, Bands
from soundrack.analysis.loudness import Loudness

_NEIGHBOURS = 3
_ONSET = 1.4
"""A peak of the flux above so many times its mean over the second around it is an onset."""
_BEAT_FRAMES = 2
_BASS_HZ = 200.0

_LOUDNESS_LUFS, _ONSETS_HZ, _TEMPO_BPM = (-24.0, -7.0), (1.0, 6.0), (60.0, 160.0)
_BRIGHTNESS_HZ, _DENSITY_DB = (450.0, 1000.0), (20.0, 8.0)
_BEAT_STRENGTH, _STABILITY, _BASS_SHARE = (1.0, 2.0), (0.5, 1.0), (0.1, 0.22)
_DRIVE, _DRUMMED = (-3.0, 1.5), (math.log(0.02), math.log(0.4))
_DANCED_BPM = (70.0, 112.0, 128.0, 190.0)
"""Nobody dances to the outer two; everybody to what lies between the inner two."""
_MOODS = {
    "happy": 1.0,
    "party": 0.7,
    "catchy": 0.4,
    "dance": 0.4,
    "sad": -1.2,
    "metal": -0.5,
    "Mellow": -0.3,
    "ambient": -0.2,
}
"""Tags of the Million Song Dataset by what they say of valence."""
_DRIVEN, _CALM = ("fast", "loud", "rock"), ("slow", "quiet", "soft")
_DRUMS = ("drums", "beat", "beats", "techno", "dance")
"""Tags of MagnaTagATune by what they say of energy and of what is danced to."""
_ALONE, _FAINT = 0.02, 0.005
"""Likelihoods below which a tag says nothing."""
_TAG_CENTRE, _TAG_SPREAD = -0.03, 0.25
"""What the weighted tags come to in a song that is neither, and how far a clear one is from that."""
_TAGGED = {
    "happy": "happy",
    "sad": "sad",
    "party": "party",
    "Mellow": "mellow",
    "chill": "chill",
    "chillout": "chill",
    "sexy": "sensual",
    "beautiful": "beautiful",
    "easy listening": "easy",
}
_LEAST_TAG, _SURE_TAG = 0.08, 0.5
_MOST_TAGS = 4
_CLEAR = 0.06
"""Off the middle by less, energy and valence are no word's."""


@dataclass(frozen=True)
class MoodFeatures:
    """What mood is told by.

    - `loudness_lufs`: integrated loudness. `density_db`: how far the true peaks stand above it: the less, the denser.
    - `onsets_hz`: onsets per second. `brightness_hz`: the centre of the spectrum. `bass_share`: how much of the flux
      lies below 200 Hz, 0 to 1.
    - `bpm`: beats per minute, None without beats. `beat_strength`: the flux at the beats beside that between them, 1
      where there is no difference. `stability` of the tempo, 0 to 1.
    - `mode`: 1 for major, -1 for minor, 0 where there is no key. `key_clarity`: how clear the key is, 0 to 1.
    - `tagged`: what tags say of valence, -1 to 1. `drive`: the logarithm of how much likelier the tags fast, loud and
      rock are together than slow, quiet and soft. `drummed`: that of the likeliest of the tags for drums and for what
      is danced to. Each None without tags.
    """

    loudness_lufs: float
    density_db: float
    onsets_hz: float
    brightness_hz: float
    bass_share: float
    bpm: float | None
    beat_strength: float
    stability: float
    mode: int
    key_clarity: float
    tagged: float | None
    drive: float | None = None
    drummed: float | None = None


@dataclass(frozen=True)
class Mood:
    """`valence` (0 sad, 100 happy), `energy` (0 calm, 100 driving) and `danceability`, integers 0 to 100 or None where
    there is no music; `tags`, words with how sure they are, 0 to 1, the surest first."""

    valence: int | None
    energy: int | None
    danceability: int | None
    tags: tuple[tuple[str, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it as published."""
        return {
            "valence": self.valence,
            "energy": self.energy,
            "danceability": self.danceability,
            "tags": [{"label": label, "confidence": round(confidence, 2)} for label, confidence in self.tags],
        }


NO_MOOD = Mood(None, None, None)
"""That of what is no music."""


def mood_features(
    bands: Bands,
    loudness: Loudness,
    *,
    bpm: float | None,
    beats_s: NDArray[np.float64],
    stability: float | None,
    mode: str | None,
    key_confidence: float,
    tags: Mapping[str, float] | None = None,
    players: Mapping[str, float] | None = None,
) -> MoodFeatures | None:
    """Gather what mood is told by.

    Parameters
    ----------
    bands : Bands
        The song's bands.
    loudness : Loudness
        Its meters.
    bpm, beats_s, stability : float or None, float64 array, float or None
        Its tempo, its beats, how steady they are (0 to 1).
    mode, key_confidence : str or None, float
        ``"major"`` or ``"minor"``, None without a key; how sure the key is.
    tags, players : mappings of str to float, optional
        Likelihoods of the tags of the Million Song Dataset, and of those of MagnaTagATune.

    Returns
    -------
    MoodFeatures, or None where the sound is silent or shorter than a second.
    """
    if loudness.silent or len(bands.magnitude) < FPS:
        return None
    flux = bands.flux
    novelty = flux.sum(axis=1, dtype=np.float64)
    power = (bands.magnitude.astype(np.float64) ** 2).sum(axis=0)
    lowest = bands.between(0.0, _BASS_HZ)
    return MoodFeatures(
        loudness_lufs=loudness.measurement.integrated_lufs,
        density_db=loudness.measurement.plr_db,
        onsets_hz=_onset_rate_hz(novelty),
        brightness_hz=float((np.sqrt(power) * bands.centres_hz).sum() / max(float(np.sqrt(power).sum()), 1e-12)),
        bass_share=float(flux[:, lowest].sum(dtype=np.float64) / max(float(novelty.sum()), 1e-12)),
        bpm=bpm,
        beat_strength=_beat_strength(novelty, beats_s),
        stability=stability or 0.0,
        mode={"major": 1, "minor": -1}.get(mode or "", 0),
        key_clarity=key_confidence if mode else 0.0,
        tagged=_tagged(tags) if tags else None,
        drive=_drive(players) if players else None,
        drummed=math.log(max(players[tag] for tag in _DRUMS) + _FAINT) if players else None,
    )


def mood(features: MoodFeatures | None, tags: Mapping[str, float] | None = None) -> Mood:
    """Return the mood of a song.

    Parameters
    ----------
    features : MoodFeatures, optional
        None for what is no music: then there is no mood.
    tags : mapping of str to float, optional
        Likelihoods of the tags of the Million Song Dataset, for words.
    """
    if features is None:
        return NO_MOOD
    energy, valence, danceability = _energy(features), _valence(features), _danceability(features)
    words = _words(energy, valence, tags or {})
    return Mood(round(100.0 * valence), round(100.0 * energy), round(100.0 * danceability), words)


def _energy(of: MoodFeatures) -> float:
    """20 % loudness, 20 % onsets, 15 % tempo, 10 % brightness, 5 % density, 30 % drive; without tags as many of 70."""
    heard = (
        0.20 * _ramp(of.loudness_lufs, _LOUDNESS_LUFS)
        + 0.20 * _ramp(of.onsets_hz, _ONSETS_HZ)
        + 0.15 * (_ramp(of.bpm, _TEMPO_BPM) if of.bpm else 0.0)
        + 0.10 * _ramp(math.log(max(of.brightness_hz, 1.0)), (math.log(_BRIGHTNESS_HZ[0]), math.log(_BRIGHTNESS_HZ[1])))
        + 0.05 * _ramp(of.density_db, _DENSITY_DB)
    )
    return heard / 0.70 if of.drive is None else heard + 0.30 * _ramp(of.drive, _DRIVE)


def _danceability(of: MoodFeatures) -> float:
    """30 % drums, 25 % tempo, 15 % onsets, 10 % beat strength, 10 % stability, 10 % bass; without tags as many of 70.

    Without beats what is neither tempo nor beat counts alone.
    """
    heard = 0.15 * _ramp(of.onsets_hz, _ONSETS_HZ) + 0.10 * _ramp(of.bass_share, _BASS_SHARE)
    if of.bpm:
        slow, from_bpm, to_bpm, fast = _DANCED_BPM
        heard += 0.25 * min(_ramp(of.bpm, (slow, from_bpm)), _ramp(of.bpm, (fast, to_bpm)))
        heard += 0.10 * _ramp(of.beat_strength, _BEAT_STRENGTH) + 0.10 * _ramp(of.stability, _STABILITY)
    return heard / 0.70 if of.drummed is None else heard + 0.30 * _ramp(of.drummed, _DRUMMED)


def _valence(of: MoodFeatures) -> float:
    """Around 50: mode as clear as the key is ±18, tempo ±12, onsets ±6, brightness ±4, tags ±25 out of 100."""
    tempo = 2.0 * _ramp(of.bpm, _TEMPO_BPM) - 1.0 if of.bpm else -0.5
    onsets = 2.0 * _ramp(of.onsets_hz, _ONSETS_HZ) - 1.0
    brightness = 2.0 * _ramp(of.brightness_hz, _BRIGHTNESS_HZ) - 1.0
    value = 0.5 + 0.18 * of.mode * of.key_clarity + 0.12 * tempo + 0.06 * onsets + 0.04 * brightness
    return min(max(value + 0.25 * (of.tagged or 0.0), 0.0), 1.0)


def _words(energy: float, valence: float, tags: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """Return a word for the quadrant of energy and valence (Russell, "A circumplex model of affect", 1980) and tags."""
    lively, glad = energy - 0.5, valence - 0.5
    quadrant = {
        (True, True): "uplifting",
        (True, False): "intense",
        (False, True): "peaceful",
        (False, False): "melancholic",
    }[lively >= 0.0, glad >= 0.0]
    found = {}
    if min(abs(glad), abs(lively)) >= _CLEAR:
        found[quadrant] = 0.4 + min(abs(glad), 0.25) + min(abs(lively), 0.25) / 2.0
    if abs(lively) >= 2.0 * _CLEAR:
        found["energetic" if lively > 0.0 else "calm"] = 0.55 + min(abs(lively), 0.35)
    for tag, word in _TAGGED.items():
        likelihood = tags.get(tag, 0.0)
        if likelihood >= _LEAST_TAG:
            sure = 0.3 + 0.5 * min(likelihood / _SURE_TAG, 1.0)
            found[word] = max(found.get(word, 0.0), sure)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ranked[:_MOST_TAGS])


def _tagged(tags: Mapping[str, float]) -> float:
    """Return what tags say of valence, -1 to 1: their weights times their likelihoods, beside those of a usual song."""
    total = sum(weight * tags.get(tag, 0.0) for tag, weight in _MOODS.items())
    return min(max((total - _TAG_CENTRE) / _TAG_SPREAD, -1.0), 1.0)


def _drive(players: Mapping[str, float]) -> float:
    """Return how far the tags of what drives are ahead of those of what is calm, as a logarithm."""
    driven, calm = (sum(players[tag] for tag in names) + _ALONE for names in (_DRIVEN, _CALM))
    return math.log(driven / calm)


def _ramp(value: float, ends: tuple[float, float]) -> float:
    """Return 0 up to the first value, 1 from the second on, straight between; the first may be the higher one."""
    return min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)


def _onset_rate_hz(novelty: NDArray[np.float64]) -> float:
    """Return how many peaks a second stand out of a flux curve."""
    around = np.convolve(np.pad(novelty, FPS // 2, mode="edge"), np.ones(FPS + 1) / (FPS + 1), "valid")[: len(novelty)]
    highest = novelty.copy()
    for offset in range(1, _NEIGHBOURS + 1):
        highest[offset:] = np.maximum(highest[offset:], novelty[:-offset])
        highest[:-offset] = np.maximum(highest[:-offset], novelty[offset:])
    least = 0.1 * float(np.percentile(novelty, 95.0)) + 1e-9
    return float(((novelty >= highest) & (novelty > _ONSET * around) & (novelty > least)).sum()) * FPS / len(novelty)


def _beat_strength(novelty: NDArray[np.float64], beats_s: NDArray[np.float64]) -> float:
    """Return the highest flux within 40 ms of the beats beside that of all moments, 1.0 without beats."""
    if len(beats_s) == 0:
        return 1.0
    highest = novelty.copy()
    for offset in range(1, _BEAT_FRAMES + 1):
        highest[offset:] = np.maximum(highest[offset:], novelty[:-offset])
        highest[:-offset] = np.maximum(highest[:-offset], novelty[offset:])
    at = np.clip(np.round(beats_s * FPS).astype(int), 0, len(novelty) - 1)
    return float(highest[at].mean() / max(float(highest.mean()), 1e-12))
