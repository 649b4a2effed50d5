"""What kind of sample a prompt asks for."""

from __future__ import annotations

import re
from enum import StrEnum

from soundrack.composition.plan import Role
from soundrack.composition.planning.bands import USUAL_ROLE
from soundrack.composition.prompt import Wishes


class Sample(StrEnum):
    """What is played."""

    DRUMS = "drums"
    BASS = "bass"
    CHORDS = "chords"
    MELODY = "melody"
    TEXTURE = "texture"
    BAND = "band"
    """All together."""
    ONE_SHOT = "one-shot"
    """One note, chord or stroke."""


ROLES: dict[Sample, tuple[Role, ...]] = {
    Sample.DRUMS: (Role.DRUMS, Role.PERCUSSION),
    Sample.BASS: (Role.BASS,),
    Sample.CHORDS: (Role.CHORDS, Role.PAD),
    Sample.MELODY: (Role.LEAD, Role.ARPEGGIO),
    Sample.TEXTURE: (Role.PAD, Role.TEXTURE),
}
"""Who plays it; the first that the band has is enough for bass, chords and melodies."""

_WORDS: tuple[tuple[Sample, str], ...] = (
    (Sample.ONE_SHOT, r"\bone[- ]?shots?\b|\bsingle (?:hit|note|stroke)\b|원샷|단발"),
    (Sample.DRUMS, r"\bdrums? (?:loop|beat|break|groove|pattern)\b|\bbreakbeat\b|\bpercussion\b|드럼|퍼커션|타악"),
    (Sample.BASS, r"\bbass ?(?:line|loop|riff|groove)\b|베이스"),
    (Sample.CHORDS, r"\bchords?\b|\bprogression\b|코드|화음"),
    (
        Sample.MELODY,
        r"\bmelod(?:y|ies|ic)\b|\blead\b|\briff\b|\bhook\b|\barp(?:eggio)?s?\b|멜로디|리프|선율|아르페지오",
    ),
    (Sample.TEXTURE, r"\btextures?\b|\bdrones?\b|\batmosphere\b|\bpad\b|텍스처|드론|분위기|패드"),
    (Sample.DRUMS, r"\bdrums?\b|\bbeats?\b|비트"),
    (Sample.BASS, r"\bbass\b"),
)
_STYLES = re.compile(r"\b(?:drum ?(?:and|&|n|'n'?) ?bass|future bass|bass music)\b|드럼 ?(?:앤|엔) ?베이스")
"""Names of styles that name players but do not ask for them alone."""
_BY_ROLE = {role: sample for sample, roles in ROLES.items() for role in roles}


def kind_of(prompt: str, wishes: Wishes) -> Sample:
    """Return what is asked for: by its words, then by the one instrument that is named, else the whole band.

    The first line of the words that is found and not denied decides.
    """
    text = _STYLES.sub(" ", prompt.lower())
    for sample, pattern in _WORDS:
        if re.search(pattern, text) and not any(role in wishes.unwanted_roles for role in ROLES.get(sample, ())[:1]):
            return sample
    named = [each for each in wishes.instruments if not each.implied]
    if len(named) == 1:
        choice = named[0]
        role = choice.role or (USUAL_ROLE.get(choice.instruments[0]) if choice.instruments else None)
        if role is not None:
            return _BY_ROLE.get(role, Sample.MELODY)
    return Sample.BAND
