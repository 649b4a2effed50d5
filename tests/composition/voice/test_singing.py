from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.performance import Syllable
from soundrack.composition.plan import Timbre
from soundrack.composition.voice import Voice, available, sing
from soundrack.composition.voice.levelling import VOWEL_DB, power_db
from soundrack.composition.voice.phrases import end_s
from soundrack.errors import Invalid, NotConfigured
from soundrack.models import shelf
from tests.composition.voice.songs import sung, syllable

SOUND_S = 7.0
BOTH = pytest.mark.parametrize("voice", list(Voice))
EVERYBODY = pytest.mark.parametrize("timbre", list(Timbre))


def heard(
    song: Sequence[Syllable],
    timbre: Timbre = Timbre.FEMALE,
    voice: Voice | None = None,
    *,
    length_s: float = SOUND_S,
    seed: int = 1,
    language: str = "en",
) -> NDArray[np.float32]:
    rng = np.random.Generator(np.random.PCG64(seed))
    return sing(song, timbre=timbre, language=language, frames=round(length_s * RATE_HZ), rng=rng, voice=voice)


def level_db(sound: NDArray[np.float32], start_s: float, end: float) -> float:
    part = sound[max(round(start_s * RATE_HZ), 0) : round(end * RATE_HZ)].astype(np.float64)
    return 10.0 * float(np.log10(np.mean(part**2) + 1e-12))


def pitch_hz(sound: NDArray[np.float32], at_s: float, near_hz: float) -> float:
    """Return the frequency at which 80 ms repeat, within a fifth of what is expected."""
    size = round(0.08 * RATE_HZ)
    begin = round(at_s * RATE_HZ)
    part = sound[begin : begin + 2 * size, 0].astype(np.float64)
    lags = np.arange(int(RATE_HZ / near_hz / 1.4), int(RATE_HZ / near_hz * 1.4))
    head = part[:size]
    alike = [float(head @ part[lag : lag + size] / np.linalg.norm(part[lag : lag + size] + 1e-9)) for lag in lags]
    return float(RATE_HZ / lags[int(np.argmax(alike))])


@BOTH
@EVERYBODY
def test_there_is_energy_in_every_note_and_none_outside_the_song(timbre: Timbre, voice: Voice) -> None:
    song = sung(start_s=1.2)
    sound = heard(song, timbre, voice, length_s=8.0)
    first, last = song[0].tones[0].start_s, end_s(song[-1])

    assert sound.dtype == np.float32
    assert sound.shape == (round(8.0 * RATE_HZ), 2 if timbre is Timbre.CHOIR else 1)
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() < 1.0
    for each in song:
        tone = each.tones[0]
        assert level_db(sound, tone.start_s + 0.05, tone.start_s + tone.length_s - 0.1) > VOWEL_DB - 18.0
    assert level_db(sound, 0.0, first - 0.9) < -70.0
    assert level_db(sound, last + 0.35, 8.0) < -70.0


@BOTH
@pytest.mark.parametrize("timbre", [Timbre.FEMALE, Timbre.MALE])
def test_notes_are_sung_at_their_pitch(timbre: Timbre, voice: Voice) -> None:
    down = 12 if timbre is Timbre.MALE else 0
    song = [
        syllable("lɑ", Tone(0.5 + 0.6 * place, 0.6, pitch - down, 0.7), word=place)
        for place, pitch in enumerate((60, 64, 67, 62))
    ]
    sound = heard(song, timbre, voice, length_s=3.5)
    for each in song:
        tone = each.tones[0]
        wanted = 440.0 * 2.0 ** ((tone.pitch - 69.0) / 12.0)
        cents = 1200.0 * np.log2(pitch_hz(sound, tone.start_s + 0.18, wanted) / wanted)
        assert abs(cents) < 50.0


@BOTH
def test_a_melisma_changes_its_pitch_within_one_syllable(voice: Voice) -> None:
    song = [syllable("lɑ", Tone(0.5, 0.6, 60, 0.7), Tone(1.1, 0.6, 67, 0.7))]
    sound = heard(song, voice=voice, length_s=2.2)

    for start, pitch in ((0.5, 60), (1.1, 67)):
        wanted = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
        assert abs(1200.0 * np.log2(pitch_hz(sound, start + 0.2, wanted) / wanted)) < 50.0


