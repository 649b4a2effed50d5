"""The alphabet of sounds: that of the voice model (misaki's for American English), one character for each sound.

Vowels: ``i ɪ ɛ æ ɑ ɔ ʊ u ʌ ə ɜ``; diphthongs ``A`` (say), ``I`` (sigh), ``O`` (so), ``W`` (now), ``Y`` (boy).
Consonants: ``p b t d k ɡ f v θ ð s z ʃ ʒ ʧ ʤ h m n ŋ l ɹ w j`` and ``ɾ``, the t of "butter".
"""

from __future__ import annotations

from collections.abc import Sequence

NUCLEI = frozenset("iɪɛæɑɔʊuʌəɜAIOWY")
"""Sounds that a syllable is sung on; each syllable has exactly one."""
CONSONANTS = frozenset("pbtdkɡfvθðszʃʒʧʤhmnŋlɹwjɾ")
SOUNDS = NUCLEI | CONSONANTS
VOICED = NUCLEI | frozenset("bdɡvðzʒʤmnŋlɹwjɾ")
PRIMARY, SECONDARY = "ˈ", "ˌ"
"""Stand before the nucleus of a stressed syllable in the dictionary; `Syllable.stress` says the same in numbers."""
NEUTRAL = "ə"
"""What is sung where the sounds are not known."""


def nucleus(sounds: Sequence[str]) -> int:
    """Return the place of the nucleus among a syllable's sounds.

    Raises
    ------
    StopIteration
        If it has none, which is no syllable.
    """
    return next(place for place, sound in enumerate(sounds) if sound in NUCLEI)
