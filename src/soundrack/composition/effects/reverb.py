"""Reverberation: a network of sixteen delays that feed each other (Jot and Chaigne, "Digital delay networks for
designing artificial reverberators", AES 90, 1991).

The matrix between them is a Householder reflection of Householder reflections, all of whose entries have the same size,
so that each delay feeds every other alike and nothing is lost (Jot, ICASSP 1997). What is lost is lost in a filter
behind each delay, by as much as its length asks for the decay at low and at high frequencies. Half of the delays move
slowly, so that no mode rings. Before the network come reflections of the walls and four all-pass filters (Schroeder,
"Natural sounding artificial reverberation", JAES 10, 1962); a spring's chirp is a filter of its own (Abel, Berners,
Costello and Smith, "Spring reverb emulation using dispersive allpass filters", AES 121, 2006).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, high_pass, low_pass
from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.kernels import kernel
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

LINES = 16
_BLOCK = 64
"""Frames at a time; no delay is shorter."""
_GROUP = 4
_DIFFUSERS = (142, 107, 379, 277)
"""Lengths of the all-pass filters (Dattorro, "Effect design, part 1", JAES 45, 1997), in frames at 29761 Hz."""
_DATTORRO_HZ = 29_761.0
_REFLECTIONS = 12
_SEED = 1962
_LEVEL = 2.4
"""Of a hall with noise in it, as loud as the noise."""


@dataclass(frozen=True)
class Space:
    """A room, or a machine that sounds like one.

    Parameters
    ----------
    decay_s : float
        How long the sound takes to fall by 60 dB below `crossover_hz`; 0.05 to 30.
    brightness : float
        What part of that it takes far above `crossover_hz`, 0.05 to 1.
    size_ms : tuple of float
        The shortest and the longest of the delays, 2 to 200.
    predelay_ms : float
        Before the first reflection, 0 to 250.
    reflections : float
        How loud single early reflections are beside the reverberation, 0 to 1.
    crossover_hz, low_cut_hz, high_cut_hz : float
        Where decays change, and what is reverberated at all.
    diffusion : float
        How soon reflections are many, 0 to 0.8.
    movement_ms : float
        How far delays move, 0 to 1.
    width : float
        0 (mono) to 1.
    chirps : bool
        Whether high frequencies come later than low ones, as along a spring.
    """

    decay_s: float
    brightness: float
    size_ms: tuple[float, float]
    predelay_ms: float = 0.0
    reflections: float = 0.4
    crossover_hz: float = 3500.0
    low_cut_hz: float = 120.0
    high_cut_hz: float = 12_000.0
    diffusion: float = 0.6
    movement_ms: float = 0.25
    width: float = 1.0
    chirps: bool = False

    def lasting(self, decay_s: float) -> Space:
        """Return the same with another decay."""
        return replace(self, decay_s=decay_s)


SPACES: dict[str, Space] = {
    "ambience": Space(0.45, 0.6, (4.0, 27.0), 2.0, 0.9, diffusion=0.7),
    "room": Space(0.8, 0.5, (9.0, 41.0), 6.0, 0.7),
    "plate": Space(1.8, 0.75, (11.0, 47.0), 12.0, 0.0, 5000.0, 180.0, 15_000.0, 0.75, 0.4),
    "hall": Space(2.4, 0.42, (29.0, 97.0), 22.0, 0.4, 3000.0, 120.0, 10_000.0),
    "cathedral": Space(5.5, 0.35, (43.0, 149.0), 40.0, 0.25, 2500.0, 150.0, 9000.0, 0.65, 0.35),
    "spring": Space(1.9, 0.55, (33.0, 71.0), 3.0, 0.0, 2500.0, 200.0, 5000.0, 0.2, 0.1, 0.4, True),
}
"""By the names that styles use."""


def process(sound: Sound, space: Space, onto: Sound | None = None) -> Sound:
    """Return the reverberation of a sound, without the sound itself.

    It is linear: the reverberation of a sum is the sum of the reverberations.

    Parameters
    ----------
    sound : float32 array, shape (frames, 1 or 2)
        What is heard in the room; in the middle of it, as one sound.
    space : Space
        Where.
    onto : float32 array, shape (frames, 2), optional
        What it is added to.

    Returns
    -------
    float32 array, shape (frames, 2)
        About as loud as a steady sound itself; what rings longer is cut off.
    """
    fed = sound.copy() if sound.shape[1] == 1 else np.float32(0.5) * (sound[:, :1] + sound[:, 1:])
    filter_in_place(fed, np.array([high_pass(space.low_cut_hz, RATE_HZ), low_pass(space.high_cut_hz, RATE_HZ)]))
    if space.chirps:
        convolve_in_place(fed, _chirp(), zero=0)
    lengths = delays(space)
    diffusers = np.array([round(each / _DATTORRO_HZ * RATE_HZ) for each in _DIFFUSERS])
    times, left, right = _early(space)
    out = np.zeros((len(fed), 2), dtype=np.float32) if onto is None else onto
    _network(
        fed,
        out,
        lengths,
        *_losses(space, lengths),
        np.float32(1.0 - math.exp(-2.0 * math.pi * space.crossover_hz / RATE_HZ)),
        diffusers,
        np.float32(space.diffusion),
        round(0.001 * space.predelay_ms * RATE_HZ),
        times,
        left,
        right,
        np.float32(0.001 * space.movement_ms * RATE_HZ),
        np.float32(space.width),
    )
    return out


def delays(space: Space) -> NDArray[np.int64]:
    """Return the lengths of a space's delays in frames: odd numbers, each as much longer than the last, apart."""
    short, long = (max(0.001 * each * RATE_HZ, _BLOCK + 8.0) for each in space.size_ms)
    even = np.round(short * (max(long / short, 1.2)) ** (np.arange(LINES) / (LINES - 1)))
    rng = np.random.Generator(np.random.PCG64(_SEED))
    scattered = even + np.round(rng.uniform(-0.4, 0.4, LINES) * np.gradient(even))
    # Long and short ones side by side: neighbours feed the same channel.
    mixed = np.maximum(scattered, _BLOCK + 8.0).astype(np.int64)[np.arange(LINES) * 7 % LINES]
    return np.asarray(2 * (mixed // 2) + 1, dtype=np.int64)


def _losses(space: Space, lengths: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32], np.float32]:
    """Return each delay's gain at low and at high frequencies, and the level that makes up for their gain together."""
    passes_s = lengths / RATE_HZ
    low = 10.0 ** (-3.0 * passes_s / space.decay_s)
    high = 10.0 ** (-3.0 * passes_s / (space.decay_s * space.brightness))
    level = _LEVEL * math.sqrt(float(np.mean(1.0 - (0.5 * (low + high)) ** 2)))
    return low.astype(np.float32), high.astype(np.float32), np.float32(level)


@cache
def _early(space: Space) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float32]]:
    """Return delays and gains of single reflections, ever weaker and from all sides."""
    rng = np.random.Generator(np.random.PCG64(_SEED + 1))
    last_ms = 1.1 * space.size_ms[1]
    at_ms = last_ms * (np.arange(1, _REFLECTIONS + 1) / _REFLECTIONS) ** 1.4 * rng.uniform(0.85, 1.0, _REFLECTIONS)
    gains = space.reflections * rng.choice((-1.0, 1.0), _REFLECTIONS) * 0.55 / (1.0 + at_ms / (0.4 * last_ms))
    side = space.width * np.resize((1.0, -1.0), _REFLECTIONS) * rng.uniform(0.4, 1.0, _REFLECTIONS)
    times = np.maximum(np.round(0.001 * at_ms * RATE_HZ), _BLOCK).astype(np.int64)
    left, right = gains * np.sqrt(0.5 * (1.0 + side)), gains * np.sqrt(0.5 * (1.0 - side))
    return times, left.astype(np.float32), right.astype(np.float32)


