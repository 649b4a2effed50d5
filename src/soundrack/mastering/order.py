"""What is asked of a master."""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.audio.encoding import MP3_RATES_HZ, Format
from soundrack.errors import Invalid
from soundrack.mastering.presets import CHARACTERS, Preset

RATES_HZ = (32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
"""Sample rates that can be asked for. A source's own rate is kept whatever it is, where the format can carry it."""

LOUDEST_LUFS, QUIETEST_LUFS = -5.0, -30.0
HIGHEST_CEILING_DB, LOWEST_CEILING_DB = 0.0, -12.0


@dataclass(frozen=True)
class Order:
    """What a master should become.

    Parameters
    ----------
    preset : Preset
        Tone, dynamics and the usual loudness.
    target_lufs : float, optional
        Integrated loudness, -30 to -5 LUFS. The preset's if not given.
    ceiling_db : float
        Highest true peak of the decoded file, -12 to 0 dBTP.
    format : Format
        WAV and FLAC with 24 bits, MP3 with 320 kbit/s.
    rate_hz : int, optional
        One of `RATES_HZ`. The source's if not given; for MP3, where it cannot carry that, 44100 or 48000 Hz.

    Raises
    ------
    Invalid
        If a value is outside its range, with the name of the field.

    Examples
    --------
    >>> Order(Preset.LOUD).loudness_lufs
    -9.0
    """

    preset: Preset = Preset.BALANCED
    target_lufs: float | None = None
    ceiling_db: float = -1.0
    format: Format = Format.WAV
    rate_hz: int | None = None

    def __post_init__(self) -> None:
        if self.target_lufs is not None and not QUIETEST_LUFS <= self.target_lufs <= LOUDEST_LUFS:
            raise Invalid(f"The target must lie from {QUIETEST_LUFS:g} to {LOUDEST_LUFS:g} LUFS.", field="target_lufs")
        if not LOWEST_CEILING_DB <= self.ceiling_db <= HIGHEST_CEILING_DB:
            raise Invalid(
                f"The ceiling must lie from {LOWEST_CEILING_DB:g} to {HIGHEST_CEILING_DB:g} dBTP.", field="ceiling_db"
            )
        allowed = MP3_RATES_HZ if self.format is Format.MP3 else RATES_HZ
        if self.rate_hz is not None and self.rate_hz not in allowed:
            rates = ", ".join(map(str, allowed))
            raise Invalid(f"The sample rate of {self.format.value} must be one of {rates} Hz.", field="rate_hz")

    @property
    def loudness_lufs(self) -> float:
        """The loudness aimed at: the one asked for, else the preset's."""
        return CHARACTERS[self.preset].target_lufs if self.target_lufs is None else self.target_lufs

    def delivery_rate_hz(self, source_rate_hz: int) -> int:
        """Return the sample rate of the master of a source with this rate."""
        if self.rate_hz is not None:
            return self.rate_hz
        if self.format is not Format.MP3 or source_rate_hz in MP3_RATES_HZ:
            return source_rate_hz
        return 44_100 if source_rate_hz % 11_025 == 0 else 48_000
