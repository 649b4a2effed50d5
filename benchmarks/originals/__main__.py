"""Runs each original in its environment and ours here, and prints how far apart they are."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.folder import kept
from benchmarks.originals.singer import largest_difference
from soundrack import models
from soundrack.errors import NotConfigured
from soundrack.models import Card, cards

_HERE = Path(__file__).parent
_SCRIPTS = {"beats": "beats.py", "tags_msd": "tags.py", "tags_mtt": "tags.py", "separator": "separator.py"}


def main() -> int:
    """Print a line for each network."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.originals")
    parser.add_argument("--packages", type=Path, required=True, help="folder with the packages that the cards name")
    folder = parser.parse_args().packages
    python = _environment()
    for card in cards().values():
        if card.name == "singer":
            print(f"singer: largest difference {largest_difference(card, folder / card.source.file):.1e}")
            continue
        given = _given(card.name)
        original = _original(card, folder, given, python)
        try:
            ours = models.session(card.name).run([output.name for output in _compared(card)], {_input(card): given})
        except NotConfigured as error:
            print(f"{card.name}: {error}")
            continue
        largest = max(float(np.abs(one - other).max()) for one, other in zip(ours, original, strict=True))
        print(f"{card.name}: largest difference {largest:.1e}, of values up to {max(o.max() for o in original):.2f}")
    return 0


def _input(card: Card) -> str:
    return card.inputs[0].name


def _compared(card: Card) -> list[models.Tensor]:
    """Return the outputs that the original has in the same form."""
    return [output for output in card.outputs if output.name in {"probabilities", "tags", "vocals", "accompaniment"}]


def _given(name: str) -> NDArray[np.float32]:
    """Return an input of the levels that music has."""
    random = np.random.default_rng(8)
    if name == "beats":
        swing = 1 + np.sin(np.arange(1500) / 5)
        level = np.abs(random.standard_normal((1500, 136))) * swing[:, None]
        return np.hstack([level, np.maximum(0, np.diff(level, axis=0, prepend=level[:1]))]).astype(np.float32)
    if name == "separator":
        fall = 10 * np.exp(-np.arange(1024) / 200)
        return np.asarray(np.abs(random.standard_normal((1, 2, 512, 1024))) * fall, dtype=np.float32)
    power = random.gamma(0.5, 1.0, (8, 187, 96)) ** 2 * 0.01
    return np.asarray(np.log10(1 + 10_000 * power), dtype=np.float32)


def _original(card: Card, packages: Path, given: NDArray[np.float32], python: Path) -> list[NDArray[np.float32]]:
    """Return what the original makes of an input."""
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(packages / card.source.file) as package:
            package.extractall(scratch)
        np.save(Path(scratch, "given.npy"), given)
        command = [str(python), "-I", str(_HERE / _SCRIPTS[card.name]), scratch, *card.source.members]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        with np.load(Path(scratch, "found.npz")) as found:
            return [found[name] for name in found.files]


def _environment() -> Path:
    """Return the interpreter of the environment, made if it is not there."""
    home = kept("peers", "originals")
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        wanted = _HERE / "requirements.txt"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--requirement", wanted], check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
