from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Label, Plan, Player, Role, Section, Timbre
from soundrack.composition.planning import as_dict, from_dict, plan
from soundrack.composition.prompt import Choice, Style, Tempo, Wishes
from soundrack.composition.styles import style, styles
from soundrack.composition.theory import Key, Metre, Mode
from soundrack.errors import Invalid, NotFound
from tests.composition.sung import CHORUS, VERSE, section, song_lyrics, wished

LYRICS = song_lyrics()
ROLES = [role for role in Role if role not in {Role.VOICE, Role.CHOIR}]
KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(list(Mode)))
METRES = st.sampled_from([Metre.parse(text) for text in ("4/4", "3/4", "6/8", "5/4", "7/8", "12/8", "2/4")])
TEMPI = st.floats(40.0, 220.0).map(lambda bpm: Tempo(round(bpm, 2), round(bpm, 2), True))
UNWANTED = st.lists(st.sampled_from(["grand_piano", "pluck", "sub_bass", "house_kit"]), unique=True).map(tuple)
WISHES = st.builds(
    Wishes,
    styles=st.one_of(st.just(()), st.sampled_from(list(styles())).map(lambda name: (Style(name, None, 1.0),))),
    energy=st.none() | st.floats(0.0, 1.0),
    valence=st.none() | st.floats(0.0, 1.0),
    brightness=st.none() | st.floats(0.0, 1.0),
    tempo=st.none() | TEMPI,
    key=st.none() | KEYS,
    metre=st.none() | METRES,
    swing=st.none() | st.floats(0.5, 0.75),
    unwanted_roles=st.lists(st.sampled_from(ROLES), max_size=5, unique=True).map(lambda roles: tuple(sorted(roles))),
    unwanted_instruments=UNWANTED,
    length_s=st.none() | st.floats(0.01, 600.0),
)  # fmt: skip


def _plan(wishes: Wishes, lyrics: Lyrics | None = None, variation: int = 0, duration_s: float | None = None) -> Plan:
    return plan(wishes, lyrics, seed=11, variation=variation, duration_s=duration_s)


@given(wishes=WISHES, seed=st.integers(0, 2**63 - 1), variation=st.integers(0, 5), sung=st.booleans())
@settings(deadline=None, max_examples=80)
def test_what_is_wished_explicitly_holds_always(wishes: Wishes, seed: int, variation: int, sung: bool) -> None:
    found = plan(wishes, LYRICS if sung else None, seed=seed, variation=variation)
    assert wishes.tempo is None or found.tempo_bpm == wishes.tempo.low_bpm
    assert wishes.key is None or found.key == wishes.key
    assert wishes.metre is None or found.metre == wishes.metre
    assert wishes.swing is None or found.swing == wishes.swing or found.metre.is_compound
    assert not wishes.styles or found.style == wishes.styles[0].style
    for name in ("energy", "valence", "brightness"):
        wish = getattr(wishes, name)
        assert wish is None or getattr(found, name) == pytest.approx(wish, abs=1e-3)
    roles = {player.role for player in found.band}
    assert not roles & set(wishes.unwanted_roles) or len(found.band) == 1
    assert not {player.instrument for player in found.band} & set(wishes.unwanted_instruments)
    assert (found.voice is not None) == sung
    assert from_dict(as_dict(found)) == found


@given(
    name=st.sampled_from(list(styles())),
    seed=st.integers(0, 1000),
    seconds=st.floats(10.0, 240.0),
    metre=METRES,
    tempo=st.none() | TEMPI,
)
@settings(deadline=None, max_examples=80)
def test_a_song_lasts_as_asked_within_half_a_bar_or_three_per_cent(
    name: str, seed: int, seconds: float, metre: Metre, tempo: Tempo | None
) -> None:
    found = plan(wished(name, metre=metre, tempo=tempo), seed=seed, duration_s=seconds)
    bar_s = found.metre.bar_quarters * found.quarter_s
    # where a bar is longer than the song, a bar is all there can be
    assert abs(found.duration_s - seconds) <= max(0.5 * bar_s, 0.03 * seconds) + 1e-6 or found.bars == 1


@pytest.mark.parametrize("name", list(styles()))
def test_without_a_duration_songs_last_about_two_to_three_minutes(name: str) -> None:
    lengths = [plan(wished(name), seed=seed).duration_s for seed in range(6)]
    assert all(105.0 <= seconds <= 195.0 for seconds in lengths)


