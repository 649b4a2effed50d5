"""``python -m tests.clients.environment``: the environment in which a client is generated, checked and run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.folder import kept

_PINNED = Path(__file__).with_name("requirements.txt")
_FOLDER = kept("clients", "openapi-python-client")
_MARK = _FOLDER / "installed.txt"


def program(name: str) -> Path:
    """Return the path of one of its programs."""
    return _FOLDER / "bin" / name


def installed() -> bool:
    """Return whether it holds just the versions that are pinned now."""
    return _MARK.is_file() and _MARK.read_text() == _PINNED.read_text()


def install() -> None:
    """Make it anew.

    Raises
    ------
    subprocess.CalledProcessError
        If a package cannot be had. Then it does not count as installed.
    """
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(_FOLDER)], check=True)
    pip = [str(program("python")), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, "--requirement", str(_PINNED)], check=True)
    _MARK.write_text(_PINNED.read_text())


if __name__ == "__main__":
    if not installed():
        print("installing openapi-python-client ...", flush=True)
        install()
