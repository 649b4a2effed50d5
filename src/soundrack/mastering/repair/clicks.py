"""Clicks: a few samples that do not follow from those around them.

A click is found where the second difference is far above what it is on both sides, so that an onset, after which it
stays high, is none; and confirmed where an autoregressive model of the surroundings predicts everything but a few
samples. These are replaced by those with the least prediction error: Janssen, Veldhuis and Vries, "Adaptive
interpolation of discrete-time signals that can be modeled as autoregressive processes", IEEE Transactions on Acoustics,
Speech, and Signal Processing 34(2), 1986, pages 317 to 330.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.errors import Invalid
from soundrack.mastering.repair.autoregression import (
    AROUND,
    ORDER,
    error_filter,
    interpolated,
    prediction_errors,
    typical_error,
)
from soundrack.mastering.repair.steps import Click, ClicksStep

_BLOCK_FRAMES = 32
_WIDTH = 16
"""Values side by side: a vector's worth, and of whole frames."""
_BESIDE = (2, 6)
"""In blocks: where the surroundings of a block begin and end, on either side."""
_SUSPECT = 12.0
"""Against the mean on the rougher side; in noise it comes to six."""
_CLICK = 32.0
_EXPLAINED, _LEFT = 6.0, 0.03
"""Prediction errors: that of a click, relative to their typical size; what may be left when it is gone, relative to
their typical size or to the click."""
_BEGUN = 0.02
"""Relative to its largest error, the first that is part of a click: the filter's first tap against its largest."""
_LEAST = 1e-3
"""-60 dB: what is changed less was not heard."""
_LONGEST_S, _FEWEST_FRAMES = 0.00042, 6
"""A drum's stroke is as sudden, but lasts longer. At low rates a few frames are needed for any click at all."""
_MOST_PER_S = 4
"""What clicks more often, everywhere, is a sound that is made so."""


def find(samples: NDArray[np.float32], rate_hz: int) -> ClicksStep | None:
    """Return what to replace, where lone samples do not follow from those around them."""
    clicks, worst = [], 0.0
    for channel, frame in _suspects(samples, rate_hz):
        found = _confirmed(samples[:, channel], frame, _longest_frames(rate_hz))
        if found is not None:
            first, frames, size = found
            clicks.append(Click(channel=channel, first_frame=first, frames=frames))
            worst = max(worst, size)
    if not clicks:
        return None
    return ClicksStep(
        clicks=tuple(clicks),
        reason=(
            f"{len(clicks)} {'click' if len(clicks) == 1 else 'clicks'}, the first at "
            f"{clicks[0].first_frame / rate_hz:.3f} s; the worst is {worst:.0f} times what its surroundings leave open."
        ),
    )


def treat(samples: NDArray[np.float32], step: ClicksStep) -> None:
    """Replace the clicks, in place.

    Raises
    ------
    Invalid
        If one lies outside the song, or too near its ends to know what was there.
    """
    for click in step.clicks:
        first, last = click.first_frame, click.first_frame + click.frames
        if click.channel >= samples.shape[1] or first < AROUND or last > len(samples) - AROUND:
            raise Invalid(f"There is nothing to repair frame {first} from.", field="repair")
        around = samples[first - AROUND : last + AROUND, click.channel].astype(np.float64)
        model = error_filter(around, AROUND, click.frames)
        samples[first:last, click.channel] = interpolated(around, AROUND, click.frames, model)


def _suspects(samples: NDArray[np.float32], rate_hz: int) -> list[tuple[int, int]]:
    """Return channels and frames at which the second difference is far above what it is on both sides."""
    begin, end = _BESIDE
    blocks = len(samples) // _BLOCK_FRAMES
    if blocks < 2 * end + 1:
        return []
    highest = np.zeros((blocks, samples.shape[1]), dtype=np.float32)
    sums = np.zeros((blocks, samples.shape[1]), dtype=np.float32)
    _second_differences(samples, highest, sums)
    running = np.concatenate((np.zeros((1, samples.shape[1])), np.cumsum(sums, axis=0, dtype=np.float64)))
    means = (running[end - begin :] - running[: begin - end]) / ((end - begin) * _BLOCK_FRAMES)
    # means[n] is that of the blocks from n on: those before and those after each block that has both.
    rough = np.maximum(means[: -end - begin], means[end + begin :])
    middle = highest[end : end + len(rough)]
    hot = np.argwhere((middle > _SUSPECT * rough) & (middle > _LEAST)).tolist()
    found = sorted((_bend_at(samples, (block + end) * _BLOCK_FRAMES, channel), channel) for block, channel in hot)
    return _lone(found, len(samples), samples.shape[1], rate_hz)


