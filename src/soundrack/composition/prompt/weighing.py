"""From what was found in a prompt to wishes: what counts how much, and who wins where two contradict.

The rules are told in docs/prompts.md, section by section as here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from soundrack.composition.plan import Label
from soundrack.composition.prompt import players
from soundrack.composition.prompt.found import Found
from soundrack.composition.prompt.items import Item
from soundrack.composition.prompt.wishes import Style, Tempo, Wishes
from soundrack.composition.theory import SCALES, Key, Metre, Mode

_T = TypeVar("_T")

_SHARES = {"moods": 1.0, "tempo": 0.5, "production": 0.5, "scenes": 1.0 / 3.0, "styles": 1.0 / 3.0}
"""How much a term's hints of energy, valence and brightness count, by its subject."""
_MOST_STYLES = 4
_STRAIGHT = 0.5
_WITH_THIRD = {4: Mode.MAJOR, 3: Mode.MINOR}


def wishes(found: Found) -> Wishes:
    """Return the wishes that terms and values make, without what is told of the prompt itself."""
    unwanted_styles = _denied_names(found, "styles")
    styles = _styles(found, unwanted_styles)
    key, mode, scale = _tonality(found)
    sung, voice, unwanted_voices = players.voice(found)
    alone = any(item.alone or (item.term is not None and item.term.alone) for item in found.wanted)
    band = players.Band.of(found, alone)
    moods, unwanted_moods = _names(found, "moods")
    scenes, unwanted_scenes = _names(found, "scenes")
    production, unwanted_production = _names(found, "production")
    labels, unwanted_labels = _labels(found)
    return Wishes(
        styles=styles,
        moods=moods,
        energy=_hint(found, "energy"),
        valence=_hint(found, "valence"),
        brightness=_hint(found, "brightness"),
        tempo=_tempo(found),
        key=key,
        mode=mode,
        scale=scale,
        metre=_metre(found),
        swing=_swing(found),
        instruments=band.choices,
        alone=alone,
        unwanted_instruments=band.unwanted_instruments,
        unwanted_roles=band.unwanted_roles,
        unwanted_pieces=band.unwanted_pieces,
        sung=sung,
        voice=voice,
        unwanted_voices=unwanted_voices,
        era=_era(found),
        scenes=scenes,
        production=production,
        labels=labels,
        unwanted_styles=unwanted_styles,
        unwanted_moods=unwanted_moods,
        unwanted_scenes=unwanted_scenes,
        unwanted_production=unwanted_production,
        unwanted_labels=unwanted_labels,
        length_s=_length_s(found),
        bars=_bars(found),
        loopable=_loopable(found),
    )


# ----- styles


def _styles(found: Found, unwanted: Sequence[str]) -> tuple[Style, ...]:
    """Each term says its styles with its weights; of a style that is said twice the larger counts; they add up to 1.

    Where no style is named, players say theirs: "house drums" are of house.
    """
    weights: dict[str, float] = {}
    substyles: dict[str, str] = {}
    denied = {name.replace(" ", "_") for name in unwanted}
    named = [term for term in found.terms if term.subject == "styles" and term.name not in unwanted]
    for term in named or found.terms:
        for place, (style, weight) in enumerate(term.styles):
            if style in denied:
                continue
            weights[style] = max(weights.get(style, 0.0), weight)
            if place == 0 and term.substyle is not None:
                substyles.setdefault(style, term.substyle)
    ranked = sorted(weights.items(), key=lambda pair: -pair[1])[:_MOST_STYLES]
    total = sum(weight for _, weight in ranked)
    return tuple(Style(style, substyles.get(style), weight / total) for style, weight in ranked)


# ----- energy, valence, brightness


def _hint(found: Found, name: str) -> float | None:
    """Return the mean of what terms say of a quality, each by its subject's share and its word's intensity."""
    total = shares = 0.0
    for item in found.wanted:
        value = None if item.term is None else getattr(item.term, name)
        if item.term is None or value is None:
            continue
        share = _SHARES.get(item.term.subject, 0.0)
        total += share * min(max(0.5 + item.factor * (value - 0.5), 0.0), 1.0)
        shares += share
    return total / shares if shares > 0.0 else None


# ----- tempo


def _tempo(found: Found) -> Tempo | None:
    """A number wins; else what tempo words have in common, the first where they have nothing; else the substyles'."""
    numbers = found.said("tempo")
    for item, _ in numbers[1:]:
        found.overrule(item)
    words = [item for item in found.wanted if item.term is not None and item.term.subject == "tempo"]
    if numbers:
        for item in words:
            found.overrule(item)
        value = numbers[0][1].value
        return value if isinstance(value, Tempo) else None
    tempo = _beyond(found)
    for item in words:
        tempo = _narrowed(found, tempo, item)
    for item in found.wanted:
        if item.term is not None and item.term.subject == "styles":
            tempo = _narrowed(found, tempo, item, quietly=True)
    return tempo


def _narrowed(found: Found, tempo: Tempo | None, item: Item, *, quietly: bool = False) -> Tempo | None:
    if item.term is None or item.term.tempo_bpm is None:
        return tempo
    wished = Tempo(*item.term.tempo_bpm, exact=False)
    both = wished if tempo is None else tempo.overlap(wished)
    if both is None and not quietly:
        found.overrule(item)
    return both or tempo