@BOTH
@EVERYBODY
def test_the_same_state_of_chance_gives_the_same_bytes(timbre: Timbre, voice: Voice) -> None:
    song = sung("Morning is over")
    once, again, other = (heard(song, timbre, voice, length_s=3.0, seed=seed) for seed in (1, 1, 2))

    assert once.tobytes() == again.tobytes()
    assert once.tobytes() != other.tobytes()


@BOTH
def test_vowels_are_of_one_loudness(voice: Voice) -> None:
    song = [
        syllable("b" + vowel, Tone(0.5 + 0.5 * place, 0.5, 62, 0.7), word=place)
        for place, vowel in enumerate("iuɑæɔɪʊ")
    ]
    levels = power_db(heard(song, voice=voice, length_s=4.5)[:, 0], RATE_HZ)
    middles = [float(np.median(levels[round((0.65 + 0.5 * place) * 200) :][:40])) for place in range(len(song))]

    assert np.ptp(middles) < 3.0
    assert np.mean(middles) == pytest.approx(VOWEL_DB, abs=2.0)


@BOTH
def test_a_higher_velocity_is_louder(voice: Voice) -> None:
    soft, loud = (
        level_db(heard(sung("Morning is over", velocity=velocity), voice=voice, length_s=3.0), 0.6, 2.5)
        for velocity in (0.3, 1.0)
    )
    assert loud - soft > 6.0


@BOTH
def test_what_begins_with_a_hiss_has_more_treble_before_its_vowel_than_in_it(voice: Voice) -> None:
    sound = heard([syllable("sɑ", Tone(0.5, 0.8, 60, 0.7))], voice=voice, length_s=1.8)[:, 0]
    treble, vowel = (
        float(np.sum(np.abs(np.fft.rfft(part * np.hanning(part.size)))[round(6000 * part.size / RATE_HZ) :] ** 2))
        for part in (sound[round(0.4 * RATE_HZ) :][:3000], sound[round(0.8 * RATE_HZ) :][:3000])
    )
    assert treble > 10.0 * vowel


def test_there_is_air_above_the_networks_twelve_kilohertz() -> None:
    sound = heard([syllable("sɑ", Tone(0.5, 0.8, 60, 0.7))], voice=Voice.NETWORK, length_s=1.8)[:, 0]
    power = np.abs(np.fft.rfft(sound[round(0.4 * RATE_HZ) :][:3000] * np.hanning(3000))) ** 2
    below, above = (
        float(np.mean(power[round(low * 3000 / RATE_HZ) : round(high * 3000 / RATE_HZ)]))
        for low, high in ((9_000, 11_000), (12_500, 15_000))
    )
    assert 0.003 < above / below < 3.0


@BOTH
def test_a_breath_is_drawn_before_a_phrase_if_there_is_room(voice: Voice) -> None:
    with_room, without = (heard(sung("Morning", start_s=start), voice=voice, length_s=3.0) for start in (1.2, 0.15))

    assert level_db(with_room, 0.75, 1.05) > -60.0
    assert level_db(with_room, 0.0, 0.5) < -90.0
    assert level_db(without, 0.0, 0.02) < -60.0


@BOTH
@pytest.mark.parametrize(
    "song",
    [
        [],
        [syllable("lɑ", Tone(0.5, 12.0, 60, 0.7))],
        [syllable("stɹɛŋθs", Tone(0.5 + place / 12, 1 / 12, 60 + place, 0.7), word=place) for place in range(12)],
        [syllable("ɑ", Tone(0.0, 0.3, 0, 0.7)), syllable("ɑ", Tone(0.3, 0.3, 127, 0.7), word=1)],
        [syllable("ʧɑ", Tone(0.0, 0.02, 60, 0.0))],
        [syllable("lɑ", Tone(500.0, 1.0, 60, 0.7))],
    ],
    ids=["nothing", "twelve seconds", "twelve a second", "beyond every voice", "at once", "after the end"],
)
def test_odd_songs_are_sung(song: list[Syllable], voice: Voice) -> None:
    sound = heard(song, voice=voice, length_s=13.0)

    assert np.isfinite(sound).all()
    assert np.abs(sound).max(initial=0.0) < 1.0
    for each in song:
        tone = each.tones[0]
        if tone.start_s < 13.0 and tone.velocity > 0.0:
            assert level_db(sound, tone.start_s, tone.start_s + tone.length_s) > -45.0
    if not song:
        assert not sound.any()


