"""Remixes: ``python -m benchmarks.remix [--recordings] [WORD]``: six sources of our own in three styles each.

Sources are songs of our own band, one of them played with a tempo that drifts, so that their true beats are known;
with ``--recordings`` also what ``benchmarks.tracks`` can get, by the beats that the analysis hears. Told of each remix:

- ``beats``: how many of the source's true beats, moved into the remix, have a beat of the band there, within 50 ms, by
  the analysis of the band alone; and how far they lie from it, on average of those;
- ``grid``: how far they lie from the beats as the band reads them;
- the tempo and the key of the whole remix, as the analysis hears them, beside what was planned;
- ``clash``: the part of what is kept that lies a semitone from a tone of the chord under it, with the source's chords
  and with the new ones;
- loudness, the longest silence inside, CPU seconds a minute.

Exits with 1 if the loudness of one is off by more than 0.5 LU, or silent for more than 2 s inside.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks import tracks
from benchmarks.folder import kept
from soundrack import analysis
from soundrack.composition import Outputs, lyrics, planning, prompt
from soundrack.composition.engine import record
from soundrack.composition.performance import perform
from soundrack.composition.performance.clock import Clock
from soundrack.composition.remix import Remixed, RemixOrder, remix
from soundrack.composition.remix.planning import relative
from soundrack.composition.score.writing import write
from soundrack.composition.styles.accompaniment import accompaniment
from soundrack.composition.vocals import vocals

_WORDS = """[Verse]
Morning comes across the water
Every window holds a flame
[Chorus]
Hold the light and carry me
Over every rolling sea
[Verse]
Evening falls across the garden
Every shadow finds its wall
[Chorus]
Hold the light and carry me
Over every rolling sea
"""
_NEAR_S = 0.05
_SILENT_DB = -60.0
_HOP_S = 0.05


@dataclass(frozen=True)
class _Song:
    """A source of ours, and how far its tempo drifts."""

    name: str
    prompt: str
    sung: bool = False
    drift: float = 0.0


_SONGS = (
    _Song("pop", "pop, female vocal, 104 bpm, G major", sung=True),
    _Song("rock", "rock, female vocal, 128 bpm, E minor", sung=True),
    _Song("folk", "folk, female vocal, 3/4, 92 bpm, D major", sung=True),
    _Song("drifting", "pop, piano, drums, female vocal, 96 bpm, F major", sung=True, drift=0.04),
    _Song("house", "deep house, 122 bpm, A minor"),
    _Song("jazz", "jazz swing, 132 bpm, Bb major"),
)
_STYLES = ("deep house", "trap, 140 bpm", "jazz")


@dataclass(frozen=True)
class _Source:
    name: str
    path: Path
    beats_s: NDArray[np.float64]


def main(word: str, *, recordings: bool) -> bool:
    """Print a table, and return whether all remixes are as loud as they should be, and nowhere silent."""
    print(f"{'':26}{'kept':>6}{'rate':>6}{'beats':>7}{'ms':>6}{'grid':>6}  {'tempo':16}{'key':22}{'clash':>13}"
          f"{'LUFS':>7}{'sil.':>6}{'CPU/min':>9}")  # fmt: skip
    good = True
    lines = []
    for source in _sources(recordings=recordings):
        for style in _STYLES:
            if word in f"{source.name} {style}":
                with tempfile.TemporaryDirectory() as folder:
                    line = _judged(source, style, Path(folder))
                print(line.text, flush=True)
                lines.append(line)
                good = good and line.is_good
    if lines:
        _sum_up(lines)
    return good


def _sum_up(lines: Sequence[_Line]) -> None:
    near, away = ([value for value in values if not np.isnan(value)]
                  for values in ([line.near for line in lines], [line.away_s for line in lines]))  # fmt: skip
    means = {name: float(np.mean([getattr(line, name) for line in lines]))
             for name in ("tempo", "key", "before", "after", "cpu")}  # fmt: skip
    print(
        f"\n{len(lines)} remixes: {100 * np.mean(near):.1f} % of beats within 50 ms, {1000 * np.mean(away):.1f} ms; "
        f"tempo within 1 % or by octaves {100 * means['tempo']:.0f} %, key or its relative {100 * means['key']:.0f} %; "
        f"clashes {100 * means['before']:.1f} -> {100 * means['after']:.1f} %; {means['cpu']:.1f} CPU s a minute"
    )


@dataclass(frozen=True)
class _Line:
    text: str
    near: float
    away_s: float
    tempo: bool
    key: bool
    before: float
    after: float
    cpu: float
    is_good: bool


def _judged(source: _Source, style: str, folder: Path) -> _Line:
    began = time.process_time()
    made = remix(RemixOrder(source.path, style, seed=7), Outputs(folder / "remix.flac", stems=folder / "stems"))
    cpu = (time.process_time() - began) / (made.song.duration_s / 60.0)
    song, rate_hz = soundfile.read(folder / "remix.flac", dtype="float32")
    band = song - soundfile.read(made.song.stems["voice"], dtype="float32")[0] if "voice" in made.song.stems else song
    soundfile.write(folder / "band.wav", band, rate_hz)
    heard, alone = analysis.analyze(folder / "remix.flac"), analysis.analyze(folder / "band.wav")
    moved = _moved(source.beats_s, made)
    near, away_s = _near(moved, alone.rhythm.beats_s)
    plan = made.song.plan
    _, off_s = _near(moved, _read(made))
    bpm, key = heard.rhythm.bpm, heard.tonality.key
    level = None if bpm is None else float(np.log2(bpm / plan.tempo_bpm))
    right_tempo = level is not None and abs(level - round(level)) < 0.0144
    names = {plan.key.name, _relative(made)}
    lufs = made.song.measurement.integrated_lufs
    silent_s = _silence(song, rate_hz)
    text = (
        f"{source.name + ', ' + style:26}{made.kept.value[:5]:>6}{made.rate:6.2f}{100 * near:6.0f}%{1000 * away_s:6.1f}"
        f"{1000 * off_s:6.1f}  {f'{plan.tempo_bpm:.1f} ({bpm or 0:.1f})':16}"
        f"{f'{plan.key.name} ({key.name if key else None})':22}"
        f"{f'{100 * made.clash_before:.1f} > {100 * made.clash_after:.1f} %':>13}{lufs:7.1f}{silent_s:6.1f}{cpu:9.1f}"
    )
    return _Line(
        text,
        near,
        away_s,
        right_tempo,
        key is not None and key.name in names,
        made.clash_before,
        made.clash_after,
        cpu,
        abs(lufs + 14.0) <= 0.5 and silent_s <= 2.0,
    )


def _sources(*, recordings: bool) -> Iterator[_Source]:
    for song in _SONGS:
        path = kept("remix", f"{song.name}.flac")
        beats = path.with_suffix(".npy")
        if not (path.exists() and beats.exists()):
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(beats, _composed(song, path))
        yield _Source(song.name, path, np.load(beats))
    if recordings:
        for track, path in tracks.obtainable(tracks.TRACKS).items():
            yield _Source(track.name, path, analysis.analyze(path).rhythm.beats_s)


def _composed(song: _Song, path: Path) -> NDArray[np.float64]:
    """Compose a source and return when its beats are."""
    words = lyrics.read(_WORDS) if song.sung else None
    plan = planning.plan(prompt.read(song.prompt), words, seed=11, duration_s=56.0)
    score = write(plan, words)
    if song.drift:
        quarters = np.arange(0.0, score.length, plan.metre.beat_quarters)
        bpm = plan.tempo_bpm * (1.0 + song.drift * np.sin(2.0 * np.pi * quarters / 64.0))
        score = replace(score, tempi=tuple(zip(quarters.tolist(), bpm.tolist(), strict=True)))
    performance = perform(score)
    record(
        score,
        performance,
        lambda frames: vocals(score, performance, frames) if performance.song else None,
        Outputs(path),
    )
    return np.asarray(performance.clock.straight(np.arange(0.0, score.length, plan.metre.beat_quarters)))


def _moved(beats_s: NDArray[np.float64], made: Remixed) -> NDArray[np.float64]:
    """Return where beats of a source come in its remix."""
    moved = []
    for join in made.joins:
        inside = beats_s[(beats_s >= join.source_s[0] - 0.03) & (beats_s < join.source_s[-1] - 0.03)]
        moved.append(np.interp(inside, join.source_s, join.remix_s))
    return np.concatenate(moved)


def _read(made: Remixed) -> NDArray[np.float64]:
    """Return when the beats of a remix come, as its band reads them."""
    score = made.song.score
    clock = Clock.of(score, accompaniment(score.plan.style).performance.swings)
    return np.asarray(clock.straight(np.arange(0.0, score.length, score.plan.metre.beat_quarters)))


def _near(moved: NDArray[np.float64], beats_s: NDArray[np.float64]) -> tuple[float, float]:
    """Return how many of some times have a beat near, and how far those lie from it on average."""
    if not len(beats_s) or not len(moved):
        return float("nan"), float("nan")
    if len(beats_s) < 0.75 * len(moved):  # a beat of the band is two of the source's
        beats_s = np.sort(np.concatenate([beats_s, 0.5 * (beats_s[1:] + beats_s[:-1])]))
    inside = moved[(moved > beats_s[0] - _NEAR_S) & (moved < beats_s[-1] + _NEAR_S)]
    away = np.abs(inside[:, None] - beats_s[None, :]).min(axis=1)
    hit = away <= _NEAR_S
    return float(hit.mean()), float(away[hit].mean()) if hit.any() else float("nan")


def _relative(made: Remixed) -> str:
    return relative(made.song.plan.key).name


def _silence(song: NDArray[np.float32], rate_hz: int) -> float:
    """Return the longest silence between the first and the last sound."""
    hop = round(_HOP_S * rate_hz)
    levels = np.abs(song[: len(song) // hop * hop]).reshape(-1, hop * song.shape[1]).max(axis=1)
    loud = np.flatnonzero(levels > 10.0 ** (_SILENT_DB / 20.0))
    return float(np.diff(loud).max(initial=1) - 1) * _HOP_S


if __name__ == "__main__":
    arguments = [each for each in sys.argv[1:] if each != "--recordings"]
    if "--new" in arguments:
        shutil.rmtree(kept("remix"), ignore_errors=True)
        arguments.remove("--new")
    sys.exit(not main(arguments[0] if arguments else "", recordings="--recordings" in sys.argv))
