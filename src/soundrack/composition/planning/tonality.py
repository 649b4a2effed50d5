"""Tempo, swing, metre, key and scale."""

from __future__ import annotations

from soundrack.composition.planning.draws import Draws
from soundrack.composition.planning.genre import Genre, Temper
from soundrack.composition.prompt import Wishes
from soundrack.composition.theory import SCALES, Key, Metre, Mode

SLOWEST_BPM, QUICKEST_BPM = 40.0, 220.0
_PLAIN = {"major", "natural minor", "harmonic minor", "major pentatonic", "minor pentatonic"}
"""Scales that leave no doubt about a key that was asked for by name."""
_MODAL = 0.4
"""How often other scales are drawn beside what the style has: by ear and machine they are taken for other keys."""
_TONICS = {
    Mode.MAJOR: (10, 4, 9, 5, 7, 8, 3, 10, 4, 8, 4, 3),
    Mode.MINOR: (9, 6, 8, 5, 8, 6, 6, 7, 4, 10, 4, 7),
}
"""How usual keys are, by tonic from C."""
_VALENCE_TO_MINOR = 1.1
_COMPOUND = 0.66
"""Tempo of dotted quarters beside that of quarters."""
_BRIGHT = {"lydian": 2.0, "major": 0.5, "mixolydian": 0.0, "dorian": 1.0, "natural minor": 0.0, "phrygian": -2.5,
           "harmonic minor": -1.0}  # fmt: skip
"""By how much a scale gains where valence and brightness are above the middle."""


def metre(wishes: Wishes, kind: Genre, draws: Draws) -> Metre:
    """Return the metre that is wished, or one of the style's."""
    return wishes.metre or draws.among("metre", kind.metres)


def tempo(wishes: Wishes, kind: Genre, mood: Temper, meter: Metre, draws: Draws) -> float:
    """Return the tempo in beats of the metre a minute.

    It is exactly what is wished, or a whole number from the style's range, nearer to its quick end the more energy
    there is.
    """
    rng = draws.rng("tempo")
    slowest, usual, quickest = kind.tempo_bpm
    compound = _COMPOUND if meter.is_compound else 1.0
    if wishes.tempo is not None:
        low, high = wishes.tempo.low_bpm, wishes.tempo.high_bpm
        if low == high:
            return low
        inside = (max(low, slowest * compound), min(high, quickest * compound))
        low, high = inside if inside[0] <= inside[1] else (low, high)
        return float(min(max(round(rng.uniform(low, high)), -(-low // 1)), high // 1 if high // 1 >= low else high))
    lean = max(min(1.6 * (mood.energy - kind.energy) + rng.uniform(-0.5, 0.5), 1.0), -1.0)
    drawn = usual + lean * ((quickest - usual) if lean > 0.0 else (usual - slowest))
    return float(min(max(round(drawn * compound), SLOWEST_BPM), QUICKEST_BPM))


def swing(wishes: Wishes, kind: Genre, meter: Metre, draws: Draws) -> float:
    """Return the swing that is wished, or one of the style's; compound metres have none."""
    if meter.is_compound:
        return 0.5
    if wishes.swing is not None:
        return min(max(wishes.swing, 0.5), 0.75)
    return round(float(draws.rng("swing").uniform(*kind.swing)), 3)


def key(wishes: Wishes, kind: Genre, mood: Temper, draws: Draws) -> Key:
    """Return the key that is wished, or one of the mode that style and valence make likely."""
    if wishes.key is not None:
        return wishes.key
    mode = wishes.mode or (mode_of(wishes.scale) if wishes.scale is not None else None)
    if mode is None:
        minor = min(max(kind.minor + _VALENCE_TO_MINOR * (kind.table.valence - mood.valence), 0.02), 0.98)
        mode = draws.among("mode", {Mode.MINOR: minor, Mode.MAJOR: 1.0 - minor})
    return Key(draws.each("tonic", range(12), _TONICS[mode]), mode)


def scale(wishes: Wishes, kind: Genre, mood: Temper, mode: Mode, draws: Draws) -> str:
    """Return the scale that is wished if it has the key's mode, or one of the style's.

    Where a key is asked for by name only scales are drawn in which it cannot be mistaken for another.
    """
    if wishes.scale is not None and mode_of(wishes.scale) is mode:
        return wishes.scale
    scales = dict(kind.table.major_scales if mode is Mode.MAJOR else kind.table.minor_scales)
    if wishes.key is not None:
        scales = {name: weight for name, weight in scales.items() if name in _PLAIN}
        scales = scales or {"major" if mode is Mode.MAJOR else "natural minor": 1.0}
    scales = {name: weight * (1.0 if name in _PLAIN else _MODAL) for name, weight in scales.items()}
    lean = mood.valence + mood.brightness - 1.0
    weights = {name: weight * 2.0 ** (lean * _BRIGHT.get(name, 0.0)) for name, weight in scales.items()}
    return draws.among("scale", weights)


def mode_of(name: str) -> Mode:
    """Return the mode of a scale: that of its third."""
    return Mode.MAJOR if 4 in SCALES[name] else Mode.MINOR