def _lone(found: list[tuple[int, int]], length: int, channels: int, rate_hz: int) -> list[tuple[int, int]]:
    """Return those that have few others within half a second, one of those that lie together, none near the ends."""
    frames = np.array([frame for frame, _ in found], dtype=np.int64)
    nearby = np.searchsorted(frames, frames + rate_hz // 2) - np.searchsorted(frames, frames - rate_hz // 2)
    apart = _longest_frames(rate_hz)
    last = [-apart] * channels
    kept: list[tuple[int, int]] = []
    for (frame, channel), neighbours in zip(found, nearby.tolist(), strict=True):
        inside = AROUND + apart <= frame < length - AROUND - apart
        if inside and neighbours <= _MOST_PER_S * channels and frame - last[channel] >= apart:
            kept.append((channel, frame))
            last[channel] = frame
    return kept


def _longest_frames(rate_hz: int) -> int:
    return max(round(_LONGEST_S * rate_hz), _FEWEST_FRAMES)


def _bend_at(samples: NDArray[np.float32], start: int, channel: int) -> int:
    """Return the frame of the highest second difference in a block."""
    part = samples[start - 1 : start + _BLOCK_FRAMES + 1, channel]
    return start + int(np.argmax(np.abs(np.diff(part, 2))))


def _confirmed(column: NDArray[np.float32], frame: int, longest: int) -> tuple[int, int, float] | None:
    """Return first frame, length and relative size of the click at `frame`, or None if it is part of the sound.

    From where the errors begin, the gap grows until all else follows from what is around it.
    """
    zone = longest // 2 + 1  # on either side, what may be damaged, which the model is made without
    around = column[frame - AROUND - zone : frame + AROUND + zone].astype(np.float64)
    model = error_filter(around, AROUND, 2 * zone)
    errors = prediction_errors(around, model)
    # The error at `frame` stands ORDER places before it; a wrong sample spoils up to ORDER errors.
    near = AROUND + zone - 2 * ORDER, AROUND + zone + longest
    typical = typical_error(errors, *near)
    size = float(errors[slice(*near)].max()) / typical
    if size < _CLICK:
        return None
    # The first clear error stands where the click begins; a faint one begins just before its sharpest bend.
    early = AROUND + zone - ORDER - longest // 2
    clear = errors[early:] > max(_EXPLAINED, _BEGUN * size) * typical
    first = min(early + ORDER + int(np.argmax(clear)), AROUND + zone - 1)
    allowed = max(_EXPLAINED, _LEFT * size) * typical
    for frames in range(3, longest + 1, 2):
        repaired = around.copy()
        repaired[first : first + frames] = interpolated(around, first, frames, model)
        if prediction_errors(repaired, model)[slice(*near)].max() <= allowed:
            change = float(np.abs(repaired - around).max())
            return (frame - AROUND - zone + first, frames, size) if change >= _LEAST else None
    return None


@kernel
def _second_differences(samples: NDArray[np.float32], highest: NDArray[np.float32], sums: NDArray[np.float32]) -> None:
    """Fill, for each block but the first and last and each channel, the highest second difference and their sum."""
    channels = samples.shape[1]
    flat = samples.reshape(-1)
    width = _BLOCK_FRAMES * channels
    best, total = np.empty(_WIDTH, dtype=np.float32), np.empty(_WIDTH, dtype=np.float32)
    for block in range(1, len(highest) - 1):
        best[:] = np.float32(0.0)
        total[:] = np.float32(0.0)
        for start in range(block * width, (block + 1) * width, _WIDTH):
            before, here, after = flat[start - channels :], flat[start:], flat[start + channels :]
            for n in range(_WIDTH):
                bend = abs(before[n] - (here[n] + here[n]) + after[n])
                best[n] = max(best[n], bend)
                total[n] += bend
        for n in range(_WIDTH):
            highest[block, n % channels] = max(highest[block, n % channels], best[n])
            sums[block, n % channels] += total[n]
