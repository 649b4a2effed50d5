"""Where the benchmarks keep what they fetch and install."""

from __future__ import annotations

import os
from pathlib import Path


def kept(*parts: str) -> Path:
    """Return a path in ``soundrack`` under ``XDG_CACHE_HOME``, else ``~/.cache``."""
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    return Path(home, "soundrack", *parts)
