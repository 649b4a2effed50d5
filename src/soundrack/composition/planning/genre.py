"""Which style a song has, and what its numbers are with its kind and its moods."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soundrack.composition.planning.draws import Draws
from soundrack.composition.prompt import Wishes
from soundrack.composition.styles import Style, style, styles
from soundrack.composition.styles.planning import Form, PlanTable, Substyle
from soundrack.composition.theory import Metre

_NEAR = 0.22
"""Distance of moods at which a style that nobody asked for is 1/e times as likely."""
_SUNG = {"pop": 3.0, "rock": 2.0, "folk": 2.0, "synthwave": 1.5, "ambient": 0.3, "techno": 0.2, "jazz": 0.7}
_SECOND = 0.35
"""Weight from which on a second style lends players."""
_JITTER = 0.05


@dataclass(frozen=True)
class Genre:
    """A style as it is wished.

    Parameters
    ----------
    style : Style
        The strongest.
    name : str or None
        Of the substyle that was wished.
    substyle : Substyle or None
        That of this name, if the style's file has one.
    second : Style or None
        Another that is wished nearly as much.
    """

    style: Style
    name: str | None
    substyle: Substyle | None
    second: Style | None

    @property
    def table(self) -> PlanTable:
        """The style's own table."""
        return self.style.plan

    @property
    def tempo_bpm(self) -> tuple[float, float, float]:
        """Slowest, usual and quickest tempo."""
        own = self.substyle.tempo_bpm if self.substyle is not None else None
        return own or self.table.tempo_bpm

    @property
    def swing(self) -> tuple[float, float]:
        """Least and most swing."""
        own = self.substyle.swing if self.substyle is not None else None
        return own or self.table.swing

    @property
    def metres(self) -> dict[Metre, float]:
        """Metres by weight."""
        return (self.substyle.metres if self.substyle is not None else {}) or self.table.metres

    @property
    def forms(self) -> tuple[Form, ...]:
        """Its forms."""
        return (self.substyle.forms if self.substyle is not None else ()) or self.table.forms

    @property
    def minor(self) -> float:
        """Share of minor."""
        own = self.substyle.minor if self.substyle is not None else None
        return self.table.minor if own is None else own

    @property
    def energy(self) -> float:
        """How driving it usually is."""
        own = self.substyle.energy if self.substyle is not None else None
        return self.table.energy if own is None else own

    @property
    def brightness(self) -> float:
        """How bright it usually is."""
        own = self.substyle.brightness if self.substyle is not None else None
        return self.table.brightness if own is None else own


@dataclass(frozen=True)
class Temper:
    """Energy, valence and brightness, 0 to 1, as in `Plan`."""

    energy: float
    valence: float
    brightness: float


def genre(wishes: Wishes, draws: Draws, *, sung: bool) -> Genre:
    """Return the style that is wished, or one that suits the rest of the wishes.

    Raises
    ------
    NotFound
        If a style is wished that there is not.
    """
    if wishes.styles:
        first = wishes.styles[0]
        chosen = style(first.style)
        others = [each for each in wishes.styles[1:] if each.style != first.style and each.weight >= _SECOND]
        second = style(others[0].style) if others else None
        return Genre(chosen, first.substyle, chosen.plan.substyle(first.substyle), second)
    names = [name for name in styles() if name not in wishes.unwanted_styles] or list(styles())
    chosen = style(draws.each("style", names, [_suits(style(name), wishes, sung=sung) for name in names]))
    return Genre(chosen, None, None, None)


def temper(wishes: Wishes, kind: Genre, draws: Draws) -> Temper:
    """Return how the song feels: as wished, otherwise about as the style does."""
    rng = draws.rng("temper")
    usual = (kind.energy, kind.table.valence, kind.brightness)
    wished = (wishes.energy, wishes.valence, wishes.brightness)
    values = [
        min(max(value if wish is None else wish, 0.0), 1.0)
        for wish, value in zip(wished, (each + float(rng.uniform(-_JITTER, _JITTER)) for each in usual), strict=True)
    ]
    return Temper(*(round(value, 3) for value in values))


def _suits(candidate: Style, wishes: Wishes, *, sung: bool) -> float:
    """Return how likely a style is for wishes that name none."""
    table = candidate.plan
    away = 0.0
    for wish, usual in (
        (wishes.energy, table.energy),
        (wishes.valence, table.valence),
        (wishes.brightness, table.brightness),
    ):
        if wish is not None:
            away += (wish - usual) ** 2
    weight = math.exp(-away / (2.0 * _NEAR**2))
    if wishes.tempo is not None:
        inside = wishes.tempo.high_bpm >= table.tempo_bpm[0] and wishes.tempo.low_bpm <= table.tempo_bpm[2]
        weight *= 1.0 if inside else 0.05
    if wishes.metre is not None and wishes.metre not in table.metres:
        weight *= 0.1
    if wishes.mode is not None or wishes.key is not None:
        minor = (wishes.key.mode if wishes.key is not None else wishes.mode) == "minor"
        weight *= 0.1 + (table.minor if minor else 1.0 - table.minor)
    if sung:
        weight *= _SUNG.get(candidate.name, 1.0)
    theirs = {player.instrument for band in table.bands for player in band.players}
    for choice in wishes.instruments:
        if choice.instruments:
            weight *= 1.0 if theirs & set(choice.instruments) else 0.25
    return weight + 1e-6
