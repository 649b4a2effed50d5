"""The port for neural generators: those who have weights and a machine for them plug one in (docs/neural.md).

Nothing of it is needed by the composer, nothing is fetched, and nothing is imported before a generator is loaded.
"""

from soundrack.composition.neural.generator import Demand, Generator, generated

__all__ = ["Demand", "Generator", "generated"]
