"""A strict reader of Standard MIDI Files, written from their specification, to check ours."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field


@dataclass
class Track:
    """What a track holds, by tick: notes as (start, end, channel, number), metas as (tick, type, data), programs as
    (channel, number), and the velocities of what is struck, in order."""

    notes: list[tuple[int, int, int, int]] = field(default_factory=list)
    metas: list[tuple[int, int, bytes]] = field(default_factory=list)
    programs: list[tuple[int, int]] = field(default_factory=list)
    velocities: list[int] = field(default_factory=list)
    end: int = 0


@dataclass
class File:
    """A file: format, ticks a quarter note, tracks."""

    kind: int
    ticks: int
    tracks: list[Track]

    def seconds(self, tick: int) -> float:
        """Return when a tick falls, by the tempo map of the first track."""
        total, at, tempo = 0.0, 0, 500_000
        for when, kind, data in self.tracks[0].metas:
            if kind == 0x51 and when <= tick:
                total += (when - at) / self.ticks * tempo / 1e6
                at, tempo = when, int.from_bytes(data, "big")
        return total + (tick - at) / self.ticks * tempo / 1e6


def parse(data: bytes) -> File:
    """Read a file; whatever is not as it must be raises."""
    tag, length, kind, count, ticks = struct.unpack_from(">4sIHHH", data)
    assert (tag, length) == (b"MThd", 6)
    place, tracks = 14, []
    for _ in range(count):
        tag, length = struct.unpack_from(">4sI", data, place)
        assert tag == b"MTrk"
        tracks.append(_track(data[place + 8 : place + 8 + length]))
        place += 8 + length
    assert place == len(data)
    return File(kind, ticks, tracks)


def _track(data: bytes) -> Track:
    track, place, now = Track(), 0, 0
    sounding: dict[tuple[int, int], int] = {}
    while True:
        delta, place = _length(data, place)
        now += delta
        status = data[place]
        if status == 0xFF:
            kind = data[place + 1]
            size, start = _length(data, place + 2)
            track.metas.append((now, kind, data[start : start + size]))
            place = start + size
            if kind == 0x2F:
                break
        elif status & 0xF0 == 0xC0:
            assert data[place + 1] < 128
            track.programs.append((status & 0x0F, data[place + 1]))
            place += 2
        else:
            assert status & 0xF0 in (0x80, 0x90)
            number, velocity = data[place + 1 : place + 3]
            assert number < 128
            assert velocity < 128
            voice = (status & 0x0F, number)
            if status & 0xF0 == 0x90 and velocity:
                assert voice not in sounding
                sounding[voice] = now
                track.velocities.append(velocity)
            else:
                start = sounding.pop(voice)
                assert now > start
                track.notes.append((start, now, *voice))
            place += 3
    assert place == len(data)
    assert not sounding
    track.end = now
    return track


def _length(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for size in range(4):
        value = value << 7 | data[place + size] & 0x7F
        if data[place + size] < 0x80:
            return value, place + size + 1
    raise AssertionError("a variable-length quantity of more than four bytes")
