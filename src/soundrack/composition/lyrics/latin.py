"""Spanish, French, German and Italian: words to syllables by simple rules of spelling.

The sounds are those of the voice, which are English: nasal vowels are vowels with an n, ü is u, ö is ɜ, the ch of
"Bach" is h.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from soundrack.composition.lyrics.lyrics import Syllable
from soundrack.composition.lyrics.sounds import NUCLEI
from soundrack.composition.lyrics.syllables import Unit, syllabified

_ROMANCE = {
    **{"p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "f": "f", "v": "v", "m": "m", "n": "n", "l": "l", "r": "ɹ"},
    **{"w": "w", "x": "ks", "y": "i", "h": "", "j": "j", "q": "k", "c": "k", "g": "ɡ", "s": "s", "z": "z"},
}
_SPANISH = {
    **_ROMANCE,
    **{"a": "ɑ", "á": "ɑ", "e": "ɛ", "é": "ɛ", "i": "i", "í": "i", "o": "O", "ó": "O", "u": "u", "ú": "u", "ü": "w"},
    **{"ch": "ʧ", "ll": "j", "rr": "ɾ", "r": "ɾ", "ñ": "nj", "qu": "k", "j": "h", "z": "s", "v": "b", "gü": "ɡw"},
    **{"c(?=[eiéí])": "s", "g(?=[eiéí])": "h", "gu(?=[eiéí])": "ɡ", "y(?=[aeiouáéíóú])": "j", "hue": "wɛ"},
    **{
        "i(?=[aeoáéó])": "j",
        "u(?=[aeioáéíó])": "w",
        "(?<=[aeoáéó])i": "j",
        "(?<=[aeoáéó])u": "w",
        "(?<=[aeoáéó])y$": "j",
    },
}
_ITALIAN = {
    **_ROMANCE,
    **{"a": "ɑ", "à": "ɑ", "e": "ɛ", "è": "ɛ", "é": "ɛ", "i": "i", "ì": "i", "o": "O", "ò": "O", "ó": "O", "u": "u"},
    **{
        "ù": "u",
        "r": "ɾ",
        "z": "ts",
        "zz": "ts",
        "ch": "k",
        "gh": "ɡ",
        "gn": "nj",
        "gli": "lj",
        "gli$": "lji",
        "qu": "kw",
    },
    **{"c(?=[eièé])": "ʧ", "ci(?=[aouàòù])": "ʧ", "g(?=[eièé])": "ʤ", "gi(?=[aouàòù])": "ʤ", "sc(?=[eièé])": "ʃ"},
    **{
        "sci(?=[aouàòù])": "ʃ",
        "cc(?=[eièé])": "ʧ",
        "cci(?=[aouàòù])": "ʧ",
        "gg(?=[eièé])": "ʤ",
        "ggi(?=[aouàòù])": "ʤ",
    },
    **{
        "i(?=[aeouàèòùóé])": "j",
        "(?<=^[bdfglmnprstvz])i(?=[aoe]$)": "i",
        "^i(?=o$)": "i",
        "u(?=[aeioàèìò])": "w",
        "(?<=[aeoàèò])i": "j",
        "(?<=[ae])u": "w",
    },
    **{f"{c}{c}": s for c, s in zip("bcdfglmnprstv", "bkdfɡlmnpɾstv", strict=True)},
}
_GERMAN = {
    **{
        "a": "ɑ",
        "aa": "ɑ",
        "ah": "ɑ",
        "e": "ɛ",
        "ee": "A",
        "eh": "A",
        "e$": "ə",
        "en$": "ən",
        "el$": "əl",
        "er$": "əɹ",
    },
    **{
        "ern$": "əɹn",
        "es$": "əs",
        "em$": "əm",
        "et$": "ət",
        "i": "ɪ",
        "ie": "i",
        "ih": "i",
        "o": "O",
        "oh": "O",
        "oo": "O",
    },
    **{
        "u": "ʊ",
        "uh": "u",
        "ä": "ɛ",
        "äh": "ɛ",
        "ö": "ɜ",
        "öh": "ɜ",
        "ü": "u",
        "üh": "u",
        "y": "u",
        "ei": "I",
        "ai": "I",
    },
    **{
        "ey": "I",
        "ay": "I",
        "eu": "Y",
        "äu": "Y",
        "au": "W",
        "sch": "ʃ",
        "tsch": "ʧ",
        "chs": "ks",
        "ch": "ʃ",
        "ck": "k",
    },
    **{
        "(?<=[aou])ch": "h",
        "^sp": "ʃp",
        "^st": "ʃt",
        "ph": "f",
        "pf": "pf",
        "qu": "kv",
        "th": "t",
        "tz": "ts",
        "z": "ts",
    },
    **{
        "ß": "s",
        "ss": "s",
        "s": "s",
        "s(?=[aeiouäöü])": "z",
        "v": "f",
        "w": "v",
        "j": "j",
        "h": "h",
        "x": "ks",
        "c": "k",
    },
    **{"ng": "ŋ", "nk": "ŋk", "r": "ɹ", "ig$": "ɪʃ", "b$": "p", "d$": "t", "g$": "k", "dt": "t"},
    **dict(zip("bdfgklmnpt", "bdfɡklmnpt", strict=True)),
    **{f"{c}{c}": s for c, s in zip("bdfgklmnprt", "bdfɡklmnpɹt", strict=True)},
}
_FRENCH = {
    **_ROMANCE,
    **{"a": "ɑ", "à": "ɑ", "â": "ɑ", "e": "ə", "é": "A", "è": "ɛ", "ê": "ɛ", "ë": "ɛ", "i": "i", "î": "i", "ï": "i"},
    **{
        "o": "ɔ",
        "ô": "O",
        "u": "u",
        "û": "u",
        "ù": "u",
        "y": "i",
        "ou": "u",
        "où": "u",
        "oi": "wɑ",
        "au": "O",
        "eau": "O",
    },
    **{
        "ai": "ɛ",
        "ei": "ɛ",
        "aî": "ɛ",
        "eu": "ɜ",
        "œu": "ɜ",
        "œ": "ɜ",
        "eux$": "ɜ",
        "ill": "ij",
        "aill": "Ij",
        "eill": "ɛj",
    },
    **{
        "ouill": "uj",
        "ail$": "Ij",
        "eil$": "ɛj",
        "euil$": "ɜj",
        "er$": "A",
        "ez$": "A",
        "et$": "ɛ",
        "es$": "ə",
        "(?<=^[lmtsdc])es$": "A",
        "^et$": "A",
        "^est$": "ɛ",
        "ent$": "ɑn",
    },
    **{"ais$": "ɛ", "ait$": "ɛ", "aient$": "ɛ", "e(?=[bcdfgklmnprst]{2})": "ɛ", "e(?=[rcfl]$)": "ɛ"},
    **{f"{v}[nm](?=[bcdfgjklpqrstvxz]|$)": "ɑn" for v in ("a", "e", "â")},
    **{f"{v}[nm](?=[bcdfgjklpqrstvxz]|$)": "æn" for v in ("i", "ai", "ei", "u", "y")},
    **{f"{v}[nm](?=[bcdfgjklpqrstvxz]|$)": "ɔn" for v in ("o",)},
    **{"oin(?=[bcdfgjklpqrstvxz]|$)": "wæn", "ien(?=[bcdfgjklpqrstvxz]|$)": "jæn", "ch": "ʃ", "ph": "f", "gn": "nj"},
    **{"qu": "k", "th": "t", "ç": "s", "c(?=[eéèêiîy])": "s", "g(?=[eéèêiîy])": "ʒ", "ge(?=[aouâô])": "ʒ"},
    **{"gu(?=[eéèêi])": "ɡ", "j": "ʒ", "(?<=[aeiouyéèêâôîûœ])s(?=[aeiouyéèêâôîûœ])": "z", "(?<=.)[dgpstxz]+$": ""},
    **{"ti(?=on)": "sj", "i(?=[aeoéèê])": "j", "y(?=[aeouéèê])": "j", "u(?=[ièy])": "w", "ou(?=[aeiéè])": "w"},
    **{f"{c}{c}": s for c, s in zip("bcdflmnprst", "bkdflmnpɹst", strict=True)},
}


def _spanish_stress(word: str, nuclei: int, accented: int | None) -> int:
    if accented is not None:
        return accented
    return nuclei - 2 if re.search(r"[aeiouns]$", word) and nuclei > 1 else nuclei - 1


def _italian_stress(_word: str, nuclei: int, accented: int | None) -> int:
    return accented if accented is not None else max(nuclei - 2, 0)


def _german_stress(word: str, nuclei: int, _accented: int | None) -> int:
    return 1 if nuclei > 1 and word.startswith(("ge", "be", "ver", "zer", "er", "ent", "emp")) else 0


def _french_stress(word: str, nuclei: int, _accented: int | None) -> int:
    return nuclei - 2 if nuclei > 1 and re.search(r"es?$", word) else nuclei - 1


_Stress = Callable[[str, int, "int | None"], int]
_LANGUAGES: dict[str, tuple[dict[str, str], str, _Stress]] = {
    "es": (_SPANISH, "áéíóú", _spanish_stress),
    "it": (_ITALIAN, "àèéìòóù", _italian_stress),
    "de": (_GERMAN, "", _german_stress),
    "fr": (_FRENCH, "", _french_stress),
}
LANGUAGES = tuple(_LANGUAGES)
_CONTEXT, _ANY = re.compile(r"\(\?.*?\)|[$^+]"), re.compile(r"\[[^]]*\]")


def _longest_first(spelling: str) -> tuple[int, int, str]:
    """Order spellings by their letters, then by how much must stand around them."""
    return -len(_ANY.sub("x", _CONTEXT.sub("", spelling))), -len(spelling), spelling


_COMPILED = {
    language: [(re.compile(spelling), tuple(table[spelling])) for spelling in sorted(table, key=_longest_first)]
    for language, (table, _, _) in _LANGUAGES.items()
}


@lru_cache(maxsize=8192)
def syllables(word: str, language: str) -> tuple[Syllable, ...]:
    """Return the syllables of a word.

    Parameters
    ----------
    word : str
        Letters, apostrophes and hyphens.
    language : str
        ``es``, ``fr``, ``de`` or ``it``.

    Returns
    -------
    tuple of Syllable
        At least one; their texts make up the word. The e at the end of French words is sung, as in songs.
    """
    small = unicodedata.normalize("NFC", word).lower()
    if len(small) != len(word):
        word = small
    _, accents, stress = _LANGUAGES[language]
    units, at = [], 0
    while at < len(small):
        for spelling, sounds in _COMPILED[language]:
            match = spelling.match(small, at)
            if match and match.end() > at:
                units.append(Unit(word[at : match.end()], sounds))
                at = match.end()
                break
        else:
            units.append(Unit(word[at], _stray(small[at])))
            at += 1
    nuclei = [unit for unit in units for sound in unit.sounds if sound in NUCLEI]
    accented = next((place for place, unit in enumerate(nuclei) if set(unit.letters.lower()) & set(accents)), None)
    stressed = stress(small, len(nuclei), accented)
    return syllabified(units, [int(place == stressed) for place in range(max(len(nuclei), 1))])


def _stray(letter: str) -> tuple[str, ...]:
    """Return the sounds of a letter that the language does not write: those of the plain letter in Spanish."""
    plain = unicodedata.normalize("NFKD", letter)[:1]
    return tuple(_SPANISH.get(plain, ""))
