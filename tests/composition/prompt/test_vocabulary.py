"""The vocabulary: every form is found, means one thing, and names only what there is."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from soundrack.composition.prompt import read
from soundrack.composition.prompt.vocabulary import SUBJECTS, Term, emoji, terms
from soundrack.composition.prompt.vocabulary.index import plain
from soundrack.composition.prompt.vocabulary.table import replaced
from soundrack.composition.styles import styles

PAGE = Path(__file__).parents[3] / "docs" / "prompts.md"
STYLES = (
    *("house", "techno", "trance", "drum_and_bass", "dubstep", "synthwave", "lofi", "hip_hop", "trap", "pop", "rock"),
    *("disco_funk", "jazz", "cinematic", "ambient", "folk", "reggae", "latin"),
)
CATALOGUE = frozenset(
    (
        *("grand_piano", "felt_piano", "electric_piano", "organ", "clavinet", "acoustic_guitar", "nylon_guitar"),
        *("electric_guitar", "muted_guitar", "distorted_guitar", "harp", "upright_bass", "electric_bass", "slap_bass"),
        *("sub_bass", "synth_bass", "acid_bass", "reese_bass", "wobble_bass", "808_bass", "violins", "cellos"),
        *("string_ensemble", "pizzicato", "solo_violin", "solo_cello", "choir_aah", "choir_ooh", "trumpet", "trombone"),
        *("horns", "brass_section", "saxophone", "flute", "clarinet", "oboe", "ocarina", "vibraphone", "marimba"),
        *("glockenspiel", "celesta", "music_box", "kalimba", "bells", "steel_drum", "super_saw", "saw_lead"),
        *("square_lead", "pluck", "fm_bell", "wavetable_pad", "warm_pad", "glass_pad", "dark_drone", "arp_synth"),
        *("stab", "vocal_chop", "vinyl_noise", "rain", "air", "riser", "downlifter", "impact", "reverse_cymbal"),
        *("sweep", "house_kit", "techno_kit", "trance_kit", "breaks_kit", "dubstep_kit", "synthwave_kit", "lofi_kit"),
        *("boom_bap_kit", "trap_kit", "pop_kit", "rock_kit", "funk_kit", "jazz_kit", "brush_kit", "cinematic_kit"),
        *("reggae_kit", "latin_percussion", "shaker_kit"),
    )
)


def forms(term: Term) -> list[str]:
    return [*term.en, *term.ko]


def test_there_are_more_than_five_hundred_terms_with_thousands_of_forms_in_both_languages():
    assert len(terms()) >= 500
    assert sum(len(term.en) for term in terms()) >= 3000
    assert sum(len(term.ko) for term in terms()) >= 1000


def test_names_are_unique_in_their_subject_and_forms_in_all():
    meanings = defaultdict(set)
    for term in terms():
        for form in forms(term):
            meanings[plain(form) if form.isascii() else form.replace(" ", "")].add((term.subject, term.name))

    assert {form: means for form, means in meanings.items() if len(means) > 1} == {}
    assert len({(term.subject, term.name) for term in terms()}) == len(terms())


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_form_is_understood_as_its_term_and_nothing_of_it_is_ignored(subject: str):
    wrong = {}
    for term in terms():
        if term.subject != subject:
            continue
        for form in forms(term):
            wishes = read(form)
            if [(each.subject, each.term) for each in wishes.understood] != [(subject, term.name)] or wishes.ignored:
                wrong[form] = [(each.subject, each.term) for each in wishes.understood] or wishes.ignored

    assert wrong == {}


def test_every_term_means_something_that_shows_in_the_wishes():
    silent = [term.name for term in terms() if read(forms(term)[0]).asked == read("").asked]

    assert set(silent) <= {"syncopated", "chromatic", "call and response", "variation", "repetition", "key change"}


def test_terms_name_only_styles_and_instruments_that_there_are():
    assert {style for term in terms() for style, _ in term.styles} == set(STYLES)
    assert {name for term in terms() for name in term.instruments} <= CATALOGUE
    production = {term.name for term in terms() if term.subject == "production"}
    assert {name for term in terms() for name in term.production} <= production


@pytest.mark.parametrize("style", STYLES)
def test_every_style_can_be_asked_for_by_name(style: str):
    asked = read({"disco_funk": "disco"}.get(style, style.replace("_", " "))).styles

    assert asked[0].style == style
    assert len(asked) == 1


def test_every_substyle_of_a_style_has_a_term_that_asks_for_it():
    unreachable = [
        (style.name, substyle.name)
        for style in styles().values()
        for substyle in style.plan.substyles
        if not any(
            (asked := read(form).styles)
            and asked[0].style == style.name
            and style.plan.substyle(asked[0].substyle) is substyle
            for term in terms()
            if term.substyle in (substyle.name, *substyle.aliases)
            for form in term.en
        )
    ]

    assert unreachable == []


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("house drum loop", "house"),
        ("하우스 드럼 루프", "house"),
        ("오케스트라 음악", "cinematic"),
        ("trap drums", "trap"),
    ],
)
def test_players_say_a_style_where_none_is_named(text: str, style: str):
    assert [each.style for each in read(text).styles] == [style]
    assert [each.style for each in read(f"{text}, reggae").styles] == ["reggae"]


@pytest.mark.parametrize(
    "text", ["신나는 곡 하나 만들어줘", "슬픈 곡 두 곡", "피아노 한 대로 연주한 곡", "세 개의 악기"]
)
def test_korean_articles_and_counters_are_not_told_as_ignored(text: str):
    assert read(text).ignored == ()


def test_every_emoji_is_read():
    assert [sign for sign, term in emoji().items() if read(sign).understood[0].term != term.name] == []


def test_the_tables_of_the_document_are_the_vocabulary():
    """`python -m soundrack.composition.prompt.vocabulary docs/prompts.md` writes them."""
    page = PAGE.read_text(encoding="utf-8")

    assert replaced(page) == page
