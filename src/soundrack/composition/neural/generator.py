"""The port: what a neural generator is asked, what it answers, and how it is checked."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Protocol

import numpy as np
import soxr
from numpy.typing import NDArray

from soundrack.composition.bounds import check_duration, check_seed
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.orders import MOST_LYRICS, MOST_PROMPT
from soundrack.errors import Invalid, NotConfigured, UnusableAudio

SHORTEST_S = 1.0
EXTRA = "neural"
_FADE_S = 0.02


@dataclass(frozen=True)
class Demand:
    """What a generator is asked for.

    Parameters
    ----------
    prompt : str
        1 to 2000 characters.
    duration_s : float
        From 1 s to the longest that the generator makes.
    seed : int
        0 to 2**63 - 1.
    lyrics : str
        What is sung, up to 10,000 characters; empty: nothing. Generators that do not sing refuse it.

    Raises
    ------
    Invalid
        If a value is outside its range, with the name of the field.
    """

    prompt: str
    duration_s: float
    seed: int = 0
    lyrics: str = ""

    def __post_init__(self) -> None:
        if not self.prompt.strip() or len(self.prompt) > MOST_PROMPT:
            raise Invalid(f"A prompt has 1 to {MOST_PROMPT} characters.", field="prompt")
        if len(self.lyrics) > MOST_LYRICS:
            raise Invalid(f"The lyrics must not be longer than {MOST_LYRICS} characters.", field="lyrics")
        check_duration(self.duration_s, SHORTEST_S, float("inf"))
        check_seed(self.seed)


class Generator(Protocol):
    """Whatever makes music of a prompt."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def rate_hz(self) -> int:
        """The rate of what it makes."""

    @property
    def longest_s(self) -> float:
        """The longest it can make at once."""

    @property
    def sings(self) -> bool:
        """Whether it takes lyrics."""

    def generate(self, demand: Demand) -> NDArray[np.float32]:
        """Return music, float32, shape (frames, 1 or 2), full scale 1.0, at `rate_hz`.

        The same demand gives the same samples on the same machine. It may be somewhat longer than asked, or shorter.
        """


def generated(generator: Generator, demand: Demand) -> Sound:
    """Ask a generator, and check what it answers.

    Parameters
    ----------
    generator : Generator
        Who is asked.
    demand : Demand
        For what.

    Returns
    -------
    float32 array, shape (round(44100 * duration_s), 2)
        Finite, at most full scale. What is too long is faded out, what is too short ends in silence.

    Raises
    ------
    Invalid
        If the generator cannot make so long a piece, or does not sing.
    UnusableAudio
        If what it makes is no sound.
    """
    check_duration(demand.duration_s, SHORTEST_S, generator.longest_s)
    if demand.lyrics.strip() and not generator.sings:
        raise Invalid(f"{generator.name} does not sing: it takes no lyrics.", field="lyrics")
    made = generator.generate(demand)
    if made.ndim != 2 or made.shape[1] not in {1, 2} or not len(made) or not np.isfinite(made).all():
        raise UnusableAudio(f"What {generator.name} made is no sound.", field="prompt")
    sound = made.astype(np.float32)
    if generator.rate_hz != RATE_HZ:
        sound = np.asarray(soxr.resample(sound, generator.rate_hz, RATE_HZ, quality="HQ"), dtype=np.float32)
    frames = round(demand.duration_s * RATE_HZ)
    stereo = np.zeros((frames, 2), dtype=np.float32)
    kept = min(frames, len(sound))
    stereo[:kept] = sound[:kept]
    fade = min(round(_FADE_S * RATE_HZ), kept)
    stereo[kept - fade : kept] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)[:, None]
    peak = float(np.abs(stereo).max())
    return stereo / np.float32(peak) if peak > 1.0 else stereo


def needed(name: str) -> ModuleType:
    """Return a package of the extra.

    Raises
    ------
    NotConfigured
        If it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise NotConfigured(
            f"Neural generators need the package {name}: pip install 'soundrack[{EXTRA}]'.", field="generator"
        ) from error


def folder_of(weights: Path, file: str) -> Path:
    """Return the folder of a generator's weights; nothing is ever fetched.

    Raises
    ------
    NotConfigured
        If there is no such folder, or it does not hold the file that names the network.
    """
    if not (weights / file).is_file():
        raise NotConfigured(f"There are no weights in {weights}: it holds no {file}.", field="weights")
    return weights
