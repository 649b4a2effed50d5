"""Real music of the kinds that mastering meets, under free licences, fetched where it is used.

``python -m benchmarks.tracks [NAME...]`` fetches them and prints where they lie. Most come in Debian's packages of game
data (``apt-get download``, unpacked in the cache folder; nothing is installed, nothing is put among our files), pop in
the Python package immich-memories-music. Each is cut, joined or laid over another as its entry says, and kept as WAV
with 24 bits, clipped at full scale as a studio's export would be.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from immich_memories_music import tracks_dir
from numpy.typing import NDArray

from benchmarks.folder import kept

_PAUSE_S = 0.3
_BED_DB = -18.0

_PACKAGES = {
    # the same files under the names they have in Debian 12 and 13
    "warzone": ("warzone2100-music",),  # GPL-2+ or CC-BY-SA-3.0
    "wesnoth": ("wesnoth-1.16-music", "wesnoth-1.18-music"),  # GPL-2+
    "fillets": ("fillets-ng-data",),  # GPL-2+
    "muldjord": ("fretsonfire-songs-muldjord",),  # CC-BY-SA-3.0
    "sectoid": ("fretsonfire-songs-sectoid",),  # MIT
    "mars": ("marsshooter-data",),  # its music CC-BY-SA-3.0
}


class Unobtainable(Exception):
    """A track that cannot be had on this machine, with the reason."""


@dataclass(frozen=True)
class Track:
    """A recording and how it is made.

    Parameters
    ----------
    name, kind : str
        What it is called, and what it stands for.
    package : str
        One of the packages above, or ``immich``.
    files : tuple of str
        Patterns of its files in the package; several are joined with short pauses.
    start_s, stop_s : float
        What is cut out of it; 0 and infinity for the whole.
    rate_hz : int, optional
        Resampled to this rate; its own if not given.
    bed : tuple of str, optional
        Package and file of music laid under it, 18 dB down; the track is then stereo, at the music's rate.
    """

    name: str
    kind: str
    package: str
    files: tuple[str, ...]
    start_s: float = 0.0
    stop_s: float = float("inf")
    rate_hz: int | None = None
    bed: tuple[str, str] | None = None


_VOICES = tuple(f"sound/{scene}/en/*.ogg" for scene in ("viking1", "viking2", "elk", "barrel"))

SONGS: tuple[Track, ...] = (
    Track("aftermath", "electronic", "warzone", ("aftermath_soundtrack/track20.opus",), 30.0, 270.0, 44_100),
    Track("chains", "orchestral", "wesnoth", ("breaking_the_chains.ogg",)),
    Track("medley", "pop, one after the other", "immich", ("happy_*.opus", "energetic_*.opus"), 0.0, 240.0, 44_100),
)
"""Whole songs, for speed."""

REFERENCE = Track("northerners", "reference", "wesnoth", ("northerners.ogg",))

TRACKS: tuple[Track, ...] = (
    Track("electronic", "electronic", "warzone", ("aftermath_soundtrack/track20.opus",), 60.0, 105.0),
    Track("clipped", "electronic, clipped", "warzone", ("aftermath_soundtrack/track17.opus",), 120.0, 165.0),
    Track("orchestral", "orchestral", "wesnoth", ("breaking_the_chains.ogg",), 60.0, 120.0),
    Track("limited", "already limited", "wesnoth", ("vengeful.ogg",), 120.0, 165.0),
    Track("metal", "death metal at -6.5 LUFS", "muldjord", ("internal_degeneration/song.ogg",), 60.0, 105.0),
    Track("rock", "rock", "sectoid", ("Feelings/song.ogg",), 60.0, 105.0),
    Track("dynamic", "very dynamic, whole", "wesnoth", ("main_menu.ogg",)),
    Track("percussive", "orchestral, PLR of 20 dB", "wesnoth", ("casualties_of_war.ogg",), 180.0, 240.0),
    Track("speech", "speech, mono, 22.05 kHz", "fillets", _VOICES, 0.0, 60.0),
    Track(
        "narrated",
        "speech over music",
        "fillets",
        _VOICES,
        60.0,
        105.0,
        bed=("wesnoth", "traveling_minstrels.ogg"),
    ),
    Track("acoustic", "acoustic pop, whole", "immich", ("happy_acoustic_1.opus",)),
    Track("dance", "electronic pop", "immich", ("energetic_electronic_2.opus",), 0.0, 45.0),
)
"""One of each kind, 45 to 75 s each, for levels."""


def prepared(track: Track) -> Path:
    """Return the path of a track as a WAV file, made if it is not there.

    Raises
    ------
    Unobtainable
        If its package cannot be fetched here.
    """
    digest = hashlib.sha256(repr((track, _PAUSE_S, _BED_DB)).encode()).hexdigest()[:8]
    path = kept("tracks", f"{track.name}-{digest}.wav")
    if not path.exists():
        samples, rate_hz = _cut(track)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        soundfile.write(part, samples, rate_hz, subtype="PCM_24", format="WAV")
        part.rename(path)
    return path


def obtainable(tracks: tuple[Track, ...]) -> dict[Track, Path]:
    """Return those of the tracks that can be had, with their paths; say plainly which cannot, and why."""
    found = {}
    for track in tracks:
        try:
            found[track] = prepared(track)
        except Unobtainable as error:
            print(f"without {track.name} ({track.kind}): {error}", file=sys.stderr)
    return found


def _cut(track: Track) -> tuple[NDArray[np.float32], int]:
    paths = [path for pattern in track.files for path in files_of(track.package, pattern)]
    samples, rate_hz = _joined(paths)
    stop = len(samples) if track.stop_s == float("inf") else int(track.stop_s * rate_hz)
    samples = samples[int(track.start_s * rate_hz) : stop]
    if track.bed is not None:
        bed, bed_rate_hz = _joined(files_of(*track.bed))
        voice = soxr.resample(samples, rate_hz, bed_rate_hz)
        samples, rate_hz = voice + 10.0 ** (_BED_DB / 20.0) * bed[: len(voice)], bed_rate_hz
    if track.rate_hz is not None:
        samples, rate_hz = soxr.resample(samples, rate_hz, track.rate_hz), track.rate_hz
    return samples.astype(np.float32), rate_hz


def _joined(paths: list[Path]) -> tuple[NDArray[np.float32], int]:
    """Return several files one after the other, with pauses, at the rate of the first."""
    samples, rate_hz = soundfile.read(paths[0], dtype="float32", always_2d=True)
    parts = [samples]
    for path in paths[1:]:
        more, its_rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
        pause = np.zeros((int(_PAUSE_S * rate_hz), samples.shape[1]), dtype=np.float32)
        parts += [pause, more if its_rate_hz == rate_hz else soxr.resample(more, its_rate_hz, rate_hz)]
    return np.concatenate(parts), rate_hz


def files_of(package: str, pattern: str) -> list[Path]:
    """Return the files of a package whose path fits a pattern, by name.

    Raises
    ------
    Unobtainable
        If the package cannot be fetched here, or has none.
    """
    found = sorted(_unpacked(package).rglob(pattern))
    if not found:
        raise Unobtainable(f"{pattern} is not in {package}")
    return found


def _unpacked(package: str) -> Path:
    if package == "immich":
        return Path(tracks_dir())
    folder = kept("debian", package)
    if not folder.exists():
        if not (shutil.which("apt-get") and shutil.which("dpkg")):
            raise Unobtainable("Debian's packages cannot be fetched here (there is no apt-get)")
        _fetch(_PACKAGES[package], folder)
    return folder


def _fetch(names: tuple[str, ...], folder: Path) -> None:
    """Download the first of the packages that there is, and unpack it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as place:
        for name in names:
            download = ["apt-get", "download", "-qq", name]
            ran = subprocess.run(download, check=False, cwd=place, capture_output=True, text=True)
            if ran.returncode == 0:
                (archive,) = Path(place).glob("*.deb")
                unpacked = Path(place, "unpacked")
                subprocess.run(["dpkg", "-x", archive, unpacked], check=True)
                unpacked.rename(folder)
                return
    raise Unobtainable(f"apt-get download {' or '.join(names)}: {ran.stderr.strip()}")


def main() -> int:
    wanted = set(sys.argv[1:])
    everything = (*SONGS, REFERENCE, *TRACKS)
    if unknown := wanted - {track.name for track in everything}:
        sys.exit(f"no track is called {', '.join(sorted(unknown))}; there are {', '.join(t.name for t in everything)}")
    chosen = tuple(track for track in everything if not wanted or track.name in wanted)
    found = obtainable(chosen)
    for track, path in found.items():
        print(track.name, path)
    return 0 if len(found) == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main())