@cache
def _chirp() -> NDArray[np.float32]:
    """Return the response of a spring's two ways: below its cutoff, later the higher."""
    frames = 1 << 12
    hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    response = np.zeros(len(hz), dtype=np.complex128)
    for cutoff_hz, first_s, share in ((4300.0, 0.004, 1.0), (3900.0, 0.009, 0.7)):
        below = np.minimum(hz / cutoff_hz, 0.98)
        delay_s = first_s / np.sqrt(1.0 - below**2)
        phase = np.concatenate(([0.0], np.cumsum(delay_s[1:] * 2.0 * np.pi * np.diff(hz))))
        response += share * (hz < cutoff_hz) * np.exp(-1j * phase)
    taps = np.fft.irfft(response, frames) * np.hanning(2 * frames)[frames:]
    return np.asarray(taps / np.sqrt(np.sum(taps**2)), dtype=np.float32)


@kernel
def _network(
    fed: NDArray[np.float32],
    out: NDArray[np.float32],
    lengths: NDArray[np.int64],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    level: np.float32,
    damping: np.float32,
    diffusers: NDArray[np.int64],
    diffusion: np.float32,
    predelay: int,
    early: NDArray[np.int64],
    early_left: NDArray[np.float32],
    early_right: NDArray[np.float32],
    movement: np.float32,
    width: np.float32,
) -> None:
    frames, reach = len(fed), 1
    while reach < max(lengths.max() + 8 + int(2 * movement), predelay + early.max()) + 256:
        reach *= 2
    mask = reach - 1
    # The first blocks of a ring are kept once more behind its end, so that a block is always read in one piece.
    rings = np.zeros((16, reach + 128), dtype=np.float32)
    before = np.zeros(reach + 128, dtype=np.float32)
    passes = np.zeros((len(diffusers), 1024 + 128), dtype=np.float32)
    tile, state = np.zeros((16, 64), dtype=np.float32), np.zeros(16, dtype=np.float32)
    line, sides = np.zeros(64, np.float32), np.zeros((2, 64), np.float32)
    for start in range(0, frames, 64):
        count = min(64, frames - start)
        place = start & mask
        _remember(fed[start : start + count], before, place, reach)
        piece = before[(start - predelay) & mask :]
        for n in range(64):
            line[n] = piece[n]
        _diffuse(line, passes, diffusers, diffusion, start)
        for number in range(16):
            moved = movement if number % 2 else np.float32(0.0)
            _read(tile[number], rings[number], mask, start, lengths[number], moved, number)
        for group in range(0, 16, 4):
            _damp(tile[group : group + 4], state[group : group + 4], low[group:], high[group:], damping)
        _listen(tile, sides)
        for group in range(0, 16, 4):
            _reflect(tile[group], tile[group + 1], tile[group + 2], tile[group + 3])
        for number in range(4):
            _reflect(tile[number], tile[number + 4], tile[number + 8], tile[number + 12])
        _write(tile, rings, line, start & mask, reach)
        left, right = sides[0], sides[1]
        for n in range(64):
            mid = np.float32(0.5) * level * (left[n] + right[n])
            side = np.float32(0.5) * level * width * (left[n] - right[n])
            left[n], right[n] = mid + side, mid - side
        for tap in range(len(early)):
            piece = before[(start - predelay - early[tap]) & mask :]
            _reflected(piece, early_left[tap], early_right[tap], left, right)
        for n in range(count):
            out[start + n, 0] += left[n]
            out[start + n, 1] += right[n]


