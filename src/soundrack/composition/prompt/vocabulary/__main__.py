"""Writes the tables into docs/prompts.md: ``python -m soundrack.composition.prompt.vocabulary docs/prompts.md``."""

from __future__ import annotations

import sys
from pathlib import Path

from soundrack.composition.prompt.vocabulary.table import replaced

_PAGE = Path(sys.argv[1])
_PAGE.write_text(replaced(_PAGE.read_text(encoding="utf-8")), encoding="utf-8")
