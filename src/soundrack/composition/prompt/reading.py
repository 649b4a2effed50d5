"""Reading a prompt."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from soundrack.composition.prompt.around import looked_around
from soundrack.composition.prompt.found import Found
from soundrack.composition.prompt.items import Item, items
from soundrack.composition.prompt.sounds import ignored, sounds
from soundrack.composition.prompt.tokens import lowered
from soundrack.composition.prompt.weighing import wishes
from soundrack.composition.prompt.wishes import Understood, Wishes


def read(text: str) -> Wishes:
    """Read a prompt, in English, Korean or both.

    What is explicit (``120 bpm``, ``C minor``, ``3/4``) wins over everything; then terms of the vocabulary are looked
    up, the longest first; what is denied is never wished; words that are not known change nothing. Upper and lower
    case and the amount of white space do not matter. docs/prompts.md has the rules and the vocabulary.

    Parameters
    ----------
    text : str
        Any text, also an empty one. It is read in Unicode's form NFC, to which the places in `Wishes.understood` refer.

    Returns
    -------
    Wishes
        With everything open that the text does not say.

    Examples
    --------
    >>> wishes = read("Sad deep house, 122 bpm, no drums")
    >>> wishes.styles[0].substyle, wishes.tempo.low_bpm, wishes.unwanted_roles
    ('deep house', 122.0, (<Role.DRUMS: 'drums'>,))
    """
    plain = lowered(unicodedata.normalize("NFC", text))
    row = looked_around(items(plain))
    found = Found.of(row)
    told = wishes(found)
    return replace(
        told,
        sounds=sounds(row),
        understood=tuple(_understood(item, plain, item.start in found.overruled) for item in row if _is_told(item)),
        ignored=ignored(row),
    )


def _is_told(item: Item) -> bool:
    return item.term is not None or item.said is not None


def _understood(item: Item, text: str, overruled: bool) -> Understood:
    if item.said is not None:
        name, subject = item.said.name, "explicit"
    else:
        assert item.term is not None  # noqa: S101 - one of the two is there: _is_told
        name, subject = item.term.name, item.term.subject
    told = " ".join(text[item.start : item.end].split())
    return Understood(told, name, subject, item.start, item.end, item.denied, overruled)
