"""Groups of genres, by which songs of finer or other styles are compared: `groups.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("groups.toml")


def group(label: str) -> str:
    """Return the group of a genre, of a style that is told here, or of another style in the table.

    Parameters
    ----------
    label : str
        As in `groups.toml`; upper and lower case are the same.

    Returns
    -------
    str
        ``electronic``, ``hip hop``, ``pop``, ``rock``, ``funk and soul``, ``jazz and blues``, ``classical``,
        ``ambient``, ``folk and country``, ``reggae``, ``latin`` or ``indian``.

    Raises
    ------
    ValueError
        If it is in no group.
    """
    found = _groups().get(label.casefold())
    if found is None:
        raise ValueError(f"{label!r} is in no group of genres")
    return found


def groups() -> Mapping[str, str]:
    """Return the group of every label that has one, the labels in lower case."""
    return _groups()


@cache
def _groups() -> dict[str, str]:
    with _FILE.open("rb") as file:
        return {label.casefold(): name for name, labels in tomllib.load(file).items() for label in labels}