@pytest.mark.parametrize(
    ("text", "language"), [("나비야 이리 날아오너라", "ko"), ("la luna sobre el mar", "es"), ("さくら", "ja")]
)
def test_other_languages_are_sung_syllable_by_syllable(text: str, language: str) -> None:
    song = sung(text, start_s=1.0)
    sound = heard(song, language=language, length_s=1.0 + 0.4 * len(song) + 0.6)

    for each in song:
        tone = each.tones[0]
        assert level_db(sound, tone.start_s + 0.05, tone.start_s + tone.length_s - 0.1) > VOWEL_DB - 18.0


def test_sounds_that_are_not_known_are_told() -> None:
    with pytest.raises(Invalid, match="not known"):
        heard([syllable("xɑ", Tone(0.5, 0.5, 60, 0.7))])


def test_a_sound_of_less_than_nothing_is_told_and_one_of_nothing_is_empty() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    with pytest.raises(Invalid):
        sing(sung(), timbre=Timbre.MALE, language="en", frames=-1, rng=rng)
    assert sing(sung(), timbre=Timbre.MALE, language="en", frames=0, rng=rng).shape == (0, 1)


def test_without_the_network_formants_sing_and_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert available() is Voice.NETWORK
    song = sung("Morning")
    formants = heard(song, voice=Voice.FORMANTS, length_s=2.0)
    monkeypatch.setattr(shelf, "find", lambda _card: None)

    assert available() is Voice.FORMANTS
    assert np.array_equal(heard(song, length_s=2.0), formants)


def test_the_tap_of_english_is_sung_as_a_t_and_that_of_other_languages_is_not() -> None:
    tap, stop = ([syllable(sounds, Tone(0.5, 0.5, 60, 0.7))] for sounds in ("ɾɑ", "tɑ"))
    english, spanish, careful = (
        heard(song, voice=Voice.FORMANTS, language=language, length_s=1.5)
        for song, language in ((tap, "en"), (tap, "es"), (stop, "es"))
    )
    assert np.array_equal(english, careful)
    assert not np.array_equal(spanish, careful)


def test_a_choir_is_wide_and_a_soloist_is_in_the_middle() -> None:
    sound = heard(sung("Morning is over"), Timbre.CHOIR, length_s=3.0).astype(np.float64)
    left, right = sound[:, 0], sound[:, 1]

    assert 0.0 < float(left @ right / np.sqrt((left @ left) * (right @ right))) < 0.9


def test_a_vocoder_speaks_with_the_pitch_of_its_carrier_and_the_vowels_of_the_voice() -> None:
    def balance(vowel: str) -> float:
        sound = heard([syllable(f"l{vowel}", Tone(0.5, 0.8, 55, 0.7))], Timbre.VOCODER, length_s=1.8)[:, 0]
        power = np.abs(np.fft.rfft(sound[round(0.7 * RATE_HZ) :][:16384])) ** 2
        hertz = np.arange(power.size) * RATE_HZ / 16384
        return 10.0 * float(np.log10(power[(hertz > 1800) & (hertz < 3500)].sum() / power[hertz < 1500].sum()))

    assert balance("i") > balance("u") + 3.0


def test_a_man_is_darker_than_a_woman_on_the_same_note() -> None:
    song = [syllable("lɑ", Tone(0.5, 1.0, 57, 0.7))]

    def centre(timbre: Timbre) -> float:
        sound = heard(song, timbre, length_s=2.0)[:, 0]
        level = np.abs(np.fft.rfft(sound[round(0.7 * RATE_HZ) :][:16384]))[: round(5000 * 16384 / RATE_HZ)]
        hertz = np.arange(level.size) * RATE_HZ / 16384
        return float((level * hertz).sum() / level.sum())

    assert centre(Timbre.MALE) < 0.93 * centre(Timbre.FEMALE)


def test_a_network_that_is_missing_is_told_if_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from soundrack.models import sessions  # noqa: PLC0415  # its cache is emptied here alone

    sessions._session.cache_clear()
    monkeypatch.setattr(shelf, "find", lambda _card: None)
    with pytest.raises(NotConfigured):
        heard(sung("Morning"), voice=Voice.NETWORK)


def test_what_is_later_than_the_end_is_cut_off() -> None:
    song = sung("Morning is over")
    short = heard(song, voice=Voice.FORMANTS, length_s=1.0)

    assert short.shape == (RATE_HZ, 1)
    assert level_db(short, 0.65, 1.0) > VOWEL_DB - 12.0
