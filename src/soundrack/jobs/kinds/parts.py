"""Of a recording: its stems, or a shorter version."""

from __future__ import annotations

from soundrack.audio.encoding import Format
from soundrack.composition import cutting, separation
from soundrack.jobs.kinds.work import CONTENT_TYPES, Made, Product, Work
from soundrack.jobs.task import work_s
from soundrack.progress import Progress


def separate(work: Work, progress: Progress) -> Product:
    """Take a recording apart.

    The input is ``source``. Outputs are ``vocals``, ``drums``, ``bass`` and ``other`` (FLAC).
    """
    outputs = separation.Outputs(work.outputs)
    done = separation.separate(work.inputs["source"], outputs, progress, limits=work.limits_of_analysis)
    made = {name: Made(file.name, CONTENT_TYPES[Format.FLAC]) for name, file in outputs.files.items()}
    return Product(made, {"duration_s": done.duration_s}, done.as_dict(), work_s({"song": done.duration_s}))


def cut(work: Work, progress: Progress) -> Product:
    """Make a shorter version of a recording.

    The input is ``source``. The parameter is ``target_s``. The output is ``cut`` (FLAC).
    """
    outputs = cutting.Outputs(work.outputs / f"{work.job_id}.flac")
    order = cutting.CutOrder(float(work.parameters["target_s"]))
    done = cutting.cut(work.inputs["source"], order, outputs, progress, limits=work.limits_of_analysis)
    made = {"cut": Made(outputs.song.name, CONTENT_TYPES[Format.FLAC])}
    return Product(made, {"duration_s": done.duration_s}, done.as_dict(), work_s({"song": done.source_s}))
