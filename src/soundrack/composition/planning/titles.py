"""Titles: a line of the lyrics, or a few words that suit the song."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from soundrack.composition.fields import Fields
from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Label
from soundrack.composition.planning.draws import Draws
from soundrack.composition.planning.genre import Genre, Temper
from soundrack.composition.prompt import Wishes

_FILE = Path(__file__).with_name("titles.toml")
_LONGEST = 42
_SMALL = frozenset(("a", "an", "and", "at", "by", "for", "in", "is", "of", "on", "or", "the", "to", "with"))


def title(wishes: Wishes, lyrics: Lyrics | None, kind: Genre, mood: Temper, draws: Draws) -> str:
    """Return a title of at most 42 characters.

    It is the first line of the first chorus (or of the lyrics), cut between words, or an own one, made of what the song
    feels like, its style and its scenes.
    """
    if lyrics is not None:
        line = _line(lyrics)
        if line:
            return line
    return _made(wishes, kind, mood, draws)


def _line(lyrics: Lyrics) -> str:
    sections = [section for section in lyrics.sections if section.lines]
    chorus = next((section for section in sections if section.label is Label.CHORUS), sections[0])
    words: list[str] = []
    for word in chorus.lines[0].text.split():
        if sum(len(each) + 1 for each in [*words, word]) - 1 > _LONGEST:
            break
        words.append(word)
    text = " ".join(words).strip(" ,.;:!?-–—\"'()[]…")
    if not text and chorus.lines[0].words:
        text = chorus.lines[0].words[0].text[:_LONGEST]
    return " ".join(_capital(word, place) for place, word in enumerate(text.split()))


def _capital(word: str, place: int) -> str:
    if place and word.lower() in _SMALL:
        return word.lower()
    return word[:1].upper() + word[1:]


def _made(wishes: Wishes, kind: Genre, mood: Temper, draws: Draws) -> str:
    words = _words()
    nouns = [noun for scene in wishes.scenes for noun in words["nouns"].get(scene, ())] * 2 + [
        *words["nouns"][kind.style.name]
    ]
    places = [place for scene in wishes.scenes for place in words["places"].get(scene, ())] or [*words["places"]["any"]]
    feeling = f"{'happy' if mood.valence >= 0.5 else 'sad'}_{'driving' if mood.energy >= 0.5 else 'calm'}"
    rng = draws.rng("title")
    noun = nouns[int(rng.integers(len(nouns)))]
    others = [each for each in nouns if each != noun] or [noun]
    frames = words["frames"]["any"]
    frame = frames[int(rng.integers(len(frames)))]
    adjectives = words["adjectives"][feeling]
    return frame.format(
        adjective=adjectives[int(rng.integers(len(adjectives)))],
        noun=noun,
        other=others[int(rng.integers(len(others)))],
        place=places[int(rng.integers(len(places)))],
    )[:_LONGEST]


@cache
def _words() -> dict[str, dict[str, tuple[str, ...]]]:
    with _FILE.open("rb") as file:
        fields = Fields("titles", tomllib.load(file))
    read = {"frames": {"any": fields.texts("frames")}}
    for name in ("adjectives", "places", "nouns"):
        table = fields.table(name)
        read[name] = {each: table.texts(each) for each in table.names}
    fields.done()
    return read
