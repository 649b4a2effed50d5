"""Reads the tensors of a PyTorch state dictionary without PyTorch.

The file is a ZIP with one pickle, which names each tensor's storage, shape and strides, and one member a storage. Only
what such a pickle needs is let through; anything else in it is refused, so that nothing of the file is ever run.
"""

from __future__ import annotations

import io
import pickle
import zipfile
from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.float32]]


def read(archive: bytes) -> Weights:
    """Return every tensor of a state dictionary by its name.

    Raises
    ------
    ValueError
        If the file holds anything but contiguous float32 tensors.
    """
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        (pickled,) = (name for name in members.namelist() if name.endswith("/data.pkl"))
        root = pickled.removesuffix("data.pkl")
        read_storage = _Storages(members, root)
        found = _Unpickler(members.read(pickled), read_storage).load()
    return {str(name): tensor for name, tensor in found.items()}


class _Storages:
    def __init__(self, members: zipfile.ZipFile, root: str) -> None:
        self._members = members
        self._root = root

    def __call__(self, key: str) -> NDArray[np.float32]:
        return np.frombuffer(self._members.read(f"{self._root}data/{key}"), "<f4")


class _Unpickler(pickle.Unpickler):
    def __init__(self, data: bytes, read_storage: _Storages) -> None:
        super().__init__(io.BytesIO(data))
        self._read_storage = read_storage

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch", "FloatStorage"): "FloatStorage",
        }
        if (module, name) not in known:
            raise ValueError(f"a {module}.{name} among the weights")
        return known[module, name]

    def persistent_load(self, pid: Any) -> NDArray[np.float32]:
        kind, storage, key, *_ = pid
        if (kind, storage) != ("storage", "FloatStorage"):
            raise ValueError(f"a {storage} among the weights")
        return self._read_storage(key)


def _tensor(
    storage: NDArray[np.float32], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_rest: Any
) -> NDArray[np.float32]:
    contiguous = tuple(int(np.prod(shape[axis + 1 :])) for axis in range(len(shape)))
    if strides != contiguous:
        raise ValueError("a tensor that is not contiguous")
    return storage[offset : offset + int(np.prod(shape))].reshape(shape)
