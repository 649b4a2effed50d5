"""Separation: a song taken apart into voice, drums, bass and all else, which together are the song again.

The path reads: `hearing` (what each bin of the mix tells; `tracking` follows bass and voice) → `shares` (who has how
much of it) → `splitting` (sound to stems, window by window) → `separating` (file to files).
"""

from soundrack.analysis.stems import STEMS
from soundrack.composition.separation.separating import Outputs, Separation, separate
from soundrack.composition.separation.splitting import hears_voices, split

__all__ = ["STEMS", "Outputs", "Separation", "hears_voices", "separate", "split"]
