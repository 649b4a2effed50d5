"""The CMU Pronouncing Dictionary, converted by `conversion` into the voice's alphabet."""

from __future__ import annotations

import lzma
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("dictionary.xz")
"""Lines of a word, a tab and its sounds, sorted by their bytes, with a line feed before the first."""


def pronunciation(word: str) -> str | None:
    """Return the sounds of a word in small letters, with marks before stressed nuclei, or None if it is not listed.

    The text of the dictionary stays as it is in memory, 4 MB; it is searched by halves.
    """
    text = _text()
    key = b"\n" + word.encode() + b"\t"
    low, high = 0, len(text)
    while low < high:
        middle = text.rfind(b"\n", 0, (low + high) // 2 + 1)
        if text[middle : middle + len(key)] == key:
            start = middle + len(key)
            return text[start : text.index(b"\n", start)].decode()
        following = text.index(b"\n", middle + 1) if middle + 1 < len(text) else len(text)
        if text[middle:following] + b"\n" < key:
            low = following
        else:
            high = middle
    return None


@cache
def _text() -> bytes:
    return lzma.decompress(FILE.read_bytes())
