"""Loops and single sounds, played by the band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.chance import chance
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.order import Sound
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.catalogue import catalogue, instrument
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.performance import perform
from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.planning import plan as plan_of
from soundrack.composition.planning.bands import USUAL_ROLE
from soundrack.composition.prompt import Wishes, read
from soundrack.composition.samples.fitting import Fit, fit
from soundrack.composition.samples.kind import ROLES, Sample, kind_of
from soundrack.composition.samples.order import SampleOrder
from soundrack.composition.score.score import Note, Score
from soundrack.composition.score.writing import write
from soundrack.composition.styles import style
from soundrack.composition.theory import CHORDS, Mode

_ENERGY = 0.72
_TAIL_S = 6.0
_TAIL_FADE_S = 0.5
_LEVELS_DB: dict[Role, float] = {Role.DRUMS: 0.0, Role.BASS: -1.0, Role.LEAD: -2.0, Role.PAD: -6.0, Role.TEXTURE: -12.0}
_USUAL_DB = -4.0
_LAST_RESORT: dict[Role, str] = {
    Role.DRUMS: "pop_kit",
    Role.PERCUSSION: "shaker_kit",
    Role.BASS: "electric_bass",
    Role.CHORDS: "grand_piano",
    Role.PAD: "warm_pad",
    Role.LEAD: "square_lead",
    Role.ARPEGGIO: "arp_synth",
    Role.TEXTURE: "air",
}
_PIECES = {
    "kick": 36,
    "snare": 38,
    "clap": 39,
    "hi_hat": 42,
    "hat": 42,
    "crash": 49,
    "cymbal": 49,
    "ride": 51,
    "tom": 45,
}
_KOREAN_PIECES = {"킥": 36, "스네어": 38, "클랩": 39, "하이햇": 42, "심벌": 49, "탐": 45}


def sample(order: SampleOrder) -> Sound:
    """Make a musical sample.

    Parameters
    ----------
    order : SampleOrder
        The prompt, the length, whether it is a loop, the seed.

    Returns
    -------
    Sound
        At a true peak of -1 dBTP; the same bytes for the same order. It has exactly ``round(duration_s * 44100)``
        frames, except where a loop was asked for at an exact tempo: then it has the nearest number of whole bars, which
        is told in `ignored`. What rings on after the last bar of a loop sounds in its first.
    """
    wishes = read(order.prompt)
    kind = kind_of(order.prompt, wishes)
    planned = plan_of(wishes, None, seed=order.seed, duration_s=max(order.duration_s, 10.0))
    players = _players(planned, kind, _wished(wishes))
    if kind is Sample.ONE_SHOT:
        return _one_shot(order, planned, players)
    asked = wishes.tempo is not None and wishes.tempo.exact
    fitted = _fitted(order, planned, exact=asked, metre_exact=wishes.metre is not None)
    frames = round((fitted.duration_s if order.loopable else order.duration_s) * RATE_HZ)
    tuned = replace(planned, tempo_bpm=fitted.tempo_bpm, metre=fitted.metre, band=players, voice=None)
    mixed = _mix(_bars(tuned, fitted.bars), frames, loop=order.loopable)
    return Sound(
        samples=finished(mixed, Kind.HIT, loop=order.loopable),
        recipes=tuple(f"{player.role.value}: {player.instrument}" for player in players),
        why=_why(kind, tuned, fitted.bars),
        understood=planned.understood,
        ignored=(*planned.ignored, *((fitted.said,) if fitted.said else ())),
    )


def _why(kind: Sample, planned: Plan, bars: int) -> str:
    what, count = planned.style.replace("_", " "), "1 bar" if bars == 1 else f"{bars} bars"
    told = f"{kind.value.capitalize()} in {what}: {count} of {planned.metre.name} at {planned.tempo_bpm:.2f} bpm"
    return f"{told} in {planned.key.name}."


def _fitted(order: SampleOrder, planned: Plan, *, exact: bool, metre_exact: bool) -> Fit:
    if order.loopable:
        return fit(order.duration_s, planned.metre, planned.tempo_bpm, exact=exact, metre_exact=metre_exact)
    bar_s = planned.metre.bar_quarters * planned.quarter_s
    return Fit(int(order.duration_s / bar_s) + 1, planned.metre, planned.tempo_bpm)


def _wished(wishes: Wishes) -> tuple[str, ...]:
    """Return the instruments that were named and are in the catalogue, the likeliest of each."""
    named = [each for each in wishes.instruments if not each.implied]
    names = (next((name for name in each.instruments if name in catalogue()), None) for each in named)
    return tuple(name for name in names if name is not None)


def _players(planned: Plan, kind: Sample, wished: tuple[str, ...]) -> tuple[Player, ...]:
    """Return who plays: of the band those that the kind wants, else of the style's other bands, else the usual ones."""
    if kind in {Sample.BAND, Sample.ONE_SHOT}:
        return tuple(player for player in planned.band if player.role not in {Role.VOICE, Role.TRANSITION})
    wanted = ROLES[kind]
    named = [name for name in wished if catalogue()[name].is_kit is (kind is Sample.DRUMS)]
    if named and kind is not Sample.TEXTURE:
        return (Player(USUAL_ROLE.get(named[0], wanted[0]) if kind is Sample.DRUMS else wanted[0], named[0]),)
    others = [player for band in style(planned.style).plan.bands for player in band.players]
    for band in (planned.band, others):
        for role in wanted:
            mine = [player for player in band if player.role is role and player.instrument in catalogue()]
            if mine and kind in {Sample.DRUMS, Sample.TEXTURE}:
                every = [player for player in band if player.role in wanted and player.instrument in catalogue()]
                return tuple({player.role: player for player in reversed(every)}.values())
            if mine:
                return (mine[0],)
    return (Player(wanted[0], _LAST_RESORT[wanted[0]]),)


