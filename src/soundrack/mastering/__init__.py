"""Mastering: a song made ready for release, with the proof.

>>> from soundrack.mastering import Order, Preset
>>> Order(Preset.WARM, ceiling_db=-1.5).preset.value
'warm'
"""

from soundrack.audio.encoding import Format
from soundrack.audio.files import Limits
from soundrack.mastering.engine import master, plan_for, release
from soundrack.mastering.genres import Genre
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.plan import MasteringPlan
from soundrack.mastering.platforms import Platform
from soundrack.mastering.presets import Preset
from soundrack.mastering.proof.enclosures import Enclosures
from soundrack.mastering.repair.generators import Generator
from soundrack.mastering.report import Release, Report
from soundrack.mastering.warming import warm

__all__ = [
    "Enclosures",
    "Format",
    "Generator",
    "Genre",
    "Limits",
    "MasteringPlan",
    "Order",
    "Platform",
    "Preset",
    "Release",
    "Report",
    "Tier",
    "master",
    "plan_for",
    "release",
    "warm",
]
