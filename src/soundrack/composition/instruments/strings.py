"""Bowed strings: Helmholtz's sawtooth under a body, alone and in sections.

The source is the motion that Helmholtz found; bodies' peaks after Fletcher & Rossing, The Physics of Musical
Instruments, 2nd ed., 1998, chapter 10 (air near 280 Hz, the first plates' modes at 460 and 550 Hz, the bridge's hill
at 2 to 3 kHz; of a cello about 100, 180, 220 Hz and 1 to 2 kHz). A vibrato moves harmonics across the peaks, which
makes the sound shimmer (Fletcher & Sanders, "Quality of Violin Vibrato Tones", 1967: about 6 Hz, 15 to 25 cents to
each side).
"""

from __future__ import annotations

import numpy as np

from soundrack.audio.biquads import high_pass, low_pass, peaking
from soundrack.composition.instruments.amplifier import Equaliser
from soundrack.composition.instruments.players import Manner, Players
from soundrack.composition.instruments.tone import RATE_HZ


def _body(peaks: tuple[tuple[float, float, float], ...], low_hz: float, high_hz: float) -> Equaliser:
    sections = [peaking(hertz, RATE_HZ, gain_db, q) for hertz, gain_db, q in peaks]
    return Equaliser(np.stack([high_pass(low_hz, RATE_HZ), *sections, low_pass(high_hz, RATE_HZ, 0.6)]))


_VIOLIN = _body(
    (
        (275.0, 5.0, 6.0),
        (460.0, 6.0, 7.0),
        (550.0, 6.0, 7.0),
        (700.0, -6.0, 4.0),
        (1000.0, 3.0, 5.0),
        (1300.0, -5.0, 4.0),
        (2400.0, 8.0, 1.6),
        (3600.0, 3.0, 3.0),
    ),
    180.0,
    5600.0,
)
_CELLO = _body(
    (
        (100.0, 4.0, 5.0),
        (180.0, 5.0, 6.0),
        (225.0, 5.0, 6.0),
        (320.0, -4.0, 4.0),
        (480.0, 3.0, 4.0),
        (750.0, -5.0, 2.5),
        (1400.0, 7.0, 1.5),
        (2300.0, 6.0, 2.0),
    ),
    58.0,
    4200.0,
)
_SECTION = _body(((240.0, 2.5, 1.5), (520.0, 3.0, 2.0), (900.0, -2.0, 1.5), (2300.0, 3.5, 1.0)), 45.0, 5200.0)

_SOLO_VIOLIN = Manner(
    source="bow", cutoff_hz=5200.0, cutoff_key=0.15, reach=2.0, follow=1.6, attack_s=0.09, release_s=0.32,
    attack_key=1.1, vibrato_hz=5.8, vibrato_cents=19.0, vibrato_s=0.22, vibrato_db=0.5, drift_cents=2.0,
    scoop_cents=-14.0, noise=0.045, chiff=0.4, accent=0.1, swell=0.12, dip=0.4, glide_s=0.045, touch=1.5,
)  # fmt: skip
_SOLO_CELLO = Manner(
    source="bow", cutoff_hz=4400.0, cutoff_key=0.3, reach=2.0, follow=1.6, attack_s=0.11, release_s=0.4,
    attack_key=1.15, vibrato_hz=5.3, vibrato_cents=17.0, vibrato_s=0.25, vibrato_db=0.4, drift_cents=2.0,
    scoop_cents=-12.0, noise=0.05, chiff=0.4, accent=0.1, swell=0.12, dip=0.4, glide_s=0.055, touch=1.5,
)  # fmt: skip
_VIOLINS = Manner(
    source="bow", cutoff_hz=4600.0, cutoff_key=0.15, reach=1.8, follow=1.4, attack_s=0.14, release_s=0.7,
    vibrato_hz=5.7, vibrato_cents=14.0, vibrato_s=0.15, drift_cents=3.0, scoop_cents=-10.0, noise=0.06, chiff=0.3,
    accent=0.05, swell=0.1, is_line=False, players=5, detune_cents=5.5, late_s=0.035, width=0.85, touch=1.4,
)  # fmt: skip
_CELLOS = Manner(
    source="bow", cutoff_hz=3900.0, cutoff_key=0.3, reach=1.8, follow=1.4, attack_s=0.16, release_s=0.8,
    vibrato_hz=5.2, vibrato_cents=13.0, vibrato_s=0.15, drift_cents=3.0, scoop_cents=-10.0, noise=0.06, chiff=0.3,
    accent=0.05, swell=0.1, is_line=False, players=5, detune_cents=5.0, late_s=0.035, width=0.75, touch=1.4,
)  # fmt: skip
_ENSEMBLE = Manner(
    source="bow", cutoff_hz=3400.0, cutoff_key=0.3, reach=1.8, follow=1.4, attack_s=0.2, release_s=0.9,
    vibrato_hz=5.5, vibrato_cents=13.0, vibrato_s=0.15, drift_cents=3.0, scoop_cents=-8.0, noise=0.05, chiff=0.2,
    swell=0.1, is_line=False, players=5, detune_cents=5.5, late_s=0.04, width=0.95, touch=1.4,
)  # fmt: skip


def solo_violin() -> Players:
    """Return one violin."""
    return Players(_SOLO_VIOLIN, _VIOLIN)


def solo_cello() -> Players:
    """Return one cello."""
    return Players(_SOLO_CELLO, _CELLO)


def violins() -> Players:
    """Return a section of violins."""
    return Players(_VIOLINS, _SECTION)


def cellos() -> Players:
    """Return a section of cellos."""
    return Players(_CELLOS, _SECTION)


def string_ensemble() -> Players:
    """Return violins, violas, cellos and basses, whoever has the pitch."""
    return Players(_ENSEMBLE, _SECTION)
