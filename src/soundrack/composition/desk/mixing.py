"""The mix: every part on its strip, buses, sends, and the voice on top.

Parts come one after another and are let go at once, so that a song needs as much memory as a few sounds of its length
however many play.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.composition.desk.bus import PLAIN, Treatment
from soundrack.composition.desk.form import FULL, Stretch, held, opening_hz, stretches
from soundrack.composition.desk.routing import add_middle, route
from soundrack.composition.desk.send import Send
from soundrack.composition.desk.strip import Strip, pans
from soundrack.composition.desk.table import MixTable, Sends, mix_table
from soundrack.composition.effects import compressor, delay, ducking, reverb, stereo
from soundrack.composition.effects.compressor import Compression
from soundrack.composition.effects.delay import Echo
from soundrack.composition.effects.reverb import SPACES
from soundrack.composition.effects.sound import Curve, Sound, factor
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.performance import Performance, Played
from soundrack.composition.plan import Label, Role, Section
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.score import Score
from soundrack.composition.store import Store

VOICE, EFFECTS = "voice", "effects"
"""Names of the stems that are no part of the score."""

_DRUMS, _BAND, _DRY = "drums", "band", "dry"
_STRUCK = (Role.DRUMS, Role.PERCUSSION)
_SEVERAL_DB = -3.0
"""What two parts of one role are turned down by, each; four by twice as much."""
_CLOSED_HZ, _OPEN_HZ = 350.0, 19_000.0
_UNDER_VOICE_DB = -2.5
"""What answers the voice gives way to it by so much."""
_GIVES_WAY = (Role.LEAD, Role.COUNTER, Role.ARPEGGIO)
_SUNG = 0.5
_GLUED_ABOVE_DB = 10.0
"""How far above their loudness the drums' strokes are held from."""
_ECHO_IN_HALL = 0.35
_WET_PUMPED = 0.6
_LEAST_LUFS = -70.0
_ROUTED = 1 << 21
"""Frames that are brought onto buses at once, a multiple of `STEP_FRAMES`."""
_BYTES_A_FRAME = 8
"""Of a stereo sound: sends lie on disk where those do."""

Render = Callable[[Played], Sound]
Keep = Callable[[str, Sound], None]


@dataclass(frozen=True)
class Mix:
    """A mix.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        All together, some 8 dB below full loudness.
    treatments : dict of str to Treatment
        What each stem that was kept has to go through yet, by its name.
    """

    sound: Sound
    treatments: dict[str, Treatment]


def mix(
    score: Score,
    performance: Performance,
    frames: int,
    render: Render,
    voice: Sound | None,
    keep: Keep,
    told: Callable[[float], None],
    aside: Store | None = None,
) -> Mix:
    """Mix a song.

    Parameters
    ----------
    score : Score
        Its style, sections and tempo.
    performance : Performance
        Who plays what, and when the bass drum is struck.
    frames : int
        How long it is, with what rings on.
    render : callable
        Returns what an instrument gives of a part, float32, shape (frames, 2).
    voice : float32 array, shape (frames, 2), or None
        The singers, as they are recorded; it is changed, and let go while it waits.
    keep : callable
        Is given each stem by its name, once, as it leaves its strip; stems that are kept, each through its treatment,
        add up to the mix.
    told : callable
        Is told what part of the work is done.
    aside : Store, optional
        Where voice and drums wait while the others play; in memory if none is given.
    """
    aside = aside or Store(None)
    room = _Room.of(score, performance, frames, voice, aside)
    if voice is not None:
        aside.keep(VOICE, voice)
    del voice
    treatments: dict[str, Treatment] = {}
    done = 0
    parts = [part for part in performance.parts if part.tones]
    places = dict(
        zip([part.name for part in parts], pans([part.role for part in parts], room.table.spread), strict=True)
    )
    struck, others = [p for p in parts if p.role in _STRUCK], [p for p in parts if p.role not in _STRUCK]
    for name, group in ((_DRUMS, struck), (_BAND, others)):
        bus = np.zeros((frames, 2), dtype=np.float32)
        for part in group:
            strip = room.strip(part, parts, places[part.name])
            sound = strip.process(render(part))
            room.route(strip, sound, strip.gains(sound), bus)
            keep(part.name, sound)
            del sound
            done += 1
            told(done / (len(parts) + 1))
        if group:
            treatment = room.drums(bus) if name == _DRUMS else room.band()
            treatments |= {part.name: treatment for part in group}
            treatment.process(bus)
        aside.keep(name, bus)
        del bus
    total = aside.take(_BAND)
    total += aside.take(_DRUMS)
    if room.presence is not None:
        strip = Strip(Role.VOICE, 0.0, 0.0, room.table)
        sung = strip.process(aside.take(VOICE))
        room.route(strip, sung, room.above(sung, total), total)
        keep(VOICE, sung)
        treatments[VOICE] = PLAIN
        del sung
    aside.keep(_DRY, total)
    del total
    wet = room.returns()
    keep(EFFECTS, wet)
    treatments[EFFECTS] = PLAIN
    total = aside.take(_DRY)
    total += wet
    told(1.0)
    return Mix(total, treatments)


