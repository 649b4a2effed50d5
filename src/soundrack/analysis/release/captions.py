"""Captions: a few sentences for each network, in English and Korean, of what was found and nothing else.

There are several wordings; which one a song gets follows from what it is, so that the same song always has the same
and two songs seldom have.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from types import MappingProxyType

from soundrack.analysis.release.facts import Facts


@dataclass(frozen=True)
class Network:
    """Where a song is told of: how long a caption may be, how many hashtags it takes, whether it has the details."""

    most_characters: int
    hashtags: int
    details: bool


NETWORKS = MappingProxyType(
    {
        "instagram": Network(2200, 8, True),
        "tiktok": Network(2200, 5, False),
        "youtube": Network(5000, 3, True),
        "x": Network(280, 2, False),
        "soundcloud": Network(4000, 0, True),
        "spotify": Network(500, 0, True),
    }
)
"""By name. Characters: Instagram and TikTok captions 2,200, a YouTube description 5,000, a post on X 280 (of which a
Korean letter takes two), a SoundCloud description 4,000, Spotify's pitch to its editors 500."""

_OPENINGS_EN = ("{title} is out now.", "New music: {title}.", "{title}, finished and ready.", "This is {title}.")
_OPENINGS_KO = ("{title} 공개.", "새 음악, {title}.", "{title}, 드디어 완성.", "새로 선보이는 {title}.")
_UNTITLED_EN = ("A new track.", "New music.", "Something new.", "Out now.")
_UNTITLED_KO = ("새 트랙.", "새 음악.", "새로운 곡.", "지금 공개.")
_MOODS_KO = {
    "uplifting": "기분 좋은",
    "intense": "강렬한",
    "peaceful": "평온한",
    "melancholic": "우수 어린",
    "energetic": "에너지 넘치는",
    "calm": "차분한",
    "happy": "행복한",
    "sad": "슬픈",
    "party": "파티",
    "mellow": "부드러운",
    "chill": "편안한",
    "sensual": "관능적인",
    "beautiful": "아름다운",
    "easy": "가벼운",
}
_MODES_KO = {"major": "장조", "minor": "단조"}
_KINDS_KO = {
    "Pop": "팝",
    "Rock": "록",
    "Indie": "인디",
    "Metal": "메탈",
    "Punk": "펑크 록",
    "Funk": "펑크(funk)",
    "Electronic": "일렉트로닉",
    "Ambient": "앰비언트",
    "Hip Hop": "힙합",
    "R&B and Soul": "R&B 소울",
    "Jazz": "재즈",
    "Blues": "블루스",
    "Country": "컨트리",
    "Folk": "포크",
    "Classical": "클래식",
    "House": "하우스",
    "Techno": "테크노",
    "Trance": "트랜스",
    "Drum and Bass": "드럼 앤 베이스",
    "Dubstep": "덥스텝",
}
"""What has no name of its own in Korean keeps its English one."""
_LONGEST_TITLE = 80


def captions(facts: Facts, hashtags: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return a caption for each network, by language (``en``, ``ko``), none longer than the network takes.

    Parameters
    ----------
    facts : Facts
        What was found.
    hashtags : tuple of str
        The song's hashtags, of which each takes as many as is usual there.
    """
    return {
        name: {
            "en": _fitted(_english(facts, name, network), hashtags, network, wide=1),
            "ko": _fitted(_korean(facts, name, network), hashtags, network, wide=2 if name == "x" else 1),
        }
        for name, network in NETWORKS.items()
    }


def _english(facts: Facts, name: str, network: Network) -> list[str]:
    opening = _opening(facts, name, _OPENINGS_EN, _UNTITLED_EN)
    kind = facts.style or facts.genre
    described = " and ".join(facts.moods[:2])
    what = " ".join(part for part in (described, "instrumental" if facts.sung is False else "", kind or "") if part)
    sentences = [opening]
    if what:
        noun = "" if kind and kind.lower().endswith(("music", "song")) else " track" if kind else " music"
        article = "" if noun == " music" else "An " if what[0].lower() in "aeiou" else "A "
        sentence = f"{article}{what}{noun}." if article else f"{what[0].upper()}{what[1:]}{noun}."
        sentences.append(sentence)
    details = _details(facts, "BPM", facts.key, facts.instruments, "with ")
    if network.details and details:
        sentences.append(details)
    return sentences


def _korean(facts: Facts, name: str, network: Network) -> list[str]:
    opening = _opening(facts, name, _OPENINGS_KO, _UNTITLED_KO)
    moods = ", ".join(_MOODS_KO[mood] for mood in facts.moods[:2] if mood in _MOODS_KO)
    kind = facts.style or facts.genre or ""
    what = " ".join(
        part for part in (moods, _KINDS_KO.get(kind, kind), "연주곡" if facts.sung is False else "") if part
    )
    sentences = [opening]
    if what:
        sentences.append(f"{what}." if facts.sung is False else f"{what} 트랙.")
    note, _, mode = (facts.key or "").partition(" ")
    details = _details(facts, "BPM", f"{note} {_MODES_KO[mode]}" if mode in _MODES_KO else None, (), "")
    if network.details and details:
        sentences.append(details)
    return sentences


def _opening(facts: Facts, name: str, titled: tuple[str, ...], untitled: tuple[str, ...]) -> str:
    title = " ".join((facts.title or "").split())
    title = title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
    pick = zlib.crc32(repr((name, title, facts.genre, facts.bpm, facts.key)).encode())
    return titled[pick % len(titled)].format(title=title) if title else untitled[pick % len(untitled)]


def _details(facts: Facts, unit: str, key: str | None, instruments: tuple[str, ...], before: str) -> str:
    """Return tempo, key and instruments, divided by points; empty where none is known."""
    parts = [
        f"{round(facts.bpm)} {unit}" if facts.bpm else "",
        f"{key} ({facts.camelot})" if key and facts.camelot else key or "",
    ]
    parts.append(before + ", ".join(instruments[:3]) if instruments else "")
    told = " · ".join(part for part in parts if part)
    return told[:1].upper() + told[1:]


def _fitted(sentences: list[str], hashtags: tuple[str, ...], network: Network, *, wide: int) -> str:
    """Join sentences and hashtags; leave out from the end what would be too long, never the first sentence."""
    body, tags = list(sentences), list(hashtags[: network.hashtags])
    while True:
        caption = " ".join(body) + ("\n" + " ".join(tags) if tags else "")
        if _length(caption, wide) <= network.most_characters or (len(body) == 1 and not tags):
            return caption
        if tags:
            tags.pop()
        else:
            body.pop()


def _length(caption: str, wide: int) -> int:
    """Return how much of its network's room a caption takes: a letter beyond Latin counts for `wide`."""
    return sum(1 if ord(letter) < 0x1100 else wide for letter in caption)
