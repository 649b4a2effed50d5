"""Woodwinds: reeds on cylinders and cones, air across an edge.

After Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., 1998, chapters 15 to 17: a clarinet's low tones
lack even harmonics, a saxophone's cone has all, an oboe's lie about a formant near 1.4 kHz and another near 3 kHz
(Meyer, Acoustics and the Performance of Music, 2009), a flute has few and its breath is heard, an ocarina has next to
none. Flutes' vibrato is mostly one of level.
"""

from __future__ import annotations

import numpy as np

from soundrack.audio.biquads import high_pass, low_pass, peaking
from soundrack.composition.instruments.amplifier import Equaliser
from soundrack.composition.instruments.players import Manner, Players
from soundrack.composition.instruments.tone import RATE_HZ


def _tube(low_hz: float, high_hz: float, *peaks: tuple[float, float, float]) -> Equaliser:
    sections = [peaking(hertz, RATE_HZ, gain_db, q) for hertz, gain_db, q in peaks]
    return Equaliser(np.stack([high_pass(low_hz, RATE_HZ), *sections, low_pass(high_hz, RATE_HZ, 0.65)]))


_SAXOPHONE = Manner(
    source="open reed", cutoff_hz=2200.0, cutoff_key=0.25, reach=3.0, follow=2.0, attack_s=0.045, release_s=0.15,
    attack_key=1.1, vibrato_hz=5.0, vibrato_cents=15.0, vibrato_s=0.3, vibrato_db=0.9, drift_cents=2.0,
    scoop_cents=-38.0, noise=0.05, chiff=0.35, accent=0.12, swell=0.1, dip=0.45, glide_s=0.03, touch=1.4,
)  # fmt: skip
_CLARINET = Manner(
    source="closed reed", cutoff_hz=2600.0, cutoff_key=0.2, reach=2.6, follow=1.6, attack_s=0.05, release_s=0.14,
    vibrato_hz=4.8, vibrato_cents=2.0, vibrato_s=0.5, drift_cents=1.5, scoop_cents=-10.0, noise=0.02, chiff=0.12,
    swell=0.12, dip=0.4, glide_s=0.016, touch=1.4,
)  # fmt: skip
_OBOE = Manner(
    source="double reed", cutoff_hz=2300.0, cutoff_key=0.1, reach=1.8, follow=1.2, attack_s=0.04, release_s=0.14,
    vibrato_hz=5.4, vibrato_cents=10.0, vibrato_s=0.3, vibrato_db=0.8, drift_cents=1.5, scoop_cents=-12.0,
    noise=0.015, chiff=0.12, swell=0.1, dip=0.45, glide_s=0.016, touch=1.3,
)  # fmt: skip
_FLUTE = Manner(
    source="flute", cutoff_hz=1500.0, cutoff_key=0.6, reach=2.6, follow=1.4, attack_s=0.075, release_s=0.18,
    attack_key=1.1, vibrato_hz=5.2, vibrato_cents=8.0, vibrato_s=0.3, vibrato_db=1.5, drift_cents=1.5,
    scoop_cents=-14.0, noise=0.06, chiff=0.22, swell=0.1, dip=0.5, glide_s=0.018, touch=1.3,
)  # fmt: skip
_OCARINA = Manner(
    source="vessel", cutoff_hz=1500.0, cutoff_key=0.8, reach=2.0, follow=1.0, attack_s=0.05, release_s=0.15,
    vibrato_hz=5.0, vibrato_cents=10.0, vibrato_s=0.35, vibrato_db=0.8, drift_cents=2.5, scoop_cents=-35.0,
    noise=0.06, chiff=0.2, swell=0.05, dip=0.55, glide_s=0.03, touch=1.2,
)  # fmt: skip


def saxophone() -> Players:
    """Return a tenor saxophone."""
    return Players(_SAXOPHONE, _tube(85.0, 6500.0, (480.0, 4.0, 1.2), (1250.0, 3.0, 1.5), (2900.0, 4.0, 1.5)))


def clarinet() -> Players:
    """Return a clarinet."""
    return Players(_CLARINET, _tube(110.0, 5500.0, (1500.0, 3.0, 1.2), (3200.0, 3.0, 1.5)))


def oboe() -> Players:
    """Return an oboe."""
    return Players(_OBOE, _tube(180.0, 6500.0, (1400.0, 9.0, 1.6), (3000.0, 4.0, 2.0), (600.0, -4.0, 1.0)))


def flute() -> Players:
    """Return a concert flute."""
    return Players(_FLUTE, _tube(200.0, 7000.0, (800.0, 2.0, 1.0)))


def ocarina() -> Players:
    """Return an ocarina."""
    return Players(_OCARINA, _tube(200.0, 6000.0))
