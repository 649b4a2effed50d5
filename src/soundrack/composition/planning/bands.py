"""Who plays.

The style's band is the beginning. Then, each stronger than the one before: a second style lends its tune, players who
are not wanted go, and instruments that are wished come in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from soundrack.composition.plan import Player, Role
from soundrack.composition.planning.draws import Draws
from soundrack.composition.planning.eras import of_era
from soundrack.composition.planning.genre import Genre, Temper
from soundrack.composition.prompt import Choice, Wishes
from soundrack.composition.styles import styles
from soundrack.composition.styles.planning import Band

_ROLES: dict[Role, tuple[str, ...]] = {
    Role.DRUMS: (
        "house_kit", "techno_kit", "trance_kit", "breaks_kit", "dubstep_kit", "synthwave_kit", "lofi_kit",
        "boom_bap_kit", "trap_kit", "pop_kit", "rock_kit", "funk_kit", "jazz_kit", "brush_kit", "cinematic_kit",
        "reggae_kit",
    ),
    Role.PERCUSSION: ("latin_percussion", "shaker_kit"),
    Role.BASS: (
        "upright_bass", "electric_bass", "slap_bass", "sub_bass", "synth_bass", "acid_bass", "reese_bass",
        "wobble_bass", "808_bass",
    ),
    Role.CHORDS: (
        "grand_piano", "felt_piano", "electric_piano", "organ", "clavinet", "acoustic_guitar", "nylon_guitar",
        "muted_guitar", "distorted_guitar", "stab",
    ),
    Role.PAD: ("string_ensemble", "choir_aah", "choir_ooh", "wavetable_pad", "warm_pad", "glass_pad", "dark_drone"),
    Role.ARPEGGIO: ("harp", "pizzicato", "arp_synth", "kalimba", "marimba"),
    Role.LEAD: (
        "electric_guitar", "violins", "solo_violin", "solo_cello", "trumpet", "trombone", "brass_section",
        "saxophone", "flute", "clarinet", "oboe", "ocarina", "vibraphone", "glockenspiel", "celesta", "music_box",
        "bells", "steel_drum", "super_saw", "saw_lead", "square_lead", "pluck", "fm_bell", "vocal_chop",
    ),
    Role.COUNTER: ("cellos", "horns"),
    Role.TEXTURE: ("vinyl_noise", "rain", "air"),
    Role.TRANSITION: ("riser", "downlifter", "impact", "reverse_cymbal", "sweep"),
}  # fmt: skip
USUAL_ROLE = {instrument: role for role, instruments in _ROLES.items() for instrument in instruments}
"""What an instrument of the catalogue does if nothing else is said."""

POLYPHONIC = frozenset((
    "grand_piano", "felt_piano", "electric_piano", "organ", "clavinet", "acoustic_guitar", "nylon_guitar",
    "electric_guitar", "muted_guitar", "distorted_guitar", "harp", "vibraphone", "marimba", "kalimba", "music_box",
    "celesta", "string_ensemble", "choir_aah", "choir_ooh", "super_saw", "warm_pad", "glass_pad", "wavetable_pad",
    "steel_drum", "pluck", "fm_bell", "bells", "stab", "pizzicato", "brass_section", "violins",
))  # fmt: skip
_TWO_HANDED = frozenset(("grand_piano", "felt_piano", "electric_piano", "organ", "harp", "marimba"))
_MANY = frozenset((Role.TEXTURE, Role.TRANSITION, Role.PERCUSSION, Role.COUNTER))
"""Roles in which a wished player joins the others rather than replacing one."""
_ORDER = (
    Role.DRUMS,
    Role.PERCUSSION,
    Role.BASS,
    Role.CHORDS,
    Role.PAD,
    Role.ARPEGGIO,
    Role.LEAD,
    Role.COUNTER,
    Role.CHOIR,
    Role.TRANSITION,
    Role.TEXTURE,
)
_CALM = 0.22
_PULSELESS = 0.1
"""Weight of a band without a pulse where a tempo is asked for by its number."""
_LAST_RESORT = ("grand_piano", "warm_pad", "electric_bass", "pop_kit", "air")


@dataclass
class _Cast:
    """The band while it is put together: `fixed` were wished."""

    players: list[Player]
    fixed: list[Player]


def band(wishes: Wishes, kind: Genre, mood: Temper, draws: Draws, *, sung: bool) -> tuple[Player, ...]:
    """Return the band.

    Parameters
    ----------
    wishes : Wishes
        Instruments and roles that are wanted are in it, those that are unwanted are not; where something is both,
        what is unwanted wins.
    kind, mood : Genre and Temper
        The style and how driving the song is: calm songs have no transitions and percussion.
    draws : Draws
        Variations have other bands.
    sung : bool
        Whether there is a singer, who may be all the tune there is.

    Returns
    -------
    tuple of Player
        At least one, in the order of a score: drums, bass, harmony, tune.
    """
    wanted = [_resolved(choice, kind, wishes, draws) for choice in wishes.instruments]
    chosen = [player for player in wanted if player is not None]
    if wishes.alone and chosen:
        return _ordered(_alone(chosen, sung=sung))
    cast = _Cast(list(_drawn(kind, wishes, draws).players), [])
    if kind.second is not None and not (kind.substyle is not None and kind.substyle.bands):
        _lend(cast, kind.second.plan.bands, draws)
    decade = of_era(cast.players, wishes.era, kind.style.name, wishes.unwanted_instruments)
    cast.players = [
        found
        for player in decade
        if (found := _allowed(player, kind, wishes, draws)) is not None and not _spared(found, mood)
    ]
    for choice, player in zip(wishes.instruments, wanted, strict=True):
        anybody = not choice.instruments and any(each.role is choice.role for each in cast.players)
        if player is not None and not anybody:
            _join(cast, player, anywhere=choice.role is None)
    if (
        not sung
        and not any(player.role is Role.LEAD for player in cast.players)
        and Role.LEAD not in wishes.unwanted_roles
    ):
        tune = _substitute(Role.LEAD, kind, wishes, draws)
        cast.players += [tune] if tune is not None else []
    tunes = {player.instrument for player in cast.players if player.role is Role.LEAD}
    cast.players = [
        player
        for player in cast.players
        if player.role is not Role.COUNTER or player.instrument not in tunes or player in cast.fixed
    ]
    if not cast.players:
        cast.players = [_anybody(wishes)]
    return _ordered(cast.players)


def _pulses(band: Band) -> bool:
    """Tell whether somebody in a band marks the beats."""
    return any(player.role in {Role.DRUMS, Role.PERCUSSION, Role.ARPEGGIO} for player in band.players)


def _drawn(kind: Genre, wishes: Wishes, draws: Draws) -> Band:
    """Draw one of the bands of the substyle or the style; where a substyle has but one, variations change its tune.

    Who asks for a tempo by its number wants to hear it: bands that mark no beats are rare then.
    """
    own = kind.substyle.bands if kind.substyle is not None else ()
    bands = own or kind.table.bands
    timed = wishes.tempo is not None and wishes.tempo.exact
    weights = [each.weight * (_PULSELESS if timed and not _pulses(each) else 1.0) for each in bands]
    chosen = draws.each("band", bands, weights)
    if len(bands) > 1 or draws.variation == 0:
        return chosen
    leads = [player for each in kind.table.bands for player in each.players if player.role is Role.LEAD]
    others = [player for player in dict.fromkeys(leads) if player not in chosen.players] or leads
    if not others:
        return chosen
    lead = draws.each("tune", others, [1.0] * len(others))
    return Band(chosen.weight, (*(player for player in chosen.players if player.role is not Role.LEAD), lead))


def _lend(cast: _Cast, bands: Sequence[Band], draws: Draws) -> None:
    """Let a second style's player have the tune, and its pad fill what the first has not."""
    guest = draws.each("guests", bands, [each.weight for each in bands])
    lead = next((player for player in guest.players if player.role is Role.LEAD), None)
    if lead is not None:
        cast.players = [*(player for player in cast.players if player.role is not Role.LEAD), lead]
    roles = {player.role for player in cast.players}
    for player in guest.players:
        if player.role in {Role.PAD, Role.ARPEGGIO, Role.CHORDS} and player.role not in roles:
            cast.players.append(player)


