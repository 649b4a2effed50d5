"""What a master was, what it became, what was done and why, and how it is judged; and what several share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from soundrack.audio.measurement import Measurement
from soundrack.audio.tags import Tags
from soundrack.audio.tags.metadata import spoken
from soundrack.mastering.order import Order
from soundrack.mastering.plan import LoudnessStep, MasteringPlan
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.platforms import Platform, playback
from soundrack.mastering.proof.delivery import Delivery
from soundrack.mastering.proof.enclosures import Enclosed
from soundrack.mastering.proof.evidence import Evidence, ends, shape
from soundrack.mastering.proof.evidence import Reduction as Taken
from soundrack.mastering.proof.gate import Gate, judged
from soundrack.mastering.proof.players import Played, played
from soundrack.mastering.rendering.dynamics import Compression
from soundrack.mastering.rendering.level import Level
from soundrack.mastering.repair import Note
from soundrack.mastering.session import Session


@dataclass(frozen=True)
class Report:
    """The proof of a master.

    `before` is measured on the decoded source, `after` on the decoded deliverable, both with true peaks at sixteen
    times the rate. `plan` is what was done; `done` tells it in words, with what came of it. `reached` says whether the
    loudness asked for was reached; if not, `reason` says why. `level` and `compression` hold the statistics of gain
    reduction; `notes` tell of faults that cannot be treated. `gate` judges the master; `players` says what each
    platform will do to it.
    """

    before: Measurement
    after: Measurement
    order: Order
    plan: MasteringPlan
    done: tuple[str, ...]
    reached: bool
    reason: str | None
    level: Level
    compression: Compression | None
    notes: tuple[Note, ...]
    gate: Gate
    players: tuple[Played, ...]
    rounds: int
    enclosed: Enclosed

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON."""
        order = {name: str(value) if isinstance(value, str) else value for name, value in asdict(self.order).items()}
        return {
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "order": order,
            "plan": self.plan.model_dump(mode="json"),
            "done": list(self.done),
            "reached": self.reached,
            "reason": self.reason,
            "limiting": self.level.as_dict(),
            "compression": None if self.compression is None else self.compression.as_dict(),
            "notes": [note.model_dump(mode="json") for note in self.notes],
            "gate": self.gate.as_dict(),
            "players": [player.as_dict() for player in self.players],
            "rounds": self.rounds,
            "enclosed": self.enclosed.as_dict(),
        }


@dataclass(frozen=True)
class Release:
    """The proof of masters for several platforms.

    `reports` holds that of each master, in the order in which the platforms were given. `renderings` lists the
    platforms by what was rendered for them: those that stand together have the same loudness and ceiling, and the same
    bytes.
    """

    reports: dict[Platform, Report]
    renderings: tuple[tuple[Platform, ...], ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the release for JSON."""
        return {
            "platforms": {str(platform): report.as_dict() for platform, report in self.reports.items()},
            "renderings": [list(map(str, platforms)) for platforms in self.renderings],
        }


def report(session: Session, compression: Compression | None, delivery: Delivery, enclosed: Enclosed) -> Report:
    """Return the proof of a master that has been delivered."""
    level, after = delivery.level, delivery.master.measurement
    return Report(
        before=session.before,
        after=after,
        order=session.order,
        plan=session.plan,
        done=_in_words(session, compression, level),
        reached=level.reached,
        reason=None if level.reason is None else reason_in_words(level.reason, session.plan.loudness, after),
        level=level,
        compression=compression,
        notes=session.notes,
        gate=judged(_evidence(session, delivery)),
        players=played(after.integrated_lufs, after.true_peak_db, playback()),
        rounds=delivery.rounds,
        enclosed=enclosed,
    )


def _evidence(session: Session, delivery: Delivery) -> Evidence:
    master, level, loudness = delivery.master, delivery.level, session.plan.loudness
    now = Profile(master.measurement, delivery.balance)
    return Evidence(
        before=session.before,
        after=master.measurement,
        shape_before=shape(session.source_power, session.profile.balance.centres_hz, session.profile.total_db),
        shape_after=shape(master.power, now.balance.centres_hz, now.total_db),
        ends=ends(master.power.total()),
        reduction=Taken(
            busy_db=level.limiting.busy_db,
            most_db=level.limiting.most_db,
            over_3_db=level.limiting.over_3_db,
            clipped_db=level.clipped_db,
        ),
        target_lufs=loudness.target_lufs,
        ceiling_db=loudness.ceiling_db,
        frames=len(master.samples),
        frames_due=session.frames,
    )


def _in_words(session: Session, compression: Compression | None, level: Level) -> tuple[str, ...]:
    plan = session.plan
    converted = (
        [f"Sample rate: {session.source_rate_hz} to {session.rate_hz} Hz."]
        if session.rate_hz != session.source_rate_hz
        else []
    )
    steps = [step.reason for step in (*plan.repair, plan.tone, plan.width, plan.dynamics) if step and step.reason]
    held = [] if compression is None else [compression_in_words(compression)]
    clipped = [] if plan.saturation is None or not plan.saturation.reason else [plan.saturation.reason]
    return (*converted, *steps, *held, *clipped, level_in_words(level), *tags_in_words(session.tags))


def compression_in_words(compression: Compression) -> str:
    """Say how far the bands were held."""
    held = [f"{band.busy_db:.1f}" for band in compression.bands]
    return f"Held, from the lowest band to the highest, by up to {listed(held)} dB for 95 % of the time."


def level_in_words(level: Level) -> str:
    """Say what was done to the level."""
    if level.limiting.most_db == 0.0:
        return f"Level: {level.gain_db:+.1f} dB; nothing reached the ceiling, no limiting."
    return (
        f"Level: {level.gain_db:+.1f} dB into the limiter, which takes up to {level.limiting.most_db:.1f} dB and less "
        f"than {max(level.limiting.busy_db, 0.05):.1f} dB for 95 % of the time."
    )


def reason_in_words(bound: str, loudness: LoudnessStep, after: Measurement) -> str:
    """Say why a target was not reached, and how near it is."""
    return (
        f"{loudness.target_lufs:g} LUFS was not reached: {bound}; {after.integrated_lufs:.2f} LUFS is as near as this "
        f"song comes undamaged below {loudness.ceiling_db:g} dBTP."
    )


def tags_in_words(tags: Tags) -> list[str]:
    """Say which tags the master has from its source, and what of them could not be kept."""
    carried = [spoken(name) for name in tags.texts()] + ["cover"] * (tags.cover is not None)
    parts = [
        f"{listed(words)} {verb}" for words, verb in ((carried, "carried over"), (tags.left_out, "left out")) if words
    ]
    return [f"Tags: {'; '.join(parts)}."] if parts else []


def listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> listed(["title", "artist", "cover"])
    'title, artist and cover'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
