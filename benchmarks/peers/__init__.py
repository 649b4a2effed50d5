"""Other people's masters, to measure ours by.

The peers' licences (GPL) keep them out of what Soundrack depends on. Each Python peer has an environment of its own
with pinned versions, made by ``python -m benchmarks.peers install``; ffmpeg is looked for on the path. A peer is a
small program that is run in that environment with the arguments ``source destination target ceiling [reference]``:
two paths of WAV files, LUFS, dBTP, and the path of a record to sound like. It masters as its own documents advise, with
whatever passes over the song it takes to come near the target.

Nothing here imports NumPy: what is run from a process inherits the most memory that process ever had.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.folder import kept

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Peer:
    """A peer's program: `script` in this folder, and whether it runs in an environment of its own or with ffmpeg.

    `in_words` is what it does; `needs_reference` is true of one that cannot work without a reference.
    """

    name: str
    script: str
    in_words: str
    environment: str | None = None
    needs_reference: bool = False

    def command(self, *arguments: str) -> list[str]:
        """Return the command line that runs it."""
        if self.environment is None:
            return [sys.executable, "-m", f"{__name__}.{self.script}", *arguments]
        # isolated, so that the script's folder, whose files are named for the peers, does not shadow them
        return [str(python(self.environment)), "-I", str(_HERE / f"{self.script}.py"), *arguments]

    def missing(self) -> str | None:
        """Say what it lacks on this machine; None if it can run."""
        if self.environment is None:
            return None if ffmpeg() else "ffmpeg is not on the path (Debian: apt-get install ffmpeg)"
        return None if installed(self.environment) else "not installed: python -m benchmarks.peers install"


PEERS = (
    Peer("matchering", "matchering", "Matchering 2.0.6, towards a reference", "matchering", needs_reference=True),
    Peer("loudnorm", "loudnorm", "ffmpeg loudnorm, two passes"),
    Peer("ffmpeg", "chain", "ffmpeg: equaliser, acompressor, volume, alimiter at 4 times the rate"),
    Peer("pedalboard", "pedalboard", "pedalboard 0.9.26: filters, compressor, limiter, trimmed", "pedalboard"),
)

LIMITERS = (
    Peer("pedalboard Limiter", "pedalboard_limiter", "alone, release 100 ms", "pedalboard"),
    Peer("ffmpeg alimiter", "alimiter", "alone, at 4 times the rate, attack 5 ms, release 50 ms"),
)
"""Their limiters alone: arguments ``source destination ceiling``."""


def environments() -> list[str]:
    """Return the names of the environments that the peers need, with that of the limiter of requests."""
    return sorted({peer.environment for peer in PEERS if peer.environment} | {"limits"})


def python(environment: str) -> Path:
    """Return the path of an environment's interpreter, whether it exists or not."""
    return kept("peers", environment, "bin", "python")


def requirements(environment: str) -> Path:
    """Return the path of an environment's pinned versions."""
    return _HERE / f"{environment}.txt"


def installed(environment: str) -> bool:
    """Return whether an environment holds just the versions that are pinned now."""
    mark = _mark(environment)
    return mark.is_file() and mark.read_text() == requirements(environment).read_text()


def install(environment: str) -> None:
    """Make an environment anew.

    Raises
    ------
    subprocess.CalledProcessError
        If a package cannot be had. Then the environment does not count as installed.
    """
    interpreter = python(environment)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(interpreter.parent.parent)], check=True)
    pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check"]
    pinned = requirements(environment)
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--requirement", str(pinned)], check=True)
    _mark(environment).write_text(pinned.read_text())


def ffmpeg() -> str | None:
    """Return the path of ffmpeg, if there is one."""
    return shutil.which("ffmpeg")


def _mark(environment: str) -> Path:
    return kept("peers", environment, "installed.txt")
