"""Kits: pieces on the keys of General MIDI's drum map, read from their files and played."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.loudness import hop_power, lufs
from soundrack.composition.fields import Fields, packed
from soundrack.composition.instruments.drums.keys import HIGHEST, LOWEST, stand_in
from soundrack.composition.instruments.drums.kick import BassDrum, Kick
from soundrack.composition.instruments.drums.membranes import Membrane
from soundrack.composition.instruments.drums.metals import Bell, Cymbal, MachineMetal
from soundrack.composition.instruments.drums.model import Model
from soundrack.composition.instruments.drums.room import Room
from soundrack.composition.instruments.drums.shakers import Guiro, Shaker, Tambourine, Wood
from soundrack.composition.instruments.drums.snare import Brush, Clap, Snare, Stick
from soundrack.composition.instruments.drums.strokes import frames_of
from soundrack.composition.instruments.tone import RATE_HZ, Tone

LAYERS = 8
"""Steps of velocity that differ in timbre; between them the level alone changes."""
ROUND_ROBIN = 3
"""Strokes of one layer that differ."""

_FOLDER = Path(__file__).parent / "kits"
_MODELS: dict[str, type[Model]] = {
    "kick": Kick,
    "bass drum": BassDrum,
    "snare": Snare,
    "clap": Clap,
    "stick": Stick,
    "brush": Brush,
    "membrane": Membrane,
    "machine metal": MachineMetal,
    "cymbal": Cymbal,
    "bell": Bell,
    "shaker": Shaker,
    "tambourine": Tambourine,
    "wood": Wood,
    "guiro": Guiro,
}
_USUAL_VELOCITY = 0.7
_LOUDER = 1.5
"""The power of velocity by which strokes grow louder."""
_CHOKE_S = 0.012
_TUNED = {"higher": 2.0, "lower": -2.0}
"""Semitones of a roll's halves."""
_LEVEL_LUFS = -18.0


@dataclass(frozen=True)
class Piece:
    """A piece of a kit.

    Parameters
    ----------
    name : str
        In the kit's file.
    model : Model
        What makes its strokes.
    keys : tuple of int
        On which it is played.
    level_db : float
        How loud a stroke is beside the others of the kit, by its loudness.
    pan : float
        -1 left to 1 right, as the drummer's listeners see it.
    room_db : float
        How loud the room answers.
    choke : str
        Strokes of pieces with the same word end each other; empty if nothing does.
    """

    name: str
    model: Model
    keys: tuple[int, ...]
    level_db: float
    pan: float
    room_db: float
    choke: str


@dataclass(frozen=True)
class KitPlan:
    """A kit as its file describes it."""

    name: str
    level_db: float
    pieces: tuple[Piece, ...]
    room: Room | None


