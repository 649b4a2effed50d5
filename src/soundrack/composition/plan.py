"""What a song is to be: all that is decided before a note is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soundrack.composition.theory import Key, Metre


class Role(StrEnum):
    """What a part does in the arrangement."""

    DRUMS = "drums"
    PERCUSSION = "percussion"
    BASS = "bass"
    CHORDS = "chords"
    """What comps: keys, guitars, stabs."""
    PAD = "pad"
    ARPEGGIO = "arpeggio"
    LEAD = "lead"
    """The tune where nobody sings, and its answers where somebody does."""
    COUNTER = "counter"
    TRANSITION = "transition"
    """Risers, impacts, reversed cymbals, sweeps."""
    TEXTURE = "texture"
    """Vinyl, rain, air, drones."""
    CHOIR = "choir"
    VOICE = "voice"


class Label(StrEnum):
    """What a section is, in the words of the analysis and of lyrics' markers."""

    INTRO = "intro"
    VERSE = "verse"
    PRE_CHORUS = "pre-chorus"
    CHORUS = "chorus"
    BRIDGE = "bridge"
    BUILD = "build"
    DROP = "drop"
    BREAK = "break"
    INSTRUMENTAL = "instrumental"
    OUTRO = "outro"


class Timbre(StrEnum):
    """Who sings."""

    FEMALE = "female"
    MALE = "male"
    CHOIR = "choir"
    VOCODER = "vocoder"


@dataclass(frozen=True)
class Section:
    """A part of the form.

    Parameters
    ----------
    label : Label
        What it is.
    bars : int
        At least 1.
    energy : float
        0 (nearly nothing plays) to 1 (all of it).
    group : str
        Sections with the same letter have the same music.
    lyrics : int or None
        Which section of the lyrics is sung in it, from 0.
    """

    label: Label
    bars: int
    energy: float
    group: str
    lyrics: int | None = None


@dataclass(frozen=True)
class Player:
    """An instrument of the band and its role; `instrument` is a name in `instruments.catalogue`."""

    role: Role
    instrument: str


@dataclass(frozen=True)
class Plan:
    """A song before it is written.

    Parameters
    ----------
    seed : int
        0 to 2**63 - 1; with the plan it decides every note and sample.
    title : str
        What it is called.
    style, substyle : str and str or None
        Names in `styles`.
    moods : tuple of str
        Words of the vocabulary, the strongest first.
    energy, valence, brightness : float
        0 to 1: calm to driving, sad to happy, dark to bright.
    tempo_bpm : float
        Beats a minute, a beat being the metre's (a dotted quarter in 6/8); 40 to 220.
    swing : float
        Where the second of two eighths begins, as a part of the beat: 0.5 straight, 0.67 triplets.
    key : Key
        What analyses are to find.
    scale : str
        A name in `theory.SCALES` that has the key's mode.
    metre : Metre
        Time signature.
    form : tuple of Section
        At least one.
    band : tuple of Player
        At least one; drums only if any are wanted.
    voice : Timbre or None
        None: nobody sings.
    language : str
        Of the lyrics: ``en``, ``ko`` or ``und``.
    loudness_lufs : float
        Integrated loudness of the mix.
    understood, ignored : tuple of str
        What was and was not taken from the prompt, for whoever wonders.
    """

    seed: int
    title: str
    style: str
    substyle: str | None
    moods: tuple[str, ...]
    energy: float
    valence: float
    brightness: float
    tempo_bpm: float
    swing: float
    key: Key
    scale: str
    metre: Metre
    form: tuple[Section, ...]
    band: tuple[Player, ...]
    voice: Timbre | None
    language: str = "en"
    loudness_lufs: float = -14.0
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def bars(self) -> int:
        """How many bars the song has."""
        return sum(section.bars for section in self.form)

    @property
    def quarter_s(self) -> float:
        """How long a quarter note is, in seconds."""
        return 60.0 / (self.tempo_bpm * self.metre.beat_quarters)

    @property
    def duration_s(self) -> float:
        """How long its bars last, in seconds, without what rings on."""
        return self.bars * self.metre.bar_quarters * self.quarter_s
