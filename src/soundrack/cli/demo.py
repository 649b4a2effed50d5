"""``soundrack demo``: a server on temporary data, and one song mastered over HTTP exactly as a client would."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from rich.progress import Progress, TaskID

from soundrack.audio import encoding, files, measurement
from soundrack.audio.encoding import Format
from soundrack.cli import console
from soundrack.cli.keys import create
from soundrack.cli.master import comparison
from soundrack.errors import Internal, NotConfigured, SoundrackError
from soundrack.rack import open_rack
from soundrack.settings import Settings

_SONG = "energetic/energetic_electronic_s411.opus"
_UPLOAD_TYPES = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".mp3": "audio/mpeg",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
}
_START_WITHIN_S = 240.0
_POLL_S = 0.2
_CHUNK_BYTES = 64 * 1024


def run(song: Path | None, output: Path) -> None:
    """Master a song and show what changed."""
    song = song or _bundled_song()
    if not song.is_file():
        raise NotConfigured(f"There is no file {song}.", field="song")
    output.mkdir(parents=True, exist_ok=True)
    destination = output / f"{song.stem}.master.wav"
    with tempfile.TemporaryDirectory(prefix="soundrack-demo-") as folder:
        source = _as_upload(song, Path(folder))
        settings = Settings(data=Path(folder) / "data", port=_free_port(), public_url="")
        with open_rack(settings) as rack:
            key = create(rack, "blacklab", "demo").token
        with _server(settings):
            took_s = _master(f"{settings.public_url}/blacklab/v1", key, source, destination)
        _show(source, destination, took_s)


def _bundled_song() -> Path:
    try:
        from immich_memories_music import tracks_dir  # noqa: PLC0415  an extra that a server has no use for
    except ImportError:
        raise NotConfigured("No song: install soundrack[demo], or give one with --song.", field="song") from None
    return Path(tracks_dir()) / _SONG


def _as_upload(song: Path, folder: Path) -> Path:
    """BlackLab takes WAV, FLAC, AIFF and MP3; anything else is decoded to WAV first."""
    if song.suffix.lower() in _UPLOAD_TYPES:
        return song
    _say(f"{song.name} is decoded to WAV, since BlackLab takes WAV, FLAC, AIFF and MP3.")
    path = folder / f"{song.stem}.wav"
    sound = files.read(song)
    encoding.write(path, sound.samples, sound.rate_hz, Format.WAV)
    return path


@contextmanager
def _server(settings: Settings) -> Generator[None]:
    log = settings.data / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "soundrack", "serve"], env=os.environ | settings.environment(), stderr=file
        )
    try:
        with console.ERR.status("starting the server; the first time, it compiles its kernels…"):
            _await_ready(settings.public_url, process)
        yield
    except SoundrackError:
        console.ERR.print(log.read_text(), highlight=False, markup=False)
        raise
    finally:
        process.terminate()
        process.wait()


def _await_ready(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotConfigured("The server did not start.")
        try:
            if httpx2.get(f"{url}/readyz").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(_POLL_S)
    raise NotConfigured(f"The server was not ready within {_START_WITHIN_S:.0f} s.")


def _master(base_url: str, key: str, source: Path, destination: Path) -> float:
    """Do what a client of BlackLab does, and return the seconds that it took."""
    started = time.perf_counter()
    with httpx2.Client(headers={"Authorization": f"Bearer {key}"}, timeout=30) as client, console.bars() as shown:
        size = source.stat().st_size
        asked = {"filename": source.name, "content_type": _UPLOAD_TYPES[source.suffix.lower()], "size_bytes": size}
        upload = _json(client.post(f"{base_url}/assets/upload-url", json=asked))

        bar = shown.add_task("uploading", total=size)
        headers = {"Content-Type": str(asked["content_type"]), "Content-Length": str(size)}
        sent = httpx2.put(upload["upload_url"], content=_chunks(source, shown, bar), headers=headers, timeout=60)
        sent.raise_for_status()

        created = client.post(
            f"{base_url}/mastering/jobs", json={"input_url": upload["asset_url"], "preset": "balanced"}
        )
        job = _await_end(client, f"{base_url}/mastering/jobs", _json(created), shown)
        if job["status"] != "completed":
            raise Internal(f"The job {job['status']}: {job['error']['message']}")

        with httpx2.stream("GET", job["output_url"]) as response:
            response.raise_for_status()
            bar = shown.add_task("downloading", total=int(response.headers["Content-Length"]))
            with destination.open("wb") as file:
                for chunk in response.iter_bytes(_CHUNK_BYTES):
                    file.write(chunk)
                    shown.advance(bar, len(chunk))
    return time.perf_counter() - started


def _await_end(client: httpx2.Client, url: str, job: dict[str, Any], shown: Progress) -> dict[str, Any]:
    """Poll; the bar follows the server's own estimate, for the document knows no percentage."""
    estimate_s = max(1.0, float(job["estimated_seconds"]))
    bar = shown.add_task(f"mastering {job['id']}", total=1.0)
    started = time.monotonic()
    while job["status"] in {"queued", "processing"}:
        time.sleep(_POLL_S)
        elapsed_s = time.monotonic() - started
        shown.update(bar, completed=min(0.95, elapsed_s / estimate_s))
        job = _json(client.get(f"{url}/{job['id']}"))
    shown.update(bar, completed=1.0)
    return job


def _chunks(path: Path, shown: Progress, bar: TaskID) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
            shown.advance(bar, len(chunk))


def _json(response: httpx2.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    if response.is_error:
        raise SoundrackError(f"{body['error']['code']}: {body['error']['message']}")
    return body


def _show(source: Path, destination: Path, took_s: float) -> None:
    before, after = (
        measurement.measure(sound.samples, sound.rate_hz) for sound in (files.read(source), files.read(destination))
    )
    console.OUT.print(comparison(before, {"after": after}))
    _say(f"{before.duration_s:.1f} s of music mastered in {took_s:.1f} s, upload and download included.")
    _say(f"The master: {destination.resolve()}")


def _say(sentence: str) -> None:
    console.OUT.print(sentence, highlight=False, markup=False, soft_wrap=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
