"""The way of a song: wishes, plan, score, performance, stems, mix, master."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from soundrack import analysis
from soundrack.audio.encoding import Format, write
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.measurement import measure
from soundrack.audio.outputs import taken_back_on_failure
from soundrack.audio.survey import BLOCK_FRAMES, block_peaks
from soundrack.audio.tags import Tags
from soundrack.composition import lyrics as lyrics_of
from soundrack.composition import planning, prompt, reference
from soundrack.composition.chance import chance
from soundrack.composition.desk.finish import Finish, finish
from soundrack.composition.desk.mixing import Mix, mix
from soundrack.composition.desk.table import mix_table
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.catalogue import instrument
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.lyrics import Lyrics
from soundrack.composition.midi import standard_midi_file
from soundrack.composition.orders import Order
from soundrack.composition.outputs import Composition, Outputs
from soundrack.composition.performance import Performance, Played, perform
from soundrack.composition.plan import Plan
from soundrack.composition.score.score import Score
from soundrack.composition.score.writing import write as written
from soundrack.composition.sheet import sheet
from soundrack.composition.store import Store
from soundrack.composition.vocals import vocals
from soundrack.errors import ResourcesExhausted, UnusableAudio
from soundrack.progress import Progress, silent

_TAIL_S = 2.0
"""What is played beyond the last bar and the longest reverberation."""
_END_DB = -62.0
"""Below the loudest moment: where the end is."""
_AFTER_S = 0.25
_FADE_S = 0.2
_SILENCE = 1e-5
_MOST_SILENT_S = 1.5
_DITHER_SEEDS = 2**32
_LIGHT_BYTES = 100 * 10**6
"""Of a sound that waits in memory: nearly five minutes."""

Singers = Callable[[int], Sound | None]


def compose(
    order: Order, outputs: Outputs, progress: Progress = silent, *, limits: Limits = DEFAULT_LIMITS
) -> Composition:
    """Compose, play, sing, mix and master a song.

    The same order gives the same bytes. If the work fails, no file is left.

    Parameters
    ----------
    order : Order
        What is wanted.
    outputs : Outputs
        Where it goes.
    progress : Progress
        Told of each stage (``listen``, ``plan``, ``write``, ``sing``, ``play``, ``master``, ``deliver``, ``done``) and
        the fraction of the whole that is done. What it raises ends the work.
    limits : Limits
        What the reference may be at most.

    Returns
    -------
    Composition
        What was decided, written and measured.

    Raises
    ------
    Invalid
        If a file cannot be written where it is wanted, or a plan cannot be written out, with the name of the field.
    NotFound
        If a plan names a style or an instrument that there is not.
    UnsupportedFormat, TooLarge, UnusableAudio
        If the reference cannot be used.
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    outputs.check(order.reference)
    with taken_back_on_failure([path for _, path in outputs.files], outputs.stems):
        words = None if order.lyrics is None else lyrics_of.read(order.lyrics)
        plan = _planned(order, words, limits, progress)
        progress("write", 0.08)
        score = written(plan, words)
        performance = perform(score)

        def singers(frames: int) -> Sound | None:
            if not performance.song:
                return None
            progress("sing", 0.1)
            return vocals(score, performance, frames)

        return record(score, performance, singers, outputs, progress)


