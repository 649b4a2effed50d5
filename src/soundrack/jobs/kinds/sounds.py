"""Samples and sound effects."""

from __future__ import annotations

from dataclasses import replace

from soundrack.audio.encoding import Format
from soundrack.composition import foley, samples
from soundrack.jobs.kinds.work import CONTENT_TYPES, Made, Product, Work
from soundrack.jobs.task import work_s
from soundrack.progress import Progress


def sample(work: Work, progress: Progress) -> Product:
    """Make a musical sample.

    Parameters are ``prompt``, ``duration_s``, ``loopable`` and ``seed``. Outputs are ``sample`` (FLAC),
    ``midi`` and ``plan`` (JSON).
    """
    wanted = work.parameters
    order = samples.SampleOrder(
        wanted["prompt"], float(wanted["duration_s"]), loopable=bool(wanted["loopable"]), seed=int(wanted["seed"])
    )
    progress("play", 0.0)
    return _product(work, "sample", samples.sample(order), progress)


def effect(work: Work, progress: Progress) -> Product:
    """Make a sound effect.

    Parameters are ``prompt``, ``duration_s`` and ``seed``. The output is ``effect`` (FLAC).
    """
    wanted = work.parameters
    order = foley.EffectOrder(wanted["prompt"], float(wanted["duration_s"]), int(wanted["seed"]))
    progress("play", 0.0)
    return _product(work, "effect", foley.effect(order), progress)


def _product(work: Work, name: str, sound: foley.Sound, progress: Progress) -> Product:
    progress("deliver", 0.9)
    file = f"{work.job_id}.flac"
    made = {name: Made(file, CONTENT_TYPES[Format.FLAC])}
    outputs = foley.Outputs(work.outputs / file)
    if sound.score is not None:
        outputs = replace(outputs, midi=work.outputs / "song.mid", plan=work.outputs / "plan.json")
        made |= {"midi": Made("song.mid", "audio/midi"), "plan": Made("plan.json", "application/json")}
    done = foley.deliver(sound, outputs, seed=int(work.parameters["seed"]))
    return Product(made, {"duration_s": done.duration_s}, done.as_dict(), work_s({"song": done.duration_s}))
