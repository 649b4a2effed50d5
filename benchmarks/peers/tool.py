"""Calls of ffmpeg, on one thread."""

from __future__ import annotations

import re
import subprocess

_LOUDNESS = re.compile(r"I:\s+(-?[\d.]+|-inf) LUFS")


def ffmpeg(source: str, filters: str, *output: str) -> str:
    """Run a file through a chain of filters and return what ffmpeg said.

    Raises
    ------
    subprocess.CalledProcessError
        If it failed.
    """
    command = ["ffmpeg", "-hide_banner", "-nostats", "-nostdin", "-y", "-threads", "1", "-filter_threads", "1"]
    ran = subprocess.run([*command, "-i", source, "-af", filters, *output], capture_output=True, text=True, check=True)
    return ran.stderr


def measured_lufs(source: str, filters: str) -> float:
    """Return the integrated loudness of a file behind a chain of filters, to a tenth of a LU, as ffmpeg prints it."""
    said = ffmpeg(source, f"{filters},ebur128=framelog=verbose", "-f", "null", "-")
    return float(_LOUDNESS.findall(said)[-1])


def rate_hz(source: str) -> int:
    """Return a file's sample rate."""
    question = ["-v", "error", "-select_streams", "a:0", "-show_entries", "stream=sample_rate", "-of", "csv=p=0"]
    ran = subprocess.run(["ffprobe", *question, source], capture_output=True, text=True, check=True)
    return int(ran.stdout)
