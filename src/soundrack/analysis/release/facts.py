"""What has been found of a song that a caption or a hashtag may say: nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_CONFIDENCE = 0.5
"""What was found with less is not said aloud."""


@dataclass(frozen=True)
class Facts:
    """Findings about a song, None or empty where there is none that is sure enough.

    - `title`: what it is called.
    - `genre`: its primary genre; `style`: a finer one.
    - `bpm`: beats per minute; `key`: as in ``F# minor``; `camelot`: as in ``11A``.
    - `moods`: words for its mood, the surest first.
    - `sung`: whether somebody sings in it; None where that is not known.
    - `instruments`: those that are heard.
    """

    title: str | None = None
    genre: str | None = None
    style: str | None = None
    bpm: float | None = None
    key: str | None = None
    camelot: str | None = None
    moods: tuple[str, ...] = ()
    sung: bool | None = None
    instruments: tuple[str, ...] = ()
