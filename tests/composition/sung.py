"""Lyrics made by hand, and plans drawn from wishes, for tests of what is planned, written and sung."""

from __future__ import annotations

from functools import cache

from soundrack.composition.lyrics import LyricLine, Lyrics, LyricSection, Syllable, Word
from soundrack.composition.plan import Label, Plan
from soundrack.composition.planning import plan
from soundrack.composition.prompt import Style, Wishes
from soundrack.composition.score.form import placed
from soundrack.composition.score.ground import Ground, ground
from soundrack.composition.score.harmony import harmony
from soundrack.composition.score.melody import lead
from soundrack.composition.score.score import Note

VERSE = ("the 'ci-ty 'sleeps be-'neath the 'rain", "i 'count the 'lights a-'long the 'lane",
         "your 'let-ter 'folds in-'side my 'hand", "a 'word i 'ne-ver 'un-der-'stand")  # fmt: skip
SECOND = ("the 'mor-ning 'comes with-'out a 'sound", "i 'leave my 'sha-dow 'on the 'ground",
          "the 'trains are 'run-ning 'west to-'day", "and 'ev-'ry 'mile is 'on my 'way")  # fmt: skip
CHORUS = ("'hold on to the 'light", "we are 'on-ly here to-'night", "'hold on to the 'light",
          "un-'til the 'mor-ning 'finds us")  # fmt: skip
BRIDGE = ("'what would you 'say if i 'stayed?", "'what would you 'say?")


def line(text: str) -> LyricLine:
    """Read a line whose syllables are parted by hyphens and stressed after an apostrophe."""
    words = []
    for each in text.split():
        syllables = [Syllable(part.lstrip("'"), ("a",), int(part.startswith("'"))) for part in each.split("-")]
        words.append(Word("".join(syllable.text for syllable in syllables), tuple(syllables)))
    return LyricLine(text.replace("-", "").replace("'", ""), tuple(words))


def section(label: Label | None, *lines: str) -> LyricSection:
    """Return a section of the lyrics."""
    return LyricSection(label, tuple(line(each) for each in lines), label.value if label is not None else "")


def song_lyrics() -> Lyrics:
    """Return two verses, a chorus three times and a bridge."""
    sections = (
        section(Label.VERSE, *VERSE),
        section(Label.CHORUS, *CHORUS),
        section(Label.VERSE, *SECOND),
        section(Label.CHORUS, *CHORUS),
        section(Label.BRIDGE, *BRIDGE),
        section(Label.CHORUS, *CHORUS),
    )
    return Lyrics(sections, "en")


def wished(style: str, **wishes: object) -> Wishes:
    """Return wishes for a style."""
    return Wishes(styles=(Style(style, None, 1.0),), **wishes)  # type: ignore[arg-type]  # what fields there are is Wishes' matter


def grounded(song: Plan) -> Ground:
    """Return the ground of a plan."""
    sections = placed(song)
    return ground(song, sections, harmony(song, sections))


@cache
def played(style: str, seed: int) -> tuple[Ground, tuple[Note, ...]]:
    """Return the ground and the tune of a song of a style in which nobody sings: made once for all tests."""
    floor = grounded(planned(style, seed))
    return floor, lead(floor, frozenset())


def planned(style: str, seed: int, lyrics: Lyrics | None = None, **wishes: object) -> Plan:
    """Return a plan of a style."""
    return plan(wished(style, **wishes), lyrics, seed=seed)
