"""Masters: one of a song, or one for each of several platforms."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from soundrack import mastering
from soundrack.audio.encoding import Format
from soundrack.audio.files import Container, Limits, probe
from soundrack.audio.measurement import Measurement
from soundrack.jobs.kinds.work import CONTENT_TYPES, Made, Product, Work
from soundrack.jobs.task import work_s
from soundrack.progress import Progress


def master(work: Work, progress: Progress) -> Product:
    """Master a song.

    Inputs are ``song`` and, where one is followed, ``reference``. Parameters are ``preset``, ``format`` and ``rate_hz``
    (a number or null). The output is ``master``.
    """
    order = mastering.Order(
        preset=mastering.Preset(work.parameters["preset"]),
        format=Format(work.parameters["format"]),
        rate_hz=work.parameters["rate_hz"],
    )
    song, reference = work.inputs["song"], work.inputs.get("reference")
    file = work.outputs / f"{work.job_id}.{order.format.value}"
    limits = work.limits_of_mastering
    report = mastering.master(song, file, order, reference=reference, limits=limits, progress=progress)
    after = report.after
    told = {"rate_hz": after.rate_hz, "integrated_lufs": after.integrated_lufs, "true_peak_db": after.true_peak_db}
    made = {"master": Made(file.name, CONTENT_TYPES[order.format])}
    return Product(made, told, report.as_dict(), work_s(_plays_s(report.before, reference, limits)))


def release(work: Work, progress: Progress) -> Product:
    """Master a song for several platforms.

    Inputs are ``song`` and, where one is followed, ``reference``. Parameters are ``platforms`` (names, each once),
    ``genre``, ``ai_service`` (what made the song), ``premium`` (true or false) and ``most_s`` (how long each input may
    play, in seconds). Outputs are 24-bit WAV, each by the name of its platform, at the rate of the song, 44.1 kHz where
    that is MP3.
    """
    wanted = work.parameters
    limits = replace(work.limits_of_mastering, max_duration_s=float(wanted["most_s"]))
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
    made = {str(platform): Made(file.name, CONTENT_TYPES[order.format]) for platform, file in files.items()}
    return Product(made, told, done.as_dict(), work_s(_plays_s(before, reference, limits)))


_RATE_OF_MP3_HZ = 44_100


def _plays_s(song: Measurement, reference: Path | None, limits: Limits) -> dict[str, float]:
    """Return how long each input of a master plays, by name."""
    if reference is None:
        return {"song": song.duration_s}
    return {"song": song.duration_s, "reference": probe(reference, limits).duration_s or 0.0}
