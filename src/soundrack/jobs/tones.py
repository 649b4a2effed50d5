"""The files that synthetic jobs give: a chord of one second in each format and rate, the same for everybody.

They are made once for an installation, all together and in a process of their own, since the one that answers requests
loads no engine. ``python -m soundrack.jobs.tones FOLDER`` makes them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Lock

from soundrack.jobs.record import Output
from soundrack.storage.objects import ObjectStore

FOLDER = "sandbox"
RATES_HZ = {"wav": (44_100, 48_000, 96_000), "flac": (44_100, 48_000, 96_000), "mp3": (44_100, 48_000)}
"""By format, as the document has them."""
USUAL_RATE_HZ = 44_100
PLAYS_S = 1.0

_CONTENT_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}
_CHORD_HZ = (220.0, 277.18, 329.63, 440.0)
_LEVEL = 0.1
_FADE_S = 0.02
_LONGEST_S = 120
_PASSED_ON = ("PATH", "HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "PYTHONPATH")


class Tones:
    """The files in an object store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._making = Lock()

    def output(self, format: str, rate_hz: int) -> Output:
        """Return a file in the store; if it is not there yet, it and all others are made now, within a few seconds.

        Whoever asks meanwhile waits for those that are being made. Two processes that make them at once make the same,
        and each file appears whole.
        """
        key = f"{FOLDER}/{_name(format, rate_hz)}"
        found = self._store.info(key)
        if found is None:
            with self._making:
                if self._store.info(key) is None:
                    _make(self._store)
            found = self._store.info(key)
        if found is None:
            raise ValueError(f"no tone has the format {format} at {rate_hz} Hz")
        return Output(key, found.size_bytes, _CONTENT_TYPES[format])


def render(folder: Path) -> None:
    """Write every file into a folder. This loads the engines."""
    import numpy as np  # noqa: PLC0415

    from soundrack.audio import encoding  # noqa: PLC0415

    for format, rates_hz in RATES_HZ.items():
        for rate_hz in rates_hz:
            time_s = np.arange(int(PLAYS_S * rate_hz)) / rate_hz
            chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in _CHORD_HZ)
            faded = np.clip(np.minimum(time_s, PLAYS_S - time_s) / _FADE_S, 0.0, 1.0)
            mono = (_LEVEL * chord * faded).astype(np.float32)
            samples = np.ascontiguousarray(np.stack([mono, mono], axis=1))
            encoding.write(folder / _name(format, rate_hz), samples, rate_hz, encoding.Format(format))


def _make(store: ObjectStore) -> None:
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    with tempfile.TemporaryDirectory(prefix="soundrack-tones-") as folder:
        subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", "soundrack.jobs.tones", folder],
            env=environment,
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=_LONGEST_S,
        )
        for path in Path(folder).iterdir():
            store.put_file(f"{FOLDER}/{path.name}", path)


def _name(format: str, rate_hz: int) -> str:
    return f"sandbox-{rate_hz}.{format}"


if __name__ == "__main__":
    render(Path(sys.argv[1]))