@dataclass
class _Room:
    """What strips and buses of one song share, and what has been sent so far."""

    table: MixTable
    sections: tuple[Stretch, ...]
    frames: int
    quarter_s: float
    pumping: Curve | None
    presence: Curve | None
    opening_hz: Curve | None
    short: Send
    long: Send
    echo: Send

    @classmethod
    def of(cls, score: Score, performance: Performance, frames: int, voice: Sound | None, aside: Store) -> _Room:
        short, long, echo = (
            Send(frames, aside.file(name, _BYTES_A_FRAME * frames)) for name in ("short", "long", "echo")
        )
        table = mix_table(score.plan.style)
        sections = stretches(score, performance.clock)
        quarter_s = score.plan.quarter_s
        return cls(
            table=table,
            sections=sections,
            frames=frames,
            quarter_s=quarter_s,
            pumping=_pumping(performance.parts, table, frames, quarter_s),
            presence=None if voice is None else ducking.presence(voice),
            opening_hz=opening_hz(frames, sections, _CLOSED_HZ, _OPEN_HZ) if table.opens else None,
            short=short,
            long=long,
            echo=echo,
        )

    def strip(self, part: Played, parts: Sequence[Played], pan: float) -> Strip:
        """Return a part's strip."""
        alike = sum(each.role is part.role for each in parts)
        curves = []
        if self.pumping is not None and part.role in self.table.pumped:
            curves.append(self.pumping)
        if self.presence is not None and part.role in _GIVES_WAY:
            curves.append(factor(_UNDER_VOICE_DB * self.presence))
        return Strip(
            role=part.role,
            level_db=self.table.levels_db[part.role] + _SEVERAL_DB * math.log2(alike),
            pan=pan,
            table=self.table,
            opening_hz=self.opening_hz if part.role in self.table.opens else None,
            curves=tuple(curves),
            is_lowest=part.role is Role.CHORDS and not any(each.role is Role.BASS for each in parts),
        )

    def route(self, strip: Strip, sound: Sound, gains: NDArray[np.float32], bus: Sound) -> None:
        """Send a processed part to a bus, the rooms and the echo, and bring it to its level."""
        sends = self.table.sends.get(strip.role, Sends())
        levels = np.array([*gains, sends.short, sends.long, sends.echo], dtype=np.float32)
        moves = strip.moves(self.frames)
        for first in range(0, self.frames, _ROUTED):
            here, points = slice(first, first + _ROUTED), slice(first // STEP_FRAMES, None)
            sent = [send.samples[here] for send in (self.short, self.long, self.echo)]
            route(sound[here], levels, moves[points], bus[here], *sent)
            for send in (self.short, self.long, self.echo):
                send.rest()

    def drums(self, bus: Sound) -> Treatment:
        """Return how the drums' bus is treated: loud strokes are held together."""
        loudness = integrated_lufs(hop_power(bus, RATE_HZ))
        if self.table.glue_db <= 0.0 or loudness <= _LEAST_LUFS:
            return PLAIN
        # A ratio of 2 above the threshold: what lies twice the wanted reduction above it is held by as much.
        threshold_db = loudness + _GLUED_ABOVE_DB - self.table.glue_db
        return Treatment(gain=compressor.gain_curve(bus, Compression(threshold_db, 2.0, 12.0, 110.0, 8.0)))

    def band(self) -> Treatment:
        """Return how the bus of all other instruments is treated."""
        table = self.table
        full_db, width = table.ride_db / 2.0, {True: table.chorus_width, False: 1.0}

        def wide(section: Section) -> float:
            return table.verse_width if section.label is Label.VERSE else width[section.label in FULL]

        def ride(section: Section) -> float:
            return full_db if section.label in FULL else -full_db if section.label is Label.VERSE else 0.0

        return Treatment(
            width=held(self.frames, self.sections, wide),
            dip_db=table.dip_db,
            dip_where=self.presence,
            gain=factor(held(self.frames, self.sections, ride)),
        )

    def above(self, sung: Sound, band: Sound) -> NDArray[np.float32]:
        """Return the voice's gains: as loud beside the band, while it sings, as the style has it."""
        if self.presence is None:
            return stereo.sides(0.0)
        own, other = (hop_power(each, RATE_HZ) for each in (sung, band))
        at = np.interp(
            np.arange(len(own)), np.arange(len(self.presence)) * (STEP_FRAMES * 100 / RATE_HZ), self.presence
        )
        heard = at > _SUNG
        mine, theirs = float(own[heard].sum()), float(other[heard].sum())
        if mine <= 0.0 or theirs <= 0.0:
            return stereo.sides(0.0)
        return np.float32(math.sqrt(theirs / mine)) * factor(self.table.voice_db) * stereo.sides(0.0)

    def returns(self) -> Sound:
        """Return what comes back from the rooms and the echo, and let go what was sent."""
        table = self.table
        wet = delay.process(
            self.echo.samples,
            Echo(table.echo_quarters * self.quarter_s, table.echo_feedback, wobble_ms=0.6),
        )
        add_middle(wet, np.float32(_ECHO_IN_HALL), self.long.samples)
        del self.echo
        reverb.process(self.short.samples, SPACES[table.short], wet)
        del self.short
        reverb.process(self.long.samples, SPACES[table.long].lasting(table.long_s), wet)
        del self.long
        if self.pumping is not None:
            wet = Treatment(gain=(1.0 - _WET_PUMPED * (1.0 - self.pumping)).astype(np.float32)).process(wet)
        return wet


def _pumping(parts: Sequence[Played], table: MixTable, frames: int, quarter_s: float) -> Curve | None:
    """Return how the bass drum ducks the others; None where it does not."""
    if table.pump_db <= 0.0:
        return None
    kicks = [tone for part in parts if part.role is Role.DRUMS for tone in part.tones if tone.pitch == KEYS[Drum.KICK]]
    if not kicks:
        return None
    starts, strengths = [tone.start_s for tone in kicks], [min(1.0, 0.3 + tone.velocity) for tone in kicks]
    return ducking.pumping(frames, starts, table.pump_db, table.pump_quarters * quarter_s, strengths)
