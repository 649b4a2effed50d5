"""Checks of tone: the balance beside a genre's records, sub and bass, mud, harshness, sibilance, rumble.

All go by the third octaves of the song's louder half (IEC 61260-1), as mastering does.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.mix.check import Check, Question, Verdict, above
from soundrack.analysis.mix.evidence import Evidence
from soundrack.audio.tone_curves import target_db

_SILENT = "Nothing is louder than -70 LUFS."
_TOO_LOW = "The sample rate leaves too little of the spectrum."

_BALANCE = Question("tonal_balance", "Tonal balance", "dB", "no range 6 dB above or 10 dB below its records", 0.65)
_BALANCE_DB = 6.0, 10.0
_RANGES_HZ = {
    "sub": (28.0, 60.0),
    "bass": (60.0, 150.0),
    "low mids": (150.0, 500.0),
    "mids": (500.0, 2000.0),
    "presence": (2000.0, 6000.0),
    "air": (6000.0, 14_000.0),
}
_JUDGED_HZ = (100.0, 8000.0)
_HIGHEST = 0.42
"""Of the sample rate: what lies above is the filter's."""
_EMPTY_DB = 18.0
_LACKING = 0.6
_LEAST_CORRECTION, _MOST_CORRECTION_DB = 0.5, 4.0
_IN_WORDS = {
    "pop": "pop records",
    "kpop": "K-pop records",
    "edm": "electronic dance records",
    "ballad": "ballads",
    "hiphop": "hip-hop records",
    "other": "finished records",
}

_SUB = Question("sub_bass_balance", "Sub against bass", "dB", "25 to 60 Hz 15 dB below to 5 dB above 60 to 150 Hz", 0.4)
_SUB_HZ, _BASS_HZ = (25.0, 60.0), (60.0, 150.0)
_HEAVY_SUB_DB = 5.0, 9.0
_LIGHT_SUB_DB = -18.0
_WITH_SUB = ("edm", "hiphop")
"""Whose records have a sub; others may well go without."""

_MUD = Question("mud", "Mud, 200 to 500 Hz", "dB", "less than 5 dB above its neighbours", 0.5)
_MUDDY_HZ, _BESIDE_MUD_HZ = (200.0, 500.0), ((80.0, 160.0), (630.0, 1250.0))
_MUD_DB = 5.0, 8.0

_HARSH = Question("harshness", "Harshness, 2 to 5 kHz", "dB", "less than 4.5 dB above its neighbours", 0.5)
_HARSH_HZ, _BESIDE_HARSH_HZ = (2000.0, 5000.0), ((800.0, 1600.0), (6300.0, 10_000.0))
_HARSH_DB = 4.5, 8.0

_SIBILANCE = Question("sibilance", "Sibilance, 5 to 9 kHz", "dB", "bursts less than 3 dB above 1 to 4 kHz", 0.45)
_SIBILANT_HZ, _VOICED_HZ = (5000.0, 9000.0), (1000.0, 4000.0)
_SIBILANCE_DB = 3.0, 7.0
_BURSTS = 97.0
"""Percentile of the windows: a singer is sibilant in one of thirty."""
_BURST_DB = 8.0
"""How far above its own median a sibilant stands; cymbals go on."""

_RUMBLE = Question("rumble", "Rumble below 30 Hz", "dB", "more than 18 dB below 30 to 150 Hz", 0.4)
_RUMBLE_HZ, _BESIDE_RUMBLE_HZ = (4.0, 26.0), (30.0, 150.0)
_RUMBLE_DB = -18.0, -8.0


