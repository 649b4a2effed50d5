"""What each sound sounds like: formants, noise, voicing.

Vowels: women's means of G. E. Peterson and H. L. Barney, "Control methods used in a study of the vowels", JASA 24
(1952), with those of J. Hillenbrand et al., JASA 97 (1995), for ɔ and u. Consonants: loci and noises after D. H. Klatt,
"Software for a cascade/parallel formant synthesizer", JASA 67 (1980), tables II and III, for a woman's throat.
"""

from __future__ import annotations

from dataclasses import dataclass

VOWELS: dict[str, tuple[float, float, float]] = {
    **{"i": (330, 2760, 3340), "ɪ": (440, 2400, 3070), "ɛ": (640, 2200, 2990), "æ": (860, 2050, 2850)},
    **{"ɑ": (880, 1280, 2810), "ɔ": (680, 1030, 2760), "ʊ": (490, 1180, 2720), "u": (390, 1020, 2680)},
    **{"ʌ": (760, 1400, 2780), "ə": (610, 1550, 2800), "ɜ": (520, 1600, 1960), "e": (520, 2420, 3050)},
    **{"o": (540, 950, 2740)},
}
"""First three formants in Hz."""

DIPHTHONGS: dict[str, tuple[str, str]] = {
    **{"A": ("e", "i"), "I": ("ɑ", "ɪ"), "O": ("o", "u"), "W": ("ɑ", "ʊ"), "Y": ("ɔ", "ɪ")},
}
"""Where they begin and where they go; they stay at the first for most of a long note."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise made in the mouth: the middle and width of its band in Hz, its level, and how much of it has no band."""

    centre_hz: float
    width_hz: float
    level: float
    flat: float = 0.0


@dataclass(frozen=True, slots=True)
class Consonant:
    """A consonant.

    Parameters
    ----------
    formants : tuple of 3 floats or None
        Its locus in Hz; None: that of the vowels around it.
    voicing : float
        Amplitude of the source, 1 in vowels.
    noise : Noise or None
        Frication, or the burst of a stop.
    closed : float
        Which part of it a stop is closed; 0 for all else.
    aspirated : float
        Level of the breath after a stop's burst, or of h.
    is_nasal : bool
        Whether the nose is open.
    """

    formants: tuple[float, float, float] | None
    voicing: float = 0.0
    noise: Noise | None = None
    closed: float = 0.0
    aspirated: float = 0.0
    is_nasal: bool = False


CONSONANTS: dict[str, Consonant] = {
    "p": Consonant((390, 950, 2400), 0.0, Noise(1100, 1600, 0.5, 0.15), 0.5, 0.5),
    "b": Consonant((280, 950, 2400), 0.12, Noise(900, 1200, 0.25, 0.05), 0.75),
    "t": Consonant((390, 1950, 3000), 0.0, Noise(5200, 2600, 0.9, 0.1), 0.45, 0.5),
    "d": Consonant((280, 1950, 3000), 0.12, Noise(4600, 2600, 0.4, 0.05), 0.7),
    "k": Consonant(None, 0.0, Noise(2300, 900, 0.8), 0.45, 0.5),
    "ɡ": Consonant(None, 0.12, Noise(2300, 900, 0.35), 0.7),
    "f": Consonant((380, 1200, 2500), 0.0, Noise(7000, 9000, 0.12, 0.16)),
    "v": Consonant((320, 1200, 2500), 0.5, Noise(7000, 9000, 0.04, 0.04)),
    "θ": Consonant((360, 1500, 2800), 0.0, Noise(7500, 7000, 0.12, 0.09)),
    "ð": Consonant((330, 1500, 2800), 0.55, Noise(7000, 7000, 0.03, 0.03)),
    "s": Consonant((360, 1850, 2900), 0.0, Noise(8000, 2600, 0.7)),
    "z": Consonant((300, 1850, 2900), 0.4, Noise(8000, 2600, 0.32)),
    "ʃ": Consonant((360, 2050, 2900), 0.0, Noise(3700, 1500, 0.75, 0.03)),
    "ʒ": Consonant((300, 2050, 2900), 0.4, Noise(3700, 1500, 0.32)),
    "ʧ": Consonant((360, 2050, 2900), 0.0, Noise(3900, 1700, 0.8, 0.03), 0.4),
    "ʤ": Consonant((280, 2050, 2900), 0.12, Noise(3900, 1700, 0.45), 0.5),
    "h": Consonant(None, 0.04, None, 0.0, 0.55),
    "m": Consonant((300, 1050, 2500), 0.55, is_nasal=True),
    "n": Consonant((300, 1850, 2900), 0.55, is_nasal=True),
    "ŋ": Consonant((300, 2350, 2900), 0.55, is_nasal=True),
    "l": Consonant((380, 1150, 3000), 0.65),
    "ɹ": Consonant((380, 1250, 1720), 0.75),
    "w": Consonant((330, 720, 2450), 0.7),
    "j": Consonant((310, 2700, 3400), 0.7),
    "ɾ": Consonant((320, 1900, 2900), 0.3),
}