@pytest.mark.parametrize("name", list(styles()))
def test_two_variations_differ_in_key_band_or_form_and_keep_the_style(name: str) -> None:
    for seed in range(6):
        first, second = (plan(wished(name), seed=seed, variation=variation) for variation in (0, 1))
        assert first.style == second.style == name
        assert first.seed != second.seed
        assert first.key.tonic != second.key.tonic
        assert first.band != second.band
        assert [s.label for s in first.form] != [s.label for s in second.form] or first.form != second.form


@pytest.mark.parametrize("name", list(styles()))
def test_styles_draw_their_tempi_from_their_range(name: str) -> None:
    slowest, _, quickest = style(name).plan.tempo_bpm
    for seed in range(12):
        found = plan(wished(name), seed=seed)
        compound = 0.6 if found.metre.is_compound else 1.0
        assert compound * slowest <= found.tempo_bpm <= quickest
        assert found.tempo_bpm == round(found.tempo_bpm)


def test_a_range_of_tempi_is_kept_and_drawn_from() -> None:
    found = [plan(wished("house", tempo=Tempo(100.0, 120.0, False)), seed=seed).tempo_bpm for seed in range(20)]
    assert all(118.0 <= bpm <= 120.0 for bpm in found)
    found = [plan(wished("house", tempo=Tempo(70.0, 90.0, False)), seed=seed).tempo_bpm for seed in range(20)]
    assert all(70.0 <= bpm <= 90.0 for bpm in found)
    assert len(set(found)) > 3


def test_energy_quickens_and_sadness_makes_minor() -> None:
    calm = [plan(wished("rock", energy=0.2), seed=seed, duration_s=30.0).tempo_bpm for seed in range(10)]
    wild = [plan(wished("rock", energy=1.0), seed=seed, duration_s=30.0).tempo_bpm for seed in range(10)]
    assert sum(wild) > sum(calm) + 10 * 10
    sad = [plan(wished("pop", valence=0.1), seed=seed, duration_s=30.0).key.mode for seed in range(20)]
    happy = [plan(wished("pop", valence=0.95), seed=seed, duration_s=30.0).key.mode for seed in range(20)]
    assert sad.count(Mode.MINOR) > 2 * happy.count(Mode.MINOR)


def test_a_key_that_is_asked_for_has_a_scale_that_leaves_no_doubt() -> None:
    for name in styles():
        for key in (Key(0, Mode.MINOR), Key(7, Mode.MAJOR)):
            found = plan(wished(name, key=key), seed=3).scale
            assert found in {"major", "major pentatonic", "natural minor", "harmonic minor", "minor pentatonic"}
    assert plan(wished("jazz", key=Key(0, Mode.MINOR), scale="dorian"), seed=3).scale == "dorian"


def test_moods_without_a_style_find_one_that_suits_them() -> None:
    calm = {plan(Wishes(energy=0.1, brightness=0.3), seed=seed).style for seed in range(20)}
    wild = {plan(Wishes(energy=0.95, brightness=0.6), seed=seed).style for seed in range(20)}
    assert calm <= {"ambient", "lofi", "folk", "cinematic", "jazz"}
    assert not calm & wild