def tonal_balance(seen: Evidence) -> Check:
    """The range that is furthest from a genre's curve."""
    centres, levels = seen.spectra.centres_hz, seen.spectra.third_octaves_db()
    judged = (centres >= _JUDGED_HZ[0]) & (centres <= min(_JUDGED_HZ[1], _HIGHEST * seen.rate_hz))
    if seen.silent or judged.sum() < 12:
        return _BALANCE.unknown(_SILENT if seen.silent else _TOO_LOW)
    if seen.genre is None:
        return _BALANCE.unknown("There are no records of one tone to hold this against.")
    excess = levels - target_db(seen.genre, centres)
    excess -= np.median(excess[judged])
    heard = centres <= _HIGHEST * seen.rate_hz
    found = {
        name: float(np.clip(excess[within], -_EMPTY_DB, _EMPTY_DB).mean())
        for name, (low, high) in _RANGES_HZ.items()
        if (within := (centres >= low * 0.99) & (centres <= high) & heard).sum() >= 2
    }
    # What is not there is a choice of instruments more often than a fault of the mix.
    if seen.genre not in _WITH_SUB:
        found["sub"] = max(found.get("sub", 0.0), 0.0)
    weighed = {name: value * (_LACKING if value < 0.0 else 1.0) for name, value in found.items()}
    worst = max(weighed, key=lambda name: abs(weighed[name]))
    value, verdict = found[worst], above(abs(weighed[worst]), *_BALANCE_DB)
    if value < 0.0 and verdict is Verdict.PROBLEM:
        verdict = Verdict.NOTICE
    low, high = _RANGES_HZ[worst]
    move = min(_LEAST_CORRECTION * abs(value), _MOST_CORRECTION_DB)
    advice = (
        f"The {worst} ({low:.0f} to {high:.0f} Hz) {'lie' if worst.endswith('s') else 'lies'} {abs(value):.0f} dB "
        f"{'above' if value > 0.0 else 'below'} {_IN_WORDS[seen.genre]}. "
        f"{'Cut' if value > 0.0 else 'Raise'} there by {move:.1f} dB with a broad bell or shelf, on the tracks that "
        "live there rather than on the bus."
    )
    return _BALANCE.answered(value, verdict, advice)


def sub_bass_balance(seen: Evidence) -> Check:
    """25 to 60 Hz against 60 to 150 Hz, middle and side together."""
    sub, bass = (_low(seen, *span) for span in (_SUB_HZ, _BASS_HZ))
    if seen.silent or sub + bass <= 1e-3 * _low(seen, 4.0, 600.0) or sub == 0.0 or bass == 0.0:
        return _SUB.unknown(_SILENT if seen.silent else "There is no bass to speak of.")
    value = 10.0 * math.log10(sub / bass)
    if value >= _HEAVY_SUB_DB[0]:
        advice = (
            f"25 to 60 Hz is {value:.0f} dB louder than 60 to 150 Hz: small loudspeakers play nothing of it and the "
            "limiter works for it alone. Lower the sub by 3 dB, or add harmonics at 80 to 150 Hz to the bass."
        )
        return _SUB.answered(value, above(value, *_HEAVY_SUB_DB), advice)
    lacks = value <= _LIGHT_SUB_DB and seen.genre in _WITH_SUB
    advice = (
        f"25 to 60 Hz is {-value:.0f} dB quieter than 60 to 150 Hz, which is thin for "
        f"{_IN_WORDS[seen.genre or 'other']}. Raise the kick's or the bass's fundamental at 45 to 55 Hz by 3 dB, or "
        "double the bass an octave below."
    )
    return _SUB.answered(value, Verdict.NOTICE if lacks else Verdict.OK, advice)


def mud(seen: Evidence) -> Check:
    """200 to 500 Hz above the line through 80 to 160 and 630 to 1250 Hz."""
    return _bump(seen, _MUD, _MUDDY_HZ, _BESIDE_MUD_HZ, _MUD_DB, "instruments cover each other and the voice")


def harshness(seen: Evidence) -> Check:
    """2 to 5 kHz above the line through 0.8 to 1.6 and 6.3 to 10 kHz."""
    return _bump(seen, _HARSH, _HARSH_HZ, _BESIDE_HARSH_HZ, _HARSH_DB, "the song tires at any volume")


