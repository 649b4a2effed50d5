"""What tells the styles' rhythm sections apart: drums, bass and comping, measured on their scores alone.

Run as ``python -m benchmarks.grooves``: each style is arranged over the same chords and form with several seeds, and
what a verse and a chorus are like is printed as a table.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields

import numpy as np

from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.drums.kit import HANDS, KEYS, TIMEKEEPERS, Drum
from soundrack.composition.score.score import Note, Part, Placed, Sounding
from soundrack.composition.styles import style, styles
from soundrack.composition.styles.accompaniment import Subdivision, accompaniment
from soundrack.composition.theory import Chord, Key, Metre, Mode

FORM = (Section(Label.VERSE, 8, 0.65, "A"), Section(Label.CHORUS, 8, 0.85, "B"))
_STEPS = 16
_LEVELS = tuple(
    0 if step == 0 else -1 if step % 8 == 0 else -2 if step % 4 == 0 else -3 if step % 2 == 0 else -4
    for step in range(_STEPS)
)
"""Metrical weights of sixteenths in four quarters."""
_LOUD = 0.45
_HAND_KEYS = {KEYS[drum] for drum in HANDS}
_TIME_KEYS = {KEYS[drum] for drum in TIMEKEEPERS} | {KEYS[Drum.OPEN]}


@dataclass(frozen=True)
class Features:
    """What a rhythm section is like, on average over its bars.

    `kick_on_quarters`: part of the quarters with a bass drum. `backbeat`: of second and fourth beats with a stressed
    hand, less first and third; `half_time`: of third beats, less second and fourth. `swing`: beyond straight, of
    eighths positive, of sixteenths negative. `subdivision`: strokes of hi-hats, cymbals and shakers a quarter.
    `ghosts`: soft strokes of the hand a bar. `kick_syncopation`, `bass_syncopation` and `chord_syncopation` as
    `syncopation`, a bar. `bass_notes`, `bass_tones`: notes and different pitches of the bass a bar; `bass_length`:
    in quarters. `chord_strokes` a bar; `chord_length` in quarters; `looseness_ms` of the players.
    """

    kick_on_quarters: float
    backbeat: float
    half_time: float
    swing: float
    subdivision: float
    ghosts: float
    kick_syncopation: float
    bass_syncopation: float
    bass_notes: float
    bass_tones: float
    bass_length: float
    chord_syncopation: float
    chord_strokes: float
    chord_length: float
    looseness_ms: float


def syncopation(onsets: Sequence[bool]) -> int:
    """Return how syncopated a bar of sixteenths is that repeats itself.

    Each note that is followed by a rest (or held) on a stronger place adds the difference of the weights of the two
    places (Longuet-Higgins and Lee, "The rhythmic interpretation of monophonic music", Music Perception 1(4), 1984).
    """
    struck = [step for step, onset in enumerate(onsets) if onset]
    total = 0
    for place, step in enumerate(struck):
        following = struck[(place + 1) % len(struck)] + (_STEPS if place + 1 == len(struck) else 0)
        between = [_LEVELS[rest % _STEPS] for rest in range(step + 1, following)]
        strongest = max(between, default=-5)
        total += max(strongest - _LEVELS[step], 0)
    return total


def arranged(name: str, seed: int) -> tuple[Plan, tuple[Part, ...]]:
    """Return a plan of a style with a full rhythm section and what it plays."""
    table = style(name).plan
    bands = [band.players for band in table.bands]
    players = {player.role: player for band in bands[seed % len(bands) :] + bands for player in reversed(band)}
    wanted = [players[role] for role in (Role.DRUMS, Role.PERCUSSION, Role.BASS, Role.CHORDS) if role in players]
    key = Key(0, Mode.MINOR)
    plan = Plan(
        seed, name, name, None, (), 0.7, 0.5, 0.5, table.tempo_bpm[1], sum(table.swing) / 2, key, "natural minor",
        Metre(4, 4), FORM, _band(bands[seed % len(bands)], wanted), None,
    )  # fmt: skip
    sections = tuple(Placed(section, 32.0 * number, 8 * number + 1) for number, section in enumerate(FORM))
    chords = [Chord(root, quality, root) for root, quality in ((0, "min7"), (8, "maj7"), (3, "maj7"), (10, "7"))]
    harmony = [Sounding(4.0 * bar, 4.0, chords[bar % 4], "") for bar in range(plan.bars)]
    return plan, arrange(plan, sections, harmony, ())


def _band(band: Sequence[Player], wanted: Sequence[Player]) -> tuple[Player, ...]:
    roles = {Role.DRUMS, Role.PERCUSSION, Role.BASS, Role.CHORDS}
    mine = [player for player in band if player.role in roles]
    return tuple(mine + [player for player in wanted if player.role not in {each.role for each in mine}])


def features(name: str, seed: int) -> Features:
    """Measure a style's rhythm section."""
    plan, parts = arranged(name, seed)
    table = accompaniment(name).performance
    notes = {role: [note for part in parts if part.role is role for note in part.notes] for role in Role}
    drums = notes[Role.DRUMS] or notes[Role.PERCUSSION]
    bars = range(plan.bars - 1)
    first_chords = next((part.notes for part in parts if part.role is Role.CHORDS), ())
    kick = _grid([note for note in drums if note.pitch == KEYS[Drum.KICK]], bars)
    hands = _grid([note for note in drums if note.pitch in _HAND_KEYS and note.velocity > 0.7], bars)
    chords = sorted({round(note.start, 3): note for note in first_chords if note.articulation != "mute"}.items())
    struck = [note for _, note in chords]
    bass = notes[Role.BASS]
    beats = hands[:, ::4].mean(axis=0)
    sixteenths = table.swings is Subdivision.SIXTEENTHS
    return Features(
        kick_on_quarters=float(kick[:, ::4].mean()),
        backbeat=float((beats[1] + beats[3] - beats[0] - beats[2]) / 2),
        half_time=float(beats[2] - (beats[1] + beats[3]) / 2),
        swing=(plan.swing - 0.5) * (-1 if sixteenths else 1),
        subdivision=sum(note.pitch in _TIME_KEYS for note in drums) / (4.0 * plan.bars),
        ghosts=sum(note.pitch in _HAND_KEYS and note.velocity < _LOUD for note in drums) / plan.bars,
        kick_syncopation=_mean_syncopation(kick),
        bass_syncopation=_mean_syncopation(_grid(bass, bars)),
        bass_notes=len(bass) / plan.bars,
        bass_tones=float(np.mean([len({n.pitch for n in bass if 4 * b <= n.start < 4 * b + 4}) for b in bars])),
        bass_length=float(np.median([note.length for note in bass])) if bass else 0.0,
        chord_syncopation=_mean_syncopation(_grid(struck, bars)),
        chord_strokes=len(struck) / plan.bars,
        chord_length=float(np.median([note.length for note in struck])) if struck else 0.0,
        looseness_ms=table.looseness_ms,
    )


def _grid(notes: Sequence[Note], bars: Sequence[int]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    grid = np.zeros((len(bars) + 1, _STEPS), dtype=np.bool_)
    for note in notes:
        step = round(note.start * 4)
        if abs(note.start * 4 - step) < 0.05 and step < grid.size:
            grid[divmod(step, _STEPS)] = True
    return grid[: len(bars)]


def _mean_syncopation(grid: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> float:
    return float(np.mean([syncopation(bar.tolist()) for bar in grid]))


def main() -> None:
    """Print the table: the mean over four seeds."""
    names = [field.name for field in fields(Features)]
    out = sys.stdout
    out.write("style".ljust(15) + " ".join(name[:11].rjust(11) for name in names) + "\n")
    for name in styles():
        mean = np.mean([astuple(features(name, seed)) for seed in range(4)], axis=0)
        out.write(name.ljust(15) + " ".join(f"{value:11.2f}" for value in mean) + "\n")


if __name__ == "__main__":
    main()
