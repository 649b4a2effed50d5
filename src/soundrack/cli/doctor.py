"""``soundrack doctor``: everything that this machine must have, tried out."""

from __future__ import annotations

import io
import json
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

import lameenc
import soundfile
from rich.table import Table

from soundrack import mastering
from soundrack.audio.kernels import kernels_compiled
from soundrack.cli import console
from soundrack.jobs import sandbox
from soundrack.settings import SandboxMode, Settings

_LEAST_FREE_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    ok: bool
    detail: str


def run(as_json: bool, data: Path | None) -> int:
    """Check everything and show it; return 1 if anything is wrong."""
    settings = console.settings(data=data)
    with console.ERR.status("checking this machine; the first time, the kernels are compiled…"):
        findings = [check(settings) for check in _CHECKS]
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for finding in findings:
            table.add_row("[green]✓[/green]" if finding.ok else "[red]✗[/red]", finding.check, finding.detail)
        console.OUT.print(table)
    return 0 if all(finding.ok for finding in findings) else 1


def _python(_settings: Settings) -> Finding:
    return Finding("Python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.machine()}")


def _walls(settings: Settings) -> Finding:
    missing = sandbox.shortcomings()
    if settings.sandbox is SandboxMode.LIMITS:
        return Finding("sandbox", True, "limits only, as set")
    return Finding("sandbox", not missing, "; ".join(missing) or "Landlock and seccomp")


def _data(settings: Settings) -> Finding:
    probe = settings.data / ".doctor"
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"\0")
        probe.unlink()
    except OSError as error:
        return Finding("data folder", False, f"{settings.data} cannot be written: {error.strerror}")
    free = shutil.disk_usage(settings.data).free
    return Finding("data folder", free >= _LEAST_FREE_BYTES, f"{settings.data}, {free / 2**30:.0f} GiB free")


def _codecs(_settings: Settings) -> Finding:
    """Encode a moment of silence in each format that is written, and look for each that is read."""
    formats = soundfile.available_formats()
    missing = [name for name in ("WAV", "FLAC", "AIFF", "OGG", "MP3") if name not in formats]
    encoder = lameenc.Encoder()
    encoder.set_channels(1)
    if not encoder.encode(bytes(2 * 1152)) + encoder.flush():
        missing.append("MP3 writing")
    soundfile.write(io.BytesIO(), [[0.0]], 48_000, format="FLAC", subtype="PCM_24")
    if missing:
        return Finding("codecs", False, f"missing: {', '.join(missing)}")
    m4a = ", M4A" if find_spec("av") else "; M4A needs soundrack[m4a]"
    return Finding("codecs", True, f"WAV, FLAC, AIFF, OGG, MP3{m4a} (libsndfile {soundfile.__libsndfile_version__})")


def _kernels(_settings: Settings) -> Finding:
    """Run them all; afterwards each must be kept on disk, or every start would compile."""
    started = time.perf_counter()
    speed = mastering.warm()
    took_s = time.perf_counter() - started
    if not kernels_compiled():
        return Finding("kernels", False, "they cannot be kept on disk, so that every start compiles them anew")
    return Finding("kernels", True, f"ready in {took_s:.1f} s; this machine masters {speed:.0f} s of audio in one")


_CHECKS: tuple[Callable[[Settings], Finding], ...] = (_python, _walls, _data, _codecs, _kernels)
