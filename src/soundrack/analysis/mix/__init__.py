"""The mix report: what a mixing engineer would say of a song before it is released.

Each check is a small function: evidence in, value, verdict and advice out (docs/mix-report.md). Together they read the
song's samples five times and transform them twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from soundrack.analysis.features.sound import Sound
from soundrack.analysis.loudness import Loudness
from soundrack.analysis.mix import dynamics, edges, level, noise, source, stereo, tone
from soundrack.analysis.mix.check import Check, Verdict
from soundrack.analysis.mix.evidence import examine

__all__ = ["Check", "MixReport", "Verdict", "mix_report"]

_CHECKS = (
    level.clipping,
    level.true_peak,
    level.headroom,
    level.loudness,
    dynamics.dynamics,
    dynamics.loudness_range,
    dynamics.limiting,
    tone.tonal_balance,
    tone.sub_bass_balance,
    tone.mud,
    tone.harshness,
    tone.sibilance,
    tone.rumble,
    stereo.low_end_mono,
    stereo.phase_correlation,
    stereo.stereo_width,
    stereo.stereo_balance,
    stereo.mono_compatibility,
    stereo.channel_delay,
    noise.dc_offset,
    noise.hum,
    noise.noise_floor,
    noise.clicks,
    source.lossy_source,
    source.sample_rate,
    source.bit_depth,
    edges.silence_start,
    edges.silence_end,
    edges.gaps,
    edges.cut_off,
)


@dataclass(frozen=True)
class MixReport:
    """All checks, in the order of a mixing engineer's look: level, dynamics, tone, image, noise, source, edges."""

    lufs_integrated: float | None
    checks: tuple[Check, ...]

    @property
    def priority_move(self) -> str | None:
        """The advice of the problem that harms most; without a problem, of such a notice; None where all is well."""
        faults = [check for check in self.checks if check.harm > 0.0]
        return max(faults, key=lambda check: (check.verdict is Verdict.PROBLEM, check.harm)).advice if faults else None

    def as_dict(self) -> dict[str, Any]:
        """Return it as published."""
        return {
            "lufs_integrated": self.lufs_integrated,
            "checks": [check.as_dict() for check in self.checks],
            "priority_move": self.priority_move,
        }


def mix_report(
    sound: Sound, loudness: Loudness, *, genre: str | None = "other", voice: bool | None = None
) -> MixReport:
    """Examine a mix.

    Parameters
    ----------
    sound : Sound
        1 to 8 channels at 8000 to 192000 Hz, of any length.
    loudness : Loudness
        Its meters.
    genre : str, optional
        A key of :data:`soundrack.audio.tone_curves.COLOURS`, whose records its tone is held against; None for music
        that has no such records, which leaves that check open.
    voice : bool, optional
        Whether somebody sings or speaks in it; without a voice nothing is sibilant.
    """
    seen = examine(sound, loudness, genre, voice)
    return MixReport(loudness.as_dict()["integrated_lufs"], tuple(check(seen) for check in _CHECKS))
