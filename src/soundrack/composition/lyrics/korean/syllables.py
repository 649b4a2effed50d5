"""Korean words to syllables: one block, one syllable, in the sounds of the voice that come nearest.

The voice's alphabet is that of American English, so some distinctions are lost: plain consonants are voiced ones, tense
and aspirated ones are both voiceless; ㅡ is the vowel of "book", ㅓ that of "cut", ㅐ and ㅔ that of "bed".
"""

from __future__ import annotations

from functools import lru_cache

from soundrack.composition.lyrics.korean.jamo import Block
from soundrack.composition.lyrics.korean.pronunciation import pronounced
from soundrack.composition.lyrics.lyrics import Syllable

_ONSETS = dict(zip("ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅈㅉㅊㅋㅌㅍㅎ", "ɡkndtɾmbpssʤʧʧktph", strict=True)) | {"ㅇ": ""}
_VOWELS = {
    **{"ㅏ": "ɑ", "ㅐ": "ɛ", "ㅑ": "jɑ", "ㅒ": "jɛ", "ㅓ": "ʌ", "ㅔ": "ɛ", "ㅕ": "jʌ", "ㅖ": "jɛ", "ㅗ": "O"},
    **{"ㅘ": "wɑ", "ㅙ": "wɛ", "ㅚ": "wɛ", "ㅛ": "jO", "ㅜ": "u", "ㅝ": "wʌ", "ㅞ": "wɛ", "ㅟ": "wi", "ㅠ": "ju"},
    **{"ㅡ": "ʊ", "ㅢ": "ʊj", "ㅣ": "i"},
}
_CODAS = {"": "", "ㄱ": "k", "ㄴ": "n", "ㄷ": "t", "ㄹ": "l", "ㅁ": "m", "ㅂ": "p", "ㅇ": "ŋ"}
_FRONT = "ㅣㅟㅑㅕㅛㅠㅖㅒ"
"""Before these ㅅ is said as ʃ."""


@lru_cache(maxsize=8192)
def syllables(word: str) -> tuple[Syllable, ...]:
    """Return the syllables of a word of Hangul blocks, as it is said; the first has the stress.

    Korean words have no stress of their own; phrases begin high and strong (S.-A. Jun, "K-ToBI", 2000), so the first
    syllable of a word of several has 1, and a word of one syllable too.
    """
    said = [Block.of(character) for character in pronounced(word)]
    found = []
    for place, (character, block) in enumerate(zip(word, said, strict=True)):
        before = said[place - 1].coda if place else ""
        found.append(Syllable(character, _sounds(block, before), 1 if place == 0 else 0))
    return tuple(found)


def _sounds(block: Block, before: str) -> tuple[str, ...]:
    onset = _ONSETS[block.onset]
    if block.onset == "ㄹ" and before == "ㄹ":
        onset = "l"
    elif block.onset in "ㅅㅆ" and block.vowel in _FRONT:
        onset = "ʃ"
    return (*onset, *_VOWELS[block.vowel], *_CODAS[block.coda])
