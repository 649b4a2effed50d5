"""``python -m soundrack``."""

from soundrack.cli import main

main()
