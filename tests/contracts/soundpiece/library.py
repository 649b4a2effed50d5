"""The library that Standard Webhooks publishes for JavaScript, where it is installed: ``make test-node`` does it."""

from __future__ import annotations

from pathlib import Path

LIBRARY = Path(__file__).parents[3] / ".venv" / "standardwebhooks"
"""A folder of the environment, into which npm installs it."""


def installed() -> bool:
    return (LIBRARY / "node_modules" / "standardwebhooks" / "package.json").is_file()