class Kit:
    """Plays a kit.

    A tone's pitch is a key of the drum map; its length says nothing. Articulations: ``higher`` and ``lower`` tune a
    stroke by two semitones; others change nothing. Strokes are computed when they are first played and kept.

    Parameters
    ----------
    plan : KitPlan
        The kit.
    """

    def __init__(self, plan: KitPlan) -> None:
        self._plan = plan
        self._by_key = {key: piece for piece in plan.pieces for key in piece.keys}
        self._spectrum = plan.room.spectrum(plan.name) if plan.room is not None else None
        self._strokes: dict[tuple[str, int, int], NDArray[np.float32]] = {}
        self._gains: dict[str, float] = {}

    def piece(self, key: int) -> Piece | None:
        """Return what is played on a key, or for it; None where the kit has nothing like it."""
        present = stand_in(key, self._by_key)
        return None if present is None else self._by_key[present]

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        struck = [(tone, self.piece(round(tone.pitch))) for tone in tones]
        heard = [(tone, piece) for tone, piece in struck if piece is not None and tone.start_s * RATE_HZ < frames]
        turns = rng.integers(0, ROUND_ROBIN - 1, size=len(heard))
        last: dict[str, int] = {}
        ends = _chokes(heard, frames)
        for (tone, piece), turn, end in zip(heard, turns, ends, strict=True):
            # Never the same stroke twice in a row.
            number = (last.get(piece.name, 0) + 1 + int(turn)) % ROUND_ROBIN
            last[piece.name] = number
            layer = min(int(max(tone.velocity, 0.0) * LAYERS), LAYERS - 1)
            sound = self._stroke(piece, layer, number)
            if tone.articulation in _TUNED:
                sound = _tuned(sound, _TUNED[tone.articulation])
            at = round(max(tone.start_s, 0.0) * RATE_HZ)
            gain = np.float32((max(tone.velocity, 0.0) / _velocity(layer)) ** _LOUDER)
            _place(out, sound, at, end, gain, frames_of(_CHOKE_S))
        return rounded(out)

    def _stroke(self, piece: Piece, layer: int, number: int) -> NDArray[np.float32]:
        """Return a stroke of a layer, in stereo, in the room, at its level."""
        known = (piece.name, layer, number)
        if known not in self._strokes:
            if piece.name not in self._gains:
                usual = self._placed(piece, min(int(_USUAL_VELOCITY * LAYERS), LAYERS - 1), 0)
                self._gains[piece.name] = 10.0 ** ((self._plan.level_db + piece.level_db + _LEVEL_LUFS) / 20.0) / (
                    10.0 ** (_loudest_lufs(usual) / 20.0)
                )
            louder = (_velocity(layer) / _velocity(int(_USUAL_VELOCITY * LAYERS))) ** _LOUDER
            self._strokes[known] = self._placed(piece, layer, number) * np.float32(self._gains[piece.name] * louder)
        return self._strokes[known]

    def _placed(self, piece: Piece, layer: int, number: int) -> NDArray[np.float32]:
        """Return a stroke of a layer as the model makes it, of one energy in all layers, panned, with the room."""
        seed = zlib.crc32(f"{self._plan.name} {piece.name} {layer} {number}".encode())
        sound = piece.model.stroke(_velocity(layer), np.random.Generator(np.random.PCG64(seed)))
        angle = 0.25 * np.pi * (1.0 + piece.pan)
        sides = np.sqrt(2.0) * np.array([np.cos(angle), np.sin(angle)])
        squares = 2.0 * sound**2 if sound.ndim == 1 else np.sum((sound * sides) ** 2, axis=1)
        power = np.sort(np.add.reduceat(squares, np.arange(0, len(sound), 441)))
        sides /= np.sqrt(max(float(power[-12:].sum()), 1e-12))
        stereo = (sound[:, None] if sound.ndim == 1 else sound) * sides
        if self._plan.room is None or self._spectrum is None:
            return np.asarray(stereo, dtype=np.float32)
        middle = sound * sides.mean() if sound.ndim == 1 else stereo.mean(axis=1)
        answer = self._plan.room.around(middle, self._spectrum) * 10.0 ** (piece.room_db / 20.0)
        both = np.zeros((max(len(stereo), len(answer)), 2), dtype=np.float32)
        both[: len(stereo)] = stereo
        both[: len(answer)] += answer
        return both


@cache
def kit_plan(name: str) -> KitPlan:
    """Return a kit's plan by its name.

    Raises
    ------
    NotFound
        If there is none of that name.
    Invalid
        If a field of its file is missing, wrong or unknown.
    """
    return read(name, packed(_FOLDER, name, kind="kit"))


