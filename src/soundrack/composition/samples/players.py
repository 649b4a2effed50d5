"""Who plays a sample."""

from __future__ import annotations

from soundrack.composition.instruments.catalogue import catalogue
from soundrack.composition.plan import Plan, Player, Role
from soundrack.composition.planning.bands import USUAL_ROLE
from soundrack.composition.prompt import Wishes
from soundrack.composition.samples.kind import ROLES, Sample
from soundrack.composition.styles import style

LAST_RESORT: dict[Role, str] = {
    Role.DRUMS: "pop_kit",
    Role.PERCUSSION: "shaker_kit",
    Role.BASS: "electric_bass",
    Role.CHORDS: "grand_piano",
    Role.PAD: "warm_pad",
    Role.LEAD: "square_lead",
    Role.ARPEGGIO: "arp_synth",
    Role.TEXTURE: "air",
}
"""Who plays where neither the prompt nor the style has anybody."""


def players(planned: Plan, kind: Sample, wishes: Wishes) -> tuple[Player, ...]:
    """Return who plays: of the band those that the kind wants, else of the style's other bands, else the usual ones."""
    if kind in {Sample.BAND, Sample.ONE_SHOT}:
        return tuple(player for player in planned.band if player.role not in {Role.VOICE, Role.TRANSITION})
    wanted = ROLES[kind]
    named = [name for name in _named(wishes) if catalogue()[name].is_kit is (kind is Sample.DRUMS)]
    if named and kind is not Sample.TEXTURE:
        return (Player(USUAL_ROLE.get(named[0], wanted[0]) if kind is Sample.DRUMS else wanted[0], named[0]),)
    others = [player for band in style(planned.style).plan.bands for player in band.players]
    for band in (planned.band, others):
        for role in wanted:
            mine = [player for player in band if player.role is role and player.instrument in catalogue()]
            if mine and kind in {Sample.DRUMS, Sample.TEXTURE}:
                every = [player for player in band if player.role in wanted and player.instrument in catalogue()]
                return tuple({player.role: player for player in reversed(every)}.values())
            if mine:
                return (mine[0],)
    return (Player(wanted[0], LAST_RESORT[wanted[0]]),)


def soloist(wishes: Wishes, band: tuple[Player, ...], *, is_struck: bool) -> Player:
    """Return who plays a single note: the kit for strokes, else the instrument that was named, else chords or tune."""
    known = [player for player in band if player.instrument in catalogue()]
    if is_struck:
        drums = [player for player in known if player.role is Role.DRUMS]
        return drums[0] if drums else Player(Role.DRUMS, LAST_RESORT[Role.DRUMS])
    wished = {name for choice in wishes.instruments if not choice.implied for name in choice.instruments}
    return next(
        (player for player in known if player.instrument in wished),
        next(
            (player for player in known if player.role in {Role.CHORDS, Role.LEAD}),
            Player(Role.CHORDS, LAST_RESORT[Role.CHORDS]),
        ),
    )


def _named(wishes: Wishes) -> tuple[str, ...]:
    """Return the instruments that were named and are in the catalogue, the likeliest of each."""
    named = [each for each in wishes.instruments if not each.implied]
    names = (next((name for name in each.instruments if name in catalogue()), None) for each in named)
    return tuple(name for name in names if name is not None)
