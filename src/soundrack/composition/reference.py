"""A recording that a song shall resemble: from what the analysis found to wishes.

Only what a listener would name is taken: tempo, key, metre, swing, style, energy, mood, tone, form, instruments and
whether somebody sings. Melodies, chords and progressions are never looked at: that would be copying. Nor is the
loudness, which mastering decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soundrack.analysis import Report
from soundrack.composition.plan import Label, Role, Section, Timbre
from soundrack.composition.prompt.wishes import Choice, Style, Tempo, Wishes
from soundrack.composition.theory import SCALES, Key, Metre, Mode
from soundrack.errors import Invalid

_STYLES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        # styles that tempo and drums bear out
        "House": {"house": 1.0},
        "Techno": {"techno": 1.0},
        "Drum and Bass": {"drum_and_bass": 1.0},
        "Dubstep": {"dubstep": 1.0},
        "Downtempo": {"lofi": 0.6, "ambient": 0.4},
        "Hip Hop": {"hip_hop": 1.0},
        # genres
        "Electronic": {"house": 0.4, "synthwave": 0.3, "techno": 0.3},
        "Ambient": {"ambient": 1.0},
        "Classical": {"cinematic": 1.0},
        "Choral": {"cinematic": 0.7, "ambient": 0.3},
        "Folk": {"folk": 1.0},
        "Country": {"folk": 0.7, "rock": 0.3},
        "Rock": {"rock": 1.0},
        "Metal": {"rock": 1.0},
        "Punk": {"rock": 1.0},
        "Indie": {"rock": 0.5, "pop": 0.5},
        "Pop": {"pop": 1.0},
        "R&B and Soul": {"hip_hop": 0.4, "disco_funk": 0.3, "pop": 0.3},
        "Funk": {"disco_funk": 1.0},
        "Jazz": {"jazz": 1.0},
        "Blues": {"jazz": 0.5, "rock": 0.5},
        "Indian": {"folk": 0.6, "ambient": 0.4},
    }
)
_INSTRUMENTS: Mapping[str, tuple[tuple[str, ...], Role | None]] = MappingProxyType(
    {
        "guitar": (("acoustic_guitar", "electric_guitar", "nylon_guitar", "muted_guitar", "distorted_guitar"), None),
        "piano": (("grand_piano", "felt_piano"), None),
        "drums": ((), Role.DRUMS),
        "synthesizer": (("saw_lead", "super_saw", "arp_synth", "wavetable_pad", "pluck"), None),
        "strings": (("string_ensemble", "violins", "cellos"), None),
        "flute": (("flute",), None),
        "harp": (("harp",), None),
        "harpsichord": (("clavinet",), None),
        "sitar": (("pluck", "nylon_guitar"), None),
    }
)
_MOODS: Mapping[str, str] = MappingProxyType(
    {
        "uplifting": "uplifting",
        "intense": "intense",
        "peaceful": "peaceful",
        "melancholic": "melancholic",
        "energetic": "energetic",
        "calm": "calm",
        "happy": "happy",
        "sad": "sad",
        "party": "party",
        "mellow": "relaxing",
        "chill": "chill",
        "sensual": "sexy",
        "beautiful": "beautiful",
        "easy": "relaxing",
    }
)
_SURE, _SURE_INSTRUMENT, _SURE_NAME = 0.5, 0.5, 0.5
_MOST_STYLES = 3
_SLOWEST_BPM, _FASTEST_BPM = 40.0, 220.0
_STRAIGHT, _TRIPLETS = 0.5, 0.75
_BRIGHTNESS_DB = 10.0
"""So much further above their neighbours than the low mids are, the highs make a song as bright as can be."""
_FEWEST_BARS, _MOST_BARS = 1, 32
_LONGEST_S = 600.0


def wishes_of(report: Report) -> Wishes:
    """Return wishes for a song that resembles a recording.

    Parameters
    ----------
    report : soundrack.analysis.Report
        What the analysis found in it.

    Returns
    -------
    Wishes
        Open wherever the analysis has no answer, or is less sure than 0.5. A tempo is exact within 40 to 220 beats a
        minute, brought there by halves and doubles. Of the form, sections with their bars, letters and energies; those
        that the analysis could not name are verses, or instrumental where nobody sings. Melodies, chords and loudness
        are not taken.
    """
    key = _key(report)
    voice = report.stems.voice
    sung = voice.present if voice.confidence >= _SURE else None
    mood = report.mood
    return Wishes(
        styles=_styles(report),
        moods=tuple(dict.fromkeys(_MOODS[word] for word, sure in mood.tags if word in _MOODS and sure >= _SURE)),
        energy=_share(mood.energy),
        valence=_share(mood.valence),
        brightness=_brightness(report),
        tempo=_tempo(report),
        key=key,
        mode=None if key is None else key.mode,
        scale=_scale(report, key),
        metre=_metre(report),
        swing=_swing(report),
        instruments=_instruments(report.stems.instruments),
        sung=sung,
        voice=Timbre(voice.kind) if sung and voice.kind in {each.value for each in Timbre} else None,
        form=_form(report, sung),
        length_s=report.duration_s if 0.0 < report.duration_s <= _LONGEST_S else None,
    )


def _styles(report: Report) -> tuple[Style, ...]:
    """Weigh genres and the style by how sure they are; a style counts beside its genre's own."""
    told = [(each.label, each.confidence) for each in report.genre.top5]
    if report.genre.style is not None:
        told.append((report.genre.style.label, 2.0 * report.genre.style.confidence))
    weights: dict[str, float] = {}
    for label, sure in told:
        for style, share in _STYLES.get(label, {}).items():
            weights[style] = weights.get(style, 0.0) + sure * share
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])[:_MOST_STYLES]
    total = sum(weight for _, weight in ranked)
    return tuple(Style(style, None, weight / total) for style, weight in ranked) if total > 0.0 else ()


