"""Takes: what the network has said once need not be asked again by further voices that sing the same words with it."""

from __future__ import annotations

from collections.abc import Sequence

from soundrack.composition.voice.network import FRAME_RATE_HZ, Spoken
from soundrack.composition.voice.phrases import Phrase

_TOGETHER_S = 0.25
_MOST_FRAMES = 90 * FRAME_RATE_HZ
"""What is kept: a second takes one megabyte."""


class Takes:
    """Spectra of phrases, each with the time at which it is sung.

    Parameters
    ----------
    spans_s : sequence of (float, float)
        From when to when others will sing too; nothing else is kept.
    """

    def __init__(self, spans_s: Sequence[tuple[float, float]]) -> None:
        self._spans_s = tuple(spans_s)
        self._kept: list[tuple[float, Spoken]] = []

    def keep(self, phrase: Phrase, heard: Spoken) -> None:
        """Keep a phrase that others will sing too, while there is room."""
        kept = sum(len(each.is_voiced) for _, each in self._kept)
        within = any(begin - _TOGETHER_S <= phrase.start_s < end for begin, end in self._spans_s)
        if within and kept + len(heard.is_voiced) <= _MOST_FRAMES:
            self._kept.append((phrase.start_s, heard))

    def found(self, phrase: Phrase) -> Spoken | None:
        """Return the spectra for a phrase of the same sounds that begins with one that was kept; None if none does."""
        for start_s, heard in self._kept:
            if abs(start_s - phrase.start_s) < _TOGETHER_S:
                return heard.sung_again(phrase)
        return None