@kernel
def _remember(fed: NDArray[np.float32], before: NDArray[np.float32], place: int, reach: int) -> None:
    """Put what is fed into its ring."""
    piece = before[place:]
    for n in range(64):
        piece[n] = fed[n, 0] if n < len(fed) else np.float32(0.0)
    if place < 128:
        before[reach + place : reach + place + 64] = piece[:64]


@kernel
def _reflected(
    piece: NDArray[np.float32],
    to_left: np.float32,
    to_right: np.float32,
    left: NDArray[np.float32],
    right: NDArray[np.float32],
) -> None:
    """Add a wall's reflection to both sides."""
    for n in range(64):
        left[n] += to_left * piece[n]
        right[n] += to_right * piece[n]


@kernel
def _diffuse(
    line: NDArray[np.float32],
    passes: NDArray[np.float32],
    lengths: NDArray[np.int64],
    diffusion: np.float32,
    start: int,
) -> None:
    """Pass a block through all-pass filters, in place."""
    place = start & 1023
    for stage in range(len(lengths)):
        ring = passes[stage]
        old, new = ring[(start - lengths[stage]) & 1023 :], ring[place:]
        for n in range(64):
            here = line[n] + diffusion * old[n] + np.float32(1e-18)
            line[n] = old[n] - diffusion * here
            new[n] = here
        if place < 128:
            ring[1024 + place : 1024 + place + 64] = new[:64]