def _tempo(report: Report) -> Tempo | None:
    bpm = report.rhythm.bpm
    if bpm is None or report.rhythm.confidence < _SURE or bpm <= 0.0:
        return None
    while bpm > _FASTEST_BPM:
        bpm /= 2.0
    while bpm < _SLOWEST_BPM:
        bpm *= 2.0
    return Tempo(bpm, bpm, True)


def _key(report: Report) -> Key | None:
    key = report.tonality.key
    if key is None or report.tonality.confidence < _SURE:
        return None
    return Key(key.tonic, Mode(key.mode))


def _scale(report: Report, key: Key | None) -> str | None:
    """Return the scale's name without its tonic."""
    if key is None or report.tonality.scale is None:
        return None
    name = report.tonality.scale.name.partition(" ")[2]
    return name if name in SCALES else None


def _metre(report: Report) -> Metre | None:
    if report.rhythm.metre is None or report.rhythm.metre_confidence < _SURE:
        return None
    try:
        return Metre.parse(report.rhythm.metre)
    except Invalid:
        return None


def _swing(report: Report) -> float | None:
    swing = report.rhythm.swing
    return None if swing is None else min(max(swing, _STRAIGHT), _TRIPLETS)


def _brightness(report: Report) -> float | None:
    """Return how much more 2 to 5 kHz stands out than 200 to 500 Hz, by the checks of harshness and mud."""
    values = {check.id: check.value for check in report.mix.checks}
    high, low = values.get("harshness"), values.get("mud")
    if not isinstance(high, float) or not isinstance(low, float):
        return None
    return min(max(0.5 + 0.5 * (high - low) / _BRIGHTNESS_DB, 0.0), 1.0)


def _share(percent: int | None) -> float | None:
    return None if percent is None else percent / 100.0


def _instruments(heard: Mapping[str, float]) -> tuple[Choice, ...]:
    return tuple(
        Choice(name, *_INSTRUMENTS[name])
        for name, sure in heard.items()
        if sure >= _SURE_INSTRUMENT and name in _INSTRUMENTS
    )


def _form(report: Report, sung: bool | None) -> tuple[Section, ...]:
    sections = report.structure.sections
    if any(section.bars is None for section in sections):
        return ()
    plain = Label.INSTRUMENTAL if sung is False else Label.VERSE
    known = {label.value: label for label in Label}
    return tuple(
        Section(
            label=known.get(str(section.label), plain) if section.confidence >= _SURE_NAME else plain,
            bars=min(max(round(section.bars or 0), _FEWEST_BARS), _MOST_BARS),
            energy=section.energy / 100.0,
            group=section.group,
        )
        for section in sections
    )