def read(name: str, fields: Fields) -> KitPlan:
    """Read a kit.

    Raises
    ------
    Invalid
        If a field is missing, wrong or unknown, or two pieces lie on one key.
    """
    room = None
    if fields.has("room"):
        table = fields.table("room")
        room = Room(
            table.number("t60_s", 0.05, 4.0),
            table.number("dark_hz", 500.0, 16_000.0),
            table.number("gate_s", 0.0, 2.0, 0.0),
        )
        table.done()
    pieces = fields.table("pieces")
    made = tuple(_piece(each, pieces.table(each)) for each in pieces.names)
    level_db = fields.number("level_db", -40.0, 40.0)
    fields.done()
    seen: set[int] = set()
    for piece in made:
        for key in piece.keys:
            if key in seen:
                raise fields.wrong(f"pieces.{piece.name}.keys", f"has {key}, as another piece has")
            seen.add(key)
    return KitPlan(name, level_db, made, room)


def _piece(name: str, table: Fields) -> Piece:
    kind = table.text("model")
    if kind not in _MODELS:
        raise table.wrong("model", f"must be one of {', '.join(_MODELS)}")
    piece = Piece(
        name=name,
        model=_MODELS[kind].read(table),
        keys=tuple(int(key) for key in table.numbers("keys", LOWEST, HIGHEST)),
        level_db=table.number("level_db", -40.0, 12.0, 0.0),
        pan=table.number("pan", -1.0, 1.0, 0.0),
        room_db=table.number("room_db", -60.0, 6.0, -14.0),
        choke=table.text("choke", ""),
    )
    table.done()
    return piece


def rounded(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a sound whose peaks above 0.7 are bent so that none reaches 1, as a desk's input does it."""
    _round(sound)
    return sound


@kernel
def _round(sound: NDArray[np.float32]) -> None:
    for n in range(len(sound)):
        for side in range(2):
            value = sound[n, side]
            if abs(value) > 0.7:
                bent = 0.7 + 0.28 * np.tanh((abs(value) - 0.7) / 0.28)
                sound[n, side] = bent if value > 0.0 else -bent


def _velocity(layer: int) -> float:
    """Return the velocity in the middle of a layer."""
    return (layer + 0.5) / LAYERS


def _loudest_lufs(sound: NDArray[np.float32]) -> float:
    """Return the loudness of a stroke: of the 400 ms from its beginning on."""
    window = np.zeros((frames_of(0.4), 2), dtype=np.float32)
    count = min(len(sound), len(window))
    window[:count] = sound[:count]
    return float(lufs(hop_power(window, RATE_HZ).mean()))


def _chokes(heard: Sequence[tuple[Tone, Piece]], frames: int) -> list[int]:
    """Return the frame at which each stroke is choked, or the end."""
    ends, following = [frames] * len(heard), dict[str, int]()
    for place in range(len(heard) - 1, -1, -1):
        tone, piece = heard[place]
        if piece.choke:
            ends[place] = following.get(piece.choke, frames)
            following[piece.choke] = round(max(tone.start_s, 0.0) * RATE_HZ)
    return ends


@kernel
def _place(
    out: NDArray[np.float32], sound: NDArray[np.float32], at: int, end: int, gain: np.float32, closing: int
) -> None:
    """Add a stroke to what is heard, faded out from `end` on."""
    count = min(len(sound), len(out) - at, max(end - at, 0) + closing)
    open_for = min(max(end - at, 0), count)
    for n in range(open_for):
        out[at + n, 0] += gain * sound[n, 0]
        out[at + n, 1] += gain * sound[n, 1]
    for n in range(open_for, count):
        left = gain * np.float32(0.5 + 0.5 * np.cos(np.pi * (n - open_for + 1) / closing))
        out[at + n, 0] += left * sound[n, 0]
        out[at + n, 1] += left * sound[n, 1]


def _tuned(sound: NDArray[np.float32], semitones: float) -> NDArray[np.float32]:
    """Return a stroke read at another speed."""
    ratio = 2.0 ** (semitones / 12.0)
    places = np.arange(0.0, len(sound) - 1, ratio)
    return np.stack(
        [np.interp(places, np.arange(len(sound)), sound[:, channel]) for channel in range(2)], axis=1
    ).astype(np.float32)
