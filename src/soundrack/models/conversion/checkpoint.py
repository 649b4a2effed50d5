"""Reads the variables of a TensorFlow checkpoint without TensorFlow.

A checkpoint of version 2 is an index, a sorted string table of LevelDB's format whose values say where each variable
lies, and the data themselves. https://github.com/google/leveldb/blob/main/doc/table_format.md;
tensorflow/core/protobuf/tensor_bundle.proto.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from soundrack.models.conversion import wire

Weights = dict[str, NDArray[np.float32]]

_FOOTER_BYTES = 48
_MAGIC = 0xDB4775248B80FB57
_FLOAT32 = 1
_DTYPE, _SHAPE, _SHARD, _OFFSET, _SIZE = 1, 2, 3, 4, 5
"""Fields of a `BundleEntryProto`."""


def read(index: bytes, data: bytes) -> Weights:
    """Return every float32 variable of a checkpoint by its name.

    Parameters
    ----------
    index, data : bytes
        The files ``….index`` and ``….data-00000-of-00001``.

    Raises
    ------
    ValueError
        If the files are not a checkpoint in one part.
    """
    footer = index[-_FOOTER_BYTES:]
    if len(footer) < _FOOTER_BYTES or struct.unpack("<Q", footer[-8:])[0] != _MAGIC:
        raise ValueError("not an index of a checkpoint")
    _, at = _handle(footer, 0)  # of the table's own index of filters
    place, _ = _handle(footer, at)
    found = {}
    for _, value in _block(index, place):
        for name, entry in _block(index, _handle(value, 0)[0]):
            if name:  # the nameless entry is the header
                tensor = _tensor(wire.fields(entry), data)
                if tensor is not None:
                    found[name.decode()] = tensor
    return found


def _tensor(entry: dict[int, list[int | bytes]], data: bytes) -> NDArray[np.float32] | None:
    def number(field: int) -> int:
        value = entry.get(field, [0])[0]
        if not isinstance(value, int):
            raise ValueError("a number that is none")
        return value

    if number(_DTYPE) != _FLOAT32:
        return None
    if number(_SHARD) != 0:
        raise ValueError("a checkpoint in several parts")
    start, size = number(_OFFSET), number(_SIZE)
    if start + size > len(data):
        raise ValueError("a checkpoint that is cut short")
    return np.frombuffer(data, "<f4", size // 4, start).reshape(_shape(entry))


def _shape(entry: dict[int, list[int | bytes]]) -> tuple[int, ...]:
    found = []
    for shape in entry.get(_SHAPE, []):
        assert isinstance(shape, bytes)  # noqa: S101  # a message
        for dimension in wire.fields(shape).get(2, []):
            assert isinstance(dimension, bytes)  # noqa: S101  # likewise
            found.append(_size(dimension))
    return tuple(found)


def _size(dimension: bytes) -> int:
    size = wire.fields(dimension).get(1, [0])[0]
    assert isinstance(size, int)  # noqa: S101  # by its wire type
    return size


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    """Return where a block lies (offset, size), and the offset behind that."""
    offset, at = wire.read_varint(data, at)
    size, at = wire.read_varint(data, at)
    return (offset, size), at


def _block(table: bytes, place: tuple[int, int]) -> Iterator[tuple[bytes, bytes]]:
    """Yield the entries of a block. Keys share their beginning with the one before."""
    offset, size = place
    if table[offset + size] != 0:
        raise ValueError("a compressed block")
    block = table[offset : offset + size]
    restarts = struct.unpack("<I", block[-4:])[0]
    end = len(block) - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = wire.read_varint(block, at)
        unshared, at = wire.read_varint(block, at)
        length, at = wire.read_varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length
