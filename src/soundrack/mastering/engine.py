"""The signal path: measure, shape, level, deliver, prove."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.files import DEFAULT_LIMITS, Limits, read
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.resampling import resampled
from soundrack.audio.tags import Tags, read_tags
from soundrack.audio.tags.metadata import spoken
from soundrack.errors import Invalid, UnusableAudio
from soundrack.mastering.delivery import STRICT_OVERSAMPLING, deliver
from soundrack.mastering.dynamics import glue
from soundrack.mastering.order import Order
from soundrack.mastering.presets import CHARACTERS
from soundrack.mastering.report import Report, level_in_words, reason_in_words
from soundrack.mastering.tone import shape_tone
from soundrack.progress import Progress, silent

_SHORTEST_S = 0.4
_AUDIBLE_OFFSET = 1e-4
"""-80 dB: a constant below this costs no headroom worth taking the file apart for."""


def master(
    source: Path, destination: Path, order: Order, *, limits: Limits = DEFAULT_LIMITS, progress: Progress = silent
) -> Report:
    """Master a song from file to file.

    Parameters
    ----------
    source : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file, mono or stereo, at least 400 ms long.
    destination : Path
        Where the master is written; another file than `source`. If anything fails, no file is left there.
    order : Order
        What it should become.
    limits : Limits
        What the source may be at most.
    progress : Progress
        Told of each stage and the fraction of the whole that is done.

    Returns
    -------
    Report
        What was measured before and, on the decoded master, after; and what was done.

    Raises
    ------
    UnsupportedFormat, TooLarge
        As :func:`~soundrack.audio.files.read`.
    UnusableAudio
        As :func:`~soundrack.audio.files.read`, and: more than two channels, shorter than 400 ms, or silent.
    Invalid
        If `destination` is the source.
    Internal
        If the decoded master's true peak cannot be brought below the ceiling.
    """
    if destination.exists() and destination.samefile(source):
        raise Invalid("A master cannot replace its source.", field="destination")
    try:
        return _master(source, destination, order, limits, progress)
    except BaseException:
        destination.unlink(missing_ok=True)
        raise


def _master(source: Path, destination: Path, order: Order, limits: Limits, progress: Progress) -> Report:
    character = CHARACTERS[order.preset]

    progress("read", 0.0)
    sound = read(source, limits)
    samples, rate_hz = sound.samples, sound.rate_hz
    _refuse_unmasterable(samples, rate_hz)
    tags = read_tags(source, sound.info.container)

    progress("measure", 0.1)
    before = measure(samples, rate_hz, oversampling=STRICT_OVERSAMPLING)
    centred = _remove_offset(samples, np.array(before.dc_offsets))
    _refuse_silence(samples, rate_hz, before, centred=bool(centred))

    progress("shape", 0.2)
    delivery_rate_hz = order.delivery_rate_hz(rate_hz)
    del sound  # two copies of the song at most: this one goes when it is resampled
    samples = resampled(samples, rate_hz, delivery_rate_hz)
    converted = [] if delivery_rate_hz == rate_hz else [f"Sample rate: {rate_hz} to {delivery_rate_hz} Hz."]
    tone = shape_tone(samples, delivery_rate_hz, character)
    progress("shape", 0.3)
    dynamics = glue(samples, delivery_rate_hz, character)

    progress("level", 0.45)
    delivery = deliver(
        samples,
        delivery_rate_hz,
        destination,
        order,
        lambda stage, done: progress(stage, 0.45 + 0.55 * done),
        tags=tags,
    )
    progress("done", 1.0)
    return Report(
        before=before,
        after=delivery.measurement,
        order=order,
        done=(*centred, *converted, tone, dynamics, level_in_words(delivery.level), *_tags_in_words(tags)),
        reached=delivery.level.reached,
        reason=None if delivery.level.reached else reason_in_words(order, delivery.measurement),
    )


def _refuse_unmasterable(samples: NDArray[np.float32], rate_hz: int) -> None:
    frames, channels = samples.shape
    if channels > 2:
        raise UnusableAudio(f"This file has {channels} channels; mono and stereo are mastered.")
    if frames < _SHORTEST_S * rate_hz:
        raise UnusableAudio(
            f"This file is {1000 * frames / rate_hz:.0f} ms long; a master needs at least {1000 * _SHORTEST_S:.0f} ms."
        )


def _remove_offset(samples: NDArray[np.float32], offset: NDArray[np.float64]) -> list[str]:
    """Take a constant out of each channel, in place, and say so: it only costs headroom, and clicks at both ends."""
    if np.abs(offset).max() < _AUDIBLE_OFFSET:
        return []
    samples -= offset.astype(np.float32)
    return [f"Offset: a constant of {np.abs(offset).max():.4f} of full scale removed."]


def _refuse_silence(samples: NDArray[np.float32], rate_hz: int, before: Measurement, *, centred: bool) -> None:
    loudness = integrated_lufs(hop_power(samples, rate_hz)) if centred else before.integrated_lufs
    if loudness == -math.inf:
        raise UnusableAudio("This file is silent: nothing in it is louder than -70 LUFS.")


def _tags_in_words(tags: Tags) -> list[str]:
    """Say which tags the master has from its source, and what of them could not be kept."""
    carried = [spoken(name) for name in tags.texts()] + ["cover"] * (tags.cover is not None)
    parts = [
        f"{_listed(words)} {verb}" for words, verb in ((carried, "carried over"), (tags.left_out, "left out")) if words
    ]
    return [f"Tags: {'; '.join(parts)}."] if parts else []


def _listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> _listed(["title", "artist", "cover"])
    'title, artist and cover'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
