"""Which notes a key, a chord in it and a style's taste leave for a tune."""

from __future__ import annotations

from functools import lru_cache

from soundrack.composition.theory import SCALES, Chord, Key, Mode

_SEVEN = {"major pentatonic": "major", "minor pentatonic": "natural minor", "blues": "natural minor"}
_PENTATONIC = {Mode.MAJOR: SCALES["major pentatonic"], Mode.MINOR: SCALES["minor pentatonic"]}
_BLUES = {Mode.MAJOR: (0, 2, 3, 4, 7, 9), Mode.MINOR: SCALES["blues"]}
"""In major the blues scale of the relative minor: major pentatonic with the minor third."""


def scale_classes(key: Key, scale: str) -> frozenset[int]:
    """Return the seven pitch classes on which tune and chords move; of a pentatonic or blues scale, its mode's."""
    return frozenset((key.tonic + step) % 12 for step in SCALES[_SEVEN.get(scale, scale)])


def tonic_triad(key: Key) -> frozenset[int]:
    """Return the pitch classes of the tonic's triad."""
    return frozenset((key.tonic + step) % 12 for step in (0, 4 if key.mode is Mode.MAJOR else 3, 7))


@lru_cache(maxsize=1024)
def chord_scale(key: Key, scale: str, chord: Chord) -> frozenset[int]:
    """Return the pitch classes that go with a chord: the scale's, but those that a foreign chord tone replaces.

    Over the dominant of a minor key the seventh is raised with it; over a secondary dominant its leading note replaces
    the note of the scale (chord scales: Levine, The Jazz Theory Book, 1995, ch. 3).
    """
    classes = set(scale_classes(key, scale))
    tones = set(chord.tones)
    for tone in chord.tones:
        if tone not in classes:
            for beside in ((tone + 1) % 12, (tone - 1) % 12):
                if beside in classes and beside not in tones:
                    classes.discard(beside)
                    break
            classes.add(tone)
    return frozenset(classes)


def tune_classes(key: Key, scale: str, chord: Chord, tones: str) -> frozenset[int]:
    """Return the pitch classes that a tune may have over a chord.

    Parameters
    ----------
    key, scale : Key and str
        Of the section.
    chord : Chord
        That sounds.
    tones : str
        ``scale``, ``pentatonic``, ``blues`` or ``chord``, as in `styles.melody.TONES`: the pentatonic and blues notes
        are the key's, with the chord's own beside them.
    """
    around = chord_scale(key, scale, chord)
    if tones == "chord":
        return frozenset(chord.tones)
    if tones == "scale":
        return around
    steps = (_PENTATONIC if tones == "pentatonic" else _BLUES)[key.mode]
    chosen = {(key.tonic + step) % 12 for step in steps}
    kept = {each for each in chosen if each in around or tones == "blues"}
    return frozenset(kept | (set(chord.tones) & set(around)))
