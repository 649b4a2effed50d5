"""Who plays and who sings: what is denied is never wished, whatever else is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soundrack.composition.plan import Role, Timbre
from soundrack.composition.prompt.found import Found
from soundrack.composition.prompt.vocabulary import Term
from soundrack.composition.prompt.wishes import Choice


@dataclass(frozen=True)
class Band:
    """The players of `Wishes`, whose fields these are."""

    choices: tuple[Choice, ...]
    unwanted_instruments: tuple[str, ...]
    unwanted_roles: tuple[Role, ...]
    unwanted_pieces: tuple[str, ...]

    @classmethod
    def of(cls, found: Found, alone: bool) -> Band:
        """Return who is wished and who is not; what styles bring along counts unless others are to play alone."""
        instruments: set[str] = set()
        roles: set[Role] = set()
        pieces: set[str] = set()
        for item in found.denied:
            term = item.term
            if term is None or term.subject not in {"instruments", "voices"}:
                continue
            if term.subject == "instruments":
                instruments.update(term.instruments)
            if term.piece is not None:
                pieces.add(term.piece)
            elif term.role is not None and (term.whole or not term.instruments):
                roles.add(term.role)
        choices: list[Choice] = []
        for item in found.wanted:
            if item.term is not None:
                choices += _choices(item.term, instruments, roles, alone)
        return cls(_once(choices), tuple(sorted(instruments)), tuple(sorted(roles)), tuple(sorted(pieces)))


def _choices(term: Term, unwanted: set[str], unwanted_roles: set[Role], alone: bool) -> list[Choice]:
    if term.role in unwanted_roles:
        return []
    implied = term.subject not in {"instruments", "voices"} and not term.alone
    if implied and alone:
        return []
    if term.subject == "styles":
        named = [Choice(term.name, (each,), None, implied=implied) for each in term.instruments]
    elif term.instruments or term.role is not None:
        named = [Choice(term.name, term.instruments, term.role, implied=implied)]
    else:
        return []
    left = [
        Choice(each.term, tuple(name for name in each.instruments if name not in unwanted), each.role, each.implied)
        for each in named
    ]
    return [each for each, whole in zip(left, named, strict=True) if each.instruments or not whole.instruments]


def _once(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Leave out what is implied where it was said, and what comes twice."""
    said = {name for choice in choices if not choice.implied for name in choice.instruments}
    kept: dict[tuple[tuple[str, ...], Role | None], Choice] = {}
    for choice in choices:
        if not (choice.implied and said & set(choice.instruments)):
            kept.setdefault((choice.instruments, choice.role), choice)
    return tuple(kept.values())


def voice(found: Found) -> tuple[bool | None, Timbre | None, tuple[Timbre, ...]]:
    """A denial of singing wins, then what says that somebody sings; of several voices the first."""
    wanted = [item for item in found.wanted if item.term is not None and item.term.sung is not None]
    denied = [item for item in found.denied if item.term is not None and item.term.sung is not None]
    unwanted = {item.term.voice for item in denied if item.term is not None and item.term.voice is not None}
    refused = any(item.term is not None and not item.term.sung for item in wanted) or any(
        item.term is not None and item.term.sung and item.term.voice is None for item in denied
    )
    told = tuple(sorted(unwanted))
    if refused:
        for item in wanted:
            if item.term is not None and item.term.sung:
                found.overrule(item)
        return False, None, told
    voices = [item for item in wanted if item.term is not None and item.term.voice not in {None, *unwanted}]
    for item in voices[1:]:
        found.overrule(item)
    is_sung = bool(wanted) or any(item.term is not None and not item.term.sung for item in denied)
    return (True if is_sung else None), (voices[0].term.voice if voices and voices[0].term else None), told
