"""Where sounds wait: on disk, so that a song needs no more memory however many play and however long it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.errors import ResourcesExhausted


class Store:
    """Sounds in a folder, each under a name.

    Parameters
    ----------
    folder : Path or None
        An empty folder; whoever made it removes it. None: all stays in memory.
    light_bytes : int
        What takes no more stays in memory, which is quicker.
    """

    def __init__(self, folder: Path | None, light_bytes: int = 0) -> None:
        self._folder = folder
        self._light_bytes = light_bytes
        self._names: list[str] = []
        self._light: dict[str, NDArray[np.float32]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """What has been kept, in order."""
        return tuple(self._names)

    def keep(self, name: str, sound: NDArray[np.float32]) -> None:
        """Keep a stereo sound; whoever gives it changes it no more.

        Raises
        ------
        ResourcesExhausted
            If the disk is full.
        """
        if self._folder is None or sound.nbytes <= self._light_bytes:
            self._light[name] = sound
        else:
            try:
                sound.tofile(self._folder / f"{len(self._names)}.f32")
            except OSError as error:
                raise ResourcesExhausted("The stems could not be kept: the disk is full or protected.") from error
        self._names.append(name)

    def file(self, name: str, size_bytes: int) -> Path | None:
        """Return where so many bytes may lie, in a file that is no stem; None for what is light."""
        return None if self._folder is None or size_bytes <= self._light_bytes else self._folder / f"{name}.f32"

    def take(self, name: str) -> NDArray[np.float32]:
        """Return a sound that was kept, float32, shape (frames, 2), and forget its samples."""
        if name in self._light:
            return self._light.pop(name)
        path = Path(self._folder or "", f"{self._names.index(name)}.f32")
        sound = np.fromfile(path, dtype=np.float32).reshape(-1, 2)
        path.unlink()
        return sound