@kernel
def _read(
    row: NDArray[np.float32],
    ring: NDArray[np.float32],
    mask: int,
    start: int,
    length: int,
    movement: np.float32,
    number: int,
) -> None:
    """Fill a row with what comes out of a delay; of one that moves, between its samples."""
    if movement == np.float32(0.0):
        piece = ring[(start - length) & mask :]
        for n in range(64):
            row[n] = piece[n]
        return
    rate = (0.31 + 0.66 * number / 15.0) * 2.0 * math.pi / 44100.0
    here = np.float32(movement * (1.0 + math.sin(rate * start + number)))
    there = np.float32(movement * (1.0 + math.sin(rate * (start + 64) + number)))
    step = (there - here) * np.float32(1.0 / 64.0)
    whole = int(here)
    if whole == int(here + step * np.float32(63.0)):
        piece = ring[(start - length - whole - 1) & mask :]
        first = here - np.float32(whole)
        for n in range(64):
            part = first + step * np.float32(n)
            row[n] = piece[n + 1] + part * (piece[n] - piece[n + 1])
        return
    for n in range(64):
        away = here + step * np.float32(n)
        whole = int(away)
        part = away - np.float32(whole)
        place = (start + n - length - whole - 1) & mask
        row[n] = part * ring[place] + (np.float32(1.0) - part) * ring[place + 1]


@kernel
def _damp(
    rows: NDArray[np.float32],
    state: NDArray[np.float32],
    low: NDArray[np.float32],
    high: NDArray[np.float32],
    damping: np.float32,
) -> None:
    """Give four rows their losses; four recursions at once, so that while one waits the others have work."""
    keeps, nothing = np.float32(1.0) - damping, np.float32(1e-18)
    a, b, c, d = rows[0], rows[1], rows[2], rows[3]
    sa, sb, sc, sd = state[0], state[1], state[2], state[3]
    ha, hb, hc, hd = high[0], high[1], high[2], high[3]
    la, lb, lc, ld = low[0] - ha, low[1] - hb, low[2] - hc, low[3] - hd
    for n in range(64):
        xa, xb, xc, xd = a[n], b[n], c[n], d[n]
        sa, sb = keeps * sa + damping * xa, keeps * sb + damping * xb
        sc, sd = keeps * sc + damping * xc, keeps * sd + damping * xd
        a[n], b[n] = ha * xa + la * sa, hb * xb + lb * sb
        c[n], d[n] = hc * xc + lc * sc, hd * xd + ld * sd
    state[0], state[1] = sa + nothing, sb + nothing
    state[2], state[3] = sc + nothing, sd + nothing


@kernel
def _listen(tile: NDArray[np.float32], sides: NDArray[np.float32]) -> None:
    """Fill both sides with every second row, added and subtracted in turn."""
    left, right = sides[0], sides[1]
    left[:], right[:] = np.float32(0.0), np.float32(0.0)
    for group in range(0, 16, 4):
        a, b, c, d = tile[group], tile[group + 1], tile[group + 2], tile[group + 3]
        for n in range(64):
            left[n] += a[n] - c[n]
            right[n] += b[n] - d[n]


@kernel
def _reflect(a: NDArray[np.float32], b: NDArray[np.float32], c: NDArray[np.float32], d: NDArray[np.float32]) -> None:
    """Multiply four rows by a Householder matrix, in place."""
    for n in range(64):
        half = np.float32(0.5) * (a[n] + b[n] + c[n] + d[n])
        a[n] -= half
        b[n] -= half
        c[n] -= half
        d[n] -= half


@kernel
def _write(
    tile: NDArray[np.float32], rings: NDArray[np.float32], line: NDArray[np.float32], place: int, reach: int
) -> None:
    """Put rows and what is fed into the delays."""
    for number in range(16):
        ring, row = rings[number], tile[number]
        piece = ring[place:]
        for n in range(64):
            piece[n] = row[n] + np.float32(0.25) * line[n]
        if place < 128:
            ring[reach + place : reach + place + 64] = piece[:64]