def test_a_style_that_there_is_not_is_not_found() -> None:
    with pytest.raises(NotFound):
        plan(wished("polka"), seed=1)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": 2**63}, "seed"),
        ({"seed": 1, "variation": -1}, "variation"),
        ({"seed": 1, "duration_s": 0.0}, "duration_s"),
        ({"seed": 1, "duration_s": float("nan")}, "duration_s"),
        ({"seed": 1, "duration_s": 601.0}, "duration_s"),
    ],
)
def test_numbers_outside_their_range_are_refused(arguments: dict[str, float], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        plan(Wishes(), **arguments)  # type: ignore[arg-type]  # what is refused
    assert caught.value.field == field


# ----- lyrics and forms


def test_the_form_follows_the_lyrics_with_an_intro_a_part_for_the_instruments_and_an_outro() -> None:
    found = _plan(wished("pop"), LYRICS)
    assert [each.lyrics for each in found.form if each.lyrics is not None] == [0, 1, 2, 3, 4, 5]
    assert found.form[0].label is Label.INTRO
    assert found.form[-1].label is Label.OUTRO
    assert Label.INSTRUMENTAL in {each.label for each in found.form}
    groups = {each.lyrics: each.group for each in found.form if each.lyrics is not None}
    assert groups[1] == groups[3] == groups[5]
    assert groups[0] == groups[2] != groups[1]
    assert len({each.bars for each in found.form if each.group == groups[1]}) == 1


def test_club_styles_dance_after_a_sung_chorus() -> None:
    assert Label.DROP in {each.label for each in _plan(wished("trance"), LYRICS).form}


def test_words_without_markers_are_verses_and_what_comes_again_a_chorus() -> None:
    lyrics = Lyrics(
        (section(None, *VERSE), section(None, *CHORUS), section(None, *VERSE[:2]), section(None, *CHORUS)), "en"
    )
    labels = [each.label for each in _plan(wished("pop"), lyrics).form if each.lyrics is not None]
    assert labels == [Label.VERSE, Label.CHORUS, Label.VERSE, Label.CHORUS]


def test_a_chorus_without_words_has_those_of_the_chorus_before() -> None:
    lyrics = Lyrics((section(Label.CHORUS, *CHORUS), section(Label.VERSE, *VERSE), section(Label.CHORUS)), "en")
    assert [each.lyrics for each in _plan(wished("pop"), lyrics).form if each.lyrics is not None] == [0, 1, 0]


def test_markers_alone_make_an_instrumental_song() -> None:
    lyrics = Lyrics((section(Label.VERSE), section(Label.CHORUS)), "und")
    found = _plan(wished("pop", sung=True), lyrics)
    assert found.voice is None
    assert any("no lyrics" in each for each in found.ignored)


def test_three_thousand_characters_are_sung_within_four_minutes_or_it_is_told_what_is_not() -> None:
    many = Lyrics(tuple(section(Label.VERSE, *VERSE, *VERSE) for _ in range(14)), "en")
    for name in ("ambient", "hip_hop", "drum_and_bass"):
        found = _plan(wished(name), many)
        assert found.duration_s <= 240.0 + 2.0 * found.metre.bar_quarters * found.quarter_s
        sung = [each.lyrics for each in found.form if each.lyrics is not None]
        assert sung == list(range(len(sung)))
        assert len(sung) == 14 or any("no time" in each for each in found.ignored)


def test_words_hold_over_a_duration_that_is_too_short_for_them() -> None:
    found = _plan(wished("pop"), LYRICS, duration_s=12.0)
    assert [each.lyrics for each in found.form if each.lyrics is not None] == [0, 1, 2, 3, 4, 5]
    assert 12.0 < found.duration_s < 120.0


def test_lyrics_with_a_duration_that_suffices_last_as_long() -> None:
    for seconds in (100.0, 150.0, 200.0):
        found = _plan(wished("pop"), LYRICS, duration_s=seconds)
        bar_s = found.metre.bar_quarters * found.quarter_s
        assert abs(found.duration_s - seconds) <= max(0.5 * bar_s, 0.03 * seconds)


FORM = (Section(Label.VERSE, 7, 0.4, "A"), Section(Label.DROP, 9, 1.0, "B"), Section(Label.VERSE, 7, 0.4, "A"))


def test_the_form_of_a_recording_is_kept_as_it_is_or_fitted_to_a_duration() -> None:
    assert _plan(wished("rock", form=FORM)).form == FORM
    fitted = _plan(wished("rock", form=FORM, tempo=Tempo(120.0, 120.0, True)), duration_s=92.0)
    assert [each.label for each in fitted.form] == [each.label for each in FORM]
    assert fitted.bars == 46


def test_sections_that_are_wished_are_there_and_others_that_are_not_wanted_are_not() -> None:
    for name in styles():
        found = _plan(wished(name, labels=(Label.BRIDGE, Label.DROP), unwanted_labels=(Label.INTRO, Label.OUTRO)))
        labels = {each.label for each in found.form}
        assert {Label.BRIDGE, Label.DROP} <= labels
        assert not labels & {Label.INTRO, Label.OUTRO}


# ----- bands


def test_instruments_that_are_wished_play_and_those_that_are_not_do_not() -> None:
    for name in styles():
        for variation in (0, 1):
            wishes = wished(
                name,
                instruments=(
                    Choice("violin", ("solo_violin",), None),
                    Choice("rhodes", ("electric_piano",), None),
                    Choice("a pad", (), Role.PAD),
                ),
                unwanted_roles=(Role.DRUMS, Role.PERCUSSION),
                unwanted_instruments=("sub_bass",),
            )
            band = _plan(wishes, variation=variation).band
            instruments = {player.instrument for player in band}
            assert {"solo_violin", "electric_piano"} <= instruments
            assert "sub_bass" not in instruments
            roles = {player.role for player in band}
            assert Role.PAD in roles
            assert not roles & {Role.DRUMS, Role.PERCUSSION}


def test_one_who_plays_alone_has_the_tune_and_the_chords_if_they_can() -> None:
    piano = _plan(wished("jazz", instruments=(Choice("piano", ("grand_piano",), None),), alone=True)).band
    assert {player.role for player in piano} == {Role.LEAD, Role.CHORDS, Role.BASS}
    assert {player.instrument for player in piano} == {"grand_piano"}
    flute = _plan(wished("folk", instruments=(Choice("flute", ("flute",), None),), alone=True)).band
    assert flute == (Player(Role.LEAD, "flute"),)


def test_where_nobody_is_wanted_somebody_plays() -> None:
    assert len(_plan(wished("pop", unwanted_roles=tuple(sorted(Role)))).band) == 1


def test_a_second_style_lends_its_tune() -> None:
    wishes = Wishes(styles=(Style("house", None, 0.5), Style("jazz", None, 0.5)))
    leads = {
        player.instrument for band in style("jazz").plan.bands for player in band.players if player.role is Role.LEAD
    }
    found = _plan(wishes)
    assert found.style == "house"
    assert {player.instrument for player in found.band if player.role is Role.LEAD} <= leads


def test_a_substyle_has_its_own_tempo_and_band() -> None:
    kind = style("jazz").plan.substyle("gypsy jazz")
    assert kind is not None
    assert kind.tempo_bpm is not None
    found = plan(Wishes(styles=(Style("jazz", "gypsy jazz", 1.0),)), seed=2)
    assert found.substyle == "gypsy jazz"
    assert kind.tempo_bpm[0] <= found.tempo_bpm <= kind.tempo_bpm[2] or found.metre != Metre(4, 4)
    assert found.band == kind.bands[0].players


# ----- contradictions


def test_lyrics_are_sung_although_no_voice_is_wished_and_that_is_told() -> None:
    found = _plan(wished("pop", sung=False), LYRICS)
    assert found.voice is not None
    assert any("there are lyrics" in each for each in found.ignored)


def test_a_voice_that_is_wished_is_the_voice() -> None:
    for timbre in Timbre:
        assert _plan(wished("pop", voice=timbre), LYRICS).voice is timbre


def test_a_scale_of_the_other_mode_gives_way_to_the_key() -> None:
    found = _plan(wished("pop", key=Key(0, Mode.MAJOR), scale="phrygian"))
    assert (found.key, found.scale in {"major", "major pentatonic"}) == (Key(0, Mode.MAJOR), True)
    assert any(each.startswith("phrygian") for each in found.ignored)


def test_the_same_arguments_give_the_same_plan_and_another_seed_another() -> None:
    assert _plan(wished("folk"), LYRICS) == _plan(wished("folk"), LYRICS)
    assert plan(wished("folk"), seed=1) != plan(wished("folk"), seed=2)


def test_the_title_is_the_first_line_of_the_chorus() -> None:
    assert _plan(wished("pop"), LYRICS).title == "Hold on to the Light"
    long = Lyrics((section(Label.VERSE, "and " * 60 + "then"),), "en")
    assert len(_plan(wished("pop"), long).title) <= 42


def test_songs_without_words_have_titles_that_differ() -> None:
    titles = {plan(replace(wished("ambient"), scenes=("rain",)), seed=seed).title for seed in range(20)}
    assert len(titles) >= 15
    assert all(1 <= len(each) <= 42 and "{" not in each for each in titles)


def test_who_asks_for_a_tempo_by_its_number_mostly_gets_somebody_who_marks_the_beats() -> None:
    def pulses(tempo: Tempo | None) -> int:
        bands = [plan(wished("ambient", tempo=tempo), seed=seed).band for seed in range(30)]
        return sum(any(each.role in {Role.DRUMS, Role.PERCUSSION, Role.ARPEGGIO} for each in band) for band in bands)

    assert pulses(Tempo(70.0, 70.0, True)) > 24 > pulses(None)


def test_a_role_without_an_instrument_is_played_by_whoever_has_it_already() -> None:
    named = Choice("lead", (), Role.LEAD)
    for seed in range(8):
        assert plan(wished("rock", instruments=(named,)), seed=seed).band == plan(wished("rock"), seed=seed).band


def test_a_production_that_nobody_answers_to_is_told() -> None:
    assert plan(wished("house", production=("vinyl", "wide")), seed=1).ignored == ("wide: the mix is the style's",)
