"""Markers of sections: a line that is no more than a name in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from soundrack.composition.plan import Label

_LINE = re.compile(r"\s*[\[［【]\s*(?P<name>[^\[\]［］【】]{1,80}?)\s*[\]］】]\s*(?P<rest>.*)")
_NAMES: dict[Label, tuple[str, ...]] = {
    Label.PRE_CHORUS: (
        "pre-chorus",
        "pre chorus",
        "prechorus",
        "pre-hook",
        "prehook",
        "프리코러스",
        "프리 코러스",
        "프리-코러스",
    ),
    Label.CHORUS: (
        *(
            "chorus",
            "hook",
            "refrain",
            "post-chorus",
            "후렴",
            "후렴구",
            "훅",
            "코러스",
            "싸비",
            "사비",
            "estribillo",
            "coro",
        ),
        *("refrain", "ritornello", "サビ", "副歌"),
    ),
    Label.INTRO: ("intro", "introduction", "opening", "인트로", "전주", "도입부", "イントロ"),
    Label.VERSE: (
        "verse",
        "rap",
        "벌스",
        "버스",
        "절",
        "랩",
        "estrofa",
        "verso",
        "couplet",
        "strophe",
        "strofa",
        "aメロ",
        "主歌",
    ),
    Label.BRIDGE: ("bridge", "middle eight", "middle 8", "브릿지", "브리지", "puente", "pont", "ブリッジ"),
    Label.BUILD: ("build", "build-up", "build up", "buildup", "빌드업", "빌드 업"),
    Label.DROP: ("drop", "드롭", "드랍"),
    Label.BREAK: ("break", "breakdown", "브레이크", "브레이크다운"),
    Label.INSTRUMENTAL: (
        *(
            "instrumental",
            "solo",
            "guitar solo",
            "interlude",
            "instrumental break",
            "연주",
            "간주",
            "솔로",
            "인터루드",
            "間奏",
        ),
        *("연주곡", "instrumental solo"),
    ),
    Label.OUTRO: ("outro", "ending", "end", "coda", "fade out", "아웃트로", "후주", "엔딩", "마무리", "アウトロ"),
}
_BY_LENGTH = sorted(
    ((name, label) for label, names in _NAMES.items() for name in names), key=lambda each: -len(each[0])
)
_NAMED = [(re.compile(rf"(?<![^\W\d_]){re.escape(name)}(?![^\W\d_])"), label) for name, label in _BY_LENGTH]


@dataclass(frozen=True)
class Marker:
    """A marker: its text, what it says, and what is sung on the same line."""

    name: str
    label: Label | None
    rest: str


def marker(line: str) -> Marker | None:
    """Return the marker that a line is, None if it is none.

    Case, numbers and what else stands in the brackets do not matter: ``[VERSE 2: softly]`` is a verse. The label
    of a name that is not known is None. Words after the bracket are sung.
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    name = " ".join(match["name"].split())
    return Marker(name, _label(name.casefold()), match["rest"].strip())


def _label(name: str) -> Label | None:
    return next((label for pattern, label in _NAMED if pattern.search(name)), None)
