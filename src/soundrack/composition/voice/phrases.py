"""A song's phrases: what is sung in one breath, each sound with its time.

The nucleus of a syllable begins on the note, the consonants before it come before the note and those behind it before
the next syllable's: J. Sundberg, The Science of the Singing Voice (1987), ch. 8; J. Sundberg and J. Bauer-Huppmann,
"When does a sung tone start?", Journal of Voice 21 (2007).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.lyrics.sounds import CONSONANTS, NUCLEI, SOUNDS
from soundrack.composition.performance import Syllable
from soundrack.errors import Invalid

LENGTHS_S = {
    **dict.fromkeys("pk", 0.09),
    **dict.fromkeys("t", 0.085),
    **dict.fromkeys("bdɡ", 0.065),
    **dict.fromkeys("fθsʃ", 0.105),
    **dict.fromkeys("vðzʒ", 0.075),
    **dict.fromkeys("ʧ", 0.11),
    **dict.fromkeys("ʤ", 0.09),
    **dict.fromkeys("h", 0.07),
    **dict.fromkeys("mnŋ", 0.075),
    **dict.fromkeys("lɹwj", 0.065),
    **dict.fromkeys("ɾ", 0.035),
}
"""Of consonants where there is room: about what D. H. Klatt, "Linguistic uses of segmental duration in English", JASA
59 (1976), has for stressed syllables."""
FIRST_LONGER = 1.25
"""A phrase's first consonant is held and pressed: it must be heard without anything before it."""
SHORTEST_VOWEL_S = 0.09
_VOWEL_PART = 0.5
"""Of the time between two nuclei that the first has at least, where there is no room for the shortest vowel."""
_LONGER_PART, _LONG_S = 0.38, 0.5
"""And where there is room, of spans up to half a second."""
_LEGATO_S = 0.08
_BREATH_S, _LONGEST_PHRASE = 0.45, 40
_RELEASE_S = 0.03
_LOWEST, _HIGHEST = 40, 88
"""MIDI, the widest that any voice here sings; notes beyond are sung in another octave."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sound and its time in the song; `syllable` is its syllable's place in the phrase."""

    sound: str
    start_s: float
    end_s: float
    syllable: int
    is_nucleus: bool
    begins_word: bool


@dataclass(frozen=True)
class Phrase:
    """What is sung without a pause.

    Parameters
    ----------
    syllables : tuple of Syllable
        At least one, each with its tones one after another, in the voice's range.
    segments : tuple of Segment
        All their sounds in order, without gaps inside a word; exactly one nucleus for each syllable.
    room_s : float
        How long nothing is sung before it.
    """

    syllables: tuple[Syllable, ...]
    segments: tuple[Segment, ...]
    room_s: float

    @property
    def start_s(self) -> float:
        """Where its first sound begins."""
        return self.segments[0].start_s

    @property
    def end_s(self) -> float:
        """Where its last sound ends."""
        return self.segments[-1].end_s

    @property
    def tones(self) -> tuple[Tone, ...]:
        """The notes of all its syllables."""
        return tuple(tone for syllable in self.syllables for tone in syllable.tones)


def phrases(song: Sequence[Syllable]) -> tuple[Phrase, ...]:
    """Return the phrases of a song.

    Parameters
    ----------
    song : sequence of Syllable
        In order of time; empty gives none. Notes that no voice reaches are moved by octaves.

    Raises
    ------
    Invalid
        If a syllable has no note, a sound that is not in `lyrics.sounds.SOUNDS` or not exactly one nucleus, if a time
        or a pitch is no number, or syllables are not in order.
    """
    checked = [_checked(syllable) for syllable in song]
    for before, after in pairwise(checked):
        if after.tones[0].start_s < before.tones[0].start_s:
            raise Invalid("Syllables must be in order of time.", field="song")
    found: list[Phrase] = []
    free_from = 0.0
    groups = list(_groups(checked))
    ends = [*(_needed_from(group[0]) for group in groups[1:]), math.inf]
    for group, until in zip(groups, ends, strict=False):
        segments = _timed(group, free_from, until)
        found.append(Phrase(tuple(group), segments, segments[0].start_s - free_from))
        free_from = segments[-1].end_s
    return tuple(found)


def _checked(syllable: Syllable) -> Syllable:
    unknown = sorted(set(syllable.sounds) - SOUNDS)
    if unknown:
        raise Invalid(f"“{syllable.text}” has sounds that are not known: {' '.join(unknown)}.", field="sounds")
    if sum(sound in NUCLEI for sound in syllable.sounds) != 1:
        raise Invalid(f"“{syllable.text}” must have exactly one vowel.", field="sounds")
    if not syllable.tones:
        raise Invalid(f"“{syllable.text}” has no note.", field="song")
    for tone in syllable.tones:
        if not all(map(math.isfinite, (tone.start_s, tone.length_s, tone.pitch, tone.velocity))):
            raise Invalid(f"A note of “{syllable.text}” is no number.", field="song")
        if tone.length_s <= 0.0 or tone.start_s < 0.0:
            raise Invalid(f"A note of “{syllable.text}” has no time.", field="song")
    tones = tuple(_reached(tone) for tone in syllable.tones)
    return Syllable(syllable.text, syllable.sounds, syllable.stress, syllable.word, syllable.line, tones)


def _reached(tone: Tone) -> Tone:
    pitch = tone.pitch
    if pitch < _LOWEST:
        pitch += 12.0 * math.ceil((_LOWEST - pitch) / 12.0)
    elif pitch > _HIGHEST:
        pitch -= 12.0 * math.ceil((pitch - _HIGHEST) / 12.0)
    return Tone(tone.start_s, tone.length_s, pitch, min(max(tone.velocity, 0.0), 1.0), tone.articulation)


