"""The signal path: measure, plan, render, verify."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.loudness import hop_power
from soundrack.audio.outputs import check_files, taken_back_on_failure
from soundrack.audio.resampling import resampled
from soundrack.errors import Invalid, TooLarge, UnsupportedFormat, UnusableAudio
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.planning import aimed, draw_up
from soundrack.mastering.planning.alternatives import best_of
from soundrack.mastering.planning.profile import Profile, profile
from soundrack.mastering.platforms import Platform
from soundrack.mastering.proof.delivery import Shared, deliver
from soundrack.mastering.proof.enclosures import Enclosed, Enclosures, enclose
from soundrack.mastering.rendering.dynamics import Compression, compress
from soundrack.mastering.rendering.tone import shape_tone
from soundrack.mastering.repair import Findings, find, treat
from soundrack.mastering.report import Release, Report, report
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
        (session,), samples = _opened(source, [order], reference, plan, limits, progress)
        compression = _shaped(samples, session, progress)
        delivery = deliver(samples, session, destination, lambda stage, done: progress(stage, 0.45 + 0.5 * done))
        del samples
        progress("enclose", 0.95)
        enclosed = enclose(enclosures, source, session, compression, delivery, limits)
        told = report(session, compression, delivery, enclosed)
        progress("done", 1.0)
    return told


def release(
    source: Path,
    destinations: Mapping[Platform, Path],
    order: Order,
    *,
    reference: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Release:
    """Master one song for several platforms.

    It is decoded, measured, repaired and shaped once. What a platform's loudness and ceiling decide, from the soft
    clipper on, is rendered and proven once for all platforms with the same ones. Each file has the bytes that
    :func:`master` would have written for its platform alone.

    Parameters
    ----------
    source : Path
        As for :func:`master`.
    destinations : mapping of Platform to Path
        Where the master for each platform is written, at least one. If the work fails, none is left.
    order : Order
        What they should become; its `platform` plays no part.
    reference, limits, progress
        As for :func:`master`.

    Returns
    -------
    Release
        What :func:`master` would have returned for each platform, and which platforms share a rendering.

    Raises
    ------
    UnsupportedFormat, TooLarge, UnusableAudio, Invalid, Internal
        As :func:`master`, and: Invalid if there is no platform.
    """
    if not destinations:
        raise Invalid("A release needs at least one platform.", field="platforms")
    sources = [("source", source)] if reference is None else [("source", source), ("reference", reference)]
    check_files([(f"{platform} master", path) for platform, path in destinations.items()], sources)
    orders = [replace(order, platform=platform) for platform in destinations]
    with taken_back_on_failure(destinations.values()):
        sessions, samples = _opened(source, orders, reference, None, limits, progress)
        compression = _shaped(samples, sessions[0], progress)
        groups = _alike(dict(zip(destinations, sessions, strict=True)))
        shared = Shared.of(samples, sessions[0].rate_hz) if len(groups) > 1 else None
        reports: dict[Platform, Report] = {}
        for number, group in enumerate(groups):

            def tell(stage: str, done: float, number: int = number) -> None:
                progress(stage, 0.45 + 0.5 * (number + done) / len(groups))

            first, *others = group
            delivery = deliver(samples, group[first], destinations[first], tell, shared=shared)
            for platform in others:
                shutil.copyfile(destinations[first], destinations[platform])
            reports |= {
                platform: report(session, compression, delivery, Enclosed()) for platform, session in group.items()
            }
        progress("done", 1.0)
    return Release({platform: reports[platform] for platform in destinations}, tuple(map(tuple, groups)))


def plan_for(
    source: Path,
    order: Order,
    *,
    reference: Path | None = None,
    limits: Limits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> MasteringPlan:
    """Return the plan that :func:`master` would make; arguments and errors as there."""
    (session,), _ = _opened(source, [order], reference, None, limits, progress)
    progress("done", 1.0)
    return session.plan


def _opened(
    source: Path,
    orders: Sequence[Order],
    reference: Path | None,
    plan: MasteringPlan | None,
    limits: Limits,
    progress: Progress,
) -> tuple[list[Session], NDArray[np.float32]]:
    """Measure, repair and plan; return what is known, for each order, and the sound at the rate of the master.

    Orders differ in nothing but their platform.
    """
    order = orders[0]
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
    if plan is not None:
        plans = [plan]
    else:
        drawn_up = draw_up(now, order, reference=theirs, repair=findings.steps)
        plans = [aimed(drawn_up, now, each, reference=theirs) for each in orders]
        if order.tier is Tier.PREMIUM:
            power = hop_power(samples, rate_hz)
            plans = [best_of(each, samples, rate_hz, power=power) for each in plans]
    sessions = [
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
        )
        for order, plan in zip(orders, plans, strict=True)
    ]
    return sessions, samples


def _shaped(samples: NDArray[np.float32], session: Session, progress: Progress) -> Compression | None:
    """Do what comes before level, in place."""
    progress("shape", 0.25)
    shape_tone(samples, session.rate_hz, session.plan.tone, session.plan.width)
    if session.plan.dynamics is None:
        return None
    progress("shape", 0.33)
    return compress(samples, session.rate_hz, session.plan.dynamics)


def _alike(sessions: Mapping[Platform, Session]) -> list[dict[Platform, Session]]:
    """Return the sessions in groups, each of those whose masters are the same."""
    groups: dict[tuple[object, ...], dict[Platform, Session]] = {}
    for platform, session in sessions.items():
        groups.setdefault(session.plan.finish, {})[platform] = session
    return list(groups.values())


def _profile_of(reference: Path, limits: Limits) -> Profile:
    try:
        record, _ = hear(reference, limits)
    except (UnsupportedFormat, TooLarge, UnusableAudio) as error:
        raise type(error)(f"The reference cannot be used. {error}", field="reference") from error
    return profile(record.samples, record.rate_hz, record.measurement)
