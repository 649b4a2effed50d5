"""Hashtags: letters and digits made from what was found."""

from __future__ import annotations

import re

from soundrack.analysis.release.facts import Facts

MOST = 10
_ACCIDENTALS = {"#": "Sharp", "b": "Flat"}


def hashtags(facts: Facts) -> tuple[str, ...]:
    """Return up to ten hashtags, the most telling first, each once whatever its case.

    A hashtag has letters, digits and underscores, and not digits alone.
    """
    wanted = [
        facts.genre,
        facts.style,
        *facts.moods[:3],
        "instrumental" if facts.sung is False else None,
        f"{round(facts.bpm)}bpm" if facts.bpm else None,
        _key(facts.key) if facts.key else None,
        *facts.instruments[:2],
        "newmusic",
    ]
    found: dict[str, str] = {}
    for words in wanted:
        tag = _tag(words or "")
        if tag:
            found.setdefault(tag.lower(), tag)
    return tuple(found.values())[:MOST]


def _tag(words: str) -> str | None:
    """Return words as one hashtag, each word after the first with a capital; None where nothing is left of them."""
    spelled = words.replace("&", " and ").replace("R and B", "RnB")
    parts = [part for part in re.split(r"[^0-9A-Za-z]+", spelled) if part]
    joined = "".join(part if not place else part[0].upper() + part[1:] for place, part in enumerate(parts))
    return f"#{joined}" if re.search(r"[A-Za-z]", joined) else None


def _key(name: str) -> str:
    """Return a key in letters: ``F# minor`` as ``FSharpMinor``."""
    note, _, mode = name.partition(" ")
    return note[:1] + "".join(_ACCIDENTALS.get(sign, "") for sign in note[1:]) + mode.capitalize()
