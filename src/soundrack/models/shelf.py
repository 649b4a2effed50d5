"""Where the networks lie: the small ones in the package, those installed later beside the Python that runs us.

A job's process has neither settings nor network, and may read where Python is installed: so that is where a network
goes, as a package would. Where that cannot be written, it goes to ``soundrack/models`` under ``XDG_DATA_HOME``, else
``~/.local/share``; a warm process loads it from there before it forks.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

from soundrack.errors import NotConfigured
from soundrack.models.card import NETWORKS, Card


def folders() -> tuple[Path, ...]:
    """Return where installed networks may lie, in the order in which they are looked for."""
    home = os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser()
    return Path(sys.prefix, "share", "soundrack", "models"), Path(home, "soundrack", "models")


def find(card: Card) -> Path | None:
    """Return a network's file, or None if it is not installed."""
    places = (NETWORKS,) if card.shipped else folders()
    return next((path for folder in places if (path := folder / card.filename).is_file()), None)


def read(card: Card) -> bytes:
    """Return a network as its card describes it.

    Raises
    ------
    NotConfigured
        If it is not installed, or its file is not the one that the card describes.
    """
    path = find(card)
    if path is None:
        raise NotConfigured(f"The network “{card.name}” is not installed. {remedy(card)}", field=card.name)
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise NotConfigured(f"The file {path} was changed since it was made. {remedy(card)}", field=card.name)
    return data


def remedy(card: Card) -> str:
    """Return what to do about a network that is missing."""
    if card.shipped:
        return "It is part of Soundrack: install that anew."
    return f"To install it: soundrack models install {card.name}"
