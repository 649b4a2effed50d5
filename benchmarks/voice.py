"""How well the voice sings: ``python -m benchmarks.voice [tune|held ...]``; ``install`` installs the judges.

Both halves of ``voice.toml`` are sung by a woman and a man, by the network and by formants, dry. swift-f0 tells how
much of what is voiced is within 50 cents of the score, Whisper tiny how many of the words it hears in their order. Then
how quickly three minutes are sung on one core, by each timbre, and what memory that takes. The judges run in an
environment of their own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from benchmarks import peers
from benchmarks.folder import kept
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.lyrics import read
from soundrack.composition.performance import Syllable
from soundrack.composition.plan import Timbre
from soundrack.composition.theory import SCALES
from soundrack.composition.voice import Voice, sing

ENVIRONMENT = "voice"
_SONGS = Path(__file__).with_name("voice.toml")
_JUDGE = Path(peers.__file__).with_name("voice_judge.py")
_LOWER = {Timbre.FEMALE: 0, Timbre.MALE: -10}
"""Semitones by which a song is moved for a voice."""
_LEAD_S, _TAIL_S, _REST_BEATS, _LET_GO = 0.5, 0.5, 0.5, 0.9
_LONG_S = 180.0
_SEED = 1


def main() -> int:
    """Print the tables; return 1 if the judges are not installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.voice", description=__doc__)
    parser.add_argument("halves", nargs="*", metavar="tune, held or install", default=[])
    wish = parser.parse_args().halves
    if wish == ["install"]:
        peers.install(ENVIRONMENT)
        return 0
    if not peers.installed(ENVIRONMENT):
        print("The judges are not installed: make voice-judges", file=sys.stderr)
        return 1
    told = tomllib.loads(_SONGS.read_text())
    print(f"{'half':6}{'timbre':9}{'voice':10}{'words heard':>16}{'50 cents':>10}{'steady':>8}{'voiced':>8}")
    for half in wish or list(told):
        for voice in Voice:
            for timbre in _LOWER:
                _print_measured(half, told[half], timbre, voice)
    _print_speed(told["tune"])
    return 0


def song(told: Mapping[str, Any], lower: int) -> tuple[Syllable, ...]:
    """Return a song of ``voice.toml`` on its melody, in seconds."""
    beat_s = 60.0 / told["tempo_bpm"]
    scale, degrees = SCALES[told["scale"]], cycle(told["degrees"])
    made: list[Syllable] = []
    at, word = _LEAD_S, 0
    for place, text in enumerate(told["lines"]):
        words = read(text).sections[0].lines[0].words
        left, beats = sum(len(each.syllables) for each in words), cycle(told["beats"])
        for each in words:
            for syllable in each.syllables:
                left -= 1
                length = beat_s * (next(beats) if left else told["last"])
                octave, step = divmod(next(degrees), len(scale))
                pitch = told["tonic"] + lower + 12 * octave + scale[step]
                tone = Tone(at, length * (1.0 if left else _LET_GO), pitch, 0.7)
                made.append(Syllable(syllable.text, syllable.sounds, syllable.stress, word, place, (tone,)))
                at += length
            word += 1
        at += _REST_BEATS * beat_s
    return tuple(made)


def _print_measured(half: str, songs: Sequence[Mapping[str, Any]], timbre: Timbre, voice: Voice) -> None:
    tasks = [_task(half, told, timbre, voice) for told in songs]
    counts: Counter[str] = Counter()
    for told, result in zip(songs, _judged(tasks), strict=True):
        heard = result.pop("heard")
        counts.update(result)
        print(f"  {told['name']}: {result['right']}/{result['words']} {heard}", file=sys.stderr)
    words = f"{counts['right']}/{counts['words']} {counts['right'] / counts['words']:.3f}"
    steady = counts["steady_within"] / counts["steady_frames"]
    print(
        f"{half:6}{timbre:9}{voice:10}{words:>16}{counts['within'] / counts['frames']:10.3f}{steady:8.3f}"
        f"{counts['frames'] / counts['inside']:8.2f}",
        flush=True,
    )


def _task(half: str, told: Mapping[str, Any], timbre: Timbre, voice: Voice) -> Path:
    """Sing a song and return the file that tells the judge of it."""
    path = kept("voice", f"{half}-{told['name']}-{timbre}-{voice}.wav")
    path.parent.mkdir(parents=True, exist_ok=True)
    sung = song(told, _LOWER[timbre])
    soundfile.write(path, _sound(sung, timbre, voice), RATE_HZ, subtype="PCM_16")
    notes = [(tone.start_s, tone.length_s, tone.pitch) for each in sung for tone in each.tones]
    task = path.with_suffix(".json")
    task.write_text(json.dumps({"path": str(path), "text": " ".join(told["lines"]), "notes": notes}))
    return task


def _sound(sung: Sequence[Syllable], timbre: Timbre, voice: Voice) -> np.ndarray[Any, np.dtype[np.float32]]:
    last = sung[-1].tones[-1]
    frames = round((last.start_s + last.length_s + _TAIL_S) * RATE_HZ)
    rng = np.random.Generator(np.random.PCG64(_SEED))
    return sing(sung, timbre=timbre, language="en", frames=frames, rng=rng, voice=voice)


def _judged(tasks: Sequence[Path]) -> Iterator[dict[str, Any]]:
    command = [str(peers.python(ENVIRONMENT)), "-I", str(_JUDGE), *map(str, tasks)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return map(json.loads, done.stdout.splitlines())


def _print_speed(songs: Sequence[Mapping[str, Any]]) -> None:
    """Print how long three minutes take, in time of the processor, and the memory of a process that sings them."""
    sung = _repeated(song(songs[0], 0), _LONG_S)
    for voice in Voice:
        for timbre in Timbre:
            _sound(sung[:20], timbre, voice)
            begin = time.process_time()
            _sound(sung, timbre, voice)
            spent = time.process_time() - begin
            print(f"{timbre:9}{voice:10} three minutes: {_LONG_S / spent:6.1f} times as fast as they last", flush=True)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'':9}{voice:10} most memory until here: {memory:.0f} MB", flush=True)


def _repeated(sung: Sequence[Syllable], length_s: float) -> list[Syllable]:
    last = sung[-1].tones[-1]
    period = last.start_s + last.length_s
    made: list[Syllable] = []
    for turn in range(int(length_s / period)):
        for each in sung:
            tones = tuple(
                Tone(tone.start_s + turn * period, tone.length_s, tone.pitch, tone.velocity) for tone in each.tones
            )
            made.append(Syllable(each.text, each.sounds, each.stress, each.word + 1000 * turn, each.line, tones))
    return made


if __name__ == "__main__":
    sys.exit(main())