def end_s(syllable: Syllable) -> float:
    """Return where a syllable's last note ends."""
    last = syllable.tones[-1]
    return last.start_s + last.length_s


def _groups(song: Sequence[Syllable]) -> Iterator[list[Syllable]]:
    """Divide a song where there is time to breathe, at lines' ends, and where it goes on too long."""
    group: list[Syllable] = []
    for syllable in song:
        if group:
            gap = syllable.tones[0].start_s - end_s(group[-1])
            other_line = syllable.line != group[-1].line
            other_word = syllable.word != group[-1].word
            if gap > _BREATH_S or other_line or (len(group) >= _LONGEST_PHRASE and other_word):
                yield group
                group = []
        group.append(syllable)
    if group:
        yield group


def _parted(syllable: Syllable) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Return a syllable's onset, nucleus and coda."""
    place = next(place for place, sound in enumerate(syllable.sounds) if sound in NUCLEI)
    return syllable.sounds[:place], syllable.sounds[place], syllable.sounds[place + 1 :]


def _lengths(sounds: Sequence[str]) -> list[float]:
    """Return how long consonants are; those of a cluster are shorter than alone."""
    shorter = 1.0 if len(sounds) < 2 else 0.82 if len(sounds) == 2 else 0.7
    return [shorter * LENGTHS_S[sound] for sound in sounds]


def _needed_from(syllable: Syllable) -> float:
    """Return from when on a phrase's first consonants want to sound."""
    return syllable.tones[0].start_s - FIRST_LONGER * sum(_lengths(_parted(syllable)[0]))


def _timed(group: Sequence[Syllable], free_from_s: float, until_s: float) -> tuple[Segment, ...]:
    """Return the sounds of a phrase.

    It begins when the one before it has ended, and ends where the next one begins if its last vowel can be that short.
    """
    parts = [_parted(syllable) for syllable in group]
    segments: list[Segment] = []
    first = group[0]
    onset = _lengths(parts[0][0])
    onset = [FIRST_LONGER * onset[0], *onset[1:]] if onset else []
    start = first.tones[0].start_s
    before = max(start - free_from_s, 0.0)
    # at the very beginning, and close behind another phrase, the consonants take a part of the note
    nucleus_s = start + min(max(0.6 * sum(onset) - before, 0.0), 0.4 * (end_s(first) - first.tones[0].start_s))
    onset = _fitted(onset, nucleus_s - max(start - sum(onset), min(free_from_s, start)))
    begins_s = max(nucleus_s - sum(onset), min(free_from_s, start))
    _append(segments, parts[0][0], onset, begins_s, 0, begins_word=True)
    for place, syllable in enumerate(group):
        _, nucleus, coda = parts[place]
        after = group[place + 1] if place + 1 < len(group) else None
        begins = (place == 0 or syllable.word != group[place - 1].word) and not parts[place][0]
        codas = _lengths(coda)
        stop = end_s(syllable)
        if after is None:
            stop = min(stop + _RELEASE_S * bool(codas), max(until_s, nucleus_s + _VOWEL_PART * (stop - nucleus_s)))
            room = max(stop - nucleus_s, 0.01)
            codas = _fitted(codas, room - _shortest(room))
            vowel_end = max(stop - sum(codas), nucleus_s + 0.01)
            segments.append(Segment(nucleus, nucleus_s, vowel_end, place, True, begins))
            _append(segments, coda, codas, vowel_end, place)
            break
        following, onsets = after.tones[0].start_s, _lengths(parts[place + 1][0])
        span = max(following - nucleus_s, 0.02)
        is_legato = following - stop < sum(onsets) + _LEGATO_S
        if is_legato:
            both = _fitted([*codas, *onsets], span - _shortest(span))
            codas, onsets = both[: len(codas)], both[len(codas) :]
            vowel_end = nucleus_s + span - sum(both)
        else:
            room = stop - nucleus_s
            codas = _fitted(codas, room - _shortest(room))
            vowel_end = stop - sum(codas)
        segments.append(Segment(nucleus, nucleus_s, vowel_end, place, True, begins))
        _append(segments, coda, codas, vowel_end, place)
        nucleus_s += span
        _append(
            segments,
            parts[place + 1][0],
            onsets,
            nucleus_s - sum(onsets),
            place + 1,
            begins_word=after.word != syllable.word,
        )
    return tuple(segments)


def _shortest(span_s: float) -> float:
    """Return how much of the time until the next nucleus a vowel has at least."""
    if span_s < 2 * SHORTEST_VOWEL_S:
        return _VOWEL_PART * span_s
    return max(SHORTEST_VOWEL_S, _LONGER_PART * min(span_s, _LONG_S))


def _fitted(lengths: Sequence[float], room_s: float) -> list[float]:
    """Shorten consonants so that together they take no more than some room."""
    whole = sum(lengths)
    if whole <= 0.0:
        return list(lengths)
    factor = min(1.0, max(room_s, 0.0) / whole)
    return [factor * length for length in lengths]


def _append(
    segments: list[Segment],
    sounds: Sequence[str],
    lengths_s: Sequence[float],
    start_s: float,
    syllable: int,
    *,
    begins_word: bool = False,
) -> None:
    at = start_s
    for place, (sound, length) in enumerate(zip(sounds, lengths_s, strict=True)):
        assert sound in CONSONANTS  # noqa: S101  # the nucleus is none of them
        segments.append(Segment(sound, at, at + length, syllable, False, begins_word and place == 0))
        at += length
