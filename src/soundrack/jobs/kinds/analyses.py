"""Analyses."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from soundrack import analysis
from soundrack.jobs.kinds.work import Made, Product, Work
from soundrack.jobs.task import work_s
from soundrack.progress import Progress


def analyze(work: Work, progress: Progress) -> Product:
    """Analyse a song.

    The input is ``song``. Parameters are ``filename`` (as its sender called it), ``most_s`` (how long it may play, in
    seconds) and ``stems`` (true or false: whether they are separated and delivered, where that is installed). Outputs
    are ``report`` (JSON, :func:`soundrack.analysis.schema`), ``midi``, the pictures ``waveform`` and ``spectrogram``,
    and each stem by its name. The result holds of the report what a list of jobs shows.
    """
    wanted, folder = work.parameters, work.outputs
    limits = replace(work.limits_of_analysis, max_duration_s=float(wanted["most_s"]))
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
