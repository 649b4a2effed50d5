"""General MIDI's drum keys: who stands in for what a kit lacks."""

from __future__ import annotations

from collections.abc import Collection

LOWEST, HIGHEST = 35, 81

RELATIVES: dict[int, tuple[int, ...]] = {
    35: (36,),
    36: (35,),
    37: (75, 76, 38),
    38: (40, 39),
    39: (38,),
    40: (38,),
    41: (43, 45, 36),
    42: (44, 70, 69, 46),
    43: (41, 45, 36),
    44: (42, 70, 46),
    45: (47, 43, 48, 64, 36),
    46: (51, 49, 42, 54),
    47: (48, 45, 50, 64, 38),
    48: (50, 47, 45, 63, 38),
    49: (57, 52, 55, 51, 46),
    50: (48, 47, 45, 63, 38),
    51: (59, 53, 46, 42),
    52: (49, 57, 51, 46),
    53: (51, 56, 59, 42),
    54: (70, 69, 42),
    55: (49, 57, 52, 46),
    56: (67, 53, 76, 37),
    57: (49, 52, 55, 46),
    58: (69, 73, 54, 42),
    59: (51, 53, 46, 42),
    60: (65, 63, 50, 48, 37, 38),
    61: (66, 64, 47, 45, 37, 38),
    62: (63, 60, 48, 37, 38),
    63: (60, 48, 50, 47, 38),
    64: (61, 45, 47, 43, 38),
    65: (60, 50, 48, 38),
    66: (61, 47, 45, 38),
    67: (56, 53, 81, 76, 37),
    68: (67, 56, 53, 77, 37),
    69: (70, 54, 42),
    70: (69, 54, 42),
    71: (72, 81, 42),
    72: (71, 81, 46),
    73: (74, 69, 70, 42),
    74: (73, 69, 70, 46),
    75: (76, 37, 38),
    76: (75, 37, 38),
    77: (76, 75, 37, 38),
    78: (62, 60, 48, 38),
    79: (63, 61, 47, 38),
    80: (81, 53, 42),
    81: (80, 53, 51, 46),
}
"""For each key those that come nearest, the nearest first; the last of each chain leads to what every kit has."""

EVERY_KIT = (36, 38, 42, 46)
"""What a drum kit has at least. Percussion alone has `EVERY_TABLE`."""
EVERY_TABLE = (70,)


def stand_in(key: int, present: Collection[int]) -> int | None:
    """Return the key that is played for another.

    Parameters
    ----------
    key : int
        What is asked for; keys outside the map are none's.
    present : collection of int
        What the kit has.

    Returns
    -------
    int or None
        The key itself if the kit has it, else its nearest relative, else a relative's relative; None where there is
        nothing like it.
    """
    seen, asked = {key}, [key]
    while asked:
        following: list[int] = []
        for each in asked:
            if each in present:
                return each
            following += [relative for relative in RELATIVES.get(each, ()) if relative not in seen]
            seen.update(following)
        asked = following
    return None
