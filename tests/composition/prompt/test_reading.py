"""Reading prompts: what words mean together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.plan import Label, Role, Timbre
from soundrack.composition.prompt import Choice, Tempo, Wishes, read
from soundrack.composition.prompt.vocabulary import terms
from soundrack.composition.theory import Metre, Mode

FORMS = [form for term in terms() for form in (*term.en, *term.ko)]
PROMPTS = st.lists(st.sampled_from(FORMS), max_size=8).map(", ".join)


def styles(text: str) -> dict[str, float]:
    return {style.style: round(style.weight, 2) for style in read(text).styles}


def instruments(text: str) -> list[str]:
    return [choice.term for choice in read(text).instruments if not choice.implied]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "🫠", "…", "!!!", "\u200b\u200d", "the a of", "음악 만들어줘"])
def test_a_prompt_that_says_nothing_wishes_nothing(text: str):
    assert read(text) == Wishes()


def test_the_prompt_of_the_service_s_document():
    wishes = read("Synthwave, melancholic, mid-tempo")

    assert (wishes.styles[0].style, wishes.moods, wishes.mode) == ("synthwave", ("melancholic",), Mode.MINOR)
    assert wishes.tempo == Tempo(88.0, 118.0, exact=False)
    assert wishes.ignored == ()


def test_a_whole_sentence():
    wishes = read(
        "Please make a warm 80s city pop song with slap bass and female vocals, without any drums or synths, "
        "for a night drive through Seoul, 105 bpm in Eb major, big chorus, wide and glossy"
    )

    assert wishes.styles[0].substyle == "city pop"
    assert (wishes.era, wishes.key and wishes.key.name, wishes.tempo) == (1980, "Eb major", Tempo(105.0, 105.0, True))
    assert (wishes.sung, wishes.voice) == (True, Timbre.FEMALE)
    assert "slap bass" in {choice.term for choice in wishes.instruments}
    assert Role.DRUMS in wishes.unwanted_roles
    assert "super_saw" in wishes.unwanted_instruments
    assert wishes.scenes == ("drive", "city")
    assert wishes.labels == (Label.CHORUS,)
    assert set(wishes.production) == {"warm", "wide", "hi-fi"}


def test_the_longest_term_is_taken():
    assert styles("deep house") == {"house": 1.0}
    assert read("deep house").styles[0].substyle == "deep house"
    assert "deep" not in read("deep house").production
    assert instruments("electric guitar") == ["electric guitar"]
    assert read("drum and bass").styles[0].style == "drum_and_bass"
    assert instruments("drums and bass") == ["drums", "bass"]


def test_styles_share_their_weight():
    assert styles("jazzy house") == {"house": 0.67, "jazz": 0.33}
    assert styles("house, techno") == {"house": 0.5, "techno": 0.5}
    assert styles("house house house") == {"house": 1.0}
    assert [style.style for style in read("techno, house").styles] == ["techno", "house"]


@pytest.mark.parametrize(
    "form", ["hip-hop", "hip hop", "hiphop", "HIP HOP", "Hip–Hop", "hip  hop", "힙합", "힙합을", "힙합의", "힙합으로"]
)
def test_hyphens_spaces_case_and_particles_do_not_matter(form: str):
    assert styles(form) == {"hip_hop": 1.0}


@pytest.mark.parametrize(("many", "one"), [("pianos", "piano"), ("trumpets", "trumpet"), ("string", "strings")])
def test_plurals_are_the_same_word(many: str, one: str):
    assert read(many).instruments[0].instruments == read(one).instruments[0].instruments


def test_moods_give_hints_and_intensities_stretch_them():
    calm, very, slightly = (read(text).energy for text in ("calm", "very calm", "slightly calm"))

    assert calm is not None
    assert very is not None
    assert slightly is not None
    assert very < calm < slightly < 0.5
    assert read("매우 슬픈").valence == read("very sad").valence
    assert read("sad").brightness is None


def test_contradictions_are_averaged_and_both_are_kept():
    wishes = read("calm aggressive")
    calm, aggressive = read("calm"), read("aggressive")

    assert wishes.moods == ("calm", "aggressive")
    assert calm.energy is not None
    assert aggressive.energy is not None
    assert wishes.energy == pytest.approx((calm.energy + aggressive.energy) / 2)


def test_tempo_words_share_a_range_and_the_first_wins_where_they_cannot():
    assert read("slow adagio").tempo == Tempo(56.0, 76.0, exact=False)
    both = read("slow, very fast")
    assert both.tempo == Tempo(54.0, 84.0, exact=False)
    assert [each.overruled for each in both.understood] == [False, True]


def test_a_substyle_s_own_tempo_counts_where_no_word_says_another():
    assert read("deep house").tempo == Tempo(118.0, 124.0, exact=False)
    assert read("uptempo deep house").tempo == Tempo(118.0, 124.0, exact=False)
    assert read("very slow deep house").tempo == Tempo(40.0, 64.0, exact=False)


def test_moods_lean_to_a_mode_that_a_word_or_a_key_overrules():
    assert read("sad").mode is Mode.MINOR
    assert read("sad, major").mode is Mode.MAJOR
    assert read("sad, in D").key is not None
    assert read("sad happy").mode is None
    wishes = read("minor, C major")
    assert wishes.mode is Mode.MAJOR
    assert [each.term for each in wishes.understood if each.overruled] == ["minor"]


def test_scales_bring_their_mode_and_never_contradict_the_key():
    assert (read("dorian").scale, read("dorian").mode) == ("dorian", Mode.MINOR)
    assert (read("D lydian").scale, read("D lydian").mode) == ("lydian", Mode.MAJOR)
    assert read("C major, dorian").scale is None
    assert read("psytrance").scale == "phrygian"
    assert read("psytrance in C major").scale is None


def test_swing_and_metre_words():
    assert read("jazz waltz").metre == Metre(3, 4)
    assert read("waltz in 4/4").metre == Metre(4, 4)
    assert read("shuffle").swing == 0.66
    assert read("straight eighths bebop").swing == 0.5
    assert read("bebop, no swing").swing == 0.5


def test_instruments_are_choices_and_roles():
    wishes = read("piano, walking bass, drums")

    assert wishes.instruments == (
        Choice("piano", ("grand_piano", "felt_piano"), None),
        Choice("upright bass", ("upright_bass",), Role.BASS),
        Choice("drums", (), Role.DRUMS),
    )


def test_what_a_substyle_brings_along_is_told_as_implied_unless_it_was_said():
    assert Choice("tango", ("solo_violin",), None, implied=True) in read("tango").instruments
    assert read("tango with violin").instruments == (Choice("violin", ("solo_violin", "violins"), None),)


@pytest.mark.parametrize(
    "text", ["solo piano", "only piano", "piano only", "just a piano", "피아노만", "피아노 독주", "nothing but piano"]
)
def test_an_instrument_alone(text: str):
    wishes = read(text)

    assert wishes.alone
    assert [choice.instruments[0] for choice in wishes.instruments] == ["grand_piano"]


def test_not_only_is_no_denial_and_nobody_is_alone():
    wishes = read("not only piano but also trumpet")

    assert not wishes.alone
    assert [choice.term for choice in wishes.instruments] == ["piano", "trumpet"]


@pytest.mark.parametrize(
    ("text", "sung", "voice"),
    [
        ("female vocals", True, Timbre.FEMALE),
        ("male singer", True, Timbre.MALE),
        ("남자 보컬", True, Timbre.MALE),
        ("여자 보컬 발라드", True, Timbre.FEMALE),
        ("vocoder", True, Timbre.VOCODER),
        ("vocals", True, None),
        ("instrumental", False, None),
        ("연주곡", False, None),
        ("no vocals", False, None),
        ("instrumental with female vocals", False, None),
        ("wordless vocals", False, None),
        ("female and male vocals", True, None),
        ("female vocals, male vocals", True, Timbre.FEMALE),
        ("not instrumental", True, None),
        ("house", None, None),
    ],
)
def test_who_sings(text: str, sung: bool | None, voice: Timbre | None):
    assert (read(text).sung, read(text).voice) == (sung, voice)


def test_form_scenes_and_production():
    wishes = read("lo-fi production, huge reverb, rainy night in Tokyo, long intro, big drop, fade out")

    assert wishes.production == ("lo-fi", "huge reverb", "fade out")
    assert wishes.scenes == ("rain", "city")
    assert wishes.labels == (Label.INTRO, Label.DROP)


def test_unknown_words_change_nothing_but_are_told():
    wishes = read("zorblax house, quuxify 17")

    assert wishes.ignored == ("zorblax", "quuxify", "17")
    assert wishes.styles == read("house").styles


def test_places_are_those_in_the_prompt():
    text = "Sad  DEEP-house, 120 bpm; 슬픈 재즈"
    found = {each.term: text[each.start : each.end] for each in read(text).understood}

    assert found == {"deep house": "DEEP-house", "120 bpm": "120 bpm", "sad": "슬픈", "jazz": "재즈"}
    assert [each.start for each in read(text).understood] == [0, 5, 17, 26, 29]


def test_emoji_have_moods():
    assert read("😭😭").moods == ("sad",)
    assert read("❤️").moods == ("romantic",)
    assert read("🎹 🌧").scenes == ("rain",)


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str):
    wishes = read(text)

    assert all(0 <= each.start < each.end for each in wishes.understood)
    for hint in (wishes.energy, wishes.valence, wishes.brightness):
        assert hint is None or 0.0 <= hint <= 1.0


@given(PROMPTS)
def test_upper_case_and_white_space_do_not_matter(text: str):
    spaced = "  " + text.upper().replace(" ", " \t ") + "\n"

    assert read(spaced).asked == read(text).asked


@given(PROMPTS)
def test_weights_add_up_and_tempi_are_in_range(text: str):
    wishes = read(text)

    if wishes.styles:
        assert sum(style.weight for style in wishes.styles) == pytest.approx(1.0)
    if wishes.tempo is not None:
        assert 40.0 <= wishes.tempo.low_bpm <= wishes.tempo.high_bpm <= 220.0
    if wishes.scale is not None and wishes.key is not None:
        assert wishes.mode is wishes.key.mode
