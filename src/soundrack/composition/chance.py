"""Chance that repeats: random generators by seed and name."""

from __future__ import annotations

import hashlib

import numpy as np


def chance(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of a seed and a place in the song.

    Generators of different names are independent of each other: what one player draws changes nobody else's part.

    Parameters
    ----------
    seed : int
        The plan's.
    names : str or int
        Who draws, and for what: ``chance(plan.seed, "drums", "fills", 3)``.
    """
    text = "\x1f".join(map(str, names))
    key = int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")
    return np.random.Generator(np.random.PCG64([seed, key]))
