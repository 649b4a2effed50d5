"""What a decade changes in a band."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.plan import Player, Role
from soundrack.composition.planning import plan
from soundrack.composition.planning.bands import USUAL_ROLE
from soundrack.composition.planning.eras import of_era
from soundrack.composition.prompt import read
from soundrack.composition.styles import styles

BANDS = st.sampled_from([(name, band.players) for name, style in styles().items() for band in style.plan.bands])


def _played(text: str, role: Role) -> list[str]:
    return [player.instrument for player in plan(read(text), seed=3).band if player.role is role]


@pytest.mark.parametrize(
    ("text", "role", "instrument"),
    [
        ("1950s rock", Role.BASS, "upright_bass"),
        ("60s pop", Role.DRUMS, "jazz_kit"),
        ("70s rock", Role.DRUMS, "funk_kit"),
        ("80s pop", Role.DRUMS, "synthwave_kit"),
        ("80년대 팝", Role.BASS, "synth_bass"),
        ("90s hip hop", Role.TEXTURE, "vinyl_noise"),
        ("1930s jazz", Role.TEXTURE, "vinyl_noise"),
    ],
)
def test_a_decade_has_its_own_drums_basses_and_noise(text: str, role: Role, instrument: str):
    assert _played(text, role) == [instrument]


def test_what_is_wished_by_name_wins_over_the_decade():
    assert _played("80s pop, rock drums", Role.DRUMS) == ["rock_kit"]
    assert "synthwave_kit" not in _played("80s pop, no drums", Role.DRUMS)


@pytest.mark.parametrize(("text", "instrument"), [("house on tape", "air"), ("로파이 질감의 하우스", "vinyl_noise")])
def test_worn_carriers_are_heard(text: str, instrument: str):
    assert instrument in _played(text, Role.TEXTURE)


@settings(deadline=None)
@given(band=BANDS, era=st.sampled_from([None, *range(1920, 2030, 10)]))
def test_a_decade_takes_no_role_away_and_names_only_what_there_is(
    band: tuple[str, tuple[Player, ...]], era: int | None
):
    style, players = band
    changed = of_era(players, era, style)

    assert {player.role for player in players} <= {player.role for player in changed}
    assert {player.role for player in changed} - {player.role for player in players} <= {Role.TEXTURE}
    assert {player.instrument for player in changed if player not in players} <= set(USUAL_ROLE)
    assert era is not None or changed == list(players)


def test_an_instrument_that_nobody_wants_comes_with_no_decade():
    players = [Player(Role.DRUMS, "pop_kit"), Player(Role.BASS, "electric_bass")]

    assert of_era(players, 1980, "pop", ["synthwave_kit"])[0].instrument == "pop_kit"
