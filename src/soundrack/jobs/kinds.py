"""From a job's kind to the engine that runs it: the one place where platform and engines meet.

Only the warm process imports this module, so that no other process loads an engine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from soundrack import analysis, mastering
from soundrack.audio.encoding import Format
from soundrack.audio.files import Container, Limits, probe
from soundrack.audio.measurement import Measurement
from soundrack.jobs.task import Kind, work_s
from soundrack.progress import Progress

_WORKING_ROOM_BYTES = 128 * 2**20
_BYTES_PER_SAMPLE = 12
"""A decoded song stands in memory twice, as itself and as its gain curves, with half as much again to work in."""

_ANALYSIS_ROOM_BYTES = 384 * 2**20
_ANALYSIS_BYTES_PER_SAMPLE = 8
"""The song as it is and as one channel, its spectra, and what is worked out of them: half an hour of stereo at 48 kHz
took 6.9 bytes a sample above the 372 MB that the engine has loaded."""


@dataclass(frozen=True)
class Work:
    """One job as its engine sees it."""

    job_id: str
    inputs: Mapping[str, Path]
    """By name."""
    outputs: Path
    """The folder to write into; files in it that are not told of are thrown away."""
    parameters: Mapping[str, Any]
    memory_bytes: int

    @property
    def limits(self) -> Limits:
        """What each input may be at most, so that the work fits into its memory.

        A reference is decoded and measured while the song stands in memory once, and is gone before more is.
        """
        return Limits(max_samples=max(0, self.memory_bytes - _WORKING_ROOM_BYTES) // _BYTES_PER_SAMPLE)


@dataclass(frozen=True)
class Made:
    """A file in the folder of outputs; it is delivered under its name there."""

    filename: str
    content_type: str


@dataclass(frozen=True)
class Product:
    """What an engine gives back."""

    outputs: dict[str, Made]
    """By name."""
    result: dict[str, Any]
    report: dict[str, Any]
    work_s: float


Run = Callable[[Work, Progress], Product]


def _master(work: Work, progress: Progress) -> Product:
    order = mastering.Order(
        preset=mastering.Preset(work.parameters["preset"]),
        format=Format(work.parameters["format"]),
        rate_hz=work.parameters["rate_hz"],
    )
    song, reference = work.inputs["song"], work.inputs.get("reference")
    file = work.outputs / f"{work.job_id}.{order.format.value}"
    report = mastering.master(song, file, order, reference=reference, limits=work.limits, progress=progress)
    after = report.after
    told = {"rate_hz": after.rate_hz, "integrated_lufs": after.integrated_lufs, "true_peak_db": after.true_peak_db}
    made = {"master": Made(file.name, _CONTENT_TYPES[order.format])}
    return Product(made, told, report.as_dict(), work_s(_plays_s(report.before, reference, work.limits)))


_CONTENT_TYPES = {
    Format.WAV: "audio/wav",
    Format.FLAC: "audio/flac",
    Format.MP3: "audio/mpeg",
    Format.M4A: "audio/mp4",
}


def _release(work: Work, progress: Progress) -> Product:
    """Master a song for several platforms.

    Inputs are ``song`` and, where one is followed, ``reference``. Parameters are ``platforms`` (names, each once),
    ``genre``, ``ai_service`` (what made the song), ``premium`` (true or false) and ``most_s`` (how long each input may
    play, in seconds). Outputs are 24-bit WAV, each by the name of its platform, at the rate of the song, 44.1 kHz where
    that is MP3.
    """
    wanted = work.parameters
    limits = replace(work.limits, max_duration_s=float(wanted["most_s"]))
    song, reference = work.inputs["song"], work.inputs.get("reference")
    order = mastering.Order(
        genre=mastering.Genre(wanted["genre"]),
        generator=mastering.Generator(wanted["ai_service"]),
        tier=mastering.Tier.PREMIUM if wanted["premium"] else mastering.Tier.STANDARD,
        rate_hz=_RATE_OF_MP3_HZ if probe(song, limits).container is Container.MP3 else None,
    )
    files = {
        mastering.Platform(name): work.outputs / f"{work.job_id}-{name}.{order.format}" for name in wanted["platforms"]
    }
    done = mastering.release(song, files, order, reference=reference, limits=limits, progress=progress)
    masters = {str(platform): report.after for platform, report in done.reports.items()}
    before, after = next(iter(done.reports.values())).before, next(iter(masters.values()))
    told = {
        "rate_hz": after.rate_hz,
        "platforms": {
            name: {"integrated_lufs": master.integrated_lufs, "true_peak_db": master.true_peak_db}
            for name, master in masters.items()
        },
    }
    made = {str(platform): Made(file.name, _CONTENT_TYPES[order.format]) for platform, file in files.items()}
    return Product(made, told, done.as_dict(), work_s(_plays_s(before, reference, limits)))


_RATE_OF_MP3_HZ = 44_100


def _plays_s(song: Measurement, reference: Path | None, limits: Limits) -> dict[str, float]:
    """Return how long each input of a master plays, by name."""
    if reference is None:
        return {"song": song.duration_s}
    return {"song": song.duration_s, "reference": probe(reference, limits).duration_s or 0.0}


def _analyze(work: Work, progress: Progress) -> Product:
    """Analyse a song.

    The input is ``song``. Parameters are ``filename`` (as its sender called it), ``most_s`` (how long it may play, in
    seconds) and ``stems`` (true or false: whether they are separated and delivered, where that is installed). Outputs
    are ``report`` (JSON, :func:`soundrack.analysis.schema`), ``midi``, the pictures ``waveform`` and ``spectrogram``,
    and each stem by its name. The result holds of the report what a list of jobs shows.
    """
    wanted, folder = work.parameters, work.outputs
    frames = max(0, work.memory_bytes - _ANALYSIS_ROOM_BYTES) // _ANALYSIS_BYTES_PER_SAMPLE
    limits = Limits(max_duration_s=float(wanted["most_s"]), max_samples=frames)
    separated = bool(wanted["stems"]) and analysis.can_separate()
    enclosures = analysis.Enclosures(
        waveform=folder / "waveform.png",
        spectrogram=folder / "spectrogram.png",
        midi=folder / "song.mid",
        stems=folder if separated else None,
    )
    filename = str(wanted["filename"])
    report = analysis.analyze(
        work.inputs["song"], title=Path(filename).stem, enclosures=enclosures, limits=limits, progress=progress
    )
    found = report.as_dict(report_id=work.job_id, filename=filename)
    (folder / "report.json").write_text(json.dumps(found, ensure_ascii=False, allow_nan=False), encoding="utf-8")
    made = {
        "report": Made("report.json", "application/json"),
        "midi": Made("song.mid", "audio/midi"),
        "waveform": Made("waveform.png", "image/png"),
        "spectrogram": Made("spectrogram.png", "image/png"),
    }
    if separated:
        made |= {name: Made(f"{name}.wav", "audio/wav") for name in analysis.STEMS}
    told = {"bpm": found["tempo"]["bpm"], "key": found["key"]["name"], "genre": found["genre"]["primary"]}
    return Product(made, told, {}, work_s({"song": report.duration_s}))


RUNS: dict[Kind, Run] = {Kind.MASTER: _master, Kind.RELEASE: _release, Kind.ANALYZE: _analyze}


def warm() -> float:
    """Load every engine with its kernels and networks; return how many seconds are mastered in one second here."""
    analysis.warm()
    return mastering.warm()
