"""The way of a remix: listen, take apart, plan, re-harmonise, write, play to what is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.outputs import taken_back_on_failure
from soundrack.composition import lyrics as lyrics_of
from soundrack.composition.effects.sound import Sound
from soundrack.composition.engine import record
from soundrack.composition.lyrics import Lyrics
from soundrack.composition.outputs import Outputs
from soundrack.composition.performance import Performance, perform
from soundrack.composition.remix import kept as keeping
from soundrack.composition.remix.blocks import Block, blocks, within
from soundrack.composition.remix.contour import recontoured
from soundrack.composition.remix.course import Course, course
from soundrack.composition.remix.grid import Grid
from soundrack.composition.remix.kept import Kept, Kind
from soundrack.composition.remix.listening import Source, listen
from soundrack.composition.remix.order import RemixOrder
from soundrack.composition.remix.pace import Pace
from soundrack.composition.remix.planning import Brief, brief, planned, transposed
from soundrack.composition.remix.reharmonising import clashing, reharmonised, under
from soundrack.composition.remix.remixed import Join, Origin, Remixed
from soundrack.composition.remix.stretching import laid
from soundrack.composition.remix.words import Seat, played, reprised, sung
from soundrack.composition.score.form import placed
from soundrack.composition.score.given import Given
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.scansion import Prosody
from soundrack.composition.score.score import Note, Score
from soundrack.composition.score.writing import write
from soundrack.composition.separation import STEMS, hears_voices
from soundrack.composition.separation.splitting import split_blocks
from soundrack.composition.styles import style
from soundrack.composition.theory import Key, Mode
from soundrack.composition.vocals import vocals
from soundrack.progress import Progress, silent

_SURE_KEY = 0.3
_TUNED_CENTS = 6.0
"""What nobody hears between a recording and a band."""
_HOOK_DB = -4.0
"""How loud a hook is beside a singer's voice in the same song."""
_TAKEN = 0.15
"""Part of a section from which on what is kept has its tune."""
_DISTORTED = 1.25
"""From which stretch on it can be heard."""
_LEAST = 0.05
"""Quarter notes below which a note of the source is none."""
_MIDI = (0, 127)


