"""The wire format of protocol buffers, as far as checkpoints are read and networks are written in it.

https://protobuf.dev/programming-guides/encoding. A message is given and taken as plain fields: number and value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

Value = int | float | bytes | str
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def message(fields: Iterable[tuple[int, Value]]) -> bytes:
    """Return a message of fields in the given order.

    Parameters
    ----------
    fields : iterable of (int, value)
        An int, which may be negative, becomes a varint; a float 32 bits; text and bytes a field with its length.
    """
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += _varint(number << 3 | _VARINT) + _varint(value & 2**64 - 1)
        elif isinstance(value, float):
            out += _varint(number << 3 | _FIXED32) + struct.pack("<f", value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += _varint(number << 3 | _BYTES) + _varint(len(data)) + data
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at an offset, and the offset behind it."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data: bytes) -> dict[int, list[int | bytes]]:
    """Return the values of a message by field number: varints as int, all else as bytes.

    Raises
    ------
    ValueError
        If these bytes are no message.
    """
    found: dict[int, list[int | bytes]] = {}
    at = 0
    while at < len(data):
        key, at = read_varint(data, at)
        value: int | bytes
        match key & 7:
            case 0:
                value, at = read_varint(data, at)
            case 1:
                value, at = data[at : at + 8], at + 8
            case 2:
                length, at = read_varint(data, at)
                value, at = data[at : at + length], at + length
            case 5:
                value, at = data[at : at + 4], at + 4
            case kind:
                raise ValueError(f"a field of wire type {kind}")
        found.setdefault(key >> 3, []).append(value)
    return found
