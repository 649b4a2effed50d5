"""What is there before a song is written: chords and a voice or a hook of a recording that is kept."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.score.score import Note, Sounding, Sung

_BREATH = 1.0
"""Quarter notes of rest that end a phrase."""


@dataclass(frozen=True)
class Given:
    """What a band plays to.

    Parameters
    ----------
    harmony : tuple of Sounding
        In order, without gaps or overlaps, over the whole song.
    tune : tuple of Note
        What is heard above the band but written by nobody: accompanists leave it room and answer it. In order.
    taken : frozenset of int
        Numbers of the sections in which nobody else has the tune.
    """

    harmony: tuple[Sounding, ...]
    tune: tuple[Note, ...] = ()
    taken: frozenset[int] = frozenset()

    @property
    def phrases(self) -> tuple[Sung, ...]:
        """The tune as a wordless song, whose lines end where it rests."""
        song: list[Sung] = []
        line, end = 0, 0.0
        for number, note in enumerate(self.tune):
            line += bool(song) and note.start - end > _BREATH
            end = note.start + note.length
            song.append(Sung("", (), 0, number, line, (note,)))
        return tuple(song)
