"""Sets of sampled instruments, from Debian's packages."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from benchmarks.folder import kept

FONTS = {
    "fluid": ("fluid-soundfont-gm", "FluidR3_GM.sf2"),  # MIT
    "musescore": ("musescore-general-soundfont-small", "MuseScore_General_Lite.sf3"),  # MIT
    "timgm": ("timgm6mb-soundfont", "TimGM6mb.sf2"),  # GPL-2: heard by the benchmarks alone
}
"""By name: package and file."""


class Unobtainable(Exception):
    """A package that cannot be had on this machine, with the reason."""


def font(name: str) -> Path:
    """Return the path of a set, fetched if it is not there.

    Raises
    ------
    Unobtainable
        If its package cannot be fetched here.
    """
    package, file = FONTS[name]
    path = kept("soundfonts", file)
    if not path.exists():
        _fetch(package, path)
    return path


def _fetch(package: str, path: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Unobtainable("Debian's packages cannot be fetched here (there is no apt-get)")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as place:
        ran = subprocess.run(
            ["apt-get", "download", "-qq", package], check=False, cwd=place, capture_output=True, text=True
        )
        if ran.returncode != 0:
            raise Unobtainable(f"apt-get download {package}: {ran.stderr.strip()}")
        (archive,) = Path(place).glob("*.deb")
        subprocess.run(["dpkg", "-x", archive, Path(place, "unpacked")], check=True)
        (found,) = (file for file in Path(place, "unpacked").rglob(path.name) if file.is_file())
        found.rename(path)
