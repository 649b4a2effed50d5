"""A send: one channel to which parts are added, one after the other."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.errors import ResourcesExhausted

_WRITTEN = 1 << 18


class Send:
    """What parts send into a room or an echo.

    Parameters
    ----------
    frames : int
        How long it is, 1 or more.
    path : Path or None
        A file to be made, where it lies while nobody adds to it; None: it stays in memory.
    """

    def __init__(self, frames: int, path: Path | None) -> None:
        self._map: mmap.mmap | None = None
        if path is None:
            self._samples = np.zeros((frames, 1), dtype=np.float32)
            return
        try:
            with path.open("w+b") as file:
                # Written, not only reserved: a disk that is full has to say so now.
                for first in range(0, frames, _WRITTEN):
                    file.write(bytes(4 * min(_WRITTEN, frames - first)))
                file.flush()
                self._map = mmap.mmap(file.fileno(), 4 * frames)
        except OSError as error:
            raise ResourcesExhausted("The song could not be kept while it is mixed: the disk is full.") from error
        self._samples = np.frombuffer(self._map, dtype=np.float32).reshape(-1, 1)

    @property
    def samples(self) -> NDArray[np.float32]:
        """What has been sent, float32, shape (frames, 1), to be added to."""
        return self._samples

    def rest(self) -> None:
        """Let go of the memory that was used."""
        if self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED)