def _beyond(found: Found) -> Tempo | None:
    """Return what denied tempo words leave: "not fast" is slower than all that is fast."""
    tempo: Tempo | None = None
    for item in found.denied:
        if item.term is None or item.term.subject != "tempo" or item.term.tempo_bpm is None:
            continue
        low, high = item.term.tempo_bpm
        rest = Tempo(40.0, low, False) if low + high > 200.0 else Tempo(high, 220.0, False)
        tempo = rest if tempo is None else tempo.overlap(rest) or tempo
    return tempo


# ----- key, mode, scale, metre


def _tonality(found: Found) -> tuple[Key | None, Mode | None, str | None]:
    """A key wins; a tonic alone takes its mode from words; a scale goes with its third; moods lean last."""
    keys = found.said("key")
    for item, _ in keys[1:]:
        found.overrule(item)
    words = [item for item in found.wanted if item.term is not None and item.term.subject == "tonality"]
    named = _first(item for item in words if item.term is not None and (item.term.mode or item.term.scale))
    word_scale = named.term.scale if named is not None and named.term is not None else None
    word_mode = named.term.mode if named is not None and named.term is not None else None
    mode = word_mode or (_third(word_scale) if word_scale else None)
    key: Key | None = None
    scale: str | None = None
    if keys:
        told = keys[0][1]
        key, scale = (told.value if isinstance(told.value, Key) else None), told.scale
        if key is not None and told.tonic_only:
            key = Key(key.tonic, mode or Mode.MAJOR)
        elif key is not None and named is not None and mode not in {None, key.mode}:
            found.overrule(named)
        mode = key.mode if key is not None else mode
    if mode is None:
        mode = _leaning(found)
    if scale is None:
        scales = [word_scale, *(term.scale for term in found.terms if term.subject == "styles")]
        scale = _first(each for each in scales if each is not None and (mode is None or _third(each) is mode))
    if mode is None and scale is not None:
        mode = _third(scale)
    return key, mode, scale


def _third(scale: str) -> Mode | None:
    return next((_WITH_THIRD[tone] for tone in SCALES[scale] if tone in _WITH_THIRD), None)


def _leaning(found: Found) -> Mode | None:
    """Return the mode that most moods lean to, those of substyles where no mood leans; None where they are even."""
    for subject in ("moods", "styles"):
        modes = [term.mode for term in found.terms if term.subject == subject and term.mode is not None]
        minor = sum(mode is Mode.MINOR for mode in modes)
        if modes and 2 * minor != len(modes):
            return Mode.MINOR if 2 * minor > len(modes) else Mode.MAJOR
    return None


def _swing(found: Found) -> float | None:
    """Words of rhythm win over substyles, of either the first; who wants no swing wants it straight."""
    swings = [
        term.swing
        for subject in ("tonality", "styles")
        for term in found.terms
        if term.subject == subject and term.swing is not None
    ]
    if any(item.term is not None and item.term.subject == "tonality" and item.term.swing for item in found.denied):
        return _STRAIGHT
    return swings[0] if swings else None


def _metre(found: Found) -> Metre | None:
    """A time signature wins over words, of either the first."""
    signatures = found.said("metre")
    words = [item for item in found.wanted if item.term is not None and item.term.metre is not None]
    for item in [item for item, _ in signatures[1:]] + (words if signatures else words[1:]):
        found.overrule(item)
    if signatures:
        value = signatures[0][1].value
        return value if isinstance(value, Metre) else None
    return words[0].term.metre if words and words[0].term is not None else None


# ----- the rest


def _names(found: Found, subject: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a subject that are wished, in order, and those that are denied, sorted."""
    unwanted = _denied_names(found, subject)
    names = [term.name for term in found.terms if term.subject == subject]
    if subject == "production":
        names += [name for term in found.terms for name in term.production]
    return tuple(dict.fromkeys(name for name in names if name not in unwanted)), unwanted


def _denied_names(found: Found, subject: str) -> tuple[str, ...]:
    return tuple(
        sorted({item.term.name for item in found.denied if item.term is not None and item.term.subject == subject})
    )


def _labels(found: Found) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
    unwanted = {label for item in found.denied if item.term is not None for label in item.term.labels}
    wanted = [label for term in found.terms for label in term.labels if label not in unwanted]
    return tuple(dict.fromkeys(wanted)), tuple(sorted(unwanted))


def _loopable(found: Found) -> bool | None:
    if any(item.term is not None and item.term.loop for item in found.denied):
        return False
    return _first(term.loop for term in found.terms if term.loop is not None)


def _era(found: Found) -> int | None:
    """A number wins over words, of either the first."""
    decades = found.said("era")
    words = [item for item in found.wanted if item.term is not None and item.term.era is not None]
    for item in [item for item, _ in decades[1:]] + (words if decades else words[1:]):
        found.overrule(item)
    if decades:
        return _whole(decades[0][1].value)
    return words[0].term.era if words and words[0].term is not None else None


def _length_s(found: Found) -> float | None:
    """A number wins over words, of either the first."""
    lengths = found.said("length")
    words = [item for item in found.wanted if item.term is not None and item.term.length_s is not None]
    for item in [item for item, _ in lengths[1:]] + (words if lengths else words[1:]):
        found.overrule(item)
    if lengths and isinstance(lengths[0][1].value, float):
        return lengths[0][1].value
    return words[0].term.length_s if words and words[0].term is not None else None


def _bars(found: Found) -> int | None:
    bars = found.said("bars")
    for item, _ in bars[1:]:
        found.overrule(item)
    return _whole(bars[0][1].value) if bars else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _first(values: Iterable[_T]) -> _T | None:
    return next(iter(values), None)
