"""The word lists of ``words.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("words.toml")


@dataclass(frozen=True)
class Told:
    """The lists, each described in the file."""

    weak: frozenset[str]
    ones: tuple[str, ...]
    tens: tuple[str, ...]
    scales: tuple[str, ...]
    spelled: frozenset[str]
    ordinals: Mapping[str, str]
    letters: Mapping[str, str]
    signs: Mapping[str, str]
    money: Mapping[str, str]
    spoken: Mapping[str, str]


@cache
def told() -> Told:
    """Return the lists."""
    with _FILE.open("rb") as file:
        lists = tomllib.load(file)
    for name in ("ones", "tens", "scales"):
        lists[name] = tuple(lists[name])
    for name in ("weak", "spelled"):
        lists[name] = frozenset(lists[name])
    return Told(**lists)
