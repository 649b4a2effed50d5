"""Standard MIDI Files, written (MIDI 1.0, "Standard MIDI Files 1.0", RP-001): the format, not what is in them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

TICKS = 480
"""A quarter note."""
DRUM_CHANNEL = 9
"""Channel 10, as people count them, of General MIDI's drums."""

Event = tuple[int, int, bytes]
"""Ticks, order among events of the same tick, and the message."""

_LONGEST_TEMPO = 0xFFFFFF


def midi_file(tracks: Sequence[Iterable[Event]], end: int) -> bytes:
    """Return a file of format 1.

    Parameters
    ----------
    tracks : sequence of iterables of Event
        In any order within a track; the first holds tempi and signatures.
    end : int
        At which tick every track ends, if none of its events is later.
    """
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS)
    return header + b"".join(_track(events, end) for events in tracks)


def tempo(tick: int, quarter_s: float) -> Event:
    """Return a tempo: how long a quarter note is from a tick on, at most 16.7 seconds."""
    microseconds = min(max(round(1e6 * quarter_s), 1), _LONGEST_TEMPO)
    return tick, 0, b"\xff\x51\x03" + microseconds.to_bytes(3, "big")


def time_signature(tick: int, upper: int, lower: int) -> Event:
    """Return a time signature; `lower` is a power of two. In 6/8 and the like dotted quarters click."""
    clocks = 36 if lower == 8 and upper % 3 == 0 else 96 // lower
    return tick, 1, bytes((0xFF, 0x58, 4, upper, lower.bit_length() - 1, clocks, 8))


def key_signature(tick: int, sharps: int, *, minor: bool) -> Event:
    """Return a key signature: from seven flats (-7) to seven sharps."""
    return tick, 1, struct.pack(">BBBbB", 0xFF, 0x59, 2, sharps, minor)


def track_name(text: str) -> Event:
    """Return a track's name."""
    return 0, 0, _text(0x03, text)


def marker(tick: int, text: str) -> Event:
    """Return a marker."""
    return tick, 2, _text(0x06, text)


def lyric(tick: int, text: str) -> Event:
    """Return a syllable."""
    return tick, 2, _text(0x05, text)


def program(channel: int, number: int) -> Event:
    """Return the choice of an instrument at the beginning: 0 to 127."""
    return 0, 2, bytes((0xC0 | channel, number))


def notes(channel: int, played: Iterable[tuple[int, int, int, int]]) -> Iterable[Event]:
    """Yield the messages of notes, given as start, end, number and velocity (1 to 127).

    At one tick, notes end before others begin. Those without length are left out.
    """
    for start, end, number, velocity in played:
        if end > start:
            yield start, 4, bytes((0x90 | channel, number, velocity))
            yield end, 3, bytes((0x80 | channel, number, 64))


def _text(kind: int, text: str) -> bytes:
    """Return a text event; characters beyond ASCII in UTF-8, as most programs read them."""
    encoded = text.encode("utf-8")
    return bytes((0xFF, kind)) + _length(len(encoded)) + encoded


def _track(events: Iterable[Event], end: int) -> bytes:
    """Return a track's chunk: its events in order, each after the time since the one before."""
    body, now = bytearray(), 0
    for tick, _, message in sorted(events):
        body += _length(tick - now) + message
        now = tick
    body += _length(max(end - now, 0)) + b"\xff\x2f\x00"
    return struct.pack(">4sI", b"MTrk", len(body)) + bytes(body)


def _length(value: int) -> bytes:
    """Return a variable-length quantity: seven bits a byte, the highest first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
