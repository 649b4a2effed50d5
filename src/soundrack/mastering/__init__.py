"""Mastering: a song made ready for release, with the proof.

>>> from soundrack.mastering import Order, Preset
>>> Order(Preset.WARM, ceiling_db=-1.5).loudness_lufs
-14.0
"""

from soundrack.audio.encoding import Format
from soundrack.audio.files import Limits
from soundrack.mastering.engine import master
from soundrack.mastering.order import Order
from soundrack.mastering.presets import Preset
from soundrack.mastering.report import Report
from soundrack.mastering.warming import warm

__all__ = ["Format", "Limits", "Order", "Preset", "Report", "master", "warm"]
