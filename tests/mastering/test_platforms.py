from __future__ import annotations

from importlib import resources

import pytest

from soundrack.errors import NotConfigured
from soundrack.mastering.platforms import TABLE, Platform, parse, playback

TEXT = resources.files("soundrack.mastering").joinpath(TABLE).read_text(encoding="utf-8")


def test_every_platform_has_a_row_with_a_source() -> None:
    table = playback()
    assert list(table) == list(Platform)
    for row in table.values():
        assert "https://" in row.source or row.assumed
        assert row.ceiling_db <= -1.0


def test_only_melon_is_our_own_assumption_and_says_so() -> None:
    assumed = {platform: row.source for platform, row in playback().items() if row.assumed}
    assert list(assumed) == [Platform.MELON]
    assert "Our own default" in assumed[Platform.MELON]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("target_lufs = -16.0", "target_lufs = 16.0", "apple_music.target_lufs"),
        ("target_lufs = -16.0", "target_lufs = nan", "apple_music.target_lufs"),
        ("level_lufs = -16.0", 'level_lufs = "-16"', "apple_music.level_lufs"),
        ("level_lufs = -16.0\n", "", "apple_music.level_lufs"),
        ("headroom_db = -1.0", "headroom_db = 1.0", "spotify.headroom_db"),
        ("turns_up = true", "turns_up = 1", "spotify.turns_up"),
        ('name = "Melon"', 'name = ""', "melon.name"),
        ('name = "Melon"', 'name = "Melon"\nlevel = -14', "melon.level"),
        ("[soundcloud]", "[tidal]", "tidal"),
        ("[soundcloud]", "[melon.more]", "melon.more"),
    ],
)
def test_a_bad_table_is_refused_with_the_place(old: str, new: str, place: str) -> None:
    assert old in TEXT
    with pytest.raises(NotConfigured, match=place.replace(".", r"\.")) as refusal:
        parse(TEXT.replace(old, new, 1))
    assert refusal.value.field == place


def test_a_missing_platform_is_named() -> None:
    with pytest.raises(NotConfigured, match="missing") as refusal:
        parse(TEXT[: TEXT.index("[soundcloud]")])
    assert refusal.value.field == "soundcloud"


def test_a_row_that_is_no_table_is_refused() -> None:
    with pytest.raises(NotConfigured) as refusal:
        parse("spotify = -14\n" + TEXT[TEXT.index("[apple_music]") :])
    assert refusal.value.field == "spotify"


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    with pytest.raises(NotConfigured, match="line 2"):
        parse("[spotify]\nname = \n")
