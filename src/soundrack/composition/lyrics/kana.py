"""Japanese kana: a mora is a syllable, as singers count them."""

from __future__ import annotations

from soundrack.composition.lyrics.lyrics import Syllable
from soundrack.composition.lyrics.sounds import NUCLEI

_ROWS = {
    "": "あいうえお",
    "k": "かきくけこ",
    "ɡ": "がぎぐげご",
    "s": "さしすせそ",
    "z": "ざじずぜぞ",
    "t": "たちつてと",
    "d": "だぢづでど",
    "n": "なにぬねの",
    "h": "はひふへほ",
    "b": "ばびぶべぼ",
    "p": "ぱぴぷぺぽ",
    "m": "まみむめも",
    "ɾ": "らりるれろ",
}
_VOWELS = "ɑiuɛO"
_SMALL = {"ゃ": "ɑ", "ゅ": "u", "ょ": "O", "ぁ": "ɑ", "ぃ": "i", "ぅ": "u", "ぇ": "ɛ", "ぉ": "O", "ゎ": "ɑ"}
_SOUNDS: dict[str, tuple[str, ...]] = {
    kana: (*onset, vowel) for onset, row in _ROWS.items() for kana, vowel in zip(row, _VOWELS, strict=True)
} | {
    **{"し": ("ʃ", "i"), "じ": ("ʤ", "i"), "ち": ("ʧ", "i"), "ぢ": ("ʤ", "i"), "つ": ("t", "s", "u"), "づ": ("z", "u")},
    **{"ふ": ("f", "u"), "や": ("j", "ɑ"), "ゆ": ("j", "u"), "よ": ("j", "O"), "わ": ("w", "ɑ"), "を": ("O",)},
    **{"ゐ": ("i",), "ゑ": ("ɛ",), "ん": ("ə", "n"), "ゔ": ("b", "u")},
}
_ABSORBS_GLIDE = frozenset("ʃʤʧ")
_FIRST_KATAKANA, _LAST_KATAKANA, _TO_HIRAGANA = 0x30A1, 0x30F6, 0x60
_LONG, _STOPPED = "ー", "っ"
_MARKS = frozenset("ヽヾゝゞ・")


def is_kana(character: str) -> bool:
    """Return whether a character is hiragana, katakana or the mark of a long vowel."""
    return "\u3041" <= character <= "\u3096" or "\u30a1" <= character <= "\u30fc"


def syllables(word: str) -> tuple[Syllable, ...]:
    """Return a syllable for each mora of a word of kana.

    ん is a mora on a neutral vowel, ー holds the vowel before it, っ belongs to the mora before it. Japanese has pitch
    instead of stress, which is not known: the first mora alone is stressed.
    """
    found: list[Syllable] = []
    for character in word:
        plain = _hiragana(character)
        if found and plain in _SMALL and found[-1].sounds[-1] not in NUCLEI:
            found.append(Syllable(character, (_SMALL[plain],), 0))
        elif found and (plain in _SMALL or plain == _STOPPED or plain in _MARKS or plain not in _SOUNDS | {_LONG: ()}):
            before = found[-1]
            sounds = _combined(before.sounds, _SMALL[plain]) if plain in _SMALL else before.sounds
            found[-1] = Syllable(before.text + character, sounds, before.stress)
        elif plain == _LONG and found:
            found.append(Syllable(character, (_vowel(found[-1].sounds),), 0))
        else:
            sounds = _SOUNDS.get(plain) or (_SMALL.get(plain, "ə"),)
            found.append(Syllable(character, sounds, int(not found)))
    return tuple(found)


def _hiragana(character: str) -> str:
    code = ord(character)
    return chr(code - _TO_HIRAGANA) if _FIRST_KATAKANA <= code <= _LAST_KATAKANA else character


def _combined(sounds: tuple[str, ...], vowel: str) -> tuple[str, ...]:
    """Return a mora with a small vowel after it: きゃ is kjɑ, しゃ ʃɑ, ファ fɑ."""
    onset = sounds[:-1]
    glides = sounds[-1] == "i" and bool(onset) and onset[-1] not in _ABSORBS_GLIDE and vowel != "i"
    return (*onset, *(("j",) if glides else ()), vowel)


def _vowel(sounds: tuple[str, ...]) -> str:
    return next(sound for sound in reversed(sounds) if sound in "ɑiuɛOə")
