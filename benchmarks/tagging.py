"""How far tags, genres and stems are to be trusted: ``python -m benchmarks.tagging [patches|genres|stems]``.

The recordings are those of `benchmarks.tracks`' packages: what is documented of them is a weak truth. Of each package
every other file, by its name, is of the half `tune`, by which the numbers of `soundrack.analysis` were chosen; the
others, `held`, are only looked at.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.tracks import TRACKS, Unobtainable, files_of, prepared
from soundrack import models
from soundrack.analysis.features.sound import Sound, hear, low_mono
from soundrack.analysis.genre import genres
from soundrack.analysis.genre.telling import confidences
from soundrack.analysis.stems import STEMS, separate
from soundrack.analysis.tags import Tags, tags
from soundrack.analysis.tags.tagging import patches_of

HALVES = ("tune", "held")
_COUNTS = (2, 4, 6, 8, 10, 12)
_LONGEST_S = 330.0


@dataclass(frozen=True)
class Recording:
    """A file, its half, and the genres that what is documented of it allows."""

    path: Path
    half: str
    genres: frozenset[str]


@dataclass(frozen=True)
class Group:
    """Files of a package about which the same is documented, and every how many-th of them is taken."""

    package: str
    pattern: str
    genres: frozenset[str]
    every: int = 1


GROUPS = (
    Group("immich", "*/*_acoustic_*.opus", frozenset({"Folk", "Country"})),  # its names say: acoustic
    Group("immich", "*/*_electronic_*.opus", frozenset({"Electronic"})),  # and electronic
    Group("wesnoth", "data/core/music/*.ogg", frozenset({"Classical", "Choral"}), 3),  # an orchestral soundtrack
    Group("warzone", "aftermath_soundtrack/*.opus", frozenset({"Electronic", "Ambient"}), 3),
    Group("muldjord", "*/song.ogg", frozenset({"Metal", "Rock"})),  # death metal
    Group("sectoid", "*/song.ogg", frozenset({"Metal", "Rock"})),  # rock and metal, and a slow song
    Group("mars", "music/*_-_*.ogg", frozenset({"Metal", "Rock"})),  # their tags say: female fronted metal
)


def recordings() -> Iterator[Recording]:
    """Yield what can be had here; say what cannot."""
    for group in GROUPS:
        try:
            found = files_of(group.package, group.pattern)[:: group.every]
        except Unobtainable as error:
            print(f"without {group.package}: {error}", file=sys.stderr)
            continue
        for number, path in enumerate(found):
            yield Recording(path, HALVES[number % 2], group.genres)


@cache
def _all_patches(path: Path) -> tuple[float, Tags]:
    sound = hear(path)
    if sound.duration_s > _LONGEST_S:
        sound = _part(sound, 0.0, _LONGEST_S)
    return sound.duration_s, tags(sound, patches=10_000)


def _part(sound: Sound, start_s: float, stop_s: float) -> Sound:
    samples = sound.samples[round(start_s * sound.rate_hz) : round(stop_s * sound.rate_hz)]
    return replace(sound, samples=samples, mono=low_mono(samples, sound.rate_hz))


def _spread(patches: int, count: int) -> NDArray[np.intp]:
    """Return which of all patches would be looked at if there were only so many."""
    return np.unique(((np.arange(count) + 0.5) * patches / count).astype(np.intp))


def patches() -> None:
    """Print how near the tags of few patches come to those of all, and what they cost."""
    print(
        "Tags of few patches beside those of all, songs of at least a minute: share of the five likeliest that are the"
    )
    print("same, correlation over 50 tags, largest difference of one (means over the songs).")
    rows: dict[tuple[str, str, int], list[tuple[float, float, float]]] = {}
    for recording in recordings():
        duration_s, heard = _all_patches(recording.path)
        if duration_s < 60:
            continue
        for name, each in (("MSD", heard.msd_patches), ("MTT", heard.mtt_patches)):
            whole = each.mean(axis=0)
            for count in _COUNTS:
                few = each[_spread(len(each), count)].mean(axis=0)
                row = (_same(whole, few), float(np.corrcoef(whole, few)[0, 1]), float(np.abs(whole - few).max()))
                rows.setdefault((name, recording.half, count), []).append(row)
    for (name, half, count), found in sorted(rows.items()):
        same, likeness, furthest = np.mean(found, axis=0)
        print(f"  {name} {half} n={len(found):3}  {count:2} patches  {same:.2f}  {likeness:.3f}  {furthest:.3f}")
    minutes = _repeated(_named("orchestral"), 180.0)
    spent_s = min(_cpu_s(minutes) for _ in range(5))
    print(
        f"A song of 3 minutes, {patches_of(180.0)} patches, both networks: {spent_s / 3:.3f} CPU s per minute of audio."
    )


def _same(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    return len(set(np.argsort(one)[-5:]) & set(np.argsort(other)[-5:])) / 5


def _repeated(sound: Sound, seconds: float) -> Sound:
    times = int(np.ceil(seconds / sound.duration_s))
    return _part(replace(sound, samples=np.tile(sound.samples, (times, 1))), 0.0, seconds)


def _cpu_s(sound: Sound) -> float:
    started_s = time.process_time()
    tags(sound)
    return time.process_time() - started_s


def genre_labels() -> None:
    """Print how often the genre is right, and whether confidences mean what they say."""
    for half in HALVES:
        answers = [_answers(recording) for recording in recordings() if recording.half == half]
        top = [max(each, key=lambda answer: answer[0]) for each in answers]
        sure = [answer for answer in top if answer[0] >= 0.5]
        print(f"{half}: {len(answers)} recordings, likeliest genre right {_mean([right for _, right in top]):.2f};")
        right, confidence = (_mean([answer[which] for answer in sure]) for which in (1, 0))
        print(f"    told {len(sure)}, right {right:.2f}, confidence {confidence:.2f}")
        everything = [answer for each in answers for answer in each]
        for low in (0.0, 0.2, 0.4, 0.6, 0.8):
            here = [answer for answer in everything if low <= answer[0] < low + 0.2]
            if here:
                confidence, right = (_mean([answer[which] for answer in here]) for which in (0, 1))
                print(f"    confidence {confidence:.2f}: right {right:.2f} (n={len(here)})")


def _answers(recording: Recording) -> list[tuple[float, bool]]:
    """Return each genre's confidence and whether it is right."""
    sound = hear(recording.path)
    heard = tags(_part(sound, 0.0, _LONGEST_S))
    sure = confidences({label: each.evidence(heard) for label, each in genres().items()})
    return [(confidence, label in recording.genres) for label, confidence in sure.items()]


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")


