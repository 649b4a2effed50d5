"""Sound effects: physical, modal and granular models, chosen by words, layered and put into a place."""

from soundrack.composition.foley.delivery import Delivery, Outputs, deliver
from soundrack.composition.foley.effect import effect
from soundrack.composition.foley.order import EffectOrder, Sound

__all__ = ["Delivery", "EffectOrder", "Outputs", "Sound", "deliver", "effect"]