def _bars(planned: Plan, bars: int) -> Score:
    """Return so many bars of the middle of a song: what follows them is written too, and left out."""
    form = (
        Section(Label.INSTRUMENTAL, bars, _ENERGY, "A"),
        Section(Label.INSTRUMENTAL, max(bars, 2), _ENERGY, "A"),
    )
    whole = write(replace(planned, form=form))
    end = bars * planned.metre.bar_quarters
    parts = tuple(replace(part, notes=_until(part.notes, end)) for part in whole.parts)
    return replace(
        whole,
        plan=replace(planned, form=form[:1]),
        sections=whole.sections[:1],
        harmony=tuple(each for each in whole.harmony if each.start < end),
        parts=parts,
        tempi=whole.tempi[:1],
        length=end,
    )


def _until(notes: tuple[Note, ...], end: float) -> tuple[Note, ...]:
    return tuple(replace(note, length=min(note.length, end - note.start)) for note in notes if note.start < end - 1e-6)


def _mix(score: Score, frames: int, *, loop: bool) -> NDArray[np.float64]:
    """Return all parts at their levels; of a loop, what rings on is heard from the beginning."""
    out = np.zeros((frames, 2))
    for part in perform(score).parts:
        if not part.tones:
            continue
        made = _played(part.instrument, part.tones, frames, chance(score.plan.seed, "sample", part.name), loop=loop)
        out += made * 10.0 ** (_LEVELS_DB.get(part.role, _USUAL_DB) / 20.0)
    return out


def _played(
    name: str, tones: tuple[Tone, ...], frames: int, rng: np.random.Generator, *, loop: bool
) -> NDArray[np.float64]:
    if not loop:
        return instrument(name).play(tones, frames, rng).astype(np.float64)
    tail, fade = round(_TAIL_S * RATE_HZ), round(_TAIL_FADE_S * RATE_HZ)
    made = instrument(name).play(tones, frames + tail, rng).astype(np.float64)
    made[-fade:] *= np.linspace(1.0, 0.0, fade)[:, None]
    whole = np.zeros((-(-len(made) // frames) * frames, 2))
    whole[: len(made)] = made
    return np.asarray(whole.reshape(-1, frames, 2).sum(axis=0), dtype=np.float64)


def _one_shot(order: SampleOrder, planned: Plan, players: tuple[Player, ...]) -> Sound:
    """Return one note of the instrument that was wished, or one stroke of the piece of the kit that was named."""
    wishes, frames = read(order.prompt), round(order.duration_s * RATE_HZ)
    piece = _piece(order.prompt)
    player = _soloist(wishes, players, is_struck=piece is not None)
    listed = catalogue()[player.instrument]
    length_s = min(0.6 * order.duration_s, 2.0)
    if listed.is_kit:
        pitches: tuple[int, ...] = (piece or 36,)
    else:
        tonic = (listed.lowest + listed.highest) // 2
        tonic -= (tonic - planned.key.tonic) % 12
        steps = CHORDS["min" if planned.key.mode is Mode.MINOR else "maj"]
        pitches = tuple(tonic + step for step in steps) if player.role in {Role.CHORDS, Role.PAD} else (tonic,)
    tones = tuple(Tone(0.0, length_s, float(pitch), 0.85) for pitch in pitches)
    made = _played(player.instrument, tones, frames, chance(order.seed, "sample", "one-shot"), loop=order.loopable)
    return Sound(
        samples=finished(made, Kind.HIT, loop=order.loopable),
        recipes=(f"{player.role.value}: {player.instrument}",),
        why=f"One stroke or note of {player.instrument} in {planned.key.name}.",
        understood=planned.understood,
        ignored=planned.ignored,
    )


def _piece(prompt: str) -> int | None:
    text = prompt.lower()
    named = {**_PIECES, **_KOREAN_PIECES}
    return next((key for word, key in named.items() if word.replace("_", " ") in text.replace("-", " ")), None)


def _soloist(wishes: Wishes, players: tuple[Player, ...], *, is_struck: bool) -> Player:
    if is_struck:
        drums = [player for player in players if player.role is Role.DRUMS and player.instrument in catalogue()]
        return drums[0] if drums else Player(Role.DRUMS, _LAST_RESORT[Role.DRUMS])
    wished = {name for choice in wishes.instruments if not choice.implied for name in choice.instruments}
    known = [player for player in players if player.instrument in catalogue()]
    return next(
        (player for player in known if player.instrument in wished),
        next(
            (player for player in known if player.role in {Role.CHORDS, Role.LEAD}), Player(Role.CHORDS, "grand_piano")
        ),
    )
