"""The arrangement: what everybody but the tune plays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from soundrack.composition.plan import Plan, Player, Role
from soundrack.composition.score.activity import OTHERS, Stretch, activity
from soundrack.composition.score.arpeggios import arpeggios
from soundrack.composition.score.bass import bass
from soundrack.composition.score.chart import Chart, Span, chart
from soundrack.composition.score.chords import comping
from soundrack.composition.score.counter import counter
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.drums.playing import drums, kicks
from soundrack.composition.score.pads import pads
from soundrack.composition.score.score import Note, Part, Placed, Sounding
from soundrack.composition.score.textures import textures
from soundrack.composition.score.transitions import transitions
from soundrack.composition.styles.accompaniment import Ending

_EPSILON = 1e-6
_LEAST = 0.02
"""Quarter notes below which a note is not played."""
_STRUCK = (Role.DRUMS, Role.PERCUSSION)
_LAST_HITS = ((Drum.KICK, 0.9), (Drum.CRASH, 0.85))


def arrange(
    plan: Plan, sections: Sequence[Placed], harmony: Sequence[Sounding], lead: Sequence[Note]
) -> tuple[Part, ...]:
    """Write the parts of all players of the band but those of the tune.

    Parameters
    ----------
    plan : Plan
        The song's. Its seed decides all that is drawn.
    sections : sequence of Placed
        In order, without gaps.
    harmony : sequence of Sounding
        In order, without overlaps; no chord goes on into the next section.
    lead : sequence of Note
        The tune, sung or played: fills and counter lines answer it, comping leaves it room.

    Returns
    -------
    tuple of Part
        In the band's order, one for each player who is not of `activity.OTHERS`. Notes lie within the song, and none
        of a part overlaps another of the same pitch. Names are those of the roles, with numbers where there are
        several.
    """
    read = chart(plan, sections, harmony, lead)
    stretches = activity(read)
    names = _names(plan.band)
    beaten: list[float] = []
    written: dict[int, tuple[Note, ...]] = {}
    for role in (Role.DRUMS, Role.PERCUSSION):
        for number, player in enumerate(plan.band):
            if player.role is role:
                table = read.tables.drums if role is Role.DRUMS else read.tables.percussion
                written[number] = drums(read, table, stretches[number], player.instrument, names[number])
                beaten += kicks(written[number])
    beaten.sort()
    orders: dict[Role, int] = {}
    for number, player in enumerate(plan.band):
        order = orders.setdefault(player.role, 0)
        orders[player.role] += 1
        if number not in written and player.role not in OTHERS:
            written[number] = _written(read, player, stretches[number], beaten, order, names[number])
    return tuple(
        Part(names[number], player.role, player.instrument, _finished(read, player.role, written[number]))
        for number, player in enumerate(plan.band)
        if number in written
    )


def _names(band: Sequence[Player]) -> list[str]:
    """Return a name for each player: the role's, and from the second on its number."""
    counted: dict[Role, int] = {}
    names = []
    for player in band:
        counted[player.role] = counted.get(player.role, 0) + 1
        names.append(player.role.value if counted[player.role] == 1 else f"{player.role.value} {counted[player.role]}")
    return names


def _written(
    read: Chart, player: Player, stretches: Sequence[Stretch], beaten: Sequence[float], order: int, name: str
) -> tuple[Note, ...]:
    tables, role = read.tables, player.role
    writers: dict[Role, Callable[[], tuple[Note, ...]]] = {
        Role.BASS: lambda: bass(read, stretches, beaten, player.instrument, name),
        Role.CHORDS: lambda: comping(read, stretches, player.instrument, order, name),
        Role.PAD: lambda: pads(read, tables.pad, stretches, order),
        Role.CHOIR: lambda: pads(read, tables.choir, stretches, order),
        Role.ARPEGGIO: lambda: arpeggios(read, stretches, order, name),
        Role.COUNTER: lambda: counter(read, stretches, name),
        Role.TRANSITION: lambda: transitions(read, player.instrument, name),
        Role.TEXTURE: lambda: textures(read, stretches),
    }
    return writers[role]()


def _finished(read: Chart, role: Role, notes: Sequence[Note]) -> tuple[Note, ...]:
    """Leave out what falls into stops, end the song, and keep notes within it and off each other."""
    heard = notes if role in {Role.TRANSITION, Role.TEXTURE} else _stopped(notes, read.stops)
    if read.tables.arrangement.ending is Ending.RING and role not in {Role.TRANSITION, Role.TEXTURE}:
        heard = _rung(read, role, heard)
    end = read.end
    inside = [
        note if note.start + note.length <= end else replace(note, length=end - note.start)
        for note in heard
        if -_EPSILON <= note.start < end - _LEAST
    ]
    return apart(inside)


def _stopped(notes: Sequence[Note], stops: Sequence[Span]) -> list[Note]:
    heard = []
    for note in notes:
        end = note.start + note.length
        stop = next((each for each in stops if note.start < each.end - _EPSILON and end > each.start + _EPSILON), None)
        if stop is None:
            heard.append(note)
        elif note.start < stop.start - _LEAST:
            heard.append(replace(note, length=stop.start - note.start))
    return heard


def _rung(read: Chart, role: Role, notes: Sequence[Note]) -> list[Note]:
    """Make the last bar one stroke that rings: what begins on its downbeat, held to the end, and nothing after it."""
    last = read.end - read.bar
    before = [note for note in notes if note.start < last - _EPSILON]
    on = [note for note in notes if last - _EPSILON <= note.start < last + 0.3]
    if role in _STRUCK:
        if role is Role.DRUMS and any(note.start >= last - read.bar for note in before):
            on = [Note(last, read.bar, KEYS[drum], velocity) for drum, velocity in _LAST_HITS]
        return before + on
    first = min((note.start for note in on), default=last)
    held = [replace(note, start=last, length=read.bar) for note in on if note.start < first + _EPSILON]
    cut = [replace(note, length=min(note.length, last - note.start)) for note in before]
    return cut + (held if any(note.start + note.length > last - read.bar for note in before) else [])


def apart(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes in order of start, of which none overlaps another of the same pitch.

    A note ends where the next of its pitch begins; of two that begin at once the louder stays.
    """
    by_pitch: dict[int, list[Note]] = {}
    for note in sorted(notes, key=lambda each: (each.start, each.pitch, -each.velocity)):
        line = by_pitch.setdefault(note.pitch, [])
        if line and note.start - line[-1].start < _LEAST:
            line[-1] = replace(line[-1], length=max(line[-1].length, note.length))
            continue
        if line and line[-1].start + line[-1].length > note.start:
            line[-1] = replace(line[-1], length=note.start - line[-1].start)
        line.append(note)
    kept = [note for line in by_pitch.values() for note in line]
    return tuple(sorted(kept, key=lambda note: (note.start, note.pitch)))