def _resolved(choice: Choice, kind: Genre, wishes: Wishes, draws: Draws) -> Player | None:
    """Return the player that a wish means, None if its role is not wanted by anybody."""
    if choice.role is not None and choice.role in wishes.unwanted_roles:
        return None
    names = [name for name in choice.instruments if name not in wishes.unwanted_instruments]
    if not names:
        return None if choice.role is None else _substitute(choice.role, kind, wishes, draws)
    theirs = {player.instrument for each in kind.table.bands for player in each.players}
    name = next((each for each in names if each in theirs), names[0])
    role = choice.role or USUAL_ROLE.get(name, Role.LEAD)
    return None if role in wishes.unwanted_roles else Player(role, name)


def _allowed(player: Player, kind: Genre, wishes: Wishes, draws: Draws) -> Player | None:
    """Return a player, somebody else in the role where the instrument is not wanted, or None where nobody is."""
    if player.role in wishes.unwanted_roles:
        return None
    if player.instrument not in wishes.unwanted_instruments:
        return player
    return _substitute(player.role, kind, wishes, draws)


def _substitute(role: Role, kind: Genre, wishes: Wishes, draws: Draws) -> Player | None:
    """Return somebody for a role: from the style's other bands, then from all styles', then from the catalogue."""
    sources: tuple[Iterable[Band], ...] = (
        kind.table.bands,
        (each for style in styles().values() for each in style.plan.bands),
    )
    for bands in sources:
        names = [player.instrument for each in bands for player in each.players if player.role is role]
        free = [name for name in dict.fromkeys(names) if name not in wishes.unwanted_instruments]
        if free:
            return Player(role, draws.each(f"substitute {role}", free, [1.0] * len(free)))
    left = [name for name in _ROLES.get(role, ()) if name not in wishes.unwanted_instruments]
    return Player(role, left[0]) if left else None


