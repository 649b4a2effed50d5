"""The plan: wishes and lyrics first, then what the style makes likely, drawn by seed.

Which wish wins where two cannot both be had: the lyrics are sung whatever the prompt says of voices and of the length;
what is unwanted is left out even if it is also wanted; exact numbers and names (tempo, key, metre) hold over moods; the
asked duration holds over the wished form's own; moods move only what nothing else decides.
"""

from __future__ import annotations

from soundrack.composition.bounds import check_seed
from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Plan, Timbre
from soundrack.composition.planning.bands import band
from soundrack.composition.planning.draws import Draws
from soundrack.composition.planning.forms import LONGEST_S, SHORTEST_S, Timing, shape
from soundrack.composition.planning.genre import Genre, genre, temper
from soundrack.composition.planning.titles import title
from soundrack.composition.planning.tonality import key, metre, mode_of, scale, swing, tempo
from soundrack.composition.prompt import Wishes
from soundrack.errors import Invalid

_MOST_DURATION_S = 600.0
_SINGERS = (Timbre.FEMALE, Timbre.MALE)
_LANGUAGES = ("en", "ko")
_PRODUCED = frozenset(("vinyl", "tape", "lo-fi", "long", "short"))
"""Of what is said of the production, what the band answers to, and what is said of a length rather than of a mix."""


def plan(
    wishes: Wishes,
    lyrics: Lyrics | None = None,
    *,
    seed: int,
    variation: int = 0,
    duration_s: float | None = None,
) -> Plan:
    """Plan a song.

    Parameters
    ----------
    wishes : Wishes
        What it shall be.
    lyrics : Lyrics or None
        What is sung; None, or lyrics without words: nobody sings.
    seed : int
        0 to 2**63 - 1. Decides all that is open, together with the variation.
    variation : int
        0 or more. Variations of a seed keep all wishes and differ in form, band, key, tempo and tune as far as these
        are open.
    duration_s : float or None
        How long its bars shall last, above 0 to 600 s; it holds within half a bar or 3 %, whichever is more, unless
        the words need longer. None: as wished (held to 10 to 240 s), or two to three minutes, or as long as the lyrics.

    Returns
    -------
    Plan
        The same for the same arguments.

    Raises
    ------
    Invalid
        If seed, variation or duration lie outside their range.
    NotFound
        If a style is wished that there is not.
    """
    _check(seed, variation, duration_s)
    draws = Draws(seed, variation)
    words = lyrics if lyrics is not None and not lyrics.is_instrumental else None
    kind = genre(wishes, draws, sung=words is not None)
    mood = temper(wishes, kind, draws)
    meter = metre(wishes, kind, draws)
    bpm = tempo(wishes, kind, mood, meter, draws)
    timing = Timing(meter, 60.0 / (bpm * meter.beat_quarters))
    home = key(wishes, kind, mood, draws)
    form = shape(wishes, lyrics, kind, mood, timing, _duration(wishes, duration_s), draws)
    sung = words is not None and any(section.lyrics is not None for section in form.sections)
    return Plan(
        seed=draws.plan_seed,
        title=title(wishes, words, kind, mood, draws),
        style=kind.style.name,
        substyle=kind.name,
        moods=wishes.moods,
        energy=mood.energy,
        valence=mood.valence,
        brightness=mood.brightness,
        tempo_bpm=bpm,
        swing=swing(wishes, kind, meter, draws),
        key=home,
        scale=scale(wishes, kind, mood, home.mode, draws),
        metre=meter,
        form=form.sections,
        band=band(wishes, kind, mood, draws, sung=sung),
        voice=_voice(wishes, draws) if sung else None,
        language=_language(words),
        loudness_lufs=kind.table.loudness_lufs,
        understood=_understood(wishes),
        ignored=(*wishes.ignored, *form.unmet, *_overruled(wishes, kind, sung=sung)),
    )


def _check(seed: int, variation: int, duration_s: float | None) -> None:
    check_seed(seed)
    if variation < 0:
        raise Invalid("The variation must be 0 or more.", field="variation")
    if duration_s is not None and not 0.0 < duration_s <= _MOST_DURATION_S:
        raise Invalid(f"The duration must be above 0 to {_MOST_DURATION_S:g} s.", field="duration_s")


def _duration(wishes: Wishes, duration_s: float | None) -> float | None:
    if duration_s is not None or wishes.length_s is None:
        return duration_s
    return min(max(wishes.length_s, SHORTEST_S), LONGEST_S)


def _voice(wishes: Wishes, draws: Draws) -> Timbre:
    return wishes.voice or draws.each("voice", _SINGERS, (0.55, 0.45))


def _language(lyrics: Lyrics | None) -> str:
    if lyrics is None:
        return "en"
    return lyrics.language if lyrics.language in _LANGUAGES else "und"


def _understood(wishes: Wishes) -> tuple[str, ...]:
    terms = (f"no {each.term}" if each.denied else each.term for each in wishes.understood if not each.overruled)
    return tuple(dict.fromkeys(terms))


def _overruled(wishes: Wishes, kind: Genre, *, sung: bool) -> tuple[str, ...]:
    """Return what was wished and cannot be had."""
    told = []
    if sung and wishes.sung is False:
        told.append("no voice: there are lyrics")
    if not sung and (wishes.sung or wishes.voice is not None):
        told.append("a voice: there are no lyrics")
    if wishes.scale is not None and wishes.key is not None and mode_of(wishes.scale) is not wishes.key.mode:
        told.append(f"{wishes.scale}: the key is {wishes.key.name}")
    told += [
        f"{each.style}: the song is {kind.style.name}"
        for each in wishes.styles[1:]
        if each.style != kind.style.name and (kind.second is None or each.style != kind.second.name)
    ]
    told += [f"{name}: the mix is the style's" for name in wishes.production if name not in _PRODUCED]
    return tuple(told)
