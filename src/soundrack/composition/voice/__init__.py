"""The voice: lyrics on notes, sung."""

from soundrack.composition.voice.ensemble import Interval, doubled, harmonise
from soundrack.composition.voice.pad import VowelChoir
from soundrack.composition.voice.singing import sing
from soundrack.composition.voice.soloist import Voice, available
from soundrack.composition.voice.takes import Takes

__all__ = ["Interval", "Takes", "Voice", "VowelChoir", "available", "doubled", "harmonise", "sing"]