def remix(
    order: RemixOrder, outputs: Outputs, progress: Progress = silent, *, limits: Limits = DEFAULT_LIMITS
) -> Remixed:
    """Make a remix of a recording.

    Its voice is kept, or its hook where nobody sings or shall sing, and a new band plays to that: in the style that is
    asked for, on the source's beats, over its chords as that style has them. The band follows the source's own tempo,
    with all that it drifts, if that, its half or its double suits the style; otherwise what is kept is stretched. The
    same order gives the same bytes. If the work fails, no file is left.

    Parameters
    ----------
    order : RemixOrder
        What is wanted.
    outputs : Outputs
        Where it goes; the stem ``voice`` is what is kept, or what is sung anew.
    progress : Progress
        Told of each stage (``listen``, ``separate``, ``plan``, ``write``, ``sing``, ``play``, ``master``, ``deliver``,
        ``done``) and the fraction of the whole that is done. What it raises ends the work.
    limits : Limits
        What the source may be at most.

    Returns
    -------
    Remixed
        What was heard, decided and measured.

    Raises
    ------
    Invalid
        If a file cannot be written where it is wanted, with the name of the field.
    UnsupportedFormat, TooLarge, TooLong, UnusableAudio
        If the source cannot be used: see `listening.listen`.
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    outputs.check(order.source)
    with taken_back_on_failure([path for _, path in outputs.files], outputs.stems):
        words = None if order.lyrics is None else lyrics_of.read(order.lyrics)
        words = None if words is None or words.is_instrumental else words
        source = listen(order.source, limits, progress)
        progress("plan", 0.16)
        made = _laid_out(order, source, words)
        progress("separate", 0.18)
        kept = _kept(made, source, progress)
        source = source.told
        progress("write", 0.4)
        piece = _written(order, made, source, kept, words)
        score, performance = piece.score, piece.performance
        stems, kept = [kept.sound], replace(kept, sound=kept.sound[:0].copy())  # let go once it is laid out

        def singers(frames: int) -> Sound | None:
            progress("sing", 0.45)
            sound = np.zeros((frames, 2), dtype=np.float32)
            stem = stems.pop()
            for join in piece.joins:
                laid(stem, join.source_s, join.remix_s, made.semitones, sound)
            del stem
            anew = vocals(score, performance, frames)
            if anew is not None:
                sound *= np.float32(10.0 ** (_HOOK_DB / 20.0))
                sound += anew
            return sound if kept.kind is not Kind.NOTHING or anew is not None else None

        song = record(score, performance, singers, outputs, _later(progress))
    notes = (*made.notes, *_told(made, kept, source), *song.notes)
    return Remixed(
        song=replace(song, notes=tuple(dict.fromkeys(notes))),
        origin=_origin(source, made),
        kept=kept.kind,
        rate=made.pace.rate,
        semitones=made.semitones,
        joins=piece.joins,
        substituted=piece.substituted,
        clash_before=piece.clashes[0],
        clash_after=piece.clashes[1],
    )


@dataclass(frozen=True)
class _Layout:
    """What is decided before the source is taken apart.

    `semitones` is by how much the source is moved, with what evens out its tuning; `steps` only whole ones.
    """

    brief: Brief
    grid: Grid
    pace: Pace
    blocks: tuple[Block, ...]
    seats: tuple[Seat, ...]
    key: Key | None
    steps: int
    semitones: float
    kind: Kind
    hook: tuple[int, ...]
    notes: tuple[str, ...]


def _laid_out(order: RemixOrder, source: Source, words: Lyrics | None) -> _Layout:
    report = source.report
    wanted = brief(order, report, words)
    grid = Grid.of(report, source.heard_s, wanted.middle_bpm)
    speed = wanted.pace(grid.bpm)
    parts = blocks(report, grid, wanted.labels)
    notes = []
    if order.duration_s is not None:
        bar_s = grid.metre.bar_quarters * 60.0 / (speed.tempo_bpm * grid.metre.beat_quarters)
        parts = within(parts, max(int(order.duration_s / bar_s / speed.level), 1))
    seats = played(parts, speed.level)
    if words is not None:
        table = style(wanted.wishes.styles[0].style).melody.sung
        quarter_s = 60.0 / (speed.tempo_bpm * grid.metre.beat_quarters)
        prosody = Prosody(grid.metre, quarter_s, table.grid, table.syncopation, table.legato)
        seats, count = sung(parts, speed.level, words, prosody)
        if count < sum(bool(each.lines) for each in words.sections):
            notes.append("not done: the source has no room for all words")
    kind = Kind.VOICE if words is None and not order.instrumental and keeping.sings(report) else Kind.HOOK
    key, steps, refused = transposed(wanted.wishes, _key(source), kind is Kind.VOICE)
    if refused is not None:
        notes.append(f"not done: {refused}")
    cents = report.tonality.tuning_cents or 0.0
    semitones = steps - (cents / 100.0 if abs(cents) > _TUNED_CENTS else 0.0)
    chosen = keeping.hook(parts, sorted({seat.block for seat in seats if seat.section.lyrics is None}))
    if kind is Kind.HOOK:
        seats = reprised(seats, parts, chosen, speed.level)
    return _Layout(wanted, grid, speed, parts, seats, key, steps, semitones, kind, chosen, tuple(notes))


def _key(source: Source) -> Key | None:
    found = source.report.tonality.key
    if found is None or source.report.tonality.confidence < _SURE_KEY:
        return None
    return Key(found.tonic, Mode(found.mode))


def _kept(made: _Layout, source: Source, progress: Progress) -> Kept:
    """Take the source apart and return what stays of it."""
    begun = 0.18
    if made.kind is Kind.VOICE:
        voice = keeping.voice_of(_stem("vocals", source, lambda done: progress("separate", 0.18 + 0.18 * done)))
        if voice.kind is Kind.VOICE:
            return voice
        begun = 0.36
    other = _stem("other", source, lambda done: progress("separate", begun + (0.4 - begun) * done))
    return keeping.hook_of(other, made.blocks, made.hook, made.grid.bars_s)


def _stem(name: str, source: Source, told: Callable[[float], None]) -> Sound:
    """Return one stem of the source; the others are let go block by block."""
    stem = np.empty_like(source.sound)
    at = 0
    for block in split_blocks(source.sound):
        stem[at : at + block.shape[1]] = block[STEMS.index(name)]
        at += block.shape[1]
        told(at / len(stem))
    return stem


@dataclass(frozen=True)
class _Piece:
    """A remix that is written, and where the source is in it."""

    score: Score
    performance: Performance
    joins: tuple[Join, ...]
    substituted: float
    clashes: tuple[float, float]


def _written(order: RemixOrder, made: _Layout, source: Source, kept: Kept, words: Lyrics | None) -> _Piece:
    form = tuple(seat.section for seat in made.seats)
    report = source.report
    plan = planned(order, made.brief, form, made.pace.tempo_bpm, made.key, made.grid.metre, report, words)
    spans, words_in = [seat.spans for seat in made.seats], [each.lyrics is not None for each in form]
    way = course(made.grid, made.pace.level, spans, [each.bars for each in form], words_in)
    tune = _tune(kept.tune, way, made.steps)
    pitched = tune if made.key is not None else ()  # what is spoken has no notes that chords could clash with
    sections = placed(plan)
    own = under(report.tonality.chords, way, plan, sections, made.steps)
    bar = plan.metre.bar_quarters
    hooked = [
        (each.start, each.start + each.section.bars * bar)
        for each, seat in zip(sections, made.seats, strict=True)
        if seat.block in kept.blocks and seat.section.lyrics is None
    ]
    new = reharmonised(own, plan, pitched, hooked)
    taken = frozenset(
        number
        for number, each in enumerate(sections)
        if _sounding(tune, each.start, each.start + each.section.bars * bar) > _TAKEN
    )
    score = write(plan, words, Given(new.chords, tune, taken))
    if score.song and plan.voice is not None:
        melody = _tune(report.tonality.melody, way, made.steps, again=True)
        floor = Ground(plan, sections, (plan.key,) * len(sections), new.chords)
        score = replace(score, song=recontoured(score.song, melody, floor, plan.voice))
    score = replace(score, tempi=way.tempi() if made.pace.follows else ((0.0, plan.tempo_bpm),))
    performance = perform(score)
    joins = tuple(
        Join(tuple(source_s.tolist()), tuple(remix_s.tolist())) for source_s, remix_s in way.seconds(performance.clock)
    )
    clashes = (clashing(own, pitched), clashing(new.chords, pitched))
    return _Piece(score, performance, joins, new.substituted / way.length, clashes)


def _tune(line: Sequence[MelodyNote], way: Course, steps: int, *, again: bool = False) -> tuple[Note, ...]:
    """Return a melody of the source in the remix's time; `again` says whether also where it is only its chords."""
    found: list[Note] = []
    for stretch in way.stretches:
        if stretch.is_silent and not again:
            continue
        first, last = way.grid.bars_s[stretch.first], way.grid.bars_s[stretch.last]
        for note in line:
            start = way.quarter(max(note.start_s, first), stretch) if note.end_s > first else None
            end = way.quarter(min(note.end_s, last - 1e-6), stretch) if note.start_s < last else None
            if start is not None and end is not None and end - start >= _LEAST:
                pitch = min(max(note.note + steps, _MIDI[0]), _MIDI[1])
                found.append(Note(start, end - start, pitch, note.confidence))
    return tuple(sorted(found, key=lambda note: note.start))


