"""What is shown: `items.toml`, `lyrics` and `judgements.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
GROUPS = {
    "styles": "Styles",
    "songs": "Songs with lyrics",
    "effects": "Sound effects",
    "loops": "Loops",
    "remixes": "Remixes",
    "cuts": "Cut-downs",
}


@dataclass(frozen=True)
class Item:
    """One sound of the page.

    Parameters
    ----------
    name : str
        Of its files.
    group : str
        One of `GROUPS`.
    prompt : str or None
        What is ordered; a cut-down has none.
    lyrics : str or None
        The name of a file in ``lyrics``.
    source : str or None
        The name of the item that is remixed or cut.
    seconds, bars : float or None, int or None
        How long.
    instrumental : bool
        Of remixes.
    """

    name: str
    group: str
    prompt: str | None = None
    lyrics: str | None = None
    source: str | None = None
    seconds: float | None = None
    bars: int | None = None
    instrumental: bool = False

    @property
    def words(self) -> str | None:
        """The lyrics."""
        return None if self.lyrics is None else (HERE / "lyrics" / f"{self.lyrics}.txt").read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """The name as it is read."""
        return self.name.replace("_", " ").capitalize()


def items() -> tuple[Item, ...]:
    """Return all items in the order of the page; a source comes before what is made of it."""
    return tuple(Item(**fields) for fields in _read("items.toml")["items"])


def judgements() -> dict[str, str]:
    """Return what was judged of each item, by its name."""
    return {name: str(words) for name, words in _read("judgements.toml").items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))
