"""The plan of a remix: what the prompt leaves open comes from the source first, then from the style."""

from __future__ import annotations

from dataclasses import dataclass, replace

from soundrack.analysis import Report
from soundrack.composition import planning, prompt, reference
from soundrack.composition.chance import chance
from soundrack.composition.lyrics import Lyrics
from soundrack.composition.plan import Label, Plan, Section
from soundrack.composition.prompt.wishes import Style, Tempo, Wishes
from soundrack.composition.remix.order import RemixOrder
from soundrack.composition.remix.pace import Pace, pace
from soundrack.composition.score.form import keys
from soundrack.composition.styles import style, styles
from soundrack.composition.theory import Key, Metre, Mode

_SURE = 0.5
_SWUNG = 0.58
_MOST_SEED = 2**63 - 1
_FAR = 0.12
"""How much less likely a style is whose tempi are farther from the source's by this logarithm."""
_BEARABLE = 3
"""Semitones by which a voice may be moved before it sounds like somebody else's."""


@dataclass(frozen=True)
class Brief:
    """What is wished of a remix, once it is known what it is a remix of.

    Parameters
    ----------
    wishes : Wishes
        Of the prompt, with a style.
    usual_bpm : (float, float)
        The style's slowest and quickest tempo.
    labels : tuple of Label
        Sections that the style has.
    """

    wishes: Wishes
    usual_bpm: tuple[float, float]
    labels: tuple[Label, ...]

    def pace(self, source_bpm: float) -> Pace:
        """Return the pace at which the source goes with it."""
        return pace(source_bpm, self.wishes.tempo, self.usual_bpm)

    @property
    def middle_bpm(self) -> float:
        """The tempo over a source without beats."""
        tempo = self.wishes.tempo
        low, high = self.usual_bpm if tempo is None else (tempo.low_bpm, tempo.high_bpm)
        return 0.5 * (low + high)


def brief(order: RemixOrder, report: Report, words: Lyrics | None) -> Brief:
    """Return what is wished of a remix.

    Where no style is wished, one is drawn whose tempi the source's goes with, and which is not the source's own.
    """
    wishes = prompt.read(order.prompt or "")
    if not wishes.styles:
        wishes = replace(wishes, styles=(Style(_drawn(order, report, wishes), None, 1.0),))
    rough = planning.plan(wishes, words, seed=order.seed, variation=order.variation)
    table = style(rough.style).plan
    kind = table.substyle(rough.substyle)
    low, _, high = (kind.tempo_bpm if kind is not None else None) or table.tempo_bpm
    labels = {section.label for form in table.forms for section in form.sections}
    return Brief(wishes, (low, high), tuple(each for each in Label if each in labels))


def planned(
    order: RemixOrder,
    made: Brief,
    form: tuple[Section, ...],
    tempo_bpm: float,
    key: Key | None,
    metre: Metre,
    report: Report,
    words: Lyrics | None,
) -> Plan:
    """Return the plan.

    Parameters
    ----------
    order, made : RemixOrder, Brief
        What is wished.
    form : tuple of Section
        The source's sections, with words where there are any.
    tempo_bpm, key, metre : float, Key or None, Metre
        As they are decided; without a key one of the style's.
    report : Report
        What was found in the source: its swing, where it has any.
    words : Lyrics or None
        What is sung.

    Returns
    -------
    Plan
        One whose choruses are not raised: the source's are not.
    """
    swing = report.rhythm.swing
    swung = swing is not None and swing >= _SWUNG and made.wishes.swing is None
    wishes = replace(
        made.wishes,
        tempo=Tempo(tempo_bpm, tempo_bpm, True),
        key=key or made.wishes.key,
        mode=None if key is None else key.mode,
        scale=None,
        metre=metre,
        swing=min(swing or 0.0, 0.75) if swung else made.wishes.swing,
        form=form,
        labels=(),
        unwanted_labels=(),
        sung=None,
        length_s=None,
        bars=None,
        voice=made.wishes.voice if words is not None else None,
    )
    plan = planning.plan(wishes, words, seed=order.seed, variation=order.variation)
    plan = replace(plan, form=form, ignored=_unmet(plan.ignored, made.wishes, metre))
    return next(
        candidate
        for candidate in (replace(plan, seed=(plan.seed + number) % _MOST_SEED) for number in range(1000))
        if len(set(keys(candidate))) == 1
    )


def transposed(asked: Wishes, heard: Key | None, voice: bool) -> tuple[Key | None, int, str | None]:
    """Return a remix's key, by how many semitones its source is moved for it, and what cannot be had.

    A key that is asked for is reached by the shortest way; one of the other mode by way of its relative. A voice is
    moved by three semitones at most, a hook by six.
    """
    wished = asked.key
    if wished is None or heard is None:
        return heard or wished, 0, None
    goal = wished if wished.mode is heard.mode else relative(wished)
    semitones = (goal.tonic - heard.tonic + 6) % 12 - 6
    if voice and abs(semitones) > _BEARABLE:
        return heard, 0, f"{wished.name}: the source's voice is in {heard.name}, {abs(semitones)} semitones away"
    return wished, semitones, None


def relative(key: Key) -> Key:
    """Return the key of the other mode with the same notes."""
    if key.mode is Mode.MAJOR:
        return Key((key.tonic + 9) % 12, Mode.MINOR)
    return Key((key.tonic + 3) % 12, Mode.MAJOR)


def _unmet(ignored: tuple[str, ...], asked: Wishes, metre: Metre) -> tuple[str, ...]:
    """Return what a remix leaves undone: its form and metre are the source's."""
    told = [each for each in ignored if not each.startswith(("the words from", "a voice:"))]
    if asked.metre is not None and asked.metre != metre:
        told.append(f"{asked.metre.name}: the source is in {metre.name}")
    return tuple(told)


def _drawn(order: RemixOrder, report: Report, wishes: Wishes) -> str:
    """Return a style that goes with a source and is not its own."""
    own = {each.style for each in reference.wishes_of(report).styles[:1]}
    names = [name for name in styles() if name not in wishes.unwanted_styles and name not in own] or list(styles())
    weights = []
    for name in names:
        low, _, high = style(name).plan.tempo_bpm
        bpm = report.rhythm.bpm
        rate = 1.0 if bpm is None else pace(bpm, wishes.tempo, (low, high)).rate
        weights.append(2.0 ** (-abs(rate - 1.0) / _FAR))
    rng = chance(order.seed, "remix", "style", order.variation)
    total = sum(weights)
    return names[int(rng.choice(len(names), p=[weight / total for weight in weights]))]
