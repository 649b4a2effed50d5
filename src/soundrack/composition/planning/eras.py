"""What a decade changes in a band: its drums, basses and keyboards, where a style lived in that decade.

By what was built and used when (M. Vail, The Synthesizer, 2014; M. Brend, The Sound of Tomorrow, 2012; S. Savage, The
Art of Digital Audio Recording, 2011, on drums): upright basses and open kits before 1965, damped kits, string machines
and electric pianos in the seventies, gated machines and FM in the eighties, the 909 and sampled breaks in the nineties.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from soundrack.composition.plan import Player, Role

_SONGS = frozenset(("pop", "rock", "disco_funk", "folk"))
_CLUBS = frozenset(("house", "techno", "trance"))
_LAST_SHELLAC = 1950
_PLAYED: tuple[tuple[frozenset[str], Role, str], ...] = (
    (frozenset(("pop",)), Role.LEAD, "electric_guitar"),
    (frozenset(("pop",)), Role.ARPEGGIO, "acoustic_guitar"),
    (_SONGS, Role.TRANSITION, "reverse_cymbal"),
)
"""Before synthesisers were common."""

_CHANGES: Mapping[int, tuple[tuple[frozenset[str], Role, str], ...]] = MappingProxyType(
    {
        1950: (
            (_SONGS, Role.DRUMS, "jazz_kit"),
            (_SONGS, Role.BASS, "upright_bass"),
            (_SONGS, Role.PAD, "organ"),
            *_PLAYED,
        ),
        1960: (
            (_SONGS, Role.DRUMS, "jazz_kit"),
            (_SONGS, Role.BASS, "electric_bass"),
            (_SONGS, Role.PAD, "organ"),
            (frozenset(("pop", "disco_funk")), Role.CHORDS, "electric_guitar"),
            *_PLAYED,
        ),
        1970: (
            (_SONGS, Role.DRUMS, "funk_kit"),
            (frozenset(("pop", "disco_funk")), Role.BASS, "electric_bass"),
            (frozenset(("pop",)), Role.CHORDS, "electric_piano"),
            (_SONGS, Role.PAD, "string_ensemble"),
            *_PLAYED,
        ),
        1980: (
            (frozenset(("pop", "rock", "disco_funk", "synthwave")), Role.DRUMS, "synthwave_kit"),
            (frozenset(("pop", "disco_funk", "synthwave")), Role.BASS, "synth_bass"),
            (frozenset(("pop", "disco_funk")), Role.PAD, "warm_pad"),
            (frozenset(("pop",)), Role.CHORDS, "electric_piano"),
            (frozenset(("hip_hop",)), Role.DRUMS, "trap_kit"),
            (frozenset(("ambient",)), Role.LEAD, "fm_bell"),
        ),
        1990: (
            (_CLUBS, Role.DRUMS, "house_kit"),
            (frozenset(("house",)), Role.CHORDS, "grand_piano"),
            (frozenset(("hip_hop", "trap", "pop")), Role.DRUMS, "boom_bap_kit"),
            (frozenset(("hip_hop",)), Role.TEXTURE, "vinyl_noise"),
            (frozenset(("rock",)), Role.CHORDS, "distorted_guitar"),
        ),
    }
)
"""By decade: in which styles who of a role plays what. An earlier decade takes those of 1950."""


def of_era(players: Iterable[Player], era: int | None, style: str, unwanted: Iterable[str] = ()) -> list[Player]:
    """Return a band with what its decade had.

    Parameters
    ----------
    players : iterable of Player
        The style's band.
    era : int or None
        First year of a decade; None changes nothing, nor does a decade that has nothing of its own in this style.
    style : str
        A name in `styles`.
    unwanted : iterable of str
        Instruments that nobody may get.

    Returns
    -------
    list of Player
        Roles are kept; only where records were played or sampled is somebody added, who plays their noise.
    """
    band = list(players)
    if era is None:
        return band
    refused = set(unwanted)
    decade = max(era, _LAST_SHELLAC)
    changes = {role: name for styles, role, name in _CHANGES.get(decade, ()) if style in styles and name not in refused}
    changed = [Player(each.role, changes.get(each.role, each.instrument)) for each in band]
    noise = Player(Role.TEXTURE, "vinyl_noise")
    worn = era < _LAST_SHELLAC or changes.get(Role.TEXTURE) == noise.instrument
    if worn and noise.instrument not in refused and not any(each.role is Role.TEXTURE for each in band):
        changed.append(noise)
    return list(dict.fromkeys(changed))