def _sounding(tune: Sequence[Note], start: float, end: float) -> float:
    """Return in which part of a span a tune sounds."""
    inside = (min(note.start + note.length, end) - max(note.start, start) for note in tune)
    return sum(max(each, 0.0) for each in inside) / (end - start)


def _told(made: _Layout, kept: Kept, source: Source) -> list[str]:
    """Return what a listener may want to know."""
    told = []
    if not made.grid.is_heard:
        told.append("No beat was heard in the source: it lies freely over the band's.")
    if made.key is None:
        told.append("No key was heard in the source.")
    if not _DISTORTED**-1 <= made.pace.rate <= _DISTORTED:
        told.append(f"What is kept plays at {made.pace.rate:.2f} of its speed, which can be heard.")
    if kept.kind is Kind.NOTHING:
        told.append("Nothing of the source's sound is kept: neither a voice nor a hook could be taken from it.")
    elif kept.kind is Kind.VOICE and not hears_voices():
        told.append(
            "The voice was taken out without a network, so some of its band is heard with it: "
            "soundrack models install separator."
        )
    if kept.kind is Kind.HOOK and keeping.sings(source.report):
        told.append("The source's voice may be heard faintly in its hook.")
    return told


def _origin(source: Source, made: _Layout) -> Origin:
    report = source.report
    return Origin(
        duration_s=source.duration_s,
        tempo_bpm=made.grid.bpm if made.grid.is_heard else None,
        key=_key(source),
        metre=made.grid.metre.name,
        voice=keeping.sings(report),
        tuning_cents=report.tonality.tuning_cents or 0.0,
    )


def _later(progress: Progress) -> Progress:
    """Return where the desk's progress goes: it is the second half of the work."""
    return lambda stage, done: progress(stage, 0.45 + 0.55 * done)
