"""Which songs sound alike: an index of embeddings, searched by the angle between them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from soundrack.errors import Invalid
from soundrack.models import cards

_NETWORK = "tags_msd"
_DIMENSIONS = 200


@dataclass(frozen=True)
class Match:
    """A song that was found, and how alike it is: 1 for the same sound, around 0 where nothing is in common."""

    path: str
    similarity: float


@dataclass(frozen=True)
class Index:
    """The songs that have been heard.

    `paths` names each, `stamps`, int64, shape (n,), is when its file was last changed (ns), and `embeddings`, float32,
    shape (n, 200), what it sounds like (`Tags.embedding`, of length 1).
    """

    paths: tuple[str, ...] = ()
    stamps: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    embeddings: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, _DIMENSIONS), dtype=np.float32))

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read an index; an empty one if there is no file.

        Raises
        ------
        Invalid
            If the file is no index, or one of another network.
        """
        if not file.exists():
            return cls()
        try:
            with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
                network = str(kept["network"])
                found = cls(tuple(kept["paths"].tolist()), kept["stamps"], kept["embeddings"])
        except (ValueError, KeyError, BadZipFile) as error:
            raise Invalid(f"{file} is not an index of songs.", field="data") from error
        if network != cards()[_NETWORK].sha256:
            raise Invalid(f"{file} was made with another network. Remove it and add the songs again.", field="data")
        return found

    def save(self, file: Path) -> None:
        """Write the index, whole or not at all."""
        part = file.with_name(f".{file.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as out:
                np.savez(
                    out,
                    paths=np.array(self.paths, dtype=np.str_),
                    stamps=self.stamps,
                    embeddings=self.embeddings,
                    network=np.array(cards()[_NETWORK].sha256),
                )
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)

    def stamp(self, path: str) -> int | None:
        """Return when a song's file was last changed as it was heard, or None if it was not."""
        return int(self.stamps[self.paths.index(path)]) if path in self.paths else None

    def add(self, path: str, stamp: int, embedding: NDArray[np.float32]) -> Index:
        """Return an index with this song, in the place of what was known of it before."""
        kept = [at for at, each in enumerate(self.paths) if each != path]
        return replace(
            self,
            paths=(*(self.paths[at] for at in kept), path),
            stamps=np.append(self.stamps[kept], np.int64(stamp)),
            embeddings=np.concatenate([self.embeddings[kept], embedding[None]]),
        )

    def nearest(self, embedding: NDArray[np.float32], count: int, without: Sequence[str] = ()) -> list[Match]:
        """Return the songs that sound most like an embedding, the nearest first.

        Parameters
        ----------
        embedding : float32 array, shape (200,)
            Of length 1.
        count : int
            How many at most.
        without : sequence of str
            Songs to leave out.
        """
        likeness = self.embeddings @ embedding
        ordered = (int(at) for at in np.argsort(-likeness, kind="stable"))
        found = [Match(self.paths[at], float(likeness[at])) for at in ordered if self.paths[at] not in without]
        return found[:count]
