"""What can come with a master: previews to compare, the null track, a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack.audio.encoding import Format
from soundrack.audio.files import Limits, read
from soundrack.audio.loudness import GATE_STEP_HOPS, HOPS_PER_S, HopPower, short_term_lufs
from soundrack.audio.outputs import check_apart, check_files, check_folder
from soundrack.errors import Invalid
from soundrack.mastering.planning.profile import Profile, profile
from soundrack.mastering.proof.delivery import Delivery
from soundrack.mastering.proof.null import Null, write_null
from soundrack.mastering.proof.preview import Preview, write_previews
from soundrack.mastering.rendering.dynamics import Compression
from soundrack.mastering.session import Session


@dataclass(frozen=True)
class Enclosures:
    """What is wanted beside a master.

    `previews` is a folder for ``source.flac`` and ``master.flac``, made if it is not there; `null` an audio file, WAV
    or FLAC by its ending; `picture` a PNG file.
    """

    previews: Path | None = None
    null: Path | None = None
    picture: Path | None = None

    @property
    def preview_paths(self) -> tuple[Path, Path] | None:
        """The previews' files, source first."""
        return None if self.previews is None else (self.previews / "source.flac", self.previews / "master.flac")

    @property
    def paths(self) -> tuple[Path, ...]:
        """All files that are wanted."""
        return (self.preview_paths or ()) + tuple(path for _, path in self._single)

    @property
    def _single(self) -> list[tuple[str, Path]]:
        return [(name, path) for name, path in (("null", self.null), ("picture", self.picture)) if path is not None]

    def check(self, sources: Sequence[tuple[str, Path]]) -> None:
        """Refuse, before any work, what could not be written; `sources` as for :func:`check_files`.

        Raises
        ------
        Invalid
            If an ending is not that of its format, a place cannot be written to, or a file would replace a source or
            another one; with the name of the field.
        """
        if self.null is not None:
            _null_format(self.null)
        if self.picture is not None and self.picture.suffix.lower() != ".png":
            raise Invalid("The picture is written as .png.", field="picture")
        check_files(self._single, sources)
        if self.previews is not None:
            check_folder("previews", self.previews)
            check_apart((("previews", path) for path in self.preview_paths or ()), [*sources, *self._single])


@dataclass(frozen=True)
class Enclosed:
    """What was written and what it shows, None where it was not wanted."""

    previews: Preview | None = None
    null: Null | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return {
            "previews": None if self.previews is None else self.previews.as_dict(),
            "null": None if self.null is None else self.null.as_dict(),
        }


def enclose(
    wanted: Enclosures,
    source: Path,
    session: Session,
    compression: Compression | None,
    delivery: Delivery,
    limits: Limits,
) -> Enclosed:
    """Write what is wanted beside a master.

    Parameters
    ----------
    wanted : Enclosures
        Which files; checked already (:meth:`Enclosures.check`).
    source : Path
        The song's file, decoded once more for previews and null track.
    session, compression, delivery
        What was done.
    limits : Limits
        As when the source was first read.

    Raises
    ------
    ResourcesExhausted, OSError
        If a file cannot be written.
    """
    if wanted.picture is not None:
        _draw(wanted.picture, source.name, session, compression, delivery)
    if wanted.previews is None and wanted.null is None:
        return Enclosed()
    theirs = read(source, limits)
    pair = (theirs.samples, theirs.rate_hz, delivery.master.samples, delivery.master.rate_hz)
    offset = round(session.starts_at_s * theirs.rate_hz)
    previews = null = None
    if wanted.preview_paths is not None and wanted.previews is not None:
        wanted.previews.mkdir(parents=True, exist_ok=True)
        power = delivery.master.power.total()
        previews = write_previews(*pair, power, *wanted.preview_paths, offset_frames=offset)
    if wanted.null is not None:
        null = write_null(*pair, wanted.null, format=_null_format(wanted.null), offset_frames=offset)
    return Enclosed(previews, null)


def _null_format(path: Path) -> Format:
    endings = {".wav": Format.WAV, ".flac": Format.FLAC}
    if path.suffix.lower() not in endings:
        raise Invalid("The null track is written as .wav or .flac.", field="null")
    return endings[path.suffix.lower()]


def _draw(path: Path, name: str, session: Session, compression: Compression | None, delivery: Delivery) -> None:
    from soundrack.mastering.proof import picture  # noqa: PLC0415 - who draws nothing need not load Pillow

    def side(seen: Profile, power: HopPower) -> picture.Side:
        return picture.Side(
            centres_hz=seen.balance.centres_hz,
            levels_db=seen.total_db,
            short_term_lufs=short_term_lufs(power.total())[::GATE_STEP_HOPS],
            integrated_lufs=seen.measurement.integrated_lufs,
            duration_s=seen.measurement.duration_s,
        )

    before, after = session.before, delivery.master.measurement
    picture.draw_master(
        path,
        picture.Picture(
            title=name,
            subtitle=" ".join(session.plan.reasons[-1:]),
            facts=picture.meters(before, after),
            before=side(session.profile, session.source_power),
            after=side(profile(delivery.master.samples, session.rate_hz, after), delivery.master.power),
            step_s=GATE_STEP_HOPS / HOPS_PER_S,
            target_lufs=session.plan.loudness.target_lufs,
            limiter_db=delivery.level.reduction_db,
            bands_db=None if compression is None else compression.over_time_db,
            before_from_s=session.starts_at_s,
        ),
    )
