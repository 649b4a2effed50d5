"""Songs as files: played by instruments in an environment of their own, mixed here, kept beside their truth."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile

from benchmarks import peers
from benchmarks.corpus import Truth, folder, mixing
from benchmarks.corpus.mixing import RATE_HZ, drawn, mixed
from benchmarks.corpus.soundfonts import font

_ENVIRONMENT = "soundfont"
_PLAYER = Path(peers.__file__).parent / "soundfont.py"


class Players:
    """Programs that play, one for each set of instruments, started when first needed."""

    def __init__(self) -> None:
        self._started: dict[str, subprocess.Popen[str]] = {}

    def play(
        self, name: str, parts: list[dict[str, Any]], duration_s: float, tuning_cents: float
    ) -> Iterator[tuple[str, Any]]:
        """Yield each part's role and sound, float32, shape (frames, 2), as a set of instruments plays it."""
        with tempfile.TemporaryDirectory(prefix="soundrack-corpus-") as place:
            paths = [Path(place, f"{number}.npy") for number in range(len(parts))]
            song = {
                "rate_hz": RATE_HZ,
                "duration_s": duration_s,
                "tuning_cents": tuning_cents,
                "parts": [part | {"destination": str(path)} for part, path in zip(parts, paths, strict=True)],
            }
            process = self._program(name)
            stdin, stdout = _pipes(process)
            stdin.write(json.dumps(song) + "\n")
            stdin.flush()
            if not stdout.readline():
                raise RuntimeError(f"the instruments of {name} ended: see above")
            for part, path in zip(parts, paths, strict=True):
                yield part["role"], np.load(path)

    def end(self) -> None:
        """End them."""
        for process in self._started.values():
            _pipes(process)[0].close()
            process.wait()

    def _program(self, name: str) -> subprocess.Popen[str]:
        if name not in self._started:
            command = [str(peers.python(_ENVIRONMENT)), "-I", str(_PLAYER), str(font(name))]
            self._started[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self._started[name]


def ready() -> None:
    """Install what plays, if it is not there."""
    if not peers.installed(_ENVIRONMENT):
        peers.install(_ENVIRONMENT)


def version(parts: list[dict[str, Any]], truth: Truth, seed: list[int]) -> str:
    """Return a digest of all that a song's sound and truth depend on."""
    digest = hashlib.sha256(json.dumps([parts, truth, seed]).encode())
    for path in (_PLAYER, Path(mixing.__file__), peers.requirements(_ENVIRONMENT)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def made(truth: Truth, digest: str, place: Path) -> bool:
    """Return whether a song is in a folder as it would be made now."""
    path = place / f"{truth['name']}.json"
    return path.exists() and json.loads(path.read_text()).get("version") == digest


def render(
    players: Players, parts: list[dict[str, Any]], truth: Truth, seed: list[int], place: Path | None = None
) -> bool:
    """Play and mix a song and keep it with its truth in a folder, the corpus' own unless another is given.

    Return whether that was needed.

    Raises
    ------
    RuntimeError
        If an instrument does not sound.
    """
    place = place or folder()
    digest = version(parts, truth, seed)
    if made(truth, digest, place):
        return False
    rng = np.random.default_rng(seed)
    mix = drawn(rng)
    sounds = [
        (role, sound)
        for role, sound in players.play(truth["soundfont"], parts, truth["duration_s"], truth["tuning_cents"])
    ]
    silent = [part["role"] for part, (_, sound) in zip(parts, sounds, strict=True) if not np.abs(sound).max() > 1e-4]
    if silent:
        raise RuntimeError(f"{truth['name']}: no sound from {', '.join(silent)}")
    path = place / f"{truth['name']}.flac"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    soundfile.write(part, np.clip(mixed(sounds, mix, rng), -1.0, 1.0), RATE_HZ, format="FLAC", subtype="PCM_16")
    part.rename(path)
    kept = truth | {"audio": path.name, "mix": mix.as_dict(), "version": digest}
    path.with_suffix(".json").write_text(json.dumps(kept, separators=(",", ":")))
    return True


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout
