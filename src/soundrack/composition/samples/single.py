"""One note, chord or stroke."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.order import Sound
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.catalogue import catalogue, instrument
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.samples.circle import played
from soundrack.composition.samples.order import SampleOrder
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.score import Note, Part, Placed, Score
from soundrack.composition.theory import CHORDS, Mode

_LONGEST_S, _HELD_PART = 2.0, 0.6
_VELOCITY = 0.85
_PIECES = {
    "kick": KEYS[Drum.KICK],
    "bass drum": KEYS[Drum.KICK],
    "snare": KEYS[Drum.SNARE],
    "clap": KEYS[Drum.CLAP],
    "open hat": KEYS[Drum.OPEN],
    "open hi hat": KEYS[Drum.OPEN],
    "hi hat": KEYS[Drum.CLOSED],
    "hat": KEYS[Drum.CLOSED],
    "crash": KEYS[Drum.CRASH],
    "cymbal": KEYS[Drum.CRASH],
    "ride": KEYS[Drum.RIDE],
    "tom": KEYS[Drum.LOW_TOM],
    "킥": KEYS[Drum.KICK],
    "스네어": KEYS[Drum.SNARE],
    "클랩": KEYS[Drum.CLAP],
    "오픈 하이햇": KEYS[Drum.OPEN],
    "하이햇": KEYS[Drum.CLOSED],
    "심벌": KEYS[Drum.CRASH],
    "탐": KEYS[Drum.LOW_TOM],
}


def piece(prompt: str) -> int | None:
    """Return the key of the piece of a kit that a prompt names, the longest name first; None if it names none."""
    text = prompt.lower().replace("-", " ")
    named = sorted(_PIECES, key=len, reverse=True)
    return next((_PIECES[name] for name in named if name in text), None)


def single(order: SampleOrder, planned: Plan, frames: int, player: Player, struck: int | None) -> Sound:
    """Return one note of an instrument, or one stroke of a kit.

    Parameters
    ----------
    order : SampleOrder
        Its seed, and whether it is a loop.
    planned : Plan
        Its key.
    frames : int
        How long it is.
    player : Player
        Who plays; of chords and pads the tonic's triad.
    struck : int or None
        The key of the piece of a kit; None: the bass drum.
    """
    listed = catalogue()[player.instrument]
    if listed.is_kit:
        pitches: tuple[int, ...] = (KEYS[Drum.KICK] if struck is None else struck,)
    else:
        tonic = (listed.lowest + listed.highest) // 2
        tonic -= (tonic - planned.key.tonic) % 12
        steps = CHORDS["min" if planned.key.mode is Mode.MINOR else "maj"]
        pitches = tuple(tonic + step for step in steps) if player.role in {Role.CHORDS, Role.PAD} else (tonic,)
    length_s = min(_HELD_PART * frames / RATE_HZ, _LONGEST_S)
    tones = tuple(Tone(0.0, length_s, float(pitch), _VELOCITY) for pitch in pitches)
    rng = chance(order.seed, "sample", "one-shot")
    if order.loopable:
        made = played(player.instrument, player.role, tones, frames, rng)
    else:
        made = instrument(player.instrument).play(tones, frames, rng)
    return Sound(
        samples=finished(made.astype(np.float64), Kind.HIT, loop=order.loopable),
        recipes=(f"{player.role.value}: {player.instrument}",),
        why=f"One stroke or note of {player.instrument} in {planned.key.name}.",
        understood=planned.understood,
        ignored=planned.ignored,
        score=_score(planned, player, tones),
    )


def _score(planned: Plan, player: Player, tones: Sequence[Tone]) -> Score:
    """Return a bar with what is played in it."""
    notes = tuple(Note(0.0, tone.length_s / planned.quarter_s, round(tone.pitch), tone.velocity) for tone in tones)
    section = Section(Label.INSTRUMENTAL, 1, 1.0, "A")
    return Score(
        plan=replace(planned, band=(player,), voice=None, form=(section,)),
        sections=(Placed(section, 0.0, 1),),
        harmony=(),
        parts=(Part(player.instrument, player.role, player.instrument, notes),),
        song=(),
        tempi=((0.0, planned.tempo_bpm),),
        length=planned.metre.bar_quarters,
    )
