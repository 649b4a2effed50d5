"""What a master should become."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from soundrack.audio.encoding import MP3_RATES_HZ, Format
from soundrack.errors import Invalid
from soundrack.mastering.genres import Genre
from soundrack.mastering.platforms import Platform
from soundrack.mastering.presets import Preset
from soundrack.mastering.repair.generators import Generator

RATES_HZ = (32_000, 44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
"""Sample rates that can be asked for. A source's own rate is kept whatever it is, where the format can carry it."""

_CARRIED_HZ = {
    Format.MP3: MP3_RATES_HZ,
    Format.M4A: (16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 64_000, 88_200, 96_000),
}
"""What a format can carry where that is not any rate."""

LOUDEST_LUFS, QUIETEST_LUFS = -5.0, -30.0
HIGHEST_CEILING_DB, LOWEST_CEILING_DB = 0.0, -12.0


class Tier(StrEnum):
    """How much work goes into a master."""

    STANDARD = "standard"
    PREMIUM = "premium"


@dataclass(frozen=True)
class Order:
    """What a master should become.

    Parameters
    ----------
    preset : Preset
        Character of tone and dynamics, and the usual loudness.
    genre : Genre
        Whose records the tone is corrected towards, and how dense they are.
    platform : Platform, optional
        Where the master will be played; gives target and ceiling where these are not given.
    tier : Tier
        Premium compares several renderings and takes more care with each.
    intensity : float
        How far everything but loudness goes, 0 (not at all) to 100 (twice the usual).
    target_lufs : float, optional
        Integrated loudness, -30 to -5 LUFS. Else the platform's, else the reference's, else the preset's.
    ceiling_db : float, optional
        Highest true peak of the decoded file, -12 to 0 dBTP. Else the platform's, else -1.
    format : Format
        WAV and FLAC with 24 bits, MP3 with 320 kbit/s, AAC in M4A with 256 kbit/s.
    rate_hz : int, optional
        One of `RATES_HZ` that the format can carry. The source's if not given; for MP3 and M4A, where they cannot carry
        that, 44100 or 48000 Hz.
    generator : Generator, optional
        Look for the faults of generated audio, those of this generator first, and treat what is found.
    reference_amount : float
        How far tone and width go towards a reference, 0 to 1.

    Raises
    ------
    Invalid
        If a value is outside its range, with the name of the field.
    """

    preset: Preset = Preset.BALANCED
    genre: Genre = Genre.OTHER
    platform: Platform | None = None
    tier: Tier = Tier.STANDARD
    intensity: float = 50.0
    target_lufs: float | None = None
    ceiling_db: float | None = None
    format: Format = Format.WAV
    rate_hz: int | None = None
    generator: Generator | None = None
    reference_amount: float = 0.7

    def __post_init__(self) -> None:
        _refuse_outside("intensity", self.intensity, 0.0, 100.0, "")
        _refuse_outside("target_lufs", self.target_lufs, QUIETEST_LUFS, LOUDEST_LUFS, " LUFS")
        _refuse_outside("ceiling_db", self.ceiling_db, LOWEST_CEILING_DB, HIGHEST_CEILING_DB, " dBTP")
        _refuse_outside("reference_amount", self.reference_amount, 0.0, 1.0, "")
        carried = _CARRIED_HZ.get(self.format, RATES_HZ)
        allowed = [rate for rate in RATES_HZ if rate in carried]
        if self.rate_hz is not None and self.rate_hz not in allowed:
            rates = ", ".join(map(str, allowed))
            raise Invalid(f"The sample rate of {self.format.value} must be one of {rates} Hz.", field="rate_hz")

    def delivery_rate_hz(self, source_rate_hz: int) -> int:
        """Return the sample rate of the master of a source with this rate."""
        if self.rate_hz is not None:
            return self.rate_hz
        if source_rate_hz in _CARRIED_HZ.get(self.format, (source_rate_hz,)):
            return source_rate_hz
        return 44_100 if source_rate_hz % 11_025 == 0 else 48_000


def _refuse_outside(field: str, value: float | None, low: float, high: float, unit: str) -> None:
    # Written so that NaN, which is in no range, is refused as well.
    if value is not None and not low <= value <= high:
        raise Invalid(f"{field} must lie from {low:g} to {high:g}{unit}.", field=field)
