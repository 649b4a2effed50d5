"""What a prompt says in numbers and names of notes: tempo, key, metre, decade, length. It wins over everything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soundrack.composition.prompt.wishes import Tempo
from soundrack.composition.theory import Key, Metre, Mode

_SLOWEST_BPM, _FASTEST_BPM = 40.0, 220.0
_LEAST_READ_BPM, _MOST_READ_BPM = 20.0, 440.0
_USUAL_BPM = (60, 200)
_LONGEST_S = 600.0
_MOST_BARS = 256

_NUMBER = r"(\d{1,3}(?:\.\d{1,2})?)"
_BPM = r"(?:bpm\b|bpm(?=[가-힣])|b\.p\.m\.?|비피엠|beats? (?:per|a) minute)"
_ACCIDENTALS = {"#": 1, "♯": 1, "sharp": 1, "샵": 1, "b": -1, "♭": -1, "flat": -1, "플랫": -1, "올림": 1, "내림": -1}
_SIGN = r"(#|♯|♭|b(?![a-z])|b(?=m)|[ -]?sharp|[ -]?flat)?"
_MODES = {
    "major": (Mode.MAJOR, None),
    "maj": (Mode.MAJOR, None),
    "dur": (Mode.MAJOR, None),
    "장조": (Mode.MAJOR, None),
    "메이저": (Mode.MAJOR, None),
    "minor": (Mode.MINOR, None),
    "min": (Mode.MINOR, None),
    "moll": (Mode.MINOR, None),
    "단조": (Mode.MINOR, None),
    "마이너": (Mode.MINOR, None),
    "natural minor": (Mode.MINOR, "natural minor"),
    "harmonic minor": (Mode.MINOR, "harmonic minor"),
    "melodic minor": (Mode.MINOR, "melodic minor"),
    "minor pentatonic": (Mode.MINOR, "minor pentatonic"),
    "major pentatonic": (Mode.MAJOR, "major pentatonic"),
    "dorian": (Mode.MINOR, "dorian"),
    "phrygian": (Mode.MINOR, "phrygian"),
    "aeolian": (Mode.MINOR, "natural minor"),
    "ionian": (Mode.MAJOR, "major"),
    "lydian": (Mode.MAJOR, "lydian"),
    "mixolydian": (Mode.MAJOR, "mixolydian"),
}
_MODE = "(" + "|".join(sorted(_MODES, key=lambda name: -len(name))) + ")"
_NO_TONIC = (
    r"(?!a (?:major|minor) (?:keys?|scales?|chords?|modes?|feel|mood|tonality|third|sixth|seventh|anthem|drop|lift|hit"
    r"|role|part|event|change|city)\b)"
)
"""In these the letter is an article."""
_NATURALS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_KOREAN_NATURALS = {"다": 0, "라": 2, "마": 4, "바": 5, "사": 7, "가": 9, "나": 11}
_ALONE = r"(?=\s*(?:$|[,.;!?\n|()/]))"
_KOREAN_METRES = {2: "2/4", 3: "3/4", 4: "4/4", 5: "5/4", 6: "6/8", 7: "7/8", 9: "9/8", 12: "12/8"}


@dataclass(frozen=True)
class Said:
    """What was said: a value, what it is of, its name, its place. `tonic_only` of a key without a mode."""

    value: Tempo | Key | Metre | int | float
    of: str
    name: str
    start: int
    end: int
    scale: str | None = None
    tonic_only: bool = False


def said(text: str) -> list[Said]:
    """Return everything explicit in a text in small letters, in order and without overlaps.

    A tempo beyond 40 to 220 is brought there by halves and doubles; a number that is no tempo at any metrical level is
    not read. Keys are read in any case of letters: ``Cm`` and ``CM`` are C minor.
    """
    found: list[Said] = []
    taken = [False] * len(text)
    for needed, pattern, read in _PATTERNS:
        if not needed.search(text):
            continue
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            value = read(match)
            if value is not None:
                found.append(value)
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return sorted(found, key=lambda each: each.start)


def _tempo(low: float, high: float, match: re.Match[str]) -> Said | None:
    low, high = min(low, high), max(low, high)
    if low < _LEAST_READ_BPM or high > _MOST_READ_BPM:
        return None
    low, high = sorted((_folded(low), _folded(high)))
    name = f"{low:g} bpm" if low == high else f"{low:g} to {high:g} bpm"
    return Said(Tempo(low, high, True), "tempo", name, match.start(), match.end())


def _folded(bpm: float) -> float:
    while bpm > _FASTEST_BPM:
        bpm /= 2.0
    while bpm < _SLOWEST_BPM:
        bpm *= 2.0
    return bpm


def _one_tempo(match: re.Match[str]) -> Said | None:
    return _tempo(float(match[1]), float(match[1]), match)


def _bare_tempo(match: re.Match[str]) -> Said | None:
    """A number alone between commas is a tempo if it is a usual one."""
    return _one_tempo(match) if _USUAL_BPM[0] <= int(match[1]) <= _USUAL_BPM[1] else None


def _eighths(match: re.Match[str]) -> Said | None:
    return _tempo(float(match[1]) / 2.0, float(match[1]) / 2.0, match)


def _tempi(match: re.Match[str]) -> Said | None:
    return _tempo(float(match[1]), float(match[2]), match)


def _key(match: re.Match[str]) -> Said:
    return _named_key(match, _NATURALS[match["tonic"]], match["sign"], match["mode"])


def _minor_key(match: re.Match[str]) -> Said:
    return _named_key(match, _NATURALS[match["tonic"]], match["sign"], "minor")


def _tonic(match: re.Match[str]) -> Said:
    return _named_key(match, _NATURALS[match["tonic"]], match["sign"], None)


def _korean_key(match: re.Match[str]) -> Said:
    return _named_key(match, _KOREAN_NATURALS[match["tonic"]], match["sign"], match["mode"])


def _named_key(match: re.Match[str], natural: int, sign: str | None, mode_name: str | None) -> Said:
    shift = _ACCIDENTALS[sign.strip(" -")] if sign else 0
    mode, scale = _MODES[mode_name] if mode_name else (Mode.MAJOR, None)
    key = Key((natural + shift) % 12, mode)
    return Said(key, "key", key.name, match.start(), match.end(), scale, mode_name is None)


def _metre(match: re.Match[str]) -> Said | None:
    return _named_metre(match, int(match[1]), int(match[2]))


def _korean_metre(match: re.Match[str]) -> Said | None:
    return _named_metre(match, int(match[2]), int(match[1]))


def _named_metre(match: re.Match[str], beats: int, unit: int) -> Said | None:
    if not 2 <= beats <= 15 or unit not in {2, 4, 8, 16}:
        return None
    metre = Metre(beats, unit)
    return Said(metre, "metre", metre.name, match.start(), match.end())


def _beats(match: re.Match[str]) -> Said | None:
    name = _KOREAN_METRES.get(int(match[1]))
    return None if name is None else Said(Metre.parse(name), "metre", name, match.start(), match.end())


def _year(match: re.Match[str]) -> Said | None:
    return _decade(match, int(match[1]) // 10 * 10)


def _short_decade(match: re.Match[str]) -> Said | None:
    return _decade(match, (2000 if int(match[1]) < 20 else 1900) + int(match[1]))


def _decade(match: re.Match[str], first: int) -> Said | None:
    return Said(first, "era", f"{first}s", match.start(), match.end()) if 1920 <= first <= 2020 else None


def _seconds(match: re.Match[str]) -> Said | None:
    return _length(match, float(match[1]))


def _minutes(match: re.Match[str]) -> Said | None:
    return _length(match, 60.0 * float(match[1]) + float(match[2] or 0.0))


def _length(match: re.Match[str], length_s: float) -> Said | None:
    if not 0.0 < length_s <= _LONGEST_S:
        return None
    return Said(length_s, "length", f"{length_s:g} s", match.start(), match.end())


def _bars(match: re.Match[str]) -> Said | None:
    bars = int(match[1])
    return Said(bars, "bars", f"{bars} bars", match.start(), match.end()) if 1 <= bars <= _MOST_BARS else None


_TONIC = r"(?P<tonic>[a-g])"
_NAMED_SIGN = _SIGN.replace("(", "(?P<sign>", 1)
_NAMED_MODE = _MODE.replace("(", "(?P<mode>", 1)
_DIGIT, _BPM_WORD, _TEMPO_WORD, _NOTE_SIGN = (
    r"\d",
    r"\d\s*-?(?:bpm|b\.p|비피|beat)",
    r"bpm|tempo|템포|비피엠|빠르기",
    "[♩♪]",
)
_MODE_WORD, _KOREAN_MODE, _MINOR_SIGN = (
    "maj|min|dur|moll|dor|phr|lyd|mix|aeo|ion|장조|단조|메이저|마이너",
    "[장단]조",
    "[#♯♭b]m",
)
_IN, _KEY_WORD, _SHARP, _KO_KEY, _TENS, _COLON, _MINUTE, _SECOND, _BAR = (
    "in [a-g]",
    "key|키|조성",
    "[#♯♭]",
    "[키조]",
    r"\d0",
    r"\d:\d",
    r"\d\s*-?\s*(?:m|분)",
    r"\d\s*-?\s*(?:s|초)",
    "bar|measure|마디",
)
_PATTERNS: tuple[tuple[re.Pattern[str], re.Pattern[str], Callable[[re.Match[str]], Said | None]], ...] = tuple(
    (re.compile(needed), re.compile(pattern), read)
    for needed, pattern, read in (
        (_BPM_WORD, rf"(?<![\d.]){_NUMBER}\s*(?:-|–|~|to|에서)\s*{_NUMBER}\s*{_BPM}", _tempi),
        (_BPM_WORD, rf"(?<![\d.]){_NUMBER}\s*-?{_BPM}", _one_tempo),
        (_DIGIT, r"(?:^|(?<=[,;\n]))\s*(\d{2,3})\s*(?=$|[,;\n])", _bare_tempo),
        (_NOTE_SIGN, rf"♩\s*=\s*{_NUMBER}(?![\d.]*\d)", _one_tempo),
        (_NOTE_SIGN, rf"♪\s*=\s*{_NUMBER}(?![\d.]*\d)", _eighths),
        (
            _TEMPO_WORD,
            rf"(?<![a-z])(?:bpm|tempo)\s*(?:of|is|at|around|=|:)?\s*{_NUMBER}(?![\d.]*\d|\s*/|st|nd|rd|th)",
            _one_tempo,
        ),
        (_TEMPO_WORD, rf"(?:템포|비피엠|빠르기)(?:는|은|를|을)?\s*[=:]?\s*{_NUMBER}(?![\d.]*\d)", _one_tempo),
        (r"\d\s*/", r"(?<![\d/.])(\d{1,2})\s*/\s*(2|4|8|16)(?![\d/])", _metre),
        (r"\d분의", r"(?<!\d)(\d{1,2})분의\s*(\d{1,2})(?:\s*박자)?", _korean_metre),
        (r"\d\s*박", r"(?<!\d)(\d{1,2})\s*박자", _beats),
        (
            _KOREAN_MODE,
            r"(?<![가-힣])(?P<sign>올림|내림)?\s*(?P<tonic>[다라마바사가나])\s*(?P<mode>장조|단조)(?=$|[^가-힣]|[의로에은는이가를을와과풍곡])",
            _korean_key,
        ),
        (_MODE_WORD, rf"(?<![a-z0-9#'’]){_NO_TONIC}{_TONIC}{_NAMED_SIGN}[ -]*{_NAMED_MODE}(?![a-z])", _key),
        (_MINOR_SIGN, rf"(?<![a-z0-9#'’]){_TONIC}(?P<sign>#|♯|♭|b)m(?:in)?(?![a-z0-9#])", _minor_key),
        (r"[bcdeg]m", r"(?<![a-z0-9#'’])(?<!\d )(?P<tonic>[bcdeg])(?P<sign>)m(?![a-z0-9#'’])", _minor_key),
        (
            r"[af]m",
            rf"(?:(?<=in )|(?<=of )|(?<=key )|(?<=: )|(?<=^)|(?<=, )|(?<=\n))(?P<tonic>[af])(?P<sign>)m{_ALONE}",
            _minor_key,
        ),
        (_IN, rf"(?<![a-z])in (?P<tonic>[b-g]){_NAMED_SIGN}(?![a-z0-9#'’-])", _tonic),
        (_IN, r"(?<![a-z])in (?P<tonic>a)(?P<sign>#|♯|♭|b| ?flat| ?sharp)(?![a-z0-9#'’-])", _tonic),
        (_IN, rf"(?<![a-z])in (?P<tonic>a)(?P<sign>){_ALONE}", _tonic),
        (
            _KEY_WORD,
            rf"(?<![a-z])(?:key of|key is|key:|key =|key|키는|조성은|키:)\s*{_TONIC}{_NAMED_SIGN}(?![a-z0-9#'’-])",
            _tonic,
        ),
        (_KO_KEY, rf"(?<![a-z0-9#'’]){_TONIC}{_NAMED_SIGN}\s*(?:키|조)(?![가-힣])", _tonic),
        (_SHARP, r"(?<![a-z0-9#'’])(?P<tonic>[a-g])(?P<sign>#|♯|♭)(?![a-z0-9#])", _tonic),
        (
            r"(?:19|20)\d",
            r"(?<!\d)(?:the )?(19[2-9]\d|20[0-2]\d)(?:['’]?s(?![a-z])|년대풍|년대|년)?"
            r"(?!\d|\s*(?:bpm|hz|khz|k\b|s\b|sec))",
            _year,
        ),
        (_TENS, r"(?<!\d)['’]?([05-9]0)['’]?s(?![a-z])(?! (?:long|loop|clip|sample|version|cut|edit))", _short_decade),
        (_TENS, r"(?<!\d)(?:['’]([1-4]0)s)(?![a-z])", _short_decade),
        (_TENS, r"(?<=the )(10|[2-4]0)['’]?s(?![a-z])", _short_decade),
        (_TENS, r"(?<!\d)([05-9]0|[1-4]0)년대풍?", _short_decade),
        (_COLON, r"(?<![\d:.])(\d{1,2}):([0-5]\d)(?![\d:])", _minutes),
        (
            _MINUTE,
            r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*-?\s*(?:minutes?|mins?|분)(?!의|[a-z])"
            r"(?:\s*(?:and )?(\d{1,2})\s*(?:seconds?|secs?|초))?",
            _minutes,
        ),
        (_SECOND, r"(?<![\d.])(\d{1,3}(?:\.\d+)?)\s*-?\s*(?:seconds?|secs?|s|초)(?![a-z])", _seconds),
        (_BAR, r"(?<![\d.])(\d{1,3})\s*-?\s*(?:bars?|measures?|마디)(?![a-z])", _bars),
    )
)
"""What must be in a text for a pattern to be worth trying, the pattern, and what reads its matches; the first win."""


def blanks(found: list[Said], text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of a text that nothing explicit takes."""
    at = 0
    for each in found:
        yield at, each.start
        at = each.end
    yield at, len(text)
