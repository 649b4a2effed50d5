"""Players of what sounds as long as it is held: one who plays lines, or several who play every tone together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.struck import USUAL_VELOCITY, Finish
from soundrack.composition.instruments.sustained import (
    ACCENT,
    ATTACK_S,
    CHIFF,
    COLUMNS,
    CUTOFF,
    DIP,
    DRIFT_CENTS,
    FOLLOW,
    GLIDE_S,
    JOINED,
    LEFT,
    LEVEL,
    NOISE,
    OFF,
    ON,
    PHASE,
    PITCH,
    RELEASE_S,
    RIGHT,
    SCOOP_CENTS,
    SWELL,
    VIBRATO_CENTS,
    VIBRATO_DB,
    VIBRATO_HZ,
    VIBRATO_S,
    dynamics,
    hiss,
    sustain,
)
from soundrack.composition.instruments.tone import RATE_HZ, Tone

_TOUCHING_S = 0.03
"""A tone of a line that begins no later than this after the one before was let go is joined to it."""
_OVERLAP_S = 0.15
_TOGETHER_S = 0.025
"""Tones that begin closer to each other are a chord, and no line."""
_STACCATO_HELD, _SHORT_ATTACK = 0.75, 0.5
_MUTED_OCTAVES, _ACCENT_OCTAVES = -1.0, 0.4


@dataclass(frozen=True)
class Manner:
    """How an instrument sounds and is played. Values are for mezzo-forte, a velocity of 0.7.

    Parameters
    ----------
    source : str
        Of `sustained.dynamics`.
    cutoff_hz : float
        Of the source at middle C.
    cutoff_key : float
        By how many octaves it rises with an octave of the pitch.
    reach : float
        By how many octaves it rises from silence to the loudest.
    follow : float
        By how many octaves it falls while a tone grows from nothing.
    attack_s, release_s : float
        Until nearly there; until 60 dB less.
    attack_key : float
        How many times as long an octave lower.
    vibrato_hz, vibrato_cents, vibrato_s, vibrato_db : float
        Its rate, extent to each side, delay and swing of the level.
    drift_cents, scoop_cents : float
        How far the pitch wanders, and from where it comes.
    noise, chiff : float
        Breath or bow beside the tone, and the more of it at the beginning.
    accent, swell : float
        How much louder a tone begins, and grows when it is long.
    dip : float
        How far a line falls between two tones that touch, 0 (slurred) to 1.
    glide_s : float
        How long the pitch needs from tone to tone of a line.
    is_line : bool
        Whether a player plays one tone after another.
    players : int
        Who play every tone together.
    detune_cents, late_s, width : float
        How far they are apart: in pitch (standard deviation), beginning and place (0 to 1).
    touch : float
        Exponent of the velocity in the level.
    level_db : float
        Of the instrument.
    """

    source: str
    cutoff_hz: float
    cutoff_key: float
    reach: float
    follow: float
    attack_s: float
    release_s: float
    attack_key: float = 1.0
    vibrato_hz: float = 5.5
    vibrato_cents: float = 0.0
    vibrato_s: float = 0.25
    vibrato_db: float = 0.0
    drift_cents: float = 2.0
    scoop_cents: float = 0.0
    noise: float = 0.0
    chiff: float = 0.0
    accent: float = 0.0
    swell: float = 0.0
    dip: float = 0.5
    glide_s: float = 0.03
    is_line: bool = True
    players: int = 1
    detune_cents: float = 0.0
    late_s: float = 0.0
    width: float = 0.0
    touch: float = 1.5
    level_db: float = 0.0


class Players:
    """Plays in a manner.

    Articulations: tones of a line that touch are joined, the more closely with ``legato`` (no new attack at all) and
    ``slide`` (a slow glide); ``accent`` and ``staccato`` begin anew, harder or shorter; ``mute`` and ``ghost`` are
    darker and softer.

    Parameters
    ----------
    manner : Manner
        The instrument.
    finish : Finish or None
        What follows all tones: a body, a bell, a mouth.
    waves : callable or None
        Returns the source's cycles; by default the manner's.
    shift : float
        Semitones from the pitch to the cycles' own.
    """

    def __init__(
        self,
        manner: Manner,
        finish: Finish | None = None,
        *,
        waves: Callable[[], NDArray[np.float32]] | None = None,
        shift: float = 0.0,
    ) -> None:
        self._manner, self._finish, self._shift = manner, finish, shift
        self._waves = waves if waves is not None else lambda: dynamics(manner.source)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        heard = [tone for tone in tones if tone.start_s * RATE_HZ < frames]
        voices = lines(heard) if self._manner.is_line else [[tone] for tone in heard]
        rows = [self._rows(voice, player, rng) for voice in voices for player in range(self._manner.players)]
        if rows:
            firsts = np.concatenate(([0], np.cumsum([len(each) for each in rows])))
            sustain(out, np.concatenate(rows), firsts.astype(np.int64), self._waves(), hiss())
        if rows and self._finish is not None:
            self._finish(out)
        return out

    def _rows(self, voice: Sequence[Tone], player: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return the tones of a voice as one of its players plays them."""
        manner = self._manner
        rows = np.zeros((len(voice), COLUMNS))
        phase, late, rate, extent, place = rng.random(5)
        cents = 0.0
        if manner.players > 1:
            # Who sits where is not in order of who plays sharp; all together are in tune.
            seat = 2 * player % manner.players if manner.players % 2 else player
            cents = manner.detune_cents * math.sqrt(3.0) * (2.0 * seat / (manner.players - 1) - 1.0)
            place = (player + 0.3 * (place - 0.5)) / (manner.players - 1) * 2.0 - 1.0
        side = (float(np.clip(place, -1.0, 1.0)) * manner.width + 1.0) * math.pi / 4.0
        share = 10.0 ** (manner.level_db / 20.0) * math.sqrt(2.0 / manner.players)
        rows[:, PHASE] = phase
        rows[:, LEFT], rows[:, RIGHT] = share * math.cos(side), share * math.sin(side)
        rows[:, VIBRATO_HZ] = manner.vibrato_hz * (0.92 + 0.16 * rate)
        rows[:, VIBRATO_CENTS] = manner.vibrato_cents * (0.75 + 0.5 * extent)
        rows[:, VIBRATO_S] = manner.vibrato_s
        rows[:, VIBRATO_DB] = manner.vibrato_db
        rows[:, DRIFT_CENTS] = manner.drift_cents
        rows[:, SCOOP_CENTS] = manner.scoop_cents
        rows[:, FOLLOW], rows[:, DIP], rows[:, GLIDE_S] = manner.follow, manner.dip, manner.glide_s
        # Every third desk's bow is near enough to be heard.
        rows[:, NOISE] = manner.noise if player % 3 == 0 else 0.0
        rows[:, SWELL] = manner.swell
        for row, tone, before in zip(rows, voice, (None, *voice), strict=False):
            self._tell(row, tone, before, manner.late_s * late)
            row[PITCH] += cents / 100.0 + self._shift
        if len(rows) > 1:
            rows[1:, JOINED] *= rows[1:, ON] - rows[:-1, OFF] <= _TOUCHING_S * RATE_HZ
            joined = rows[1:, JOINED] > 0.0
            rows[:-1, OFF][joined] = rows[1:, ON][joined]
        return rows

    def _tell(self, row: NDArray[np.float64], tone: Tone, before: Tone | None, late_s: float) -> None:
        manner, kind = self._manner, tone.articulation
        velocity = min(max(tone.velocity, 0.0), 1.0)
        octaves = (tone.pitch - 60.0) / 12.0
        held_s = tone.length_s * (_STACCATO_HELD if kind == "staccato" else 1.0)
        row[ON] = round(max(tone.start_s + late_s, 0.0) * RATE_HZ)
        row[OFF] = max(round((tone.start_s + late_s + held_s) * RATE_HZ), row[ON] + 1.0)
        row[PITCH] = tone.pitch
        muted = kind in {"mute", "ghost"}
        row[LEVEL] = (velocity / USUAL_VELOCITY) ** manner.touch * (0.6 if muted else 1.0)
        row[CUTOFF] = math.log2(manner.cutoff_hz) + manner.cutoff_key * octaves
        row[CUTOFF] += manner.reach * (velocity - USUAL_VELOCITY)
        row[CUTOFF] += _MUTED_OCTAVES if muted else _ACCENT_OCTAVES if kind == "accent" else 0.0
        quick = _SHORT_ATTACK if kind in {"staccato", "accent"} else 1.0
        harder = 1.6 ** (USUAL_VELOCITY - velocity)
        row[ATTACK_S] = max(manner.attack_s * quick * harder * manner.attack_key**-octaves, 0.004)
        # A short tone gets there all the same.
        row[ATTACK_S] = max(min(row[ATTACK_S], 0.7 * held_s), 0.004)
        row[RELEASE_S] = max(manner.release_s, 0.01)
        row[CHIFF] = manner.chiff * (1.5 if kind == "accent" else 1.0)
        row[ACCENT] = manner.accent + (0.35 if kind == "accent" else 0.0)
        if before is not None and kind not in {"staccato", "accent"} and before.articulation != "staccato":
            row[JOINED] = 1.0
        if kind in {"legato", "slide"}:
            row[DIP] = 0.0
            row[ACCENT] = 0.0
        if kind == "slide":
            row[GLIDE_S] = max(0.12, manner.glide_s)


def lines(tones: Sequence[Tone]) -> list[list[Tone]]:
    """Return tones as lines that a player each can play.

    A tone goes on with the nearest line whose last tone has been let go, or is about to be; of several that begin
    together each has a line of its own.

    Parameters
    ----------
    tones : sequence of Tone
        In order of start.
    """
    made: list[list[Tone]] = []
    for tone in tones:
        free = [
            line
            for line in made
            if line[-1].start_s + line[-1].length_s <= tone.start_s + _OVERLAP_S
            and line[-1].start_s <= tone.start_s - _TOGETHER_S
        ]
        if free:
            last = max(line[-1].start_s for line in free)
            recent = [line for line in free if line[-1].start_s == last]
            min(recent, key=lambda line: abs(line[-1].pitch - tone.pitch)).append(tone)
        else:
            made.append([tone])
    return made
