"""The performance: a score as people, or machines, play it."""

from soundrack.composition.performance.clock import Clock
from soundrack.composition.performance.performing import Performance, Played, Syllable, perform

__all__ = ["Clock", "Performance", "Played", "Syllable", "perform"]
