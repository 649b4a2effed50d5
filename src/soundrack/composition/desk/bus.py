"""What is done to several parts together, in a way that can be done to each of them alone.

Every treatment is a filter or a gain that does not depend on what passes it: whatever depended on the sum has been
worked out as a curve before. Treated parts therefore add up to the treated sum, and stems to the mix.
"""

from __future__ import annotations

from dataclasses import dataclass

from soundrack.composition.effects import equaliser, stereo
from soundrack.composition.effects.sound import Curve, Sound, gained

_DIP_HZ, _DIP_Q = 2600.0, 0.7
"""Where consonants and the second and third formant are."""
_MONO_BELOW_HZ = 110.0


@dataclass(frozen=True)
class Treatment:
    """What a bus does.

    Parameters
    ----------
    width : curve or None
        What the side is multiplied by; the bass stays in the middle.
    dip_db : float
        How far 2.6 kHz is turned down where `dip_where`, a curve of 0 to 1, is 1.
    gain : curve or None
        Factors.
    """

    width: Curve | None = None
    dip_db: float = 0.0
    dip_where: Curve | None = None
    gain: Curve | None = None

    def process(self, sound: Sound) -> Sound:
        """Return a bus, or one of its parts, as it goes into the mix, in its own memory: it is changed."""
        if self.width is not None:
            stereo.process(sound, self.width, _MONO_BELOW_HZ, sound)
        if self.dip_where is not None and self.dip_db > 0.0:
            equaliser.dipped(sound, _DIP_HZ, self.dip_db, _DIP_Q, self.dip_where, sound)
        return sound if self.gain is None else gained(sound, self.gain, sound)


PLAIN = Treatment()