def stems() -> None:
    """Print how much nearer a separated voice is to what was mixed in, and what a separation costs."""
    if not models.installed("separator"):
        print("The separator is not installed: soundrack models install separator.")
        return
    voice = _named("speech")
    for name in ("acoustic", "dance", "dynamic", "metal"):
        bed = _named(name)
        length = min(len(bed.samples), len(voice.samples) * 2) // bed.rate_hz * bed.rate_hz
        spoken = _speech(voice, bed.rate_hz, length)
        music = bed.samples[:length]
        spoken *= np.sqrt(np.mean(np.square(music)) / np.mean(np.square(spoken)))
        mixed = replace(bed, samples=(music + spoken).astype(np.float32))
        parts: list[NDArray[np.float32]] = []
        started_s = time.process_time()
        evidence = separate(mixed, parts.append)
        spent_s = (time.process_time() - started_s) / mixed.duration_s * 60
        found = np.concatenate(parts, axis=1)[STEMS.index("vocals")]
        before, after = si_sdr(mixed.samples, spoken), si_sdr(found, spoken)
        certainty = evidence["vocals"].certainty
        print(
            f"speech on {name:10} {before:5.1f} -> {after:5.1f} dB, told {certainty:.2f}; {spent_s:.1f} CPU s a minute"
        )


def _named(name: str) -> Sound:
    return hear(prepared(next(track for track in TRACKS if track.name == name)))


def _speech(voice: Sound, rate_hz: int, length: int) -> NDArray[np.float32]:
    mono = soxr.resample(voice.samples.mean(axis=1), voice.rate_hz, rate_hz)
    return np.repeat(np.resize(mono, length)[:, None], 2, axis=1).astype(np.float32)


def si_sdr(found: NDArray[np.float32], true: NDArray[np.float32]) -> float:
    """Return the scale-invariant signal-to-distortion ratio in dB (Le Roux et al., ICASSP 2019)."""
    x, s = found.ravel().astype(np.float64), true.ravel().astype(np.float64)
    target = (x @ s) / (s @ s) * s
    return float(10 * np.log10(np.sum(target**2) / np.sum((x - target) ** 2)))


_PARTS = {"patches": patches, "genres": genre_labels, "stems": stems}


def main() -> int:
    """Print what was asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tagging", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="all if none is named")
    for name in parser.parse_args().parts or _PARTS:
        _PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