def _spared(player: Player, mood: Temper) -> bool:
    """Tell whether a song is too calm for a player."""
    return mood.energy < _CALM and player.role in {Role.TRANSITION, Role.PERCUSSION}


def _join(cast: _Cast, player: Player, *, anywhere: bool) -> None:
    """Let a wished player in: into the place of whoever does the same, or beside those who were wished.

    Whose role does not matter (`anywhere`) is in already if the instrument plays at all.
    """
    same = [each for each in cast.players if each.instrument == player.instrument]
    if player in cast.players or (anywhere and same and player.role is not Role.LEAD):
        cast.fixed += [player] if player in cast.players else same[:1]
        return
    replaced = next(
        (
            each
            for each in cast.players
            if each.role is player.role and each not in cast.fixed and player.role not in _MANY
        ),
        None,
    )
    if replaced is None:
        cast.players.append(player)
    else:
        cast.players[cast.players.index(replaced)] = player
    cast.fixed.append(player)


def _alone(chosen: Sequence[Player], *, sung: bool) -> list[Player]:
    """Return who plays where nobody else may: one who can plays chords and tune, and with two hands the bass."""
    players = list(dict.fromkeys(chosen))
    roles = {player.role for player in players}
    pitched = [player for player in players if player.role not in {Role.DRUMS, Role.PERCUSSION, Role.TEXTURE}]
    able = next((player.instrument for player in pitched if player.instrument in POLYPHONIC), None)
    if able is not None and not roles & {Role.CHORDS, Role.PAD}:
        players.append(Player(Role.CHORDS, able))
    if not sung and pitched and Role.LEAD not in roles:
        single = next((player.instrument for player in pitched if player.instrument not in POLYPHONIC), None)
        players.append(Player(Role.LEAD, single or pitched[0].instrument))
    if able in _TWO_HANDED and Role.BASS not in roles:
        players.append(Player(Role.BASS, able))
    return players


def _anybody(wishes: Wishes) -> Player:
    """Return the one player of a song in which nobody is wanted."""
    free = [name for name in _LAST_RESORT if name not in wishes.unwanted_instruments]
    name = free[0] if free else _LAST_RESORT[0]
    return Player(USUAL_ROLE[name] if USUAL_ROLE[name] is not Role.CHORDS else Role.LEAD, name)


def _ordered(players: Iterable[Player]) -> tuple[Player, ...]:
    return tuple(sorted(dict.fromkeys(players), key=lambda player: _ORDER.index(player.role)))
