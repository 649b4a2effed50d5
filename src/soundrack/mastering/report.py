"""What a master was, what it became, and what was done, in words."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from soundrack.audio.measurement import Measurement
from soundrack.mastering.level import Level
from soundrack.mastering.limiter import MOST_BUSY_DB, MOST_DEPTH_DB
from soundrack.mastering.order import Order


@dataclass(frozen=True)
class Report:
    """The proof of a master.

    `before` is measured on the decoded source, `after` on the decoded deliverable, both with true peaks at sixteen
    times the rate. `done` tells the steps in their order. `reached` says whether the loudness asked for was reached;
    if not, `reason` says why.
    """

    before: Measurement
    after: Measurement
    order: Order
    done: tuple[str, ...]
    reached: bool
    reason: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the report for JSON; the order with the loudness and sample rate that were used."""
        order = asdict(self.order) | {"target_lufs": self.order.loudness_lufs, "rate_hz": self.after.rate_hz}
        return {
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "order": {name: str(value) if isinstance(value, str) else value for name, value in order.items()},
            "done": list(self.done),
            "reached": self.reached,
            "reason": self.reason,
        }


def level_in_words(level: Level) -> str:
    """Say what was done to the level."""
    if level.depth.most_db == 0.0:
        return f"Level: {level.gain_db:+.1f} dB; nothing reached the ceiling, no limiting."
    return (
        f"Level: {level.gain_db:+.1f} dB into the limiter, which takes up to {level.depth.most_db:.1f} dB and less "
        f"than {max(level.depth.busy_db, 0.05):.1f} dB for 95 % of the time."
    )


def reason_in_words(order: Order, after: Measurement) -> str:
    """Say why a target was not reached."""
    return (
        f"{order.loudness_lufs:g} LUFS would need more limiting than this song bears (at most {MOST_BUSY_DB:g} dB in "
        f"its busiest twentieth and {MOST_DEPTH_DB:g} dB on any peak); {after.integrated_lufs:.1f} LUFS is as near as "
        f"it comes undamaged below {order.ceiling_db:g} dBTP."
    )
