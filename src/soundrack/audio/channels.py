"""Which loudspeaker a channel is for: channel masks, and the weights of the loudness that follow from them.

A mask has a bit for each loudspeaker and the channels come in the order of the bits: dwChannelMask of
WAVEFORMATEXTENSIBLE (Microsoft, "Multiple Channel Audio Data and WAVE Files"), which FLAC has taken over (RFC 9639,
8.6.2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# fmt: off
NAMES = (
    "FL", "FR", "FC", "LFE", "BL", "BR", "FLC", "FRC", "BC", "SL", "SR",
    "TC", "TFL", "TFC", "TFR", "TBL", "TBC", "TBR",
)
# fmt: on
"""The loudspeakers, from the lowest bit on."""

USUAL_MASKS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x70F, 8: 0x63F}
"""Those meant where a file says nothing, by the number of channels: also FLAC's (RFC 9639, 9.1.3)."""

_SURROUND = 1.41
_SIDES = (9, 10)
_BACKS = (4, 5)
_LFE = 3

_WEIGHTS: dict[int, tuple[float, ...]] = {
    10: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND) + 4 * (1.0,),  # 5.1 and four above
    12: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SURROUND, _SURROUND) + 4 * (1.0,),  # 7.1 and four above
    # 22.2: fronts at ±60°, C, LFE, backs, fronts at ±30°, back centre, second LFE, sides, nine above, three below
    24: (_SURROUND, _SURROUND, 1.0, 0.0, *(5 * (1.0,)), 0.0, _SURROUND, _SURROUND, *(12 * (1.0,))),
}
"""By channel count, where no mask says which is which; 22.2 as in SMPTE ST 2036-2, table 1, with the places of
ITU-R BS.2051, system H."""


def channel_weights(channels: int, mask: int = 0) -> NDArray[np.float64]:
    """Return what each channel counts in the loudness (ITU-R BS.1770-5, Annex 3), shape (channels,).

    A loudspeaker between 60° and 120° to the side and less than 30° up or down counts 1.41, any other 1.0, an LFE not
    at all. The back pair stands at ±110° where there is no pair at the sides, else at ±135°.

    Parameters
    ----------
    channels : int
        1 to 24.
    mask : int
        A bit for each loudspeaker. Bits beyond the channels are passed over; a channel beyond the bits counts 1.0. 0
        where it is left to the number of channels: then the order is that of `USUAL_MASKS`, 5.1.4, 7.1.4 or 22.2, and
        where none is usual each channel counts 1.0.

    Examples
    --------
    >>> channel_weights(4, 0x107).tolist()  # L R C and back centre
    [1.0, 1.0, 1.0, 1.0]
    """
    if not mask and channels not in USUAL_MASKS:
        return np.array(_WEIGHTS.get(channels, (1.0,) * channels))
    mask = mask or USUAL_MASKS[channels]
    bits = [bit for bit in range(mask.bit_length()) if mask >> bit & 1][:channels]
    surrounds = _SIDES if any(bit in _SIDES for bit in bits) else _BACKS
    weights = [0.0 if bit == _LFE else _SURROUND if bit in surrounds else 1.0 for bit in bits]
    return np.array(weights + [1.0] * (channels - len(bits)))


def mask_of(names: list[str]) -> int:
    """Return the mask of loudspeakers by name in their order; 0 if one is unknown or the order another.

    >>> hex(mask_of(["FL", "FR", "FC", "BC"]))
    '0x107'
    """
    bits = [NAMES.index(name) if name in NAMES else -1 for name in names]
    ordered = bits == sorted(set(bits)) and -1 not in bits
    return sum(1 << bit for bit in bits) if ordered else 0
