"""Writes checkpoints as TensorFlow and PyTorch do, as far as they are read here."""

from __future__ import annotations

import io
import pickle
import struct
import sys
import types
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.models.conversion.wire import message

Weights = Mapping[str, NDArray[np.float32]]
MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)


def varint(value: int) -> bytes:
    return message([(1, value)])[1:]


def tensorflow(weights: Weights, *, dtype: int = 1, shard: int = 0) -> tuple[bytes, bytes]:
    """Return the index and the data of a checkpoint."""
    data = b""
    entries = [(b"", message([(1, 1)]))]
    for name in sorted(weights):
        array = np.ascontiguousarray(weights[name], dtype="<f4")
        shape = message([(2, message([(1, size)])) for size in array.shape])
        place: list[tuple[int, Any]] = [(1, dtype), (2, shape), (3, shard), (4, len(data)), (5, array.nbytes)]
        entries.append((name.encode(), message(place)))
        data += array.tobytes()
    table = block(entries)
    first = (0, len(table) - 5)
    top = len(table)
    table += block([(b"\xff", varint(first[0]) + varint(first[1]))])
    footer = varint(0) + varint(0) + varint(top) + varint(len(table) - top - 5)
    return table + footer.ljust(40, b"\0") + MAGIC, data


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """Return a block of a string table: keys share what they begin with; one restart; no compression, no checksum."""
    out, before = b"", b""
    for key, value in entries:
        shared = 0
        while shared < min(len(before), len(key)) and before[shared] == key[shared]:
            shared += 1
        out += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        before = key
    return out + struct.pack("<II", 0, 1) + b"\0" + bytes(4)


class _Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return obj.pid if isinstance(obj, _Storage) else None


class _Storage:
    def __init__(self, pid: tuple[Any, ...]) -> None:
        self.pid = pid


class _Tensor:
    def __init__(self, rebuild: Any, parts: tuple[Any, ...]) -> None:
        self._parts = rebuild, parts

    def __reduce__(self) -> Any:
        return self._parts


def pytorch(weights: Weights, *, strides: tuple[int, ...] | None = None) -> bytes:
    """Return a saved state dictionary."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})  # type: ignore[attr-defined]  # a stand-in

    def rebuild() -> None: ...

    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = ("torch._utils", *("_rebuild_tensor_v2",) * 2)
    utils._rebuild_tensor_v2 = rebuild  # type: ignore[attr-defined]  # likewise
    sys.modules |= {"torch": torch, "torch._utils": utils}
    try:
        tensors = OrderedDict()
        storages = []
        for key, (name, array) in enumerate(weights.items()):
            storage = _Storage(("storage", torch.FloatStorage, str(key), "cpu", array.size))
            natural = tuple(step // 4 for step in np.ascontiguousarray(array, dtype="<f4").strides)
            parts: tuple[Any, ...] = (storage, 0, array.shape, strides or natural, False, OrderedDict())
            tensors[name] = _Tensor(rebuild, parts)
            storages.append((f"archive/data/{key}", array.astype("<f4").tobytes()))
        pickled = io.BytesIO()
        _Pickler(pickled, 2).dump(tensors)
    finally:
        del sys.modules["torch"], sys.modules["torch._utils"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        for name, data in storages:
            archive.writestr(name, data)
    return out.getvalue()