def _bump(
    seen: Evidence,
    question: Question,
    inside_hz: tuple[float, float],
    beside_hz: tuple[tuple[float, float], tuple[float, float]],
    limits_db: tuple[float, float],
    so: str,
) -> Check:
    centres, levels = seen.spectra.centres_hz, seen.spectra.third_octaves_db()
    if seen.silent or len(centres) == 0 or beside_hz[1][1] > _HIGHEST * 1.1 * seen.rate_hz:
        return question.unknown(_SILENT if seen.silent else _TOO_LOW)
    inside = _within(centres, inside_hz)
    (low, low_at), (high, high_at) = (_mean(centres, levels, span) for span in beside_hz)
    # Where next to nothing lies beside, that is what is told of by the balance, and not a bump.
    top = float(levels[inside].max())
    low, high = max(low, top - 15.0), max(high, top - 20.0)
    line = low + (high - low) * (np.log(centres[inside]) - low_at) / (high_at - low_at)
    excess = float((levels[inside] - line).mean())
    at = int(np.argmax(levels[inside] - line))
    centre_hz = float(centres[inside][at])
    advice = (
        f"{inside_hz[0]:.0f} to {inside_hz[1]:.0f} Hz lies {excess:.1f} dB above the slope of its neighbours: {so}. "
        f"Cut {min(0.5 * excess, 4.0):.1f} dB at {centre_hz:.0f} Hz with a bell an octave wide, on the loudest track "
        "in that range first."
    )
    return question.answered(excess, above(excess, *limits_db), advice)


def sibilance(seen: Evidence) -> Check:
    """Bursts of 5 to 9 kHz against 1 to 4 kHz, where there is a voice."""
    centres = seen.spectra.centres_hz
    if seen.silent or _SIBILANT_HZ[1] > _HIGHEST * 1.1 * seen.rate_hz:
        return _SIBILANCE.unknown(_SILENT if seen.silent else _TOO_LOW)
    if seen.voice is False:
        return _SIBILANCE.unknown("No voice was heard.")
    powers = seen.spectra.bands[seen.spectra.is_loud]
    sharp = powers[:, _within(centres, _SIBILANT_HZ)].sum(axis=1)
    voiced = powers[:, _within(centres, _VOICED_HZ)].sum(axis=1)
    ratios = 10.0 * np.log10(np.maximum(sharp, 1e-20) / np.maximum(voiced, 1e-20))
    bursts, usual = np.percentile(ratios, _BURSTS), np.median(ratios)
    value = float(bursts)
    verdict = above(value, *_SIBILANCE_DB) if bursts - usual >= _BURST_DB else Verdict.OK
    if seen.voice is None and verdict is Verdict.PROBLEM:
        verdict = Verdict.NOTICE
    advice = (
        f"Bursts between 5 and 9 kHz are {value:.1f} dB louder than 1 to 4 kHz, {bursts - usual:.0f} dB above their "
        "usual level. Put a de-esser on the voice at 6 to 8 kHz that takes 4 to 6 dB off its S sounds."
    )
    return _SIBILANCE.answered(value, verdict, advice)


def rumble(seen: Evidence) -> Check:
    """4 to 26 Hz against 30 to 150 Hz."""
    low, bass = (_low(seen, *span) for span in (_RUMBLE_HZ, _BESIDE_RUMBLE_HZ))
    whole = _low(seen, 4.0, 600.0)
    if seen.silent or whole == 0.0:
        return _RUMBLE.unknown(_SILENT if seen.silent else "It is shorter than two seconds.")
    # Without any bass, what else there is below 600 Hz is the measure.
    value = max(10.0 * math.log10(max(low, 1e-20) / max(bass, 0.1 * whole)), -100.0)
    advice = (
        f"Below 26 Hz the level is {abs(value):.0f} dB {'above' if value > 0.0 else 'below'} that of the bass: nobody "
        "hears it, and the limiter works for it. High-pass at 25 to 30 Hz with 24 dB per octave, on the track that "
        "brings it."
    )
    return _RUMBLE.answered(value, above(value, *_RUMBLE_DB), advice)


def _low(seen: Evidence, from_hz: float, to_hz: float) -> float:
    return sum(seen.low.between(powers, from_hz, to_hz) for powers in (seen.low.mid, seen.low.side))


def _within(centres: NDArray[np.float64], span_hz: tuple[float, float]) -> NDArray[np.bool_]:
    return np.asarray((centres >= span_hz[0] * 0.99) & (centres <= span_hz[1] * 1.01))


def _mean(
    centres: NDArray[np.float64], levels: NDArray[np.float64], span_hz: tuple[float, float]
) -> tuple[float, float]:
    within = _within(centres, span_hz)
    return float(levels[within].mean()), float(np.log(centres[within]).mean())
