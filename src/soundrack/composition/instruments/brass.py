"""Brass: lips, whose harmonics rise steeply with the effort, before a bell.

After Risset & Mathews, "Analysis of Musical-Instrument Tones", 1969: the louder a tone and the farther its attack,
the more high harmonics; harmonics grow in their order within some 20 to 50 ms; the pitch settles from below. Formants
after Luce & Clark, "Physical Correlates of Brass-Instrument Tones", 1967 (trumpet about 1.2 kHz, trombone 550 Hz,
horn 400 Hz).
"""

from __future__ import annotations

import numpy as np

from soundrack.audio.biquads import high_pass, low_pass, peaking
from soundrack.composition.instruments.amplifier import Equaliser
from soundrack.composition.instruments.players import Manner, Players
from soundrack.composition.instruments.tone import RATE_HZ


def _bell(formant_hz: float, gain_db: float, second_hz: float, low_hz: float, high_hz: float) -> Equaliser:
    return Equaliser(
        np.stack(
            [
                high_pass(low_hz, RATE_HZ),
                peaking(formant_hz, RATE_HZ, gain_db, 0.8),
                peaking(second_hz, RATE_HZ, 3.0, 1.2),
                low_pass(high_hz, RATE_HZ, 0.6),
            ]
        )
    )


_TRUMPET = Manner(
    source="brass", cutoff_hz=2000.0, cutoff_key=0.25, reach=4.0, follow=2.6, attack_s=0.045, release_s=0.16,
    attack_key=1.1, vibrato_hz=5.3, vibrato_cents=9.0, vibrato_s=0.45, vibrato_db=0.5, drift_cents=1.5,
    scoop_cents=-28.0, noise=0.012, chiff=0.12, accent=0.18, swell=0.08, dip=0.75, glide_s=0.018, touch=1.5,
)  # fmt: skip
_TROMBONE = Manner(
    source="brass", cutoff_hz=900.0, cutoff_key=0.35, reach=4.0, follow=2.6, attack_s=0.06, release_s=0.18,
    attack_key=1.15, vibrato_hz=5.0, vibrato_cents=9.0, vibrato_s=0.5, vibrato_db=0.4, drift_cents=1.5,
    scoop_cents=-30.0, noise=0.012, chiff=0.12, accent=0.15, swell=0.08, dip=0.7, glide_s=0.045, touch=1.5,
)  # fmt: skip
_HORNS = Manner(
    source="brass", cutoff_hz=720.0, cutoff_key=0.4, reach=3.6, follow=1.8, attack_s=0.09, release_s=0.25,
    vibrato_hz=4.6, vibrato_cents=3.0, vibrato_s=0.5, drift_cents=2.0, scoop_cents=-25.0, noise=0.015, chiff=0.1,
    accent=0.08, swell=0.12, is_line=False, players=4, detune_cents=4.5, late_s=0.025, width=0.6, touch=1.5,
)  # fmt: skip
_SECTION = Manner(
    source="brass", cutoff_hz=1700.0, cutoff_key=0.3, reach=4.0, follow=2.4, attack_s=0.045, release_s=0.17,
    vibrato_hz=5.0, vibrato_cents=5.0, vibrato_s=0.5, drift_cents=2.0, scoop_cents=-32.0, noise=0.012, chiff=0.12,
    accent=0.3, swell=0.1, is_line=False, players=4, detune_cents=5.5, late_s=0.018, width=0.75, touch=1.5,
)  # fmt: skip


def trumpet() -> Players:
    """Return one trumpet, open."""
    return Players(_TRUMPET, _bell(1250.0, 6.0, 2600.0, 140.0, 7500.0))


def trombone() -> Players:
    """Return one tenor trombone."""
    return Players(_TROMBONE, _bell(580.0, 5.0, 1700.0, 60.0, 5500.0))


def horns() -> Players:
    """Return four French horns in unison."""
    return Players(_HORNS, _bell(420.0, 6.0, 1100.0, 60.0, 3600.0))


def brass_section() -> Players:
    """Return trumpets, a saxophone and a trombone that play every tone together."""
    return Players(_SECTION, _bell(1050.0, 4.0, 2300.0, 75.0, 7000.0))
