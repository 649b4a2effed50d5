"""A channel strip: one part from what its instrument gives to its place in the mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES, points_for
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.composition.desk.spans import spans
from soundrack.composition.desk.table import MixTable
from soundrack.composition.effects import compressor, crusher, equaliser, saturation, stereo, sweep, transients
from soundrack.composition.effects.compressor import Compression
from soundrack.composition.effects.equaliser import Section
from soundrack.composition.effects.saturation import Saturation
from soundrack.composition.effects.sound import Curve, Sound, factor
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.plan import Role

REFERENCE_LUFS = -22.0
"""How loud a part at 0 dB is while it plays: leaves a dense mix its headroom."""
_SILENT_LUFS = -70.0
_MOST_GAIN_DB = 30.0

_LOW_CUTS_HZ: dict[Role, float] = {
    Role.DRUMS: 25.0,
    Role.PERCUSSION: 130.0,
    Role.BASS: 28.0,
    Role.CHORDS: 110.0,
    Role.PAD: 130.0,
    Role.ARPEGGIO: 150.0,
    Role.LEAD: 140.0,
    Role.COUNTER: 140.0,
    Role.TRANSITION: 40.0,
    Role.TEXTURE: 90.0,
    Role.CHOIR: 150.0,
    Role.VOICE: 95.0,
}
_ALONE_HZ = 40.0
"""The low cut of chords where nobody plays the bass."""
_TONES: dict[Role, tuple[Section, ...]] = {
    Role.DRUMS: (equaliser.bell(380.0, -1.5, 1.0),),
    Role.BASS: (equaliser.bell(260.0, -1.5, 1.0),),
    Role.CHORDS: (equaliser.bell(300.0, -1.5, 0.9),),
    Role.PAD: (equaliser.bell(320.0, -2.0, 0.8),),
    Role.VOICE: (equaliser.bell(280.0, -2.0, 1.0), equaliser.bell(3400.0, 2.0, 0.9), equaliser.high_shelf(9000.0, 2.0)),
}
"""What makes room for each other: mud out of what is many, presence for what is told."""
_HELD: dict[Role, Compression] = {
    Role.BASS: Compression(-14.0, 3.0, 18.0, 140.0, 8.0),
    Role.VOICE: Compression(-16.0, 3.0, 6.0, 110.0, 10.0),
    Role.LEAD: Compression(-12.0, 2.0, 12.0, 140.0, 8.0),
}
"""Thresholds for a part as it is given."""
_CENTRED = (Role.DRUMS, Role.BASS, Role.LEAD, Role.PAD, Role.TRANSITION, Role.TEXTURE, Role.CHOIR, Role.VOICE)
_MONO_BELOW_HZ: dict[Role, float] = {Role.DRUMS: 120.0, Role.BASS: 180.0, Role.TRANSITION: 150.0}
_CRUSHED_HZ, _CRUSHED_PART = 26_000.0, 0.6
_REACH = 0.6


@dataclass(frozen=True)
class Strip:
    """How one part is treated.

    Parameters
    ----------
    role : Role
        What it does.
    level_db : float
        Beside `REFERENCE_LUFS`.
    pan : float
        -1 to 1.
    table : MixTable
        The style's.
    opening_hz : curve or None
        The cutoff of its low-pass.
    curves : tuple of curves
        Pumping, rides: what it is multiplied by in the end.
    is_lowest : bool
        Whether nobody plays below it.
    """

    role: Role
    level_db: float
    pan: float
    table: MixTable
    opening_hz: Curve | None = None
    curves: tuple[Curve, ...] = ()
    is_lowest: bool = False

    def process(self, sound: Sound) -> Sound:
        """Return a part filtered, bent and held, in its own memory.

        Parameters
        ----------
        sound : float32 array, shape (frames, 2)
            As its instrument gives it, about -18 LUFS while it plays; it is changed.
        """
        sections = self._sections()
        for first, last in spans(sound):
            part = sound[first:last]
            equaliser.process(part, sections, part)
            self._insert(part)
            if self.role in _MONO_BELOW_HZ:
                stereo.process(part, 1.0, _MONO_BELOW_HZ[self.role], part)
            if self.opening_hz is not None:
                sweep.process(part, self.opening_hz[first // STEP_FRAMES :], sweep.Pass.LOW, 0.35, part)
        return sound

    def gains(self, made: Sound) -> NDArray[np.float32]:
        """Return the factors of the left and the right channel that bring a processed part to its level and place."""
        loudness = integrated_lufs(hop_power(made, RATE_HZ))
        gain_db = min(REFERENCE_LUFS + self.level_db - loudness, _MOST_GAIN_DB) if loudness > _SILENT_LUFS else 0.0
        return factor(gain_db) * stereo.sides(self.pan)

    def moves(self, frames: int) -> Curve:
        """Return what pumping and giving way multiply it by."""
        still = np.ones(points_for(frames), dtype=np.float32)
        return np.prod(self.curves, axis=0, dtype=np.float32) if self.curves else still

    def _sections(self) -> list[Section]:
        low_hz = _ALONE_HZ if self.is_lowest else _LOW_CUTS_HZ[self.role]
        sections = [equaliser.low_cut(low_hz), *_TONES.get(self.role, ())]
        if self.table.high_cut_hz > 0.0 and self.role is not Role.TEXTURE:
            sections.append(equaliser.high_cut(self.table.high_cut_hz))
        return sections

    def _insert(self, sound: Sound) -> None:
        """Pass a part through the inserts, in the order of the signal."""
        table, role = self.table, self.role
        if role is Role.DRUMS and table.crush_bits > 0.0:
            crusher.process(sound, table.crush_bits, _CRUSHED_HZ, _CRUSHED_PART, sound)
        if role is Role.DRUMS and table.snap_db != 0.0:
            transients.process(sound, table.snap_db, out=sound)
        if role in _HELD:
            compressor.process(sound, _HELD[role], out=sound)
        if role in table.drive_db:
            saturation.process(sound, Saturation(table.curve, table.drive_db[role]), sound)


def pans(roles: Sequence[Role], spread: float) -> tuple[float, ...]:
    """Return where parts sit, in their order: alternately left and right, what carries the song in the middle.

    Parameters
    ----------
    roles : sequence of Role
        Of all parts.
    spread : float
        0 to 1.
    """
    places, side = [], -1.0
    for number, role in enumerate(roles):
        if role in _CENTRED and role not in roles[:number]:
            places.append(0.0)
        else:
            places.append(side * spread * _REACH)
            side = -side
    return tuple(places)
