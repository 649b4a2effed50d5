"""Where stems wait: on disk, so that a song needs no more memory however many play."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.errors import ResourcesExhausted


class Store:
    """Sounds in a folder, each under a name.

    Parameters
    ----------
    folder : Path
        An empty folder; whoever made it removes it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """What has been kept, in order."""
        return tuple(self._names)

    def keep(self, name: str, sound: NDArray[np.float32]) -> None:
        """Keep a stereo sound.

        Raises
        ------
        ResourcesExhausted
            If the disk is full.
        """
        try:
            sound.tofile(self._path(len(self._names)))
        except OSError as error:
            raise ResourcesExhausted("The stems could not be kept: the disk is full or protected.") from error
        self._names.append(name)

    def take(self, name: str) -> NDArray[np.float32]:
        """Return a sound that was kept, float32, shape (frames, 2), and forget its samples."""
        path = self._path(self._names.index(name))
        sound = np.fromfile(path, dtype=np.float32).reshape(-1, 2)
        path.unlink()
        return sound

    def _path(self, number: int) -> Path:
        return self._folder / f"{number}.f32"
