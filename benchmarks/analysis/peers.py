"""What the peers find in the same files: each in its own environment and process, kept by file and version."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.contender import ONE_THREAD
from benchmarks.folder import kept

PEERS = ("essentia", "librosa", "aubio", "sonara")
"""Their scripts and environments have their names."""

Answers = dict[str, dict[str, Any]]
"""By method, what it found and ``cpu_s``."""


def ready(names: tuple[str, ...] = (*PEERS, "mir_eval")) -> tuple[str, ...]:
    """Install what is not installed; return the names of what can run, and say what cannot."""
    able = []
    for name in names:
        try:
            if not peers.installed(name):
                print(f"installing {name} ...", file=sys.stderr, flush=True)
                peers.install(name)
            able.append(name)
        except subprocess.CalledProcessError as error:
            print(f"without {name}: {error}", file=sys.stderr)
    return tuple(able)


def answers(name: str, paths: list[Path], *, anew: bool = False) -> list[Answers]:
    """Return what a peer finds in each file, asked again only if it is `anew` or not known.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    places = [_place(name, path) for path in paths]
    missing = [(path, place) for path, place in zip(paths, places, strict=True) if anew or not place.exists()]
    if missing:
        command = [str(peers.python(name)), "-I", str(script(name))]
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | ONE_THREAD
        )
        assert process.stdin is not None
        assert process.stdout is not None
        for path, place in missing:
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if not line:
                raise subprocess.CalledProcessError(process.wait(), command)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(line)
        process.stdin.close()
        process.wait()
    return [json.loads(place.read_text()) for place in places]


def _place(name: str, path: Path) -> Path:
    return kept("analysis", f"{name}-{_version(name)}", f"{_digest(path)}.json")


@cache
def _version(name: str) -> str:
    parts = (script(name), script("analyst"), peers.requirements(name))
    return hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()[:12]


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:24]


def script(name: str) -> Path:
    """Return the path of a peer's program."""
    return Path(peers.__file__).parent / f"{name}.py"