def record(
    score: Score, performance: Performance, singers: Singers, outputs: Outputs, progress: Progress = silent
) -> Composition:
    """Play, mix and master a song that is written, and deliver it.

    If the work fails, no file is left.

    Parameters
    ----------
    score, performance : Score, Performance
        The song, and how it is played.
    singers : callable
        Is told how many frames the song has, and returns the voice, float32, shape (frames, 2), dry, or None.
    outputs : Outputs
        Where it goes; checked already.
    progress : Progress
        Told of the stages from ``play`` on, from 0.1 or, with a voice, 0.35 of the whole.

    Returns
    -------
    Composition

    Raises
    ------
    UnusableAudio
        If there is nothing to hear, or less than 400 ms.
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    plan = score.plan
    stems: dict[str, Path] = {}
    made = [path for _, path in outputs.files]
    with taken_back_on_failure(made, outputs.stems), ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stems-", dir=outputs.song.parent))
        store = None if outputs.stems is None else Store(_room(folder, "stems"))
        mixed = _mixed(score, performance, singers, store, Store(_room(folder, "aside"), _LIGHT_BYTES), progress)
        progress("master", 0.72)
        finished = _mastered(mixed, performance, plan)
        progress("deliver", 0.85)
        tags, seed = Tags(title=plan.title), plan.seed % _DITHER_SEEDS
        write(outputs.song, finished.record, RATE_HZ, Format.FLAC, depth=outputs.depth, seed=seed, tags=tags)
        if store is not None and outputs.stems is not None:
            outputs.stems.mkdir(parents=True, exist_ok=True)
            for name in store.names:
                path = outputs.stems / f"{name.replace(' ', '_')}.flac"
                made.append(path)
                stem = finished.stem(mixed.treatments[name].process(store.take(name)))
                write(path, stem, RATE_HZ, Format.FLAC, depth=outputs.depth, seed=seed)
                stems[name] = path
        _write_papers(score, performance, outputs)
        measurement = measure(finished.record, RATE_HZ)
        progress("done", 1.0)
    notes = [f"not done: {each}" for each in plan.ignored]
    if finished.finish.reason is not None:
        notes.append(finished.finish.reason)
    return Composition(plan, score, measurement, len(finished.record) / RATE_HZ, stems, tuple(notes))


def _planned(order: Order, words: Lyrics | None, limits: Limits, progress: Progress) -> Plan:
    if order.plan is not None:
        progress("plan", 0.02)
        return order.plan
    if order.reference is not None:
        progress("listen", 0.0)
        heard = analysis.analyze(
            order.reference, limits=limits, progress=lambda _stage, done: progress("listen", 0.05 * done)
        )
        wishes = reference.wishes_of(heard)
    else:
        wishes = prompt.read(order.prompt or "")
    progress("plan", 0.05)
    return planning.plan(wishes, words, seed=order.seed, variation=order.variation, duration_s=order.duration_s)


def _room(folder: str, name: str) -> Path:
    path = Path(folder, name)
    path.mkdir()
    return path


def _mixed(
    score: Score,
    performance: Performance,
    singers: Singers,
    store: Store | None,
    aside: Store,
    progress: Progress,
) -> Mix:
    """Sing, play and mix a song; stems are kept where there is a store."""
    table = mix_table(score.plan.style)
    frames = round((performance.duration_s + table.long_s + _TAIL_S) * RATE_HZ)
    known = {part.name: instrument(part.instrument) for part in performance.parts}

    def render(part: Played) -> Sound:
        player = known.pop(part.name)
        return player.play(part.tones, frames, chance(score.plan.seed, "instrument", part.name))

    def keep(name: str, sound: Sound) -> None:
        if store is not None:
            store.keep(name, sound)

    def told(done: float) -> None:
        start = 0.35 if performance.song else 0.1
        progress("play", start + (0.72 - start) * done)

    # Nobody else holds the voice, so that it can be let go.
    return mix(score, performance, frames, render, singers(frames), keep, told, aside)


@dataclass(frozen=True)
class _Finished:
    """A record, and how stems of its mix become as it is."""

    record: Sound
    finish: Finish
    frames: int

    def stem(self, sound: Sound) -> Sound:
        """Return a treated stem as it is delivered."""
        return self.finish.process(_ended(sound, self.frames))


def _mastered(mixed: Mix, performance: Performance, plan: Plan) -> _Finished:
    """Find the end, fade and finish.

    Raises
    ------
    UnusableAudio
        If there is nothing to hear, or less than 400 ms.
    """
    frames = _end(mixed.sound, performance.duration_s)
    table = mix_table(plan.style)
    done, record = finish(_ended(mixed.sound, frames), table.genre, table.tilt_db, plan.loudness_lufs)
    return _Finished(record, done, frames)


def _end(sound: Sound, duration_s: float) -> int:
    """Return how many frames a sound has until it has died away after its last bar."""
    peaks = block_peaks(sound)
    loudest = float(peaks.max(initial=0.0))
    if loudest < _SILENCE:
        raise UnusableAudio("In this song nobody plays: its plan leaves no one anything to do.", field="plan")
    last_s = (1 + int(np.flatnonzero(peaks > loudest * 10.0 ** (_END_DB / 20.0))[-1])) * BLOCK_FRAMES / RATE_HZ
    return min(round(max(last_s + _AFTER_S, min(duration_s, last_s + _MOST_SILENT_S)) * RATE_HZ), len(sound))


def _ended(sound: Sound, frames: int) -> Sound:
    """Return a sound cut off and faded at its end, in its own memory."""
    cut = sound[:frames]
    faded = min(round(_FADE_S * RATE_HZ), frames)
    cut[frames - faded :] *= (0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, faded, dtype=np.float32)))[:, None]
    return cut


def _write_papers(score: Score, performance: Performance, outputs: Outputs) -> None:
    """Write what is to be read rather than heard.

    Raises
    ------
    ResourcesExhausted
        If a file cannot be written to the end.
    """
    try:
        if outputs.midi is not None:
            outputs.midi.write_bytes(standard_midi_file(score, performance))
        if outputs.plan is not None:
            outputs.plan.write_text(planning.as_json(score.plan), encoding="utf-8")
        if outputs.score is not None:
            outputs.score.write_text(sheet(score), encoding="utf-8")
    except OSError as error:
        raise ResourcesExhausted("A file could not be written to the end.") from error
