"""Which letters of an English word are said with which of its sounds."""

from __future__ import annotations

from collections.abc import Sequence

from soundrack.composition.lyrics.syllables import Unit

_SPELLINGS: dict[str, str] = {
    "i": "ee ea e i y ie ei ey eo oe ae ay ia",
    "ɪ": "i y e a u ui o ie ee ei ai ia",
    "ɛ": "e ea a ai ie eo ay u ei ae",
    "æ": "a ai au i",
    "ɑ": "o a ow ea e au ou ho ah aa",
    "ɔ": "o a au aw ou oa augh ough oo e",
    "ʊ": "oo u ou o eu",
    "u": "oo u ou ew ue o ui wo eu oe ough ieu oup",
    "ʌ": "u o ou oo a oe",
    "ə": "a e i o u y ou ai ia io eo ie oi ea eou au ei oa ah iou re le",
    "ɜ": "e i u o ea ou eu y oe ae uo olo",
    "A": "a ai ay ei ey ea e eigh aigh au ae et er ee",
    "I": "i y ie igh eigh uy ei ai eye ye ay ey is ia",
    "O": "o oa ow oe ou ough ew eau au oh owe oo eo ol ot",
    "W": "ou ow au ough ao hou",
    "Y": "oi oy uoy oye eu",
    "p": "p pp pe ph",
    "b": "b bb be",
    "t": "t tt te ed th d tte",
    "d": "d dd ed de t",
    "ɾ": "t tt d dd te",
    "k": "c k ck ch cc q x kk que ke kh qu cch cq che",
    "ɡ": "g gg gh gu gue x ckg",
    "f": "f ff ph gh fe ffe",
    "v": "v ve f vv ph",
    "θ": "th tth",
    "ð": "th the",
    "s": "s ss c se ce sc ps st z sw sse sce x t",
    "z": "z s zz se ze x ss es cz si",
    "ʃ": "sh ti ci s ch si ss sch ssi c t sci xi",
    "ʒ": "s si z g ge zi ti j",
    "ʧ": "ch tch t c ti te tu cz",
    "ʤ": "j g dg ge dge d gg di dj gi",
    "h": "h wh j x",
    "m": "m mm me mb",
    "n": "n nn ne kn gn pn mn nd nne",
    "ŋ": "n ng ngue nd",
    "l": "l ll le lle ln sl",
    "ɹ": "r rr re wr rh rre rrh er r're",
    "w": "w wh u o we ui",
    "j": "y i u e j ll gn",
}
_SPELLED = {sound: frozenset(spellings.split()) for sound, spellings in _SPELLINGS.items()}
_LONGEST = 4
_STRANGE, _SILENT, _UNHEARD, _SHARED = 3.0, 1.2, 4.0, 0.5
_SILENT_E = 0.3
_MOST_LETTERS = 34


def spelled(word: str, sounds: Sequence[str]) -> tuple[Unit, ...]:
    """Return the letters of a word with its sounds.

    The cheapest way through the word: a known spelling of a sound costs nothing, a silent letter something, a letter
    that is never said so more.

    Parameters
    ----------
    word : str
        Its letters, at most 34 of them: else each sound has as many as any other.
    sounds : sequence of str
        Its sounds, at least one, without stress marks.

    Returns
    -------
    tuple of Unit
        Their letters make up the word, their sounds the sounds.
    """
    if len(word) > _MOST_LETTERS:
        return _evenly(word, sounds)
    letters, count = word.lower().replace("'", ""), len(sounds)
    if len(letters) != len(word.replace("'", "")):
        return _evenly(word, sounds)
    cost: dict[tuple[int, int], float] = {(0, 0): 0.0}
    came: dict[tuple[int, int], tuple[int, int]] = {}
    for heard in range(count + 1):
        for at in range(len(letters) + 1):
            here = cost.get((at, heard))
            if here is None:
                continue
            for to, heard_to, price in _steps(letters, sounds, at, heard):
                if here + price < cost.get((to, heard_to), 1e9) - 1e-12:
                    cost[to, heard_to] = here + price
                    came[to, heard_to] = at, heard
    units: list[Unit] = []
    at, heard = len(letters), count
    while at or heard:
        before, heard_before = came[at, heard]
        units.append(Unit(letters[before:at], tuple(sounds[heard_before:heard])))
        at, heard = before, heard_before
    return _as_written(word, units[::-1])


def _steps(letters: str, sounds: Sequence[str], at: int, heard: int) -> list[tuple[int, int, float]]:
    steps = []
    if at < len(letters):
        steps.append((at + 1, heard, _silence(letters, at)))
    if heard < len(sounds):
        known = _SPELLED[sounds[heard]]
        steps.append((at, heard + 1, _SHARED if _shares(letters, sounds, at, heard) else _UNHEARD))
        for length in range(1, min(_LONGEST, len(letters) - at) + 1):
            chunk = letters[at : at + length]
            if chunk in known:
                steps.append((at + length, heard + 1, 0.0))
            elif length == 1:
                steps.append((at + 1, heard + 1, _STRANGE))
    return steps


def _silence(letters: str, at: int) -> float:
    """Return what it costs that a letter is silent: least for a final e and the second of two alike."""
    if letters[at] == "e" and at >= len(letters) - 2:
        return _SILENT_E
    if at and letters[at] == letters[at - 1]:
        return _SILENT_E
    return _SILENT


def _shares(letters: str, sounds: Sequence[str], at: int, heard: int) -> bool:
    """Return whether a sound is the second of the letter before, or the first of the one that comes."""
    pair = "".join(sounds[heard - 1 : heard + 1]) if heard else ""
    if at and letters[at - 1] == "x":
        return pair in {"ks", "ɡz", "kʃ", "ɡʒ"}
    if at and letters[at - 1] == "u" and pair == "ju":
        return True
    if at and letters[at - 1] == "o" and pair == "wʌ":
        return True
    # a vowel before l, m, n, r that is written after them or not at all: "rhythm", "little", "fire"
    return sounds[heard] == "ə" and at > 0


def _as_written(word: str, units: Sequence[Unit]) -> tuple[Unit, ...]:
    """Put capitals and apostrophes back."""
    found: list[Unit] = []
    at = 0
    for unit in units:
        start, left = at, len(unit.letters)
        while at < len(word) and (left or (word[at] == "'" and found)):
            left -= word[at] != "'"
            if left < 0:
                break
            at += 1
        found.append(Unit(word[start:at], unit.sounds))
    if at < len(word) and found:
        found[-1] = Unit(found[-1].letters + word[at:], found[-1].sounds)
    return tuple(found)


def _evenly(word: str, sounds: Sequence[str]) -> tuple[Unit, ...]:
    edges = [round(place * len(word) / len(sounds)) for place in range(len(sounds) + 1)]
    return tuple(Unit(word[edges[place] : edges[place + 1]], (sound,)) for place, sound in enumerate(sounds))
