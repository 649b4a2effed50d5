"""The patch bay: what one estimator's findings are to another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.genre import GenreReport
from soundrack.analysis.loudness import Loudness
from soundrack.analysis.mood import Mood, mood, mood_features
from soundrack.analysis.release import LEAST_CONFIDENCE, Facts
from soundrack.analysis.rhythm import Rhythm
from soundrack.analysis.stems import StemsReport
from soundrack.analysis.tags import Tags
from soundrack.analysis.tags.voice import likelihoods
from soundrack.analysis.tonality import Tonality

_RECORDS = {
    "Electronic": "edm",
    "Hip Hop": "hiphop",
    "Pop": "pop",
    "R&B and Soul": "pop",
    "Funk": "pop",
    "Rock": "other",
    "Metal": "other",
    "Punk": "other",
    "Indie": "other",
    "Country": "other",
    "Blues": "other",
}
_PATCH_S = 3.0
_MOODS = 2


def is_music(rhythm: Rhythm, tonality: Tonality) -> bool:
    """Return whether a sound has a beat or a key: speech, noise and a single note have neither."""
    return rhythm.bpm is not None or tonality.key is not None


def records_of(genre: str | None) -> str | None:
    """Return whose records a mix's tone is held against: a key of :data:`soundrack.audio.tone_curves.COLOURS`.

    None for music that is recorded as it sounds in a room, and not mixed towards a curve; where the genre is not known,
    those of all genres together.
    """
    return "other" if genre is None else _RECORDS.get(genre)


def voice_over_time(tags: Tags) -> NDArray[np.float64]:
    """Return times in seconds and the likelihood of a voice there, float64, shape (patches, 2)."""
    return np.column_stack((tags.at_s + 0.5 * _PATCH_S, likelihoods(tags)))


def mood_of(bands: Bands, loudness: Loudness, rhythm: Rhythm, tonality: Tonality, tags: Tags) -> Mood:
    """Return the mood; none where there is neither a beat nor a key nor a tag that is music's."""
    features = mood_features(
        bands,
        loudness,
        bpm=rhythm.bpm,
        beats_s=rhythm.beats_s,
        stability=rhythm.stability,
        mode=tonality.key.mode if tonality.key else None,
        key_confidence=tonality.confidence,
        tags=tags.msd,
        players=tags.mtt,
    )
    return mood(features if is_music(rhythm, tonality) else None, tags.msd)


def facts(title: str, genre: GenreReport, rhythm: Rhythm, tonality: Tonality, mood: Mood, stems: StemsReport) -> Facts:
    """Return what may be said aloud of a song: what was found with a confidence of at least `LEAST_CONFIDENCE`."""
    style, key, voice = genre.style, tonality.key, stems.voice
    surely_keyed = key is not None and key.confidence >= LEAST_CONFIDENCE
    return Facts(
        title=title,
        genre=genre.primary.label if genre.primary and genre.primary.confidence >= LEAST_CONFIDENCE else None,
        style=style.label if style and style.confidence >= LEAST_CONFIDENCE else None,
        bpm=rhythm.bpm if rhythm.confidence >= LEAST_CONFIDENCE else None,
        key=key.name if key and surely_keyed else None,
        camelot=key.camelot if key and surely_keyed else None,
        moods=tuple(label for label, confidence in mood.tags if confidence >= LEAST_CONFIDENCE)[:_MOODS],
        sung=voice.present if voice.confidence >= LEAST_CONFIDENCE else None,
        instruments=tuple(label for label, sure in stems.instruments.items() if sure >= LEAST_CONFIDENCE)
        if is_music(rhythm, tonality)
        else (),
    )
