"""The signal path: measure, plan, render, verify."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.resampling import resampled
from soundrack.errors import TooLarge, UnsupportedFormat, UnusableAudio
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.outputs import check_files, taken_back_on_failure
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.planning import draw_up
from soundrack.mastering.planning.alternatives import best_of
from soundrack.mastering.planning.profile import Profile, profile
from soundrack.mastering.proof.delivery import deliver
from soundrack.mastering.proof.enclosures import Enclosures, enclose
from soundrack.mastering.rendering.dynamics import compress
from soundrack.mastering.rendering.tone import shape_tone
from soundrack.mastering.repair import Findings, find, treat
from soundrack.mastering.report import Report, report
from soundrack.mastering.session import Session
from soundrack.mastering.song import check_left, hear
from soundrack.progress import Progress, silent

NOTHING = Enclosures()


def master(
    source: Path,
    destination: Path,
    order: Order,
    *,
    reference: Path | None = None,
    plan: MasteringPlan | None = None,
    enclosures: Enclosures = NOTHING,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Report:
    """Master a song from file to file.

    Parameters
    ----------
    source : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file, mono or stereo, at least 400 ms long.
    destination : Path
        Where the master is written; another file than `source`. If the work fails, no file is left there, and none of
        the enclosures.
    order : Order
        What it should become.
    reference : Path, optional
        A record that tone, width, dynamics and loudness should come near to; of any sample rate, as `source` otherwise.
    plan : MasteringPlan, optional
        What to do; drawn up from order and reference if not given. Of the order, format and rate are still used.
    enclosures : Enclosures
        What else is wanted: previews, a null track, a picture.
    limits : Limits
        What source and reference may be at most.
    progress : Progress
        Told of each stage and the fraction of the whole that is done. What it raises ends the work.

    Returns
    -------
    Report
        What was measured before and, on the decoded master, after; what was done and why; how it is judged.

    Raises
    ------
    UnsupportedFormat, TooLarge
        As :func:`~soundrack.audio.files.read`.
    UnusableAudio
        As :func:`~soundrack.audio.files.read`, and: more than two channels, shorter than 400 ms, or silent, as it comes
        or once it is repaired. Of these three, an error about the reference says so and has that for its field.
    Invalid
        If a file cannot be written where it is wanted, or would replace one that is read, or the plan asks for what
        this song does not have; with the name of the field.
    Internal
        If the decoded master's true peak cannot be brought below the ceiling.
    """
    sources = [("source", source)] if reference is None else [("source", source), ("reference", reference)]
    enclosures.check([*sources, ("destination", destination)])
    check_files([("destination", destination)], sources)
    with taken_back_on_failure((destination, *enclosures.paths), enclosures.previews):
        session, samples = _opened(source, order, reference, plan, limits, progress)
        progress("shape", 0.25)
        shape_tone(samples, session.rate_hz, session.plan.tone, session.plan.width)
        compression = None
        if session.plan.dynamics is not None:
            progress("shape", 0.33)
            compression = compress(samples, session.rate_hz, session.plan.dynamics)
        delivery = deliver(samples, session, destination, lambda stage, done: progress(stage, 0.45 + 0.5 * done))
        del samples
        progress("enclose", 0.95)
        enclosed = enclose(enclosures, source, session, compression, delivery, limits)
        told = report(session, compression, delivery, enclosed)
        progress("done", 1.0)
    return told


def plan_for(
    source: Path,
    order: Order,
    *,
    reference: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> MasteringPlan:
    """Return the plan that :func:`master` would make; arguments and errors as there."""
    session, _ = _opened(source, order, reference, None, limits, progress)
    progress("done", 1.0)
    return session.plan


def _opened(
    source: Path,
    order: Order,
    reference: Path | None,
    plan: MasteringPlan | None,
    limits: Limits,
    progress: Progress,
) -> tuple[Session, NDArray[np.float32]]:
    """Measure, repair and plan; return what is known and the sound at the rate of the master."""
    song, tags = hear(source, limits, lambda stage, done: progress(stage, 0.1 * done))
    before, source_rate_hz = song.measurement, song.rate_hz
    theirs = None if reference is None or plan is not None else _profile_of(reference, limits)
    progress("repair", 0.15)
    findings = (
        find(song.samples, source_rate_hz, order.generator, seen=song.seen) if plan is None else Findings(plan.repair)
    )
    samples = treat(song.samples, source_rate_hz, findings.steps)
    if findings.steps:
        check_left(samples, source_rate_hz)
    source_power = song.power
    del song  # two copies of the song at most: this one goes when it is resampled
    rate_hz = order.delivery_rate_hz(source_rate_hz)
    samples = resampled(samples, source_rate_hz, rate_hz)
    progress("plan", 0.2)
    now = profile(samples, rate_hz, before)
    if plan is None:
        plan = draw_up(now, order, reference=theirs, repair=findings.steps)
        if order.tier is Tier.PREMIUM:
            plan = best_of(plan, samples, rate_hz)
    return (
        Session(
            order=order,
            plan=plan,
            profile=now,
            source_power=source_power,
            source_rate_hz=source_rate_hz,
            rate_hz=rate_hz,
            frames=len(samples),
            tags=tags,
            notes=findings.notes,
        ),
        samples,
    )


def _profile_of(reference: Path, limits: Limits) -> Profile:
    try:
        record, _ = hear(reference, limits)
    except (UnsupportedFormat, TooLarge, UnusableAudio) as error:
        raise type(error)(f"The reference cannot be used. {error}", field="reference") from error
    return profile(record.samples, record.rate_hz, record.measurement)
