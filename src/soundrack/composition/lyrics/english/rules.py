"""English words that no dictionary lists: from letters to sounds by rule.

An ordered table of spellings with what must stand before and after, in the manner of H. S. Elovitz et al.,
Automatic Translation of English Text to Phonetics by Means of Letter-to-Sound Rules (NRL Report 7948, 1976); the rules
are our own. Stress goes by the ending, else to the last syllable but two of long and the first of short words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from soundrack.composition.lyrics.sounds import NUCLEI
from soundrack.composition.lyrics.syllables import Unit

_V, _C = "[aeiouy]", "[bcdfghjklmnpqrstvwxz]"
_END = "(?:s|ed)?$"
_RULES: tuple[tuple[str, str, str, str], ...] = (
    # what stands before, the letters, what stands after, the sounds
    ("", "augh", "t", "ɔ"),
    ("", "ough", "t", "ɔ"),
    ("", "ough", "", "O"),
    ("", "eigh", "", "A"),
    ("", "igh", "", "I"),
    ("", "tion", "", "ʃən"),
    ("", "sion", "", "ʒən"),
    ("", "ssion", "", "ʃən"),
    ("", "cian", "", "ʃən"),
    ("", "tious", "", "ʃəs"),
    ("", "cious", "", "ʃəs"),
    ("", "ture", "$", "ʧəɹ"),
    ("", "sure", "$", "ʒəɹ"),
    (_C, "le", _END, "əl"),
    ("", "tch", "", "ʧ"),
    ("", "sch", "", "sk"),
    ("", "dge", "", "ʤ"),
    ("", "ch", "[rl]", "k"),
    ("", "ch", "", "ʧ"),
    ("", "ck", "", "k"),
    ("", "cc", "[eiy]", "ks"),
    ("", "cc", "", "k"),
    ("", "sh", "", "ʃ"),
    ("", "ss", "", "s"),
    ("", "sc", "[eiy]", "s"),
    ("^", "th", "(?:e|is|at|ose|ese|ere|ough)", "ð"),
    (_V, "th", "er|e$|ing", "ð"),
    ("", "th", "", "θ"),
    ("", "ph", "", "f"),
    ("^", "wh", "o", "h"),
    ("", "wh", "", "w"),
    ("^", "wr", "", "ɹ"),
    ("^", "kn", "", "n"),
    ("^", "gn", "", "n"),
    ("^", "ps", "", "s"),
    ("^", "x", "", "z"),
    ("", "ng", "$|s$", "ŋ"),
    ("", "ng", "[aeiouyrlw]", "ŋɡ"),
    ("", "ng", "", "ŋ"),
    ("", "nk", "", "ŋk"),
    ("", "gh", "$|t|s$", ""),
    ("", "gh", "", "ɡ"),
    ("", "gg", "", "ɡ"),
    ("", "gu", "[eiy]", "ɡ"),
    ("", "g", "[eiy]", "ʤ"),
    ("", "qu", "", "kw"),
    ("", "q", "", "k"),
    ("", "c", "[eiy]", "s"),
    ("", "x", "", "ks"),
    ("^", "y", _V, "j"),
    ("m", "b", "$|s$", ""),
    ("", "bb", "", "b"),
    ("", "dd", "", "d"),
    ("", "ff", "", "f"),
    ("", "ll", "", "l"),
    ("", "mm", "", "m"),
    ("", "nn", "", "n"),
    ("", "pp", "", "p"),
    ("", "rr", "", "ɹ"),
    ("", "tt", "", "t"),
    ("", "zz", "", "z"),
    ("[bdglmnrvwz]", "ed", "$", "d"),
    ("[cfkpsx]", "ed", "$", "t"),
    ("sh|ch", "ed", "$", "t"),
    ("[td]", "ed", "$", "ɪd"),
    ("[sxz]|sh|ch", "es", "$", "ɪz"),
    ("[bdglmnrvwaeiouy]", "s", "$", "z"),
    (_V, "s", _V, "z"),
    # vowels
    ("", "air", "", "ɛɹ"),
    ("", "are", "$|s$", "ɛɹ"),
    ("", "ear", "[nlt]", "ɜɹ"),
    ("", "ear", "", "ɪɹ"),
    ("", "eer", "", "ɪɹ"),
    ("", "ier", "$", "iəɹ"),
    ("", "our", "", "ɔɹ"),
    ("", "oor", "", "ɔɹ"),
    ("", "oar", "", "ɔɹ"),
    ("", "ore", "$|s$", "ɔɹ"),
    ("", "ire", "$|s$", "Iəɹ"),
    ("", "ure", "$|s$", "jʊɹ"),
    ("", "ar", "(?!r|e$)", "ɑɹ"),
    ("w", "or", "", "ɜɹ"),
    ("", "or", "(?!r)", "ɔɹ"),
    (_C, "er", "$|s$", "əɹ"),
    ("", "er", "(?!r|e)", "ɜɹ"),
    ("", "ir", "(?!r|e)", "ɜɹ"),
    ("", "ur", "(?!r|e)", "ɜɹ"),
    ("", "ee", "", "i"),
    ("", "ea", "d$|lth|ther", "ɛ"),
    ("", "ea", "", "i"),
    ("", "eau", "", "O"),
    ("", "ei", "", "A"),
    ("", "ey", "$", "i"),
    ("", "ey", "", "A"),
    ("", "eu", "", "u"),
    ("", "ew", "", "u"),
    ("", "ai", "", "A"),
    ("", "ay", "", "A"),
    ("", "au", "", "ɔ"),
    ("", "aw", "", "ɔ"),
    ("", "aa", "", "ɑ"),
    ("", "ah", "$", "ɑ"),
    ("", "oah", "$", "O"),
    ("", "oo", "k", "ʊ"),
    ("", "oo", "", "u"),
    ("", "oa", "", "O"),
    ("", "oe", "$|s$", "O"),
    ("", "oh", "$", "O"),
    ("", "oi", "", "Y"),
    ("", "oy", "", "Y"),
    ("", "ious", "$", "iəs"),
    ("", "eous", "$", "iəs"),
    ("", "ous", "$", "əs"),
    ("", "ou", "", "W"),
    ("", "ow", "$|s$|n$", "O"),
    ("", "ow", "", "W"),
    ("", "ie", "[fvldn]", "i"),
    ("^.", "ie", "$|s$", "I"),
    ("", "ie", "$|s$", "i"),
    ("", "ue", "$|s$", "u"),
    ("", "ui", "", "u"),
    ("", "uy", "", "I"),
    ("", "a", "tion", "A"),
    ("", "e", "tion", "i"),
    ("", "o", "tion", "O"),
    ("", "u", "tion", "u"),
    ("", "a", f"{_C}e{_END}", "A"),
    ("", "e", f"{_C}e{_END}", "i"),
    ("", "i", f"{_C}e{_END}", "I"),
    ("", "o", f"{_C}e{_END}", "O"),
    ("", "u", f"{_C}e{_END}", "u"),
    ("", "y", f"{_C}e{_END}", "I"),
    ("", "a", f"{_C}(?:ing|ed|er|ers|y|ies)$", "A"),
    ("", "i", f"{_C}(?:ing|ed|er|ers)$", "I"),
    ("", "o", f"{_C}(?:ing|ed|er|ers|y|ies)$", "O"),
    ("", "u", f"{_C}(?:ing|ed|er|ers|y|ies)$", "u"),
    ("", "i", "nd$|ld$", "I"),
    ("", "o", "ld|ll$|lt$", "O"),
    ("", "a", "ll|lk|lt", "ɔ"),
    ("w|qu", "a", "[^gkx]", "ɑ"),
    ("", "a", "$", "ə"),
    ("", "a", "", "æ"),
    ("[aeiouy].*", "e", "$|s$", ""),
    ("^[^aeiouy]*", "e", "$", "i"),
    ("", "e", "", "ɛ"),
    ("", "i", "$", "i"),
    ("", "i", "a|o|u", "i"),
    ("", "i", "", "ɪ"),
    ("", "o", "$|s$", "O"),
    ("", "o", "", "ɑ"),
    ("", "u", "$", "u"),
    ("", "u", "", "ʌ"),
    ("^[^aeiouy]*", "y", "$", "I"),
    ("", "y", "$|s$", "i"),
    ("", "y", "", "ɪ"),
    # consonants
    *(("", letter, "", sound) for letter, sound in zip("bcdfghjklmnprstvwz", "bkdfɡhʤklmnpɹstvwz", strict=True)),
)
_BY_LETTER: dict[str, list[tuple[re.Pattern[str], str, re.Pattern[str], tuple[str, ...]]]] = {}
for _before, _letters, _after, _sounds in _RULES:
    _BY_LETTER.setdefault(_letters[0], []).append(
        (re.compile(f"(?:{_before})$"), _letters, re.compile(_after), tuple(_sounds))
    )
_PRE_STRESSED = ("tion", "sion", "cian", "tious", "cious", "ity", "ic", "ical", "ian", "ious", "eous", "ify", "ial")
_STRESSED = ("ee", "eer", "ette", "esque", "oon", "ique")
_PREFIXES = ("re", "de", "be", "un", "in", "ex", "a", "con", "com", "dis", "mis", "pre", "pro", "en", "em")
_REDUCED = {"æ": "ə", "ɑ": "ə", "ʌ": "ə", "ɛ": "ə", "A": "ə"}


def spoken(word: str) -> tuple[tuple[Unit, ...], tuple[int, ...]]:
    """Return the units of a word of the letters a to z and apostrophes, and the stress of each of its nuclei.

    Letters outside these are silent.
    """
    letters = word.lower()
    units, at = [], 0
    while at < len(letters):
        unit = _unit(letters, at)
        units.append(Unit(word[at : at + len(unit.letters)], unit.sounds))
        at += len(unit.letters)
    nuclei = sum(sound in NUCLEI for unit in units for sound in unit.sounds)
    stressed = _stressed(letters, nuclei)
    stresses = tuple(1 if place == stressed else 0 for place in range(nuclei))
    return _reduced(units, stressed), stresses


def _unit(letters: str, at: int) -> Unit:
    for before, spelling, after, sounds in _BY_LETTER.get(letters[at], ()):
        end = at + len(spelling)
        if (
            letters.startswith(spelling, at)
            and after.match(letters, end)
            and before.search(letters, max(0, at - 8), at)
        ):
            return Unit(spelling, sounds)
    return Unit(letters[at], ())


def _stressed(letters: str, nuclei: int) -> int:
    if letters.endswith(_STRESSED):
        return nuclei - 1
    if letters.endswith(_PRE_STRESSED):
        before = 3 if letters.endswith(("ity", "ical", "ify")) else 2
        return max(nuclei - before, 0)
    if nuclei == 2:
        return 1 if letters.startswith(_PREFIXES) and not letters.endswith(("er", "y", "ing", "ed")) else 0
    return max(nuclei - 3, 0)


def _reduced(units: Sequence[Unit], stressed: int) -> tuple[Unit, ...]:
    """Weaken what stands after the stress, but for the last syllable."""
    total = sum(sound in NUCLEI for unit in units for sound in unit.sounds)
    found, place = [], 0
    for unit in units:
        sounds = list(unit.sounds)
        for at, sound in enumerate(sounds):
            if sound in NUCLEI:
                if place != stressed and place != total - 1 and len(unit.letters) == 1:
                    sounds[at] = _REDUCED.get(sound, sound)
                place += 1
        found.append(Unit(unit.letters, tuple(sounds)))
    return tuple(found)
