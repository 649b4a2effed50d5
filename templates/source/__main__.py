"""Write the flows."""

from __future__ import annotations

from pathlib import Path

from templates.source.files import files

FOLDER = Path(__file__).parents[1] / "flows"

if __name__ == "__main__":
    written = files()
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"{len(written)} files in {FOLDER}")
