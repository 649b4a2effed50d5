"""The catalogue: every instrument by its name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from soundrack.composition.instruments import acoustic, electronic
from soundrack.composition.instruments.drums import kits
from soundrack.composition.instruments.listed import Listed
from soundrack.composition.instruments.tone import Instrument
from soundrack.errors import NotFound

_TABLES: tuple[Mapping[str, Listed], ...] = (acoustic.INSTRUMENTS, electronic.INSTRUMENTS, kits.INSTRUMENTS)
"""What each maker lists."""


@cache
def catalogue() -> Mapping[str, Listed]:
    """Return every instrument by its name, in the makers' order."""
    return MappingProxyType({name: listed for table in _TABLES for name, listed in table.items()})


def instrument(name: str) -> Instrument:
    """Return a new instrument.

    What an instrument has computed for one song it keeps for itself: make one a part.

    Raises
    ------
    NotFound
        If the catalogue has none of that name.
    """
    try:
        listed = catalogue()[name]
    except KeyError:
        raise NotFound(f"There is no instrument {name!r}.", field="instrument") from None
    return listed.make()
