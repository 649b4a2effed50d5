"""Sound effects: physical, modal and granular models, chosen by words, layered and put into a place."""

from soundrack.composition.foley.delivery import Delivery, check_delivery, deliver
from soundrack.composition.foley.effect import effect
from soundrack.composition.foley.order import EffectOrder, Sound

__all__ = ["Delivery", "EffectOrder", "Sound", "check_delivery", "deliver", "effect"]
