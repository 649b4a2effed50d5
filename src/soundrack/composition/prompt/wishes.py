"""What a person wishes of a song, whatever told it: a prompt, or a recording that it shall resemble."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soundrack.composition.plan import Label, Role, Section, Timbre
from soundrack.composition.theory import Key, Metre, Mode


@dataclass(frozen=True)
class Style:
    """A style that is wished.

    Parameters
    ----------
    style : str
        A name in `styles`.
    substyle : str or None
        A name in the vocabulary's ``styles.toml``, as in ``deep house``; None: any.
    weight : float
        Above 0 to 1; the weights of all styles of a wish add up to 1.
    """

    style: str
    substyle: str | None
    weight: float


@dataclass(frozen=True)
class Tempo:
    """A tempo that is wished: any between two, or one where both are the same; beats a minute, 40 to 220.

    `exact` says that a number was given, which nothing else may change.
    """

    low_bpm: float
    high_bpm: float
    exact: bool

    def overlap(self, other: Tempo) -> Tempo | None:
        """Return the tempi that are in both, None if there are none."""
        low, high = max(self.low_bpm, other.low_bpm), min(self.high_bpm, other.high_bpm)
        return Tempo(low, high, self.exact or other.exact) if low <= high else None


@dataclass(frozen=True)
class Choice:
    """An instrument that is wished.

    Parameters
    ----------
    term : str
        What it was called.
    instruments : tuple of str
        Names of the catalogue, the first the likeliest: any of them is what was wished. May be empty where there is a
        role, which then may have any instrument.
    role : Role or None
        What it is to do; None: what it usually does.
    implied : bool
        Whether nobody said it, but a substyle, a scene or a kind of production that was said has it (tango: a violin).
    """

    term: str
    instruments: tuple[str, ...]
    role: Role | None
    implied: bool = False


@dataclass(frozen=True)
class Understood:
    """A term that was found in a prompt.

    Parameters
    ----------
    text : str
        As it stands there, in small letters.
    term : str
        What it was taken for: a name in the vocabulary, or the value itself (``120 bpm``).
    subject : str
        Which list of the vocabulary the term is in: ``styles``, ``moods`` …, or ``explicit``.
    start, end : int
        Its place in the prompt, in characters.
    denied : bool
        Whether the prompt says that it is *not* wished.
    overruled : bool
        Whether something else in the prompt won over it, so that it has no effect.
    """

    text: str
    term: str
    subject: str
    start: int
    end: int
    denied: bool = False
    overruled: bool = False


@dataclass(frozen=True)
class Wishes:
    """What is wished of a song, a loop or a sound; everything is open that is None or empty.

    Parameters
    ----------
    styles : tuple of Style
        The strongest first.
    moods : tuple of str
        Names in the vocabulary's ``moods.toml``, in the order in which they were said.
    energy, valence, brightness : float or None
        0 to 1: calm to driving, sad to happy, dark to bright.
    tempo : Tempo or None
        One or a range.
    key : Key or None
        Tonic and mode.
    mode : Mode or None
        Where no key is named; with a key, its mode.
    scale : str or None
        A name in `theory.SCALES`; its third is that of `mode`.
    metre : Metre or None
        Time signature.
    swing : float or None
        Where the second of two eighths begins, 0.5 to 0.75.
    instruments : tuple of Choice
        Instruments and roles that are to be heard, in the order in which they were said.
    alone : bool
        Nothing is to play but these ("solo piano").
    unwanted_instruments : tuple of str
        Names of the catalogue, sorted. None of them is in `instruments`.
    unwanted_roles : tuple of Role
        Roles that nobody may have, sorted. None of them is the role of one in `instruments`.
    unwanted_pieces : tuple of str
        Of the drum kit: ``kick``, ``snare``, ``hi_hat``, ``clap``, ``fill``, sorted.
    sung : bool or None
        Whether somebody sings.
    voice : Timbre or None
        Who; None: not said, or nobody.
    unwanted_voices : tuple of Timbre
        Who shall not sing, sorted.
    era : int or None
        The first year of a decade, 1920 to 2020.
    scenes : tuple of str
        Names in ``scenes.toml``: places, weather, times of day, what the music is for.
    production : tuple of str
        Names in ``production.toml``: how it was recorded and mixed.
    form : tuple of Section
        A whole form that the song shall have (from a recording); empty: any.
    labels : tuple of Label
        Sections that it shall have, in the order in which they were said.
    unwanted_styles, unwanted_moods, unwanted_scenes, unwanted_production : tuple of str
        Names that were denied, sorted; none is among those that are wished.
    unwanted_labels : tuple of Label
        Sections that it shall not have, sorted.
    length_s : float or None
        How long it shall be, above 0 to 600.
    bars : int or None
        How many bars it shall have, 1 to 256 (of loops, mostly).
    loopable : bool or None
        Whether its end leads to its beginning.
    sounds : tuple of str
        For samples and sound effects, in the order of the prompt, each once: names of the vocabulary's noises, and
        words that are not of music alone in their simple form (``doors`` is ``door``); Korean terms have their English
        names.
    understood : tuple of Understood
        What was found, in the order of the prompt.
    ignored : tuple of str
        Words that mean nothing here, in small letters, in the order of the prompt, each once.
    """

    styles: tuple[Style, ...] = ()
    moods: tuple[str, ...] = ()
    energy: float | None = None
    valence: float | None = None
    brightness: float | None = None
    tempo: Tempo | None = None
    key: Key | None = None
    mode: Mode | None = None
    scale: str | None = None
    metre: Metre | None = None
    swing: float | None = None
    instruments: tuple[Choice, ...] = ()
    alone: bool = False
    unwanted_instruments: tuple[str, ...] = ()
    unwanted_roles: tuple[Role, ...] = ()
    unwanted_pieces: tuple[str, ...] = ()
    sung: bool | None = None
    voice: Timbre | None = None
    unwanted_voices: tuple[Timbre, ...] = ()
    era: int | None = None
    scenes: tuple[str, ...] = ()
    production: tuple[str, ...] = ()
    form: tuple[Section, ...] = ()
    labels: tuple[Label, ...] = ()
    unwanted_styles: tuple[str, ...] = ()
    unwanted_moods: tuple[str, ...] = ()
    unwanted_scenes: tuple[str, ...] = ()
    unwanted_production: tuple[str, ...] = ()
    unwanted_labels: tuple[Label, ...] = ()
    length_s: float | None = None
    bars: int | None = None
    loopable: bool | None = None
    sounds: tuple[str, ...] = ()
    understood: tuple[Understood, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def asked(self) -> Wishes:
        """The wishes without what tells where they stood: equal for prompts that say the same."""
        return replace(self, understood=())
