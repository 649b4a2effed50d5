"""Plans, forms and harmonies made by hand, for tests of what accompanies them."""

from __future__ import annotations

from soundrack.composition.plan import Label, Plan, Player, Role, Section, Timbre
from soundrack.composition.score.score import Note, Placed, Sounding
from soundrack.composition.styles import style as style_of
from soundrack.composition.theory import Chord, Key, Metre, Mode

FORM = (
    Section(Label.INTRO, 8, 0.4, "A"),
    Section(Label.VERSE, 8, 0.6, "B"),
    Section(Label.BUILD, 4, 0.7, "C"),
    Section(Label.CHORUS, 8, 0.9, "D"),
    Section(Label.BREAK, 4, 0.3, "E"),
    Section(Label.CHORUS, 8, 0.95, "D"),
    Section(Label.OUTRO, 8, 0.4, "A"),
)
MINOR = ((0, "min"), (8, "maj"), (3, "maj"), (10, "maj"))
MAJOR = ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj"))


def band_of(style: str, number: int = 0) -> tuple[Player, ...]:
    """Return one of a style's bands."""
    bands = style_of(style).plan.bands
    return bands[number % len(bands)].players


def plan(
    style: str,
    seed: int = 1,
    *,
    metre: str = "4/4",
    form: tuple[Section, ...] = FORM,
    band: tuple[Player, ...] | None = None,
    tempo_bpm: float | None = None,
    key: Key | None = None,
    substyle: str | None = None,
    voice: Timbre | None = None,
) -> Plan:
    """Return a plan of a style."""
    table = style_of(style).plan
    tonic = key or Key((5 * seed) % 12, Mode.MINOR if table.minor > 0.5 else Mode.MAJOR)
    return Plan(
        seed=seed,
        title="Test",
        style=style,
        substyle=substyle,
        moods=(),
        energy=0.6,
        valence=0.5,
        brightness=0.5,
        tempo_bpm=tempo_bpm or float(table.tempo_bpm[1]),
        swing=sum(table.swing) / 2.0,
        key=tonic,
        scale="natural minor" if tonic.mode is Mode.MINOR else "major",
        metre=Metre.parse(metre),
        form=form,
        band=band if band is not None else band_of(style, seed),
        voice=voice,
    )


def placed(song: Plan) -> tuple[Placed, ...]:
    """Return the sections where they lie."""
    sections, bar = [], 0
    for section in song.form:
        sections.append(Placed(section, bar * song.metre.bar_quarters, bar + 1))
        bar += section.bars
    return tuple(sections)


def harmony(song: Plan) -> tuple[Sounding, ...]:
    """Return a chord a bar, four of them in turn in each section."""
    degrees = MINOR if song.key.mode is Mode.MINOR else MAJOR
    chords = [Chord((song.key.tonic + root) % 12, quality, (song.key.tonic + root) % 12) for root, quality in degrees]
    bar = song.metre.bar_quarters
    return tuple(
        Sounding(each.start + number * bar, bar, chords[number % len(chords)], "")
        for each in placed(song)
        for number in range(each.section.bars)
    )


def tune(song: Plan) -> tuple[Note, ...]:
    """Return a tune in verses and choruses: eighths in the first half of each bar, and nothing in the second."""
    bar = song.metre.bar_quarters
    return tuple(
        Note(each.start + number * bar + 0.5 * step, 0.5, 60 + (song.key.tonic + 2 * step) % 12, 0.8)
        for each in placed(song)
        if each.section.label in {Label.VERSE, Label.CHORUS}
        for number in range(each.section.bars)
        for step in range(int(bar))
    )


def without(song: tuple[Player, ...], *roles: Role) -> tuple[Player, ...]:
    """Return a band without some of its roles."""
    return tuple(player for player in song if player.role not in roles)
